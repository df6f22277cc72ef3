"""Counting working days, across the holidays of real years and beyond what is published."""

from datetime import date, datetime, time, timedelta

import chinese_calendar
import pytest

from core import clock, db
from core.bases.models import WorkingDay
from core.bases.workdays import after, whole_before, workdays
from tests.booking.shop import Shop
from tests.support.statements import queries

DAY = timedelta(days=1)


def noon(day: date) -> datetime:
    """Return noon of a day at the bases."""
    return clock.at(day, time(12))


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins at the bases."""
    return clock.at(day, time())


@pytest.mark.parametrize(
    ("day", "count", "first"),
    [
        (date(2026, 12, 9), 1, date(2026, 12, 8)),  # an ordinary Wednesday: Tuesday has to lie between
        (date(2026, 12, 7), 1, date(2026, 12, 4)),  # a Monday: the weekend does not count
        (date(2025, 2, 5), 1, date(2025, 1, 27)),  # after the Spring Festival of 2025
        (date(2025, 2, 5), 2, date(2025, 1, 26)),  # a Sunday worked for it
        (date(2025, 2, 5), 3, date(2025, 1, 24)),
        (date(2025, 10, 9), 3, date(2025, 9, 28)),  # after National Day 2025, a Sunday worked for it
        (date(2025, 10, 9), 4, date(2025, 9, 26)),
        (date(2026, 1, 5), 1, date(2026, 1, 4)),  # across the turn of the year
        (date(2026, 1, 5), 2, date(2025, 12, 31)),
        (date(2026, 2, 24), 1, date(2026, 2, 14)),  # after the Spring Festival of 2026
        (date(2026, 2, 24), 2, date(2026, 2, 13)),
        (date(2026, 3, 2), 1, date(2026, 2, 28)),
        (date(2026, 10, 8), 4, date(2026, 9, 24)),  # National Day and the Mid-autumn Festival before it
        (date(2026, 10, 8), 8, date(2026, 9, 20)),
        (date(2026, 10, 8), 9, date(2026, 9, 18)),
        (date(2026, 2, 18), 1, date(2026, 2, 14)),  # what lies within a holiday itself
        (date(2027, 1, 4), 1, date(2027, 1, 1)),  # not yet published: a Friday is taken for worked
        (date(2027, 1, 4), 2, date(2026, 12, 31)),
    ],
)
def test_whole_working_days_before(shop: Shop, day: date, count: int, first: date) -> None:
    assert whole_before(noon(day), count) == midnight(first)


def test_no_working_days_leave_the_moment(shop: Shop) -> None:
    assert whole_before(noon(date(2026, 10, 8)), 0) == noon(date(2026, 10, 8))


@pytest.mark.parametrize(("hour", "minute"), [(0, 0), (0, 1), (23, 59)])
def test_the_hour_of_the_day_does_not_matter(shop: Shop, hour: int, minute: int) -> None:
    assert whole_before(clock.at(date(2026, 10, 8), time(hour, minute)), 1) == midnight(date(2026, 9, 30))


@pytest.mark.parametrize(
    ("day", "count", "last"),
    [
        (date(2026, 12, 7), 1, date(2026, 12, 8)),
        (date(2026, 12, 4), 1, date(2026, 12, 7)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2025, 12, 31), 1, date(2026, 1, 4)),
        (date(2026, 12, 31), 1, date(2027, 1, 1)),
    ],
)
def test_the_end_of_a_working_day_after(shop: Shop, day: date, count: int, last: date) -> None:
    assert after(noon(day), count) == midnight(last + DAY)


def test_two_years_are_counted_as_by_hand_with_another_calendar(shop: Shop) -> None:
    day = date(2025, 2, 10)
    while day <= date(2026, 12, 31):
        earlier = [day - DAY * number for number in range(1, 41)]
        worked = [
            candidate for candidate in earlier if candidate.year > 2024 and chinese_calendar.is_workday(candidate)
        ]
        for count in (1, 2, 5, 10):
            if count <= len(worked):
                assert whole_before(noon(day), count) == midnight(worked[count - 1]), (day, count)
        day += DAY


def test_a_calendar_without_any_working_day_makes_nobody_wait_for_ever(shop: Shop) -> None:
    first = date(2026, 3, 1)
    with db.write() as session:
        for number in range(-450, 450):
            session.merge(
                WorkingDay(day=first + DAY * number, year=2026, works=False, name="停业", follows=None, edited=True)
            )
    assert whole_before(noon(first), 3) == midnight(first)
    assert after(noon(first), 3) == midnight(first + DAY)


def test_many_deadlines_read_the_calendar_once_in_a_transaction_and_anew_in_the_next(shop: Shop) -> None:
    db.db.session.rollback()

    def ask() -> None:
        for number in range(60):
            whole_before(noon(date(2026, 9, 1) + DAY * number), 2)

    assert queries(ask) <= 3, "two, and the transaction's own beginning"
    assert queries(ask) == 0
    with db.write() as session:
        session.get_one(WorkingDay, date(2026, 9, 20)).name = ""
    assert whole_before(noon(date(2026, 9, 21)), 1) == midnight(date(2026, 9, 18))


def test_a_day_follows_the_weekday_that_is_laid_down(shop: Shop) -> None:
    saturday, sunday, holiday = date(2026, 10, 10), date(2026, 9, 20), date(2026, 10, 1)
    with db.write() as session:
        session.get_one(WorkingDay, saturday).follows = 2
    known = workdays(sunday, saturday)
    assert known.weekday(saturday) == 2
    assert known.weekday(sunday) == 4, "Friday until somebody says"
    assert known.weekday(holiday) is None
    assert known.weekday(date(2026, 10, 9)) == 4
