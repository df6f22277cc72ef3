"""Who manages accounts, and what they cannot do."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from core.accounts import services, users
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.audit import AuditEntry
from core.bases.models import Base
from core.db import db, write
from core.errors import Forbidden, Invalid
from tests.support.people import People, at_once

OFFICE = "office@example.com"
ADMIN = "admin@example.com"
OTHER = "other@example.com"


@pytest.fixture
def office(people: People) -> FlaskClient:
    """The office, signed in."""
    people.add(OFFICE, Role.OFFICE)
    return people.client(OFFICE)


@pytest.fixture
def admin(people: People) -> FlaskClient:
    """The only administrator, signed in."""
    people.add(ADMIN, Role.ADMINISTRATOR)
    return people.client(ADMIN)


def roles_of(people: People, email: str) -> set[str]:
    return {grant.role for grant in people.user(email).grants}


@pytest.mark.parametrize("role", [None, Role.CONTACT, Role.INSTRUCTOR, Role.PUBLISHER, Role.MANAGER])
def test_others_manage_no_accounts(people: People, role: Role | None) -> None:
    people.add(OTHER, role)
    target = people.add("target@example.com")
    client = people.client(OTHER)
    for path in ("/manage/users/", "/manage/users/invite", f"/manage/users/{target}"):
        assert client.get(path).status_code == 403
    for path in ("roles", "roles/1/revoke", "invitation", "deactivate", "activate"):
        data = {"role": "office"}
        assert client.post(f"/manage/users/{target}/{path}", data=data).status_code == 403
    assert client.post("/manage/users/invite", data={"email": "x@example.com"}).status_code == 403
    assert people.user("target@example.com").active


def test_the_list_is_searched_by_name_or_address(people: People, office: FlaskClient) -> None:
    people.add("north@example.com", name="北校")
    people.add("south@example.com", name="南校 100%")
    assert "北校" in office.get("/manage/users/").text
    found = office.get("/manage/users/?q=100%25").text
    assert "南校" in found
    assert "北校" not in found
    assert "没有找到用户" in office.get("/manage/users/?q=%25%25").text
    assert office.get("/manage/users/?page=99999").status_code == 200


def test_the_list_asks_the_database_the_same_for_many_as_for_few(people: People, office: FlaskClient) -> None:
    def asked() -> int:
        count = 0

        def seen(*_: object) -> None:
            nonlocal count
            count += 1

        with people.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", seen)
        assert office.get("/manage/users/").status_code == 200
        event.remove(engine, "before_cursor_execute", seen)
        return count

    people.add("first@example.com", Role.MANAGER)
    few = asked()
    for number in range(10):
        people.add(f"u{number}@example.com", Role.CONTACT if number % 2 else Role.MANAGER)
    assert asked() <= few + 1


def test_somebody_is_invited_with_a_role_at_a_base(people: People, office: FlaskClient) -> None:
    base_id = people.look(lambda: db.session.scalar(select(Base.id).limit(1)))
    data = {"email": "New@Example.com", "name": "基地管理员", "role": "manager", "base": str(base_id)}
    answer = office.post("/manage/users/invite", data=data, follow_redirects=True)
    assert answer.status_code == 200
    assert "已邀请" in answer.text
    user = people.user("new@example.com")
    assert user.holds(Role.MANAGER, base_id=base_id)
    (mail,) = people.mails()
    assert mail.to == "new@example.com"
    assert mail.secret


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"email": "no address", "name": "甲", "role": "office"}, "例如name@school.cn"),
        ({"email": "a@b..cn", "name": "甲", "role": "office"}, "例如name@school.cn"),
        ({"email": "x@example.com", "name": "", "role": "office"}, "请填写姓名"),
        ({"email": "x@example.com", "name": "甲", "role": "manager"}, "请选择该角色所属的基地"),
        ({"email": "x@example.com", "name": "甲", "role": "contact"}, "请选择该角色所属的单位"),
        ({"email": "x@example.com", "name": "甲", "role": "manager", "base": "999"}, ""),
        ({"email": "x@example.com", "name": "甲", "role": "king"}, ""),
        ({}, "请填写邮箱"),
    ],
)
def test_an_invitation_that_cannot_be_is_explained(
    people: People, office: FlaskClient, data: dict[str, str], told: str
) -> None:
    answer = office.post("/manage/users/invite", data=data)
    assert answer.status_code == 422
    assert told in answer.text
    assert people.mails() == []


def test_roles_are_given_and_taken(people: People, office: FlaskClient) -> None:
    user_id = people.add(OTHER)
    assert office.post(f"/manage/users/{user_id}/roles", data={"role": "office"}).status_code == 302
    assert roles_of(people, OTHER) == {"office"}
    (given,) = people.user(OTHER).grants
    assert office.post(f"/manage/users/{user_id}/roles/{given.id}/revoke").status_code == 302
    assert roles_of(people, OTHER) == set()
    assert office.post(f"/manage/users/{user_id}/roles/{given.id}/revoke").status_code == 409
    with people.app.app_context():
        deeds = set(db.session.scalars(select(AuditEntry.action)))
    assert {"account.grant", "account.revoke"} <= deeds


def test_a_role_of_somebody_else_cannot_be_taken_by_a_wrong_address(people: People, office: FlaskClient) -> None:
    user_id = people.add(OTHER)
    people.add("target@example.com", Role.MANAGER)
    (held,) = people.user("target@example.com").grants
    assert office.post(f"/manage/users/{user_id}/roles/{held.id}/revoke").status_code == 409
    assert roles_of(people, "target@example.com") == {"manager"}


def test_the_office_can_neither_make_nor_touch_an_administrator(people: People, office: FlaskClient) -> None:
    admin_id = people.add(ADMIN, Role.ADMINISTRATOR)
    people.add("second@example.com", Role.ADMINISTRATOR)
    other_id = people.add(OTHER)
    assert "administrator" not in office.get("/manage/users/invite").text
    assert office.post(f"/manage/users/{other_id}/roles", data={"role": "administrator"}).status_code == 422
    (held,) = people.user(ADMIN).grants
    for path in ("deactivate", f"roles/{held.id}/revoke", "invitation"):
        assert office.post(f"/manage/users/{admin_id}/{path}").status_code == 403
    with people.app.app_context():
        actor = db.session.scalars(select(User).where(User.email == OFFICE)).one()
        with pytest.raises(Forbidden):
            users.invite(actor=actor, email="x@example.com", name="甲", role=Role.ADMINISTRATOR)
    assert people.user(ADMIN).active


def test_the_last_administrator_stays(people: People, admin: FlaskClient) -> None:
    user = people.user(ADMIN)
    people.add("gone@example.com", Role.ADMINISTRATOR)
    with people.app.app_context(), write() as session:
        gone = session.scalars(select(User).where(User.email == "gone@example.com")).one()
        services.set_active(session, user=gone, active=False)
    (held,) = user.grants
    for path in ("deactivate", f"roles/{held.id}/revoke"):
        refused = admin.post(f"/manage/users/{user.id}/{path}")
        assert refused.status_code == 409
        assert "最后一位系统管理员" in refused.text
    assert roles_of(people, ADMIN) == {"administrator"}


@pytest.mark.database
@pytest.mark.parametrize("deed", ["revoke", "deactivate"])
def test_two_administrators_cannot_remove_each_other_at_once(people: People, deed: str) -> None:
    ids = [people.add(email, Role.ADMINISTRATOR) for email in (ADMIN, "second@example.com")]

    def remove(user_id: int) -> str:
        with people.app.app_context(), write() as session:
            user = session.get_one(User, user_id)
            if deed == "revoke":
                services.revoke(session, user=user, role=Role.ADMINISTRATOR)
            else:
                services.set_active(session, user=user, active=False)
        return "removed"

    results = at_once([lambda: remove(ids[0]), lambda: remove(ids[1])])
    assert results.count("removed") == 1
    assert sum(isinstance(result, services.LastAdministrator) for result in results) == 1


def test_deactivated_and_back_again(people: People, office: FlaskClient) -> None:
    user_id = people.add(OTHER)
    office.post(f"/manage/users/{user_id}/deactivate")
    assert "已停用" in office.get(f"/manage/users/{user_id}").text
    denied = people.app.test_client().post("/account/sign-in", data={"email": OTHER, "password": "x"})
    assert denied.status_code == 422
    office.post(f"/manage/users/{user_id}/activate")
    people.client(OTHER)


def test_a_new_invitation_is_for_who_has_no_password(people: People, office: FlaskClient) -> None:
    waiting, settled = people.add("waiting@example.com", password=False), people.add(OTHER)
    assert office.post(f"/manage/users/{waiting}/invitation").status_code == 302
    assert office.post(f"/manage/users/{settled}/invitation").status_code == 409
    assert [mail.to for mail in people.mails()] == ["waiting@example.com"]


def test_an_unknown_user_is_not_found(office: FlaskClient) -> None:
    assert office.get("/manage/users/99999").status_code == 404
    assert office.post("/manage/users/99999/deactivate").status_code == 404


def test_a_role_is_held_once_and_where_it_belongs(people: People) -> None:
    user_id = people.add(OTHER)
    with people.app.app_context():
        with write() as session:
            user = session.get_one(User, user_id)
            services.grant(session, user=user, role=Role.OFFICE, base_id=5)
            services.grant(session, user=user, role=Role.OFFICE)
        with pytest.raises(Invalid), write() as session:
            services.grant(session, user=session.get_one(User, user_id), role=Role.MANAGER)
        (held,) = db.session.scalars(select(Grant).where(Grant.user_id == user_id))
        assert held.base_id is None
