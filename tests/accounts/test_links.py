"""Invitations, forgotten passwords, and the links they are made of."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from core import clock, jobs
from core.accounts import own, services, tokens
from core.accounts.models import MailedToken, User
from core.accounts.roles import Role
from core.db import db, write
from core.errors import Invalid
from tests.support.people import People, at_once

MAIL = "contact@example.com"
NEW = "neue Linde 2026"
TWICE = {"password": NEW, "again": NEW}


def invited(people: People) -> str:
    """Invite somebody and return the path of their link."""
    with people.app.app_context(), write() as session:
        services.invite(session, email=MAIL, name="示例联系人", role=Role.OFFICE)
    return people.mails()[-1].link


def forgotten(people: People) -> str:
    """Ask for a new password and return the path of the link."""
    people.app.test_client().post("/account/forgot", data={"email": MAIL})
    people.work()
    return people.mails()[-1].link


def test_an_invitation_sets_name_and_password_signs_in_and_is_used_up(people: People) -> None:
    link = invited(people)
    client = people.app.test_client()
    form = client.get(link)
    assert form.status_code == 200
    assert MAIL in form.text
    answer = client.post(link, data=TWICE | {"name": "新联系人", "phone": "023-12345678"})
    assert answer.status_code == 302
    assert client.get("/account/").status_code == 200
    assert people.user(MAIL).name == "新联系人"
    people.client(MAIL, NEW)
    assert client.get(link).status_code == 410
    assert client.post(link, data=TWICE | {"name": "别人"}).status_code == 410
    assert people.user(MAIL).name == "新联系人"


def test_a_refused_password_leaves_the_link_as_it_is(people: People) -> None:
    link = invited(people)
    client = people.app.test_client()
    refused = client.post(link, data={"name": "新联系人", "password": "short", "again": "short"})
    assert refused.status_code == 422
    assert "至少10个字符" in refused.text
    assert "新联系人" in refused.text
    differing = client.post(link, data={"name": "新联系人", "password": NEW, "again": "neue Linde 2027"})
    assert differing.status_code == 422
    assert client.post(link, data=TWICE | {"name": "新联系人"}).status_code == 302


def test_an_invitation_ends_after_seven_days(people: People) -> None:
    link = invited(people)
    client = people.app.test_client()
    with clock.set_to(clock.now() + timedelta(days=7, seconds=-30)):
        assert client.get(link).status_code == 200
    with clock.set_to(clock.now() + timedelta(days=7, seconds=1)):
        assert client.get(link).status_code == 410
        assert client.post(link, data=TWICE | {"name": "新联系人"}).status_code == 410
    assert people.user(MAIL).password_hash is None


def test_a_new_invitation_ends_the_earlier_one(people: People) -> None:
    first = invited(people)
    second = invited(people)
    client = people.app.test_client()
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200


@pytest.mark.parametrize("guess", ["x", "a" * 43, "..", "ü" * 20])
def test_a_guessed_link_is_as_good_as_a_used_one(people: People, guess: str) -> None:
    invited(people)
    client = people.app.test_client()
    for page in ("invitation", "reset"):
        assert client.get(f"/account/{page}/{guess}").status_code in {404, 410}
        assert client.post(f"/account/{page}/{guess}", data=TWICE | {"name": "谁"}).status_code in {404, 410}


def test_a_link_serves_its_own_purpose_only(people: People) -> None:
    link = invited(people)
    assert people.app.test_client().get(link.replace("invitation", "reset")).status_code == 410


def test_the_database_holds_no_link_that_could_be_used(people: People) -> None:
    link = invited(people)
    token = link.rpartition("/")[2]
    with people.app.app_context():
        rows = [*db.session.execute(text("SELECT * FROM user_token")), *db.session.execute(text("SELECT * FROM job"))]
    assert rows
    assert not any(token in str(value) for row in rows for value in row)


def test_a_forgotten_password_is_set_anew_and_all_sessions_end(people: People) -> None:
    people.add(MAIL)
    elsewhere = people.client(MAIL)
    link = forgotten(people)
    client = people.app.test_client()
    assert client.get(link).status_code == 200
    assert client.post(link, data=TWICE).status_code == 302
    assert client.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert people.app.test_client().post(link, data=TWICE).status_code == 410
    people.client(MAIL, NEW)


def test_a_reset_link_lives_a_day_and_dies_with_a_change_of_the_password(people: People) -> None:
    user_id = people.add(MAIL)
    link = forgotten(people)
    with clock.set_to(clock.now() + timedelta(hours=24, seconds=1)):
        assert people.app.test_client().get(link).status_code == 410
    with people.app.app_context(), write() as session:
        services.set_password(session, user=session.get_one(User, user_id), password_hash="x")
    assert people.app.test_client().get(link).status_code == 410


def test_a_deactivated_user_s_link_is_worthless(people: People) -> None:
    user_id = people.add(MAIL)
    link = forgotten(people)
    with people.app.app_context(), write() as session:
        session.get_one(User, user_id).active = False
    assert people.app.test_client().get(link).status_code == 410


@pytest.mark.parametrize("email", [MAIL, "nobody@example.com"])
def test_whether_there_is_an_account_is_not_told(people: People, email: str) -> None:
    people.add(MAIL)
    answer = people.app.test_client().post("/account/forgot", data={"email": email})
    assert answer.status_code == 200
    assert "请查收邮件" in answer.text
    waiting = people.look(lambda: db.session.scalar(select(func.count()).select_from(jobs.Job)))
    assert waiting == 1, "the same work for both, until the worker looks"
    assert len(people.mails()) == 0
    people.work()
    assert len(people.mails()) == (1 if email == MAIL else 0)


def test_who_was_invited_and_lost_the_mail_gets_another_invitation(people: People) -> None:
    people.add(MAIL, password=False)
    assert "/account/invitation/" in forgotten(people)


def test_asking_for_many_links_is_stopped(people: People) -> None:
    people.app.config["RATELIMIT_ENABLED"] = True
    client = people.app.test_client()
    statuses = [client.post("/account/forgot", data={"email": MAIL}).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


@pytest.mark.database
def test_of_two_who_use_a_link_at_once_one_succeeds(people: People) -> None:
    token = invited(people).rpartition("/")[2]

    def use() -> str:
        with people.app.app_context():
            return own.set_password(token=token, purpose="invitation", password=NEW).email

    results = at_once([use, use, use])
    assert results.count(MAIL) == 1
    assert sum(isinstance(result, tokens.LinkOver) for result in results) == 2


def test_used_and_old_links_are_cleared_away(people: People) -> None:
    invited(people)
    with people.app.app_context():
        with write() as session:
            tokens.clean(session)
        assert db.session.scalar(select(func.count()).select_from(MailedToken)) == 1
        with clock.set_to(clock.now() + timedelta(days=8)), write() as session:
            tokens.clean(session)
        assert db.session.scalar(select(func.count()).select_from(MailedToken)) == 0


def test_who_has_a_password_is_told_of_a_new_role_without_a_link_to_set_one(people: People) -> None:
    people.add(MAIL)
    with people.app.app_context(), write() as session:
        services.invite(session, email=MAIL.upper(), name="别名", role=Role.OFFICE)
    assert people.user(MAIL).name != "别名"
    (mail,) = people.mails()
    assert mail.link == "/account/"
    assert not mail.secret


@pytest.mark.database
def test_of_two_who_create_the_same_account_at_once_the_second_is_told(people: People) -> None:
    def create() -> int:
        with people.app.app_context(), write() as session:
            return services.create_user(session, email=MAIL, name="谁").id

    results = at_once([create, create])
    assert sum(isinstance(result, Invalid) for result in results) == 1
    assert sum(isinstance(result, int) for result in results) == 1


def test_mails_are_written_in_the_language_of_their_receiver(people: People) -> None:
    people.add(MAIL, language="en")
    people.add("zhong@example.com")
    for email in (MAIL, "zhong@example.com"):
        people.app.test_client().post("/account/forgot?lang=en", data={"email": email})
    people.work()
    assert [mail.subject for mail in people.mails()] == ["Set a new password", "设置新密码"]
