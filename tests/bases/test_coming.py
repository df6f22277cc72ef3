"""What visitors read about the days on which a base differs from its week."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from core import clock, db
from core.bases import setting_hours
from core.bases.coming import special_days, unknown_year
from core.bases.models import WorkingDay
from core.bases.opening import timetable
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.people import texts
from tests.support.statements import queries

HOME = "/bases/workshop/"
CALENDAR = HOME + "calendar"
DAY = ((time(8), time(20)),)
SHORT = ((time(9), time(12)),)


@pytest.fixture(autouse=True)
def weekdays_only(shop: Shop) -> None:
    """Open the workshop on weekdays, on Fridays shorter, and keep the holidays."""
    week = [DAY, DAY, DAY, DAY, SHORT, (), ()]
    setting_hours.set_week(actor=shop.user("manager"), base_id=shop.base.id, week=week, keeps_holidays=True)


def moment(day: date, hour: int = 10) -> datetime:
    """Return a moment of a day."""
    return clock.at(day, time(hour))


def told(shop: Shop, first: date, last: date) -> list[tuple[date, date, str]]:
    """Return the special days between two days as they are told."""
    found = special_days(timetable(shop.base, first, last), first, last)
    return [(days.first, days.last, days.title) for days in found]


def test_holidays_and_make_up_days_are_told_as_stretches(shop: Shop) -> None:
    assert told(shop, date(2026, 2, 1), date(2026, 2, 28)) == [
        (date(2026, 2, 14), date(2026, 2, 14), "调休上班，按周五：开放09:00–12:00"),
        (date(2026, 2, 15), date(2026, 2, 23), "春节：不开放"),
        (date(2026, 2, 28), date(2026, 2, 28), "调休上班，按周五：开放09:00–12:00"),
    ]


def test_a_make_up_day_opens_as_the_weekday_that_was_laid_down(shop: Shop) -> None:
    with db.write() as session:
        session.get_one(WorkingDay, date(2026, 2, 14)).follows = 0
    assert told(shop, date(2026, 2, 14), date(2026, 2, 14))[0][2] == "调休上班，按周一：开放08:00–20:00"


def test_a_special_day_goes_before_the_holiday(shop: Shop) -> None:
    with clock.set_to(moment(date(2026, 2, 1))):
        setting_hours.set_days(
            actor=shop.user("manager"),
            base_id=shop.base.id,
            first=date(2026, 2, 23),
            last=date(2026, 2, 23),
            spans=SHORT,
            note="集训",
        )
    assert told(shop, date(2026, 2, 22), date(2026, 2, 24)) == [
        (date(2026, 2, 22), date(2026, 2, 22), "春节：不开放"),
        (date(2026, 2, 23), date(2026, 2, 23), "集训：开放09:00–12:00"),
    ]


def test_it_tells_that_a_year_is_not_published_yet(shop: Shop) -> None:
    def unknown(first: date, last: date) -> int | None:
        return unknown_year(timetable(shop.base, first, last), first, last)

    assert unknown(date(2026, 12, 1), date(2027, 1, 20)) == 2027
    assert unknown(date(2025, 12, 1), date(2026, 12, 31)) is None
    always = replace(timetable(shop.base, date(2027, 1, 1), date(2027, 1, 1)), week=None)
    assert unknown_year(always, date(2027, 1, 1), date(2027, 1, 1)) is None, "holidays change nothing"
    setting_hours.set_week(actor=shop.user("manager"), base_id=shop.base.id, week=[()] * 7, keeps_holidays=False)
    assert unknown(date(2026, 12, 1), date(2027, 1, 20)) is None, "the base does not keep holidays"


def test_the_home_page_says_why_the_base_is_closed_and_what_is_coming(shop: Shop, visit: Visitors) -> None:
    with clock.set_to(moment(date(2026, 10, 1))):
        page = texts(visit().get(HOME).text)
    assert "今天不开放（国庆节）" in page
    assert "10月1日（周四） – 10月7日（周三） 国庆节：不开放" in page
    assert "10月10日（周六） 调休上班，按周五：开放09:00–12:00" in page
    with clock.set_to(moment(date(2026, 12, 7))):
        assert "2027年节假日安排尚未公布" in texts(visit().get(HOME).text)


def test_the_calendar_shows_the_days(shop: Shop, visit: Visitors) -> None:
    page = texts(visit().get(CALENDAR, query_string={"date": "2026-10-01"}).text)
    assert "国庆节：不开放" in page
    span = {"start": "2026-09-28", "end": "2026-10-05"}
    entries = (visit().get(f"{CALENDAR}/events.json", query_string=span).json or {})["entries"]
    assert [(entry["kind"], entry["start"], entry["end"]) for entry in entries] == [
        ("rest", "2026-10-01T00:00", "2026-10-05T00:00")
    ]


def test_the_booking_form_says_why_a_day_is_closed(shop: Shop, visit: Visitors) -> None:
    with clock.set_to(moment(date(2026, 9, 24))):
        page = visit("north").get(f"{HOME}book/machine", query_string={"date": "2026-10-01"}).text
        assert "这一天基地不开放（国庆节）" in texts(page)
        page = visit("north").get(f"{HOME}book/shift", query_string={"date": "2026-10-01"}).text
        assert "这一天基地不开放（国庆节）" in texts(page)


@pytest.mark.database
def test_pages_ask_as_often_for_many_special_days_as_for_few(shop: Shop, visit: Visitors) -> None:
    today = clock.today()
    manager, base = shop.user("manager"), shop.base.id

    def counted(address: str) -> int:
        with visit.app.app_context():
            return queries(lambda: visit().get(address))

    def closed(days: range) -> None:
        for number in days:
            day = today + timedelta(days=number)
            setting_hours.set_days(actor=manager, base_id=base, first=day, last=day, spans=(), note=f"第{number}天")

    closed(range(1, 2))
    few = [(counted(page), counted(page))[1] for page in (HOME, CALENDAR)]
    closed(range(2, 25))
    assert [counted(page) for page in (HOME, CALENDAR)] == few
