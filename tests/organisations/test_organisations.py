import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.accounts.roles import Role
from core.db import db
from core.organisations.models import Organisation
from tests.support.people import People

NEW = {
    "name": "示例精密机械有限公司",
    "short_name": "示例精密",
    "kind": "enterprise",
    "member": "y",
    "note": "内部备注",
}


@pytest.fixture
def office(people: People) -> FlaskClient:
    """The office, signed in."""
    people.add("office@example.com", Role.OFFICE)
    return people.client("office@example.com")


def kept(people: People, name: str) -> Organisation:
    with people.app.app_context():
        found = db.session.scalars(select(Organisation).where(Organisation.name == name)).one()
        db.session.expunge(found)
        return found


def test_an_organisation_is_added_and_changed(people: People, office: FlaskClient) -> None:
    assert office.post("/manage/organisations/new", data=NEW).status_code == 302
    made = kept(people, NEW["name"])
    assert made.member
    page = office.get(f"/manage/organisations/{made.id}").text
    assert "内部备注" in page
    changed = {"name": "示例精密股份公司", "short_name": "", "kind": "branch", "note": ""}
    assert office.post(f"/manage/organisations/{made.id}", data=changed).status_code == 302
    now = kept(people, "示例精密股份公司")
    assert (now.id, now.kind, now.short_name, now.member) == (made.id, "branch", "示例精密股份公司", False)
    assert "示例精密股份公司" in office.get("/manage/organisations/").text


def test_its_contacts_are_listed(people: People, office: FlaskClient) -> None:
    people.add("contact@example.com", Role.CONTACT, phone="023-7654321")
    organisation_id = people.look(lambda: db.session.scalar(select(Organisation.id)))
    page = office.get(f"/manage/organisations/{organisation_id}").text
    assert "contact@example.com" in page
    assert "023-7654321" in page


def test_two_of_one_name_are_refused(people: People, office: FlaskClient) -> None:
    office.post("/manage/organisations/new", data=NEW)
    again = office.post("/manage/organisations/new", data=NEW)
    assert again.status_code == 422
    assert "已有同名单位" in again.text
    office.post("/manage/organisations/new", data=NEW | {"name": "示例二厂"})
    renamed = office.post(f"/manage/organisations/{kept(people, '示例二厂').id}", data=NEW)
    assert renamed.status_code == 422


def test_none_is_a_branch_of_itself(people: People, office: FlaskClient) -> None:
    office.post("/manage/organisations/new", data=NEW)
    made = kept(people, NEW["name"])
    answer = office.post(f"/manage/organisations/{made.id}", data=NEW | {"parent_id": str(made.id)})
    assert answer.status_code == 422


def test_an_unknown_one_is_not_found(office: FlaskClient) -> None:
    assert office.get("/manage/organisations/99999").status_code == 404
