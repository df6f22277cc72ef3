"""Entries as weeks of days, for sheets that are drawn without script: a term's overview, a month to embed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from core import clock, dates
from core.bases.models import Base
from core.calendars.shown import Shown

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)


class Note(NamedTuple):
    """What a day is that is no plain one: its words, and whether it is a day off."""

    text: str
    off: bool


class Line(NamedTuple):
    """What is on, in a day's cell: entries of the same name are one line with several times ("" for a whole day)."""

    title: str
    hours: str
    base: Base | None
    kind: str
    url: str


@dataclass(frozen=True)
class Day:
    """A day's cell.

    Attributes:
        lines: what is on.
        more: how many lines are left away.
        note: holiday, make-up day, special day; None for a plain one.
        inside: whether it belongs to what the sheet is of.
    """

    date: date
    lines: Sequence[Line]
    more: int
    note: Note | None
    inside: bool

    @property
    def number(self) -> str:
        """Its number in the month; the first of a month is named with it, 12月1日."""
        day = self.date
        if day.day > 1:
            return str(day.day)
        return f"{day.day} {dates.month(day)}" if dates.english() else f"{day.month}月{day.day}日"

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say of it."""
        return not (self.lines or self.note)


@dataclass(frozen=True)
class Week:
    """A row: Monday first. `number` counts from 1."""

    number: int
    days: Sequence[Day]

    @property
    def span(self) -> str:
        """Its days in few words, 11月30日–12月6日: a sheet of a term names its years once."""
        first, last = self.days[0].date, self.days[-1].date
        if dates.english():
            return f"{first.day} {dates.month(first)}–{last.day} {dates.month(last)}"
        same = first.month == last.month
        return f"{first.month}月{first.day}日–{'' if same else f'{last.month}月'}{last.day}日"


def weeks_of(first: date, last: date, found: Sequence[Shown], notes: Mapping[date, Note], *, most: int) -> list[Week]:
    """Return whole weeks from the Monday before a day to the Sunday after another.

    Args:
        first, last: the days that the sheet is of.
        found: entries, in order of time.
        notes: what days are that are no plain ones.
        most: lines in a cell, at most.
    """
    by_day: dict[date, list[Shown]] = {}
    for entry in found:
        for day in _days(entry, first, last):
            by_day.setdefault(day, []).append(entry)
    monday = first - DAY * first.weekday()
    rows: list[Week] = []
    while monday <= last:
        days = [monday + DAY * number for number in range(7)]
        cells = [_cell(day, by_day.get(day, ()), notes.get(day), most, inside=first <= day <= last) for day in days]
        rows.append(Week(len(rows) + 1, cells))
        monday += WEEK
    return rows


def _days(entry: Shown, first: date, last: date) -> list[date]:
    """Return the days that an entry touches, within those of the sheet."""
    begins = max(first, clock.local(entry.start).date())
    ends = min(last, clock.local(entry.end - timedelta(microseconds=1)).date())
    return [begins + DAY * number for number in range((ends - begins).days + 1)]


def _cell(day: date, entries: Sequence[Shown], note: Note | None, most: int, *, inside: bool) -> Day:
    grouped: dict[tuple[str, str, str], list[Shown]] = {}
    for entry in entries:
        grouped.setdefault((entry.title, entry.base.slug if entry.base else "", entry.kind), []).append(entry)
    lines = [_line(day, same) for same in grouped.values()]
    return Day(day, lines[:most], max(0, len(lines) - most), note, inside)


def _line(day: date, same: Sequence[Shown]) -> Line:
    begun = [dates.hour(entry.start) for entry in same if clock.local(entry.start).date() == day]
    whole = all(hour == "00:00" for hour in begun)
    first = same[0]
    return Line(first.title, "" if whole else " ".join(begun), first.base, first.kind, first.url)
