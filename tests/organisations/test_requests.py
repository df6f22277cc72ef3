"""Asking for an account, and the office's answer."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from core.accounts.models import User
from core.accounts.roles import Role
from core.db import db
from core.errors import StateChanged
from core.notify.models import Message
from core.organisations import services
from core.organisations.models import AccountRequest, Organisation
from tests.support.people import PASSWORD, People, at_once

ASKED = {
    "organisation_name": "示例机电职业学校",
    "kind": "school",
    "contact_name": "实训处",
    "email": "Contact@Example.com",
    "phone": "023-7654321",
    "message": "想预约集训场次",
}
OFFICE = "office@example.com"


@pytest.fixture
def office(people: People) -> FlaskClient:
    """The office, signed in."""
    people.add(OFFICE, Role.OFFICE)
    return people.client(OFFICE)


def ask(people: People, **other: str) -> int:
    """Ask for an account and return the request's id."""
    answer = people.app.test_client().post("/account/request", data=ASKED | other)
    assert answer.status_code == 200, answer.text
    return int(people.look(lambda: db.session.scalar(select(func.max(AccountRequest.id)))))


def state(people: People, request_id: int) -> str:
    return str(people.look(lambda: db.session.get_one(AccountRequest, request_id).state))


def test_anybody_may_ask_and_the_office_is_told(people: People, office: FlaskClient) -> None:
    request_id = ask(people)
    assert ASKED["organisation_name"] in office.get("/manage/requests/").text
    page = office.get(f"/manage/requests/{request_id}").text
    assert ASKED["phone"] in page
    assert "contact@example.com" in page
    (mail,) = people.mails()
    assert mail.to == OFFICE
    assert ASKED["phone"] not in mail.body
    assert people.look(lambda: db.session.scalar(select(func.count()).select_from(Message))) == 1


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"email": "no address"}, "例如name@school.cn"),
        ({"phone": ""}, "请填写电话"),
        ({"organisation_name": ""}, "请填写单位全称"),
        ({"kind": "lead"}, ""),
        ({"message": "字" * 2001}, "2000"),
    ],
)
def test_a_request_that_cannot_be_used_is_shown_again(people: People, other: dict[str, str], told: str) -> None:
    answer = people.app.test_client().post("/account/request", data=ASKED | other)
    assert answer.status_code == 422
    assert told in answer.text
    assert ASKED["contact_name"] in answer.text
    assert people.look(lambda: db.session.scalar(select(func.count()).select_from(AccountRequest))) == 0


def test_asking_too_often_is_stopped_and_what_was_typed_is_kept(people: People) -> None:
    people.app.config["RATELIMIT_ENABLED"] = True
    client = people.app.test_client()
    for _ in range(10):
        assert client.post("/account/request", data=ASKED).status_code == 200
    stopped = client.post("/account/request", data=ASKED)
    assert stopped.status_code == 422
    assert "分钟后再试" in stopped.text
    assert ASKED["message"] in stopped.text


@pytest.mark.database
def test_the_phone_number_is_encrypted_at_rest(people: People) -> None:
    ask(people)
    with people.app.app_context():
        rows = [
            *db.session.execute(text("SELECT * FROM organisation_request")),
            *db.session.execute(text("SELECT * FROM job")),
        ]
    kept = b" ".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for row in rows for value in row
    )
    assert "示例机电".encode() in kept
    assert b"7654321" not in kept


def test_accepting_makes_the_organisation_and_invites_the_contact(people: People, office: FlaskClient) -> None:
    request_id = ask(people)
    answer = office.post(f"/manage/requests/{request_id}/accept", data={"organisation": "", "short_name": "机电校"})
    assert answer.status_code == 302
    assert state(people, request_id) == "accepted"
    with people.app.app_context():
        made = db.session.scalars(select(Organisation).where(Organisation.name == ASKED["organisation_name"])).one()
        assert (made.short_name, made.kind, made.member) == ("机电校", "school", False)
        user = db.session.scalars(select(User).where(User.email == "contact@example.com")).one()
        assert user.holds(Role.CONTACT, organisation_id=made.id)
        assert user.phone == ASKED["phone"]
    invitation = people.mails()[-1]
    assert invitation.secret
    client = people.app.test_client()
    client.post(invitation.link, data={"name": "实训处", "password": PASSWORD, "again": PASSWORD})
    assert client.get("/bookings/").status_code == 200


def test_accepting_for_an_organisation_that_is_there_makes_none(people: People, office: FlaskClient) -> None:
    people.add("colleague@example.com", Role.CONTACT)
    organisation_id = people.look(lambda: db.session.scalar(select(Organisation.id)))
    request_id = ask(people)
    data = {"organisation": str(organisation_id)}
    assert office.post(f"/manage/requests/{request_id}/accept", data=data).status_code == 302
    assert people.look(lambda: db.session.scalar(select(func.count()).select_from(Organisation))) == 1
    assert people.user("contact@example.com").holds(Role.CONTACT, organisation_id=organisation_id)


def test_a_second_organisation_of_one_name_is_refused_and_nothing_happens(people: People, office: FlaskClient) -> None:
    first, second = ask(people), ask(people, email="other@example.com")
    office.post(f"/manage/requests/{first}/accept", data={"organisation": ""})
    refused = office.post(f"/manage/requests/{second}/accept", data={"organisation": ""})
    assert refused.status_code == 422
    assert "已有同名单位" in refused.text
    assert state(people, second) == "waiting"


def test_who_has_an_account_keeps_it_and_gets_the_role(people: People, office: FlaskClient) -> None:
    people.add("contact@example.com", name="原名")
    request_id = ask(people)
    office.post(f"/manage/requests/{request_id}/accept", data={"organisation": ""})
    user = people.user("contact@example.com")
    assert user.name == "原名"
    assert {grant.role for grant in user.grants} == {"contact"}
    people.client("contact@example.com")


def test_declining_needs_a_reason_and_tells_it(people: People, office: FlaskClient) -> None:
    request_id = ask(people)
    assert office.post(f"/manage/requests/{request_id}/decline", data={"reason": " "}).status_code == 422
    answer = office.post(f"/manage/requests/{request_id}/decline", data={"reason": "请由学校统一申请"})
    assert answer.status_code == 302
    assert state(people, request_id) == "declined"
    mail = people.mails()[-1]
    assert mail.to == "contact@example.com"
    assert "请由学校统一申请" in mail.body
    again = office.post(f"/manage/requests/{request_id}/accept", data={"organisation": ""})
    assert again.status_code == 409
    assert "请由学校统一申请" in office.get(f"/manage/requests/{request_id}").text


@pytest.mark.database
def test_of_two_accepts_at_once_one_invites_and_the_other_is_told(people: People) -> None:
    people.add(OFFICE, Role.OFFICE)
    request_id = ask(people)
    before = len(people.mails())

    def accept() -> str:
        with people.app.app_context():
            actor = db.session.scalars(select(User).where(User.email == OFFICE)).one()
            return services.accept(actor=actor, request_id=request_id).email

    results = at_once([accept, accept, accept])
    assert results.count("contact@example.com") == 1
    assert sum(isinstance(result, StateChanged) for result in results) == 2
    assert len(people.mails()) == before + 1
    assert people.look(lambda: db.session.scalar(select(func.count()).select_from(Organisation))) == 1


@pytest.mark.parametrize("role", [None, Role.CONTACT, Role.MANAGER])
def test_others_decide_nothing(people: People, role: Role | None) -> None:
    people.add("other@example.com", role)
    request_id = ask(people)
    client = people.client("other@example.com")
    for path in (
        "/manage/requests/",
        f"/manage/requests/{request_id}",
        "/manage/organisations/",
        "/manage/organisations/new",
    ):
        assert client.get(path).status_code == 403
    assert client.post(f"/manage/requests/{request_id}/accept", data={"organisation": ""}).status_code == 403
    assert client.post(f"/manage/requests/{request_id}/decline", data={"reason": "x"}).status_code == 403
    assert state(people, request_id) == "waiting"
