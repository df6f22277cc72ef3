"""Opening hours as people write them: “08:30–12:00，13:30–17:00”; nothing means closed."""

import re
from collections.abc import Iterable, Sequence
from datetime import time
from itertools import pairwise

from flask_babel import gettext as _

from core.bases.models import OpeningHours
from core.bases.opening import LAST_MINUTE

Spans = tuple[tuple[time, time], ...]
"""Spans of one day, in order: opening and closing time."""

WEEK = range(7)
_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})[-–—~～至]+(\d{1,2})[:：](\d{2})")


class Unreadable(Exception):
    """A day's hours that cannot be read; the message says what is expected."""


def parse(text: str) -> Spans:
    """Return the spans that a text names; 24:00 stands for the end of the day.

    Raises:
        Unreadable: it is not of the form, a time does not exist, or spans overlap or run backwards.
    """
    tight = re.sub(r"\s*([-–—~～至]+)\s*", r"\1", text)
    spans = tuple(sorted(map(_span, filter(None, re.split(r"[,，、;；\s]+", tight)))))
    if any(opens >= closes for opens, closes in spans):
        raise Unreadable(_("A span ends before it begins. Please write the opening time first."))
    if any(first[1] > second[0] for first, second in pairwise(spans)):
        raise Unreadable(_("Two spans overlap. Please write them one after the other."))
    return spans


def write(spans: Iterable[tuple[time, time]]) -> str:
    """Return spans as text, as `parse` reads it."""
    return "，".join(f"{opens:%H:%M}–{close_text(closes)}" for opens, closes in spans)


def close_text(closes: time) -> str:
    """Return a closing time as text; 24:00 at the end of the day."""
    return "24:00" if closes == LAST_MINUTE else f"{closes:%H:%M}"


def by_day(hours: Iterable[OpeningHours]) -> list[Spans]:
    """Return the spans of each weekday, Monday first."""
    rows = sorted(hours, key=lambda row: (row.weekday, row.opens))
    return [tuple((row.opens, row.closes) for row in rows if row.weekday == day) for day in WEEK]


def summary(hours: Sequence[OpeningHours], names: Sequence[object]) -> list[tuple[str, str]]:
    """Return opening hours for reading: weekdays that follow each other and are alike stand together.

    Args:
        hours: the rows in force.
        names: names of the weekdays, Monday first.

    Returns:
        Pairs of days (“周一至周五”) and hours (“08:30–17:00”); closed days are left out.
    """
    days = by_day(hours)
    groups: list[list[int]] = []
    for day in WEEK:
        if groups and groups[-1][-1] == day - 1 and days[groups[-1][0]] == days[day]:
            groups[-1].append(day)
        else:
            groups.append([day])
    return [(_days(group, names), write(days[group[0]])) for group in groups if days[group[0]]]


def _days(group: Sequence[int], names: Sequence[object]) -> str:
    if len(group) == 1:
        return str(names[group[0]])
    return str(_("%(start)s to %(end)s", start=names[group[0]], end=names[group[-1]]))


def _span(part: str) -> tuple[time, time]:
    match = _SPAN.fullmatch(part)
    if match is None:
        raise Unreadable(_("Please write hours as 08:30–17:00, several of them with a comma between."))
    numbers = [int(number) for number in match.groups()]
    return _time(*numbers[:2]), _time(*numbers[2:])


def _time(hour: int, minute: int) -> time:
    if (hour, minute) == (24, 0):
        return LAST_MINUTE
    try:
        return time(hour, minute)
    except ValueError as error:
        raise Unreadable(_("There is no %(hour)s:%(minute)s.", hour=hour, minute=f"{minute:02}")) from error
