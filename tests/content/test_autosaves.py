"""What is kept while somebody types."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core import clock, db, errors
from core.content import autosaves
from core.content.autosaves import Desk
from core.content.models import ANNOUNCEMENT, Autosave
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce

MANAGE = "/manage/workshop"
KEY = "key-of-an-open-page"


def keep(client: FlaskClient, **fields: str) -> TestResponse:
    """Send what is being typed, as the page does."""
    return client.post(f"{MANAGE}/autosave.json", data={"key": KEY, "desk-type": ANNOUNCEMENT, "version": "1"} | fields)


@pytest.mark.database
def test_what_is_typed_comes_back_to_who_typed_it_and_to_nobody_else(writers: Shop, visit: Visitors) -> None:
    answer = keep(visit("manager"), title="写到一半", body="<p>半句</p>", format="html")
    assert answer.json == {"saved": f"{clock.local(clock.now()):%H:%M}"}
    back = visit("manager").get(f"{MANAGE}/announcements/new")
    assert "写到一半" in back.text
    assert f"?draft={KEY}" in back.text
    form = visit("manager").get(f"{MANAGE}/announcements/new?draft={KEY}").text
    assert "写到一半</textarea>" in form
    assert f'value="{KEY}"' in form, "it is kept on under the same key"

    assert "写到一半" not in visit("publisher").get(f"{MANAGE}/announcements/new").text
    assert "写到一半" not in visit("publisher").get(f"{MANAGE}/announcements/new?draft={KEY}").text
    assert keep(visit("publisher"), title="抢写").status_code == 409
    assert visit("publisher").post(f"{MANAGE}/autosaves/{KEY}/drop").status_code == 404


def test_typing_on_replaces_what_was_kept_and_saving_forgets_it(writers: Shop, visit: Visitors) -> None:
    client = visit("manager")
    keep(client, title="第一稿")
    keep(client, title="第二稿")
    assert [row.values["title"] for row in db.db.session.query(Autosave)] == [["第二稿"]]
    sent = {"key": KEY, "title": "第二稿", "body": "正文", "action": "save", "until": "never", "when": "now"}
    assert client.post(f"{MANAGE}/announcements/new", data=sent | {"version": "1", "session_id": ""}).status_code == 302
    assert writers.count(Autosave) == 0


def test_a_kept_text_belongs_to_the_item_it_was_typed_in(announce: Announce, visit: Visitors) -> None:
    one, other = announce("第一条"), announce("第二条")
    client = visit("manager")
    keep(client, title="改第一条", **{"desk-item": str(one.id)})
    assert "改第一条" in client.get(f"{MANAGE}/announcements/{one.id}").text
    for address in (f"announcements/{other.id}", "announcements/new", f"announcements/{other.id}?draft={KEY}"):
        assert "改第一条" not in client.get(f"{MANAGE}/{address}").text


def test_what_is_not_wanted_is_thrown_away(writers: Shop, visit: Visitors) -> None:
    client = visit("manager")
    keep(client, title="不要了")
    back = client.post(f"{MANAGE}/autosaves/{KEY}/drop", data={"next": f"{MANAGE}/announcements/new"})
    assert back.location == f"{MANAGE}/announcements/new"
    assert "不要了" not in client.get(back.location).text
    assert writers.count(Autosave) == 0


@pytest.mark.parametrize("fields", [{"key": "short"}, {"key": "a" * 41}, {"version": "-1"}, {"body": "长" * 500_001}])
def test_what_cannot_be_kept_is_refused_in_words(writers: Shop, visit: Visitors, fields: dict[str, str]) -> None:
    answer = keep(visit("manager"), **fields)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["message"]
    assert writers.count(Autosave) == 0


def test_who_may_not_write_keeps_nothing(writers: Shop, visit: Visitors) -> None:
    assert keep(visit("north")).status_code == 403
    assert "/account/sign-in" in keep(visit()).location
    assert writers.count(Autosave) == 0


def test_the_password_against_forgery_is_not_kept(writers: Shop, visit: Visitors) -> None:
    keep(visit("manager"), title="题目", csrf_token="secret", action="publish")
    assert db.db.session.query(Autosave).one().values.keys() == {"key", "title", "version"}


@pytest.mark.database
def test_after_a_month_it_is_forgotten(writers: Shop) -> None:
    desk, manager = Desk(ANNOUNCEMENT, writers.base.id), writers.user("manager")
    autosaves.keep(actor=manager, key=KEY, desk=desk, version=0, values={"title": ["题目"]})
    with clock.set_to(clock.now() + timedelta(days=29)):
        autosaves.forget()
        assert writers.count(Autosave) == 1
    with clock.set_to(clock.now() + timedelta(days=31)):
        autosaves.forget()
    assert writers.count(Autosave) == 0


def test_a_key_is_one_persons(writers: Shop) -> None:
    desk = Desk(ANNOUNCEMENT, writers.base.id)
    autosaves.keep(actor=writers.user("manager"), key=KEY, desk=desk, version=0, values={"title": ["题目"]})
    with pytest.raises(errors.NotFound):
        autosaves.keep(actor=writers.user("publisher"), key=KEY, desk=desk, version=0, values={"title": ["别的"]})
    autosaves.drop(writers.user("publisher"), KEY)
    assert autosaves.find(writers.user("manager"), KEY) is not None
