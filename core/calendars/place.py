"""Where a calendar page stands: its view and day, read from the address, and the days around it."""

import datetime as dt
from dataclasses import dataclass

from flask import request

from core import clock, errors

VIEWS = ("month", "week", "list")
LONGEST = dt.timedelta(days=100)
"""The longest span that a page may ask entries for; a month's sheet has six weeks."""


@dataclass(frozen=True)
class Place:
    """A view on a day: the days one step before and after, and the span that the list without script shows."""

    view: str
    date: dt.date
    previous: dt.date
    following: dt.date
    start: dt.datetime
    end: dt.datetime


def read_place() -> Place:
    """Return the place that the address names; what makes no sense there is today's month."""
    view = request.args.get("view", "month")
    view = view if view in VIEWS else "month"
    day = _day("date") or clock.today()
    if view == "week":
        first = day - dt.timedelta(days=day.weekday())
        previous, following = first - dt.timedelta(days=7), first + dt.timedelta(days=7)
    else:
        first = day.replace(day=1)
        previous, following = (
            (first - dt.timedelta(days=1)).replace(day=1),
            (first + dt.timedelta(days=32)).replace(day=1),
        )
    return Place(view, day, previous, following, clock.bounds(first)[0], clock.bounds(following)[0])


def read_span() -> tuple[dt.datetime, dt.datetime]:
    """Return the span that a script asks for with `start` and `end` (days, the end not included).

    Raises:
        errors.Invalid: one is missing or no date, the end is not after the start, or the span is too long.
    """
    start, end = _day("start"), _day("end")
    if start is None or end is None or not start < end <= start + LONGEST:
        raise errors.Invalid({"start": "start and end are dates (2026-12-01), at most 100 days apart"})
    return clock.bounds(start)[0], clock.bounds(end)[0]


def _day(name: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
