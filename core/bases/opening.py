"""When something is open: its weekly hours, the days on which they differ, and the working calendar, read together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Protocol, TypeVar

from sqlalchemy import select

from core import clock
from core.bases.models import Base, SpecialDay
from core.bases.workdays import Workdays, workdays
from core.db import db

LAST_MINUTE = time(23, 59)
"""A span that closes then runs to midnight."""

Spans = Sequence[tuple[time, time]]
"""Spans of one day, in order: opening and closing time."""


class Weekly(Protocol):
    """A row of weekly hours."""

    weekday: int
    opens: time
    closes: time
    declared: bool


Row = TypeVar("Row", bound=Weekly)


@dataclass(frozen=True)
class Timetable:
    """When something can be used.

    Attributes:
        week: spans of each weekday, Monday first; None: always, but for special days.
        special: the days that differ, with their spans; none: closed.
        notes: why a special day differs.
        calendar: the working calendar it keeps to; None: holidays change nothing.
    """

    week: Sequence[Spans] | None
    special: Mapping[date, Spans] = field(default_factory=dict)
    notes: Mapping[date, str] = field(default_factory=dict)
    calendar: Workdays | None = None

    def on(self, day: date) -> Spans:
        """Return the spans in which it is open on a day."""
        if day in self.special:
            return self.special[day]
        if self.week is None:
            return [(time(), LAST_MINUTE)]
        weekday = day.weekday() if self.calendar is None else self.calendar.weekday(day)
        return () if weekday is None else self.week[weekday]

    def why(self, day: date) -> str:
        """Return why a day differs from the week: the note of a special day, or the name of a holiday; or ""."""
        if day in self.special:
            return self.notes.get(day, "")
        return self.calendar.holiday(day) if self.calendar is not None and self.week is not None else ""

    def is_open(self, start: datetime, end: datetime) -> bool:
        """Say whether it is open from start to end (aware moments), whole."""
        reached = start
        while reached < end:
            closes = self._closes(reached)
            if closes is None:
                return False
            reached = closes
        return True

    def _closes(self, moment: datetime) -> datetime | None:
        """Return when the span that is open at a moment ends; None when none is."""
        wall = clock.local(moment)
        for opens, closes in self.on(wall.date()):
            to_midnight = closes >= LAST_MINUTE
            if opens <= wall.time() and (to_midnight or wall.time() < closes):
                day = wall.date() + timedelta(days=1) if to_midnight else wall.date()
                return clock.at(day, time() if to_midnight else closes)
        return None


def timetable(base: Base, start: datetime | date, end: datetime | date) -> Timetable:
    """Return a base's timetable that holds from one moment (or day) to another, in a bounded number of queries."""
    first, last = _day(start), _day(end)
    rows = list(
        db.session.scalars(
            select(SpecialDay).where(SpecialDay.base_id == base.id, SpecialDay.day >= first, SpecialDay.day <= last)
        )
    )
    return Timetable(
        week=week_of(base.hours),
        special={row.day: read(row.spans) for row in rows},
        notes={row.day: row.note for row in rows},
        calendar=workdays(first, last) if base.keeps_holidays else None,
    )


def week_of(hours: Iterable[Weekly]) -> list[list[tuple[time, time]]] | None:
    """Return the weekly spans in force, Monday first; None when there are none at all."""
    spans = in_force(hours)
    if not spans:
        return None
    ordered = sorted(spans, key=lambda span: (span.weekday, span.opens))
    return [[(span.opens, span.closes) for span in ordered if span.weekday == day] for day in range(7)]


def in_force(hours: Iterable[Row]) -> list[Row]:
    """Return a manager's own hours if there are any, else the declared ones."""
    spans = list(hours)
    own = [span for span in spans if not span.declared]
    return own or spans


def read(spans: Sequence[Sequence[str]]) -> Spans:
    """Return the spans of a special day as it keeps them; 24:00 stands for the end of the day."""
    return [(_time(opens), _time(closes)) for opens, closes in spans]


def _time(text: str) -> time:
    return LAST_MINUTE if text == "24:00" else time.fromisoformat(text)


def _day(moment: datetime | date) -> date:
    return clock.local(moment).date() if isinstance(moment, datetime) else moment
