"""Dates as people here write them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

import pytest
from flask import Flask
from flask_babel import force_locale

from core import clock, dates


@pytest.fixture(autouse=True)
def morning(app: Flask) -> Iterator[None]:
    """24 November 2026, 10:26 at the bases."""
    with app.test_request_context(), clock.set_to(datetime(2026, 11, 24, 2, 26, tzinfo=UTC)):
        yield


def at(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    """A moment on the wall clock of the bases."""
    return clock.at(date(year, month, day), time(hour, minute))


def test_a_span_within_a_day_names_the_day_once() -> None:
    assert dates.span(at(12, 8, 9), at(12, 8, 11, 30)) == "12月8日（周二）09:00–11:30"


def test_a_span_over_days_names_both_ends() -> None:
    assert dates.span(at(12, 7, 8, 30), at(12, 11, 17)) == "12月7日（周一）08:30至12月11日（周五）17:00"


def test_whole_days_are_named_without_times_and_the_end_is_not_included() -> None:
    assert dates.span(at(11, 30), at(12, 3)) == "11月30日（周一）至12月2日（周三）"
    assert dates.span(at(11, 30), at(12, 1)) == "11月30日（周一）"


def test_another_year_is_named() -> None:
    assert dates.day(at(1, 5, year=2027)) == "2027年1月5日（周二）"


def test_a_moment_is_shown_on_the_clock_of_the_bases() -> None:
    assert dates.moment(datetime(2026, 12, 8, 16, 30, tzinfo=UTC)) == "12月9日（周三）00:30"


def test_what_happened_lately_is_named_as_people_say_it() -> None:
    assert dates.ago(at(11, 24, 10, 5)) == "今天 10:05"
    assert dates.ago(at(11, 23, 16, 20)) == "昨天 16:20"
    assert dates.ago(at(11, 20, 9, 5)) == "11月20日 09:05"


def test_beside_a_date_tile_only_the_hours_stand() -> None:
    assert dates.hours(at(12, 8, 9), at(12, 8, 11, 30)) == "09:00–11:30"
    assert dates.hours(at(12, 7, 8, 30), at(12, 11, 17)) == "12月7日–12月11日"
    assert dates.hours(at(12, 7), at(12, 8)) == "全天"


def test_english_readers_read_english_dates() -> None:
    with force_locale("en"):
        assert dates.span(at(12, 8, 9), at(12, 8, 11, 30)) == "Tue 8 Dec, 09:00–11:30"
        assert dates.span(at(11, 30), at(12, 3)) == "Mon 30 Nov to Wed 2 Dec"
        assert dates.ago(at(11, 23, 16, 20)) == "yesterday 16:20"
