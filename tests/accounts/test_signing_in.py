from io import BytesIO
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher
from flask import Flask, session
from sqlalchemy import func, select

from core.accounts import limits, passwords, services, signing_in
from core.accounts.models import User
from core.accounts.roles import Role
from core.db import db, write
from tests.conftest import MakeApp
from tests.support.people import PASSWORD, People

MAIL = "contact@example.com"
RIGHT = {"email": MAIL, "password": PASSWORD}


def test_the_right_password_signs_in_in_whatever_letters_the_address_is_typed(people: People) -> None:
    people.add(MAIL, Role.CONTACT)
    client = people.app.test_client()
    answer = client.post("/account/sign-in", data={"email": " Contact@Example.COM ", "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize("email", [MAIL, "nobody@example.com", "invited@example.com", "gone@example.com"])
def test_a_wrong_password_an_unknown_an_invited_and_a_deactivated_account_are_answered_alike(
    people: People, email: str
) -> None:
    people.add(MAIL)
    people.add("invited@example.com", password=False)
    people.add("gone@example.com")
    with people.app.app_context(), write() as database:
        gone = database.scalars(select(User).where(User.email == "gone@example.com")).one()
        services.set_active(database, user=gone, active=False)
    password = PASSWORD if email.startswith(("gone", "nobody")) else "not this one"
    answer = people.app.test_client().post("/account/sign-in", data={"email": email, "password": password})
    assert answer.status_code == 422
    assert "邮箱与密码不匹配" in answer.text
    assert f'value="{email}"' in answer.text
    assert password not in answer.text


def test_signing_in_leaves_nothing_of_the_session_before(people: People) -> None:
    people.add(MAIL)
    client = people.app.test_client()
    with client.session_transaction() as planted:
        planted["planted"] = "by somebody else"
        planted["csrf_token"] = "known to somebody else"
    client.post("/account/sign-in", data=RIGHT)
    with client.session_transaction() as now:
        assert "planted" not in now
        assert now.get("csrf_token") != "known to somebody else"
        assert now["_user_id"]


def test_signing_out_is_a_post_and_ends_the_session(people: People) -> None:
    people.add(MAIL)
    client = people.client(MAIL)
    assert client.get("/account/sign-out").status_code == 405
    assert client.get("/account/").status_code == 200
    assert client.post("/account/sign-out").status_code == 302
    assert client.get("/account/").status_code == 302


def test_who_is_not_signed_in_is_asked_to_and_comes_back_to_the_page(people: People) -> None:
    people.add(MAIL)
    client = people.app.test_client()
    asked = client.get("/messages/?page=2")
    assert asked.status_code == 302
    form = client.get(asked.location)
    assert 'value="/messages/?page=2"' in form.text
    answer = client.post(asked.location, data=RIGHT)
    assert answer.location == "/messages/?page=2"


def test_an_address_one_came_from_that_is_none_does_not_matter(people: People) -> None:
    assert people.app.test_client().get("/account/sign-in", headers={"Referer": "http://["}).status_code == 200


def test_a_file_where_the_form_wants_a_text_counts_as_nothing(people: People) -> None:
    sent = {"email": (BytesIO(b"x"), "email.txt"), "password": PASSWORD, "next": (BytesIO(b"x"), "next.txt")}
    answer = people.app.test_client().post("/account/sign-in", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "请填写邮箱。" in answer.text


def test_the_page_one_came_from_is_returned_to(people: People) -> None:
    people.add(MAIL)
    client = people.app.test_client()
    form = client.get("/account/sign-in", headers={"Referer": "http://localhost/bases/?lang=en"})
    assert 'value="/bases/?lang=en"' in form.text
    elsewhere = client.get("/account/sign-in", headers={"Referer": "http://evil.example/bases/"})
    assert 'value="/bases/"' not in elsewhere.text


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "https://evil.example/",
        "http:evil.example",
        "javascript:alert(1)",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "evil.example",
        "@evil.example",
    ],
)
def test_a_target_outside_the_site_is_not_followed(people: People, target: str) -> None:
    people.add(MAIL)
    for data, query in ((RIGHT | {"next": target}, {}), (RIGHT, {"next": target})):
        answer = people.app.test_client().post("/account/sign-in", data=data, query_string=query)
        assert answer.status_code == 302
        assert not urlsplit(answer.location).netloc
        assert answer.location == "/"


@pytest.mark.parametrize(("role", "page"), [(Role.CONTACT, "/bookings/"), (Role.MANAGER, "/manage/"), (None, "/")])
def test_work_begins_where_the_role_has_it(people: People, role: Role | None, page: str) -> None:
    people.add(MAIL, role)
    assert people.app.test_client().post("/account/sign-in", data=RIGHT).location == page


def test_a_changed_password_ends_all_other_sessions_and_renews_this_one(people: People) -> None:
    people.add(MAIL)
    here, elsewhere = people.client(MAIL), people.client(MAIL)
    with here.session_transaction() as before:
        old = before["_user_id"]
    new = "neue Linde 2026"
    answer = here.post("/account/password", data={"current": PASSWORD, "password": new, "again": new})
    assert answer.status_code == 302
    assert here.get("/account/").status_code == 200
    with here.session_transaction() as after:
        assert after["_user_id"] != old
    assert elsewhere.get("/account/").status_code == 302
    assert people.client(MAIL, new).get("/account/").status_code == 200


def test_a_deactivated_user_is_out_at_once(people: People) -> None:
    user_id = people.add(MAIL)
    client = people.client(MAIL)
    with people.app.app_context(), write() as database:
        services.set_active(database, user=database.get_one(User, user_id), active=False)
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("identity", ["", "1", "x.y", "999999.1", "1.", "².1", "1.2.3"])
def test_an_identity_that_is_none_signs_nobody_in(people: People, identity: str) -> None:
    people.add(MAIL)
    client = people.app.test_client()
    with client.session_transaction() as forged:
        forged["_user_id"] = identity
    assert client.get("/account/").status_code == 302


@pytest.fixture
def limited(app: Flask) -> Flask:
    """An application that counts how often something is tried."""
    app.config["RATELIMIT_ENABLED"] = True
    return app


def test_guessing_is_stopped_and_what_was_typed_is_kept(limited: Flask, people: People) -> None:
    people.add(MAIL)
    client = limited.test_client()
    wrong = {"email": MAIL, "password": "not this one"}
    assert [client.post("/account/sign-in", data=wrong).status_code for _ in range(10)] == [422] * 10
    stopped = client.post("/account/sign-in", data=RIGHT)
    assert stopped.status_code == 429
    assert "分钟后再试" in stopped.text
    assert MAIL in stopped.text
    elsewhere = client.post("/account/sign-in", data=RIGHT, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert elsewhere.status_code == 302, "a guesser must not lock the owner out"


def test_signing_in_often_is_no_guessing(limited: Flask, people: People) -> None:
    people.add(MAIL)
    client = limited.test_client()
    assert {client.post("/account/sign-in", data=RIGHT).status_code for _ in range(15)} == {302}


def test_one_address_trying_many_accounts_is_stopped(limited: Flask) -> None:
    with limited.test_request_context():
        for number in range(300):
            limits.spend(
                "sign-in", limits.Limit("300 per hour", limits.address()), limits.Limit("9 per hour", f"{number}")
            )
        with pytest.raises(limits.TooMany):
            signing_in.check("new@example.com", "some password")


def test_limits_count_here_when_the_shared_store_is_gone(make_app: MakeApp, migrated: str) -> None:
    app = make_app(migrated, JIDI_REDIS_URL="redis://127.0.0.1:1/0")
    app.config["RATELIMIT_ENABLED"] = True
    with app.test_request_context():
        for _ in range(3):
            limits.spend("test", limits.Limit("3 per hour", "me"))
        with pytest.raises(limits.TooMany):
            limits.spend("test", limits.Limit("3 per hour", "me"))


def test_a_hash_of_weaker_parameters_is_renewed_when_its_user_signs_in(people: People) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    with people.app.app_context(), write() as database:
        services.create_user(database, email=MAIL, name="旧", password_hash=weak)
    people.client(MAIL)
    kept = people.user(MAIL).password_hash
    assert kept is not None
    assert kept != weak
    assert not passwords.outdated(kept)
    people.client(MAIL)


def test_signing_in_needs_the_token_of_its_form(people: People) -> None:
    people.add(MAIL)
    people.app.config["WTF_CSRF_ENABLED"] = True
    client = people.app.test_client()
    assert client.post("/account/sign-in", data=RIGHT).status_code == 400
    with client:
        client.get("/account/")
        assert "_user_id" not in session


def test_a_sign_in_writes_nothing(people: People) -> None:
    people.add(MAIL)
    before = people.look(lambda: db.session.scalar(select(func.sum(User.session_version))))
    people.client(MAIL)
    assert people.look(lambda: db.session.scalar(select(func.sum(User.session_version)))) == before
