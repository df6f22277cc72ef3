import pytest
from sqlalchemy import select

from core.accounts.models import User
from core.db import db, write
from core.notify import messages
from core.notify.models import Message
from tests.support.people import People

MINE = "mine@example.com"
OTHER = "other@example.com"


@pytest.fixture
def inbox(people: People) -> People:
    """Two people, of whom one has three messages and the other one."""
    for email in (MINE, OTHER):
        people.add(email)
    with people.app.app_context(), write() as session:
        told = ((MINE, "一", "/bases/"), (MINE, "二", ""), (MINE, "三", "/"), (OTHER, "别人的", "/"))
        for email, subject, link in told:
            user = session.scalars(select(User).where(User.email == email)).one()
            messages.send(session, user=user, subject=subject, body="第一行\n第二行", link=link)
    return people


def number(people: People, subject: str) -> int:
    with people.app.app_context():
        return db.session.scalars(select(Message.id).where(Message.subject == subject)).one()


def unread(people: People, email: str) -> int:
    with people.app.app_context():
        return messages.unread_count(db.session.scalars(select(User).where(User.email == email)).one())


def test_one_s_own_messages_are_listed_the_newest_first(inbox: People) -> None:
    page = inbox.client(MINE).get("/messages/").text
    assert page.index(">三<") < page.index(">二<") < page.index(">一<")
    assert "别人的" not in page
    assert "未读" in page


def test_opening_one_marks_it_read_and_leads_on(inbox: People) -> None:
    client = inbox.client(MINE)
    assert client.post(f"/messages/{number(inbox, '一')}").location == "/bases/"
    assert client.post(f"/messages/{number(inbox, '二')}").location == "/messages/"
    assert client.post(f"/messages/{number(inbox, '三')}", data={"stay": "1"}).location == "/messages/"
    assert unread(inbox, MINE) == 0


def test_all_are_marked_read_at_once_but_only_one_s_own(inbox: People) -> None:
    inbox.client(MINE).post("/messages/read")
    assert (unread(inbox, MINE), unread(inbox, OTHER)) == (0, 1)


def test_another_s_message_is_not_found(inbox: People) -> None:
    client = inbox.client(MINE)
    assert client.post(f"/messages/{number(inbox, '别人的')}").status_code == 404
    assert client.post("/messages/99999").status_code == 404
    assert unread(inbox, OTHER) == 1


def test_looking_marks_nothing(inbox: People) -> None:
    client = inbox.client(MINE)
    client.get("/messages/")
    assert client.get(f"/messages/{number(inbox, '一')}").status_code == 405
    assert unread(inbox, MINE) == 3


def test_an_empty_inbox_says_what_will_come(people: People) -> None:
    people.add(MINE)
    assert "还没有消息" in people.client(MINE).get("/messages/").text


def test_visitors_are_asked_to_sign_in(people: People) -> None:
    assert people.app.test_client().get("/messages/").location.startswith("/account/sign-in")
