"""Opening hours as people write them."""

from datetime import time

import pytest
from flask import Flask

from core.bases import hours
from core.bases.models import OpeningHours
from core.dates import WEEKDAYS

MORNING = (time(8, 30), time(12))
AFTERNOON = (time(13, 30), time(17))


@pytest.mark.parametrize(
    "text",
    [
        "08:30–12:00，13:30–17:00",
        "8:30-12:00, 13:30-17:00",
        "08：30至12：00、13：30至17：00",
        "13:30~17:00；8:30 — 12:00",
        " 8:30-12:00 13:30-17:00 ",
    ],
)
def test_many_ways_of_writing_are_understood(text: str) -> None:
    assert hours.parse(text) == (MORNING, AFTERNOON)


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_nothing_means_closed(text: str) -> None:
    assert hours.parse(text) == ()


def test_24_hours_is_the_end_of_the_day() -> None:
    assert hours.parse("00:00-24:00") == ((time(0), time(23, 59)),)
    assert hours.write(hours.parse("18:00–24:00")) == "18:00–24:00"


def test_what_is_written_is_read_back() -> None:
    spans = (MORNING, AFTERNOON)
    assert hours.parse(hours.write(spans)) == spans


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("上午", "请按08:30–17:00的样子写"),
        ("8-17", "请按08:30–17:00的样子写"),
        ("08:30–12:00，下午", "请按08:30–17:00的样子写"),
        ("25:00–26:00", "没有25:00"),
        ("08:00–12:60", "没有12:60"),
        ("17:00–08:30", "结束时间早于开始时间"),
        ("08:30–08:30", "结束时间早于开始时间"),
        ("08:30–12:00，11:00–17:00", "重叠"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(app: Flask, text: str, words: str) -> None:
    with app.test_request_context(), pytest.raises(hours.Unreadable, match=words):
        hours.parse(text)


def row(weekday: int, *span: time) -> OpeningHours:
    """Return a row of opening hours that is in no database."""
    opens, closes = span
    return OpeningHours(weekday=weekday, opens=opens, closes=closes)


def test_days_that_are_alike_stand_together_and_closed_ones_are_left_out(app: Flask) -> None:
    rows = [row(day, *span) for day in range(5) for span in (AFTERNOON, MORNING)] + [row(6, *MORNING)]
    with app.test_request_context():
        assert hours.summary(rows, WEEKDAYS) == [
            ("周一至周五", "08:30–12:00，13:30–17:00"),
            ("周日", "08:30–12:00"),
        ]
