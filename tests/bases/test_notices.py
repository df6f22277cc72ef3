"""The holidays of 2025 and 2026 against an independent source, and how they become rows."""

from dataclasses import replace
from datetime import date, timedelta

import chinese_calendar
import pytest

from core import db
from core.bases.models import WorkingDay, WorkingYear
from core.bases.notices import Holiday, Notice, shipped, sync
from core.bases.workdays import Workdays, workdays
from tests.booking.shop import Shop

YEARS = (2025, 2026)
NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}


def days_of(year: int) -> list[date]:
    """Return every day of a year."""
    first = date(year, 1, 1)
    return [first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.database
@pytest.mark.parametrize("year", YEARS)
def test_every_day_is_as_chinesecalendar_has_it(shop: Shop, year: int) -> None:
    known = workdays(date(year, 1, 1), date(year, 12, 31))
    days = days_of(year)
    assert [day for day in days if known.works(day) != chinese_calendar.is_workday(day)] == []
    for day in days:
        _off, name = chinese_calendar.get_holiday_detail(day)
        if chinese_calendar.is_workday(day):
            assert known.holiday(day) == ""
        elif name:
            assert NAMES[name] in known.holiday(day), day
        else:
            assert known.holiday(day) == "", day


@pytest.mark.parametrize(("year", "off", "worked"), [(2025, 28, 5), (2026, 33, 6)])
def test_a_notice_names_as_many_days_as_it_grants(year: int, off: int, worked: int) -> None:
    (notice,) = (notice for notice in shipped() if notice.year == year)
    assert sum(len(list(holiday.days())) for holiday in notice.holidays) == off
    assert sum(len(holiday.made_up) for holiday in notice.holidays) == worked


@pytest.mark.parametrize(
    ("year", "number", "issued"),
    [(2025, "国办发明电〔2024〕12号", "2024-11-12"), (2026, "国办发明电〔2025〕7号", "2025-11-04")],
)
def test_a_year_cites_its_notice(year: int, number: str, issued: str) -> None:
    (notice,) = (notice for notice in shipped() if notice.year == year)
    assert number in notice.source
    assert issued in notice.source


def upgrade(*notices: Notice) -> None:
    """Write notices into rows as an upgrade does."""
    with db.write() as session:
        sync(session, notices or shipped())


def row(day: date) -> WorkingDay:
    """Return the row of a day as it is in the database."""
    db.db.session.expire_all()
    return db.db.session.get_one(WorkingDay, day)


@pytest.mark.database
def test_an_upgrade_has_loaded_them_and_the_next_changes_nothing(shop: Shop) -> None:
    def rows() -> list[tuple[object, ...]]:
        db.db.session.expire_all()
        return [
            (entry.day, entry.year, entry.works, entry.name, entry.follows, entry.edited)
            for entry in db.db.session.query(WorkingDay).order_by(WorkingDay.day)
        ]

    before = rows()
    assert len(before) == 28 + 5 + 33 + 6
    upgrade()
    assert rows() == before


@pytest.mark.database
def test_what_the_office_has_changed_stays(shop: Shop) -> None:
    day, other = date(2026, 2, 14), date(2026, 2, 16)
    with db.write() as session:
        changed = session.get_one(WorkingDay, day)
        changed.works, changed.name, changed.edited = False, "另有安排", True
        session.get_one(WorkingDay, other).name = "写错了"
        session.get_one(WorkingYear, 2026).source = "自己的出处"
        session.add(WorkingDay(day=date(2026, 3, 8), year=2026, works=False, name="校庆", edited=True))
    upgrade()
    assert (row(day).works, row(day).name) == (False, "另有安排")
    assert row(other).name == "春节", "what nobody has edited follows the notice"
    assert row(date(2026, 3, 8)).name == "校庆"
    assert db.db.session.get_one(WorkingYear, 2026).source == "自己的出处"


@pytest.mark.database
def test_a_corrected_notice_moves_its_days_but_not_the_offices(shop: Shop) -> None:
    (notice,) = (notice for notice in shipped() if notice.year == 2026)
    with db.write() as session:
        session.get_one(WorkingDay, date(2026, 10, 10)).edited = True
    upgrade(replace(notice, holidays=(Holiday("国庆节", date(2026, 10, 2), date(2026, 10, 8), (date(2026, 9, 19),)),)))
    db.db.session.expire_all()
    october = {entry.day for entry in db.db.session.query(WorkingDay).filter(WorkingDay.year == 2026)}
    assert date(2026, 10, 1) not in october
    assert {date(2026, 10, 8), date(2026, 9, 19), date(2026, 10, 10)} <= october


@pytest.mark.database
def test_beyond_the_notices_weekdays_are_worked_and_it_says_so(shop: Shop) -> None:
    known = workdays(date(2027, 1, 1), date(2027, 12, 31))
    assert not known.is_published(date(2027, 1, 1))
    assert known.is_published(date(2026, 12, 31))
    assert [day for day in days_of(2027) if known.works(day) != (day.weekday() < 5)] == []


@pytest.mark.database
def test_a_day_without_a_name_is_a_plain_one(shop: Shop) -> None:
    saturday = date(2026, 2, 14)
    with db.write() as session:
        entry = session.get_one(WorkingDay, saturday)
        entry.works, entry.name, entry.edited = False, "", True
    known: Workdays = workdays(saturday, saturday)
    assert (known.works(saturday), known.holiday(saturday), known.weekday(saturday)) == (False, "", 5)
