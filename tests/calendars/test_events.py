"""Plugins put events of their own into the calendar of their base, and withdraw them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask_babel import lazy_gettext as _l
from icalendar import Event

from core import clock, db
from core.booking import sessions
from core.calendars import announced, rebuild
from core.calendars.models import Entry
from core.calendars.tidy import tidy
from core.plugin_api import find_event, put_event, withdraw_event, write
from tests.booking.shop import Shop
from tests.calendars.test_announced import standing

START = datetime.fromisoformat("2026-12-08T14:00+08:00")
HOUR = timedelta(hours=1)


def put(**changed: Any) -> None:
    values: dict[str, Any] = {"base": "workshop", "name": "draw", "title": "抽签", "start": START, "end": START + HOUR}
    with write() as session:
        put_event(session, **values | changed)


def only() -> Event:
    (event,) = standing("portal")
    return event


def test_it_stands_in_the_calendars_of_its_base_the_portal_and_the_desk(shop: Shop) -> None:
    put(text="当众抽签。", location="竞赛厅", path="/bases/workshop/draws/1")
    for key in (f"base:{shop.base.id}", f"desk:{shop.base.id}", "portal"):
        (event,) = standing(key)
    assert (str(event["SUMMARY"]), str(event["DESCRIPTION"]), str(event["LOCATION"])) == (
        "抽签",
        "当众抽签。",
        "竞赛厅",
    )
    assert (event.start, event.end, str(event["TRANSP"])) == (START, START + HOUR, "TRANSPARENT")
    found = find_event("workshop", "draw")
    assert found is not None
    assert (found.start, found.all_day, found.path) == (START, False, "/bases/workshop/draws/1")


@pytest.mark.database
def test_put_again_it_is_the_same_event_moved(shop: Shop) -> None:
    put()
    before = only()
    with clock.set_to(clock.now() + HOUR):
        put(start=START + timedelta(microseconds=5))
    assert only() == before, "nothing has changed"
    put(title="公开抽签")
    assert (only()["UID"], only()["SEQUENCE"], str(only()["SUMMARY"])) == (before["UID"], 0, "公开抽签")
    put(start=START + HOUR, end=START + 2 * HOUR)
    assert (only()["UID"], only()["SEQUENCE"]) == (before["UID"], 1)


def test_two_days_are_whole_days_the_last_included(shop: Shop) -> None:
    put(start=date(2026, 12, 8), end=date(2026, 12, 9))
    assert (only().start, only().end) == (date(2026, 12, 8), date(2026, 12, 10))
    (shown,) = announced.between([shop.base.id], START, START + HOUR)
    assert (shown.title, shown.all_day) == ("抽签", True)


@pytest.mark.database
def test_withdrawn_it_stays_as_cancelled_for_thirty_days_after_its_end_and_can_be_put_again(shop: Shop) -> None:
    put()
    with write() as session:
        withdraw_event(session, base="workshop", name="draw")
        withdraw_event(session, base="workshop", name="unknown")
    assert str(only()["STATUS"]) == "CANCELLED"
    assert find_event("workshop", "draw") is None
    assert announced.between([shop.base.id], START, START + HOUR) == []
    for days, stands in ((29, 1), (31, 0)):
        with clock.set_to(START + HOUR + timedelta(days=days)):
            tidy()
            assert len(standing("portal")) == stands
    put()
    assert (str(only()["STATUS"]), only()["SEQUENCE"]) == ("CONFIRMED", 2)


def test_its_words_are_in_the_first_language_of_the_site(shop: Shop) -> None:
    put(title=_l("Announcements"))
    assert str(only()["SUMMARY"]) == "公告"


@pytest.mark.database
def test_what_belongs_to_a_session_is_cancelled_with_it_and_put_again_stays_so(shop: Shop) -> None:
    def drawn() -> Event:
        (event,) = [event for event in standing("portal") if str(event["SUMMARY"]) == "抽签"]
        return event

    training = shop.session()
    put(session_id=training.id)
    assert str(drawn()["STATUS"]) == "CONFIRMED"
    sessions.cancel(actor=shop.user("manager"), session_id=training.id, reason="设备故障（示例）")
    assert (str(drawn()["STATUS"]), drawn()["SEQUENCE"]) == ("CANCELLED", 1)
    assert find_event("workshop", "draw") is None
    assert announced.between([shop.base.id], START, START + HOUR) == []
    put(session_id=training.id)
    assert str(drawn()["STATUS"]) == "CANCELLED"
    assert list(rebuild.differences()) == []
    put()
    assert str(drawn()["STATUS"]) == "CONFIRMED"


@pytest.mark.parametrize(
    "wrong",
    [
        {"end": START},
        {"end": date(2026, 12, 9)},
        {"start": START.replace(tzinfo=None), "end": (START + HOUR).replace(tzinfo=None)},
        {"title": " "},
        {"title": "长" * 201},
        {"name": ""},
        {"path": "https://elsewhere.example/"},
        {"path": "//elsewhere.example/"},
        {"base": "unknown"},
        {"session_id": 999},
    ],
    ids=str,
)
def test_what_makes_no_event_is_refused(shop: Shop, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        put(**wrong)
    assert standing("portal") == []


@pytest.mark.database
def test_it_comes_with_what_it_tells_of_or_not_at_all(shop: Shop) -> None:
    def fail() -> None:
        with write() as session:
            put_event(session, base="workshop", name="draw", title="抽签", start=START, end=START + HOUR)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert find_event("workshop", "draw") is None
    assert db.db.session.query(Entry).count() == 0
