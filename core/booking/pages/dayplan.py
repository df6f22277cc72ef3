"""What is free on a day, as a table: a row for each resource that can serve, a column for each hour or period."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from core import clock
from core.bases.models import Base
from core.bases.opening import LAST_MINUTE, Timetable, timetable
from core.booking.allocation import taken
from core.booking.hours import timetables
from core.booking.models import Resource
from core.booking.pages.asking import Wish
from core.booking.rules import Rules
from core.booking.spans import Span, peak
from core.booking.times import book_until, period_span
from core.db import db
from core.plugins.declarations import BookingKind

HOUR = timedelta(hours=1)


class Column(NamedTuple):
    """A time that can be chosen: its label, span, and what the form calls it."""

    label: str
    start: datetime
    end: datetime
    value: str


@dataclass(frozen=True)
class Cell:
    """A resource at a time.

    Attributes:
        label: of the time, to be read out with the resource.
        free: units free during the whole of it.
        past: whether it can no longer be booked.
        value: what the button that chooses it sends.
        chosen: whether it lies in what is chosen.
    """

    label: str
    free: int
    past: bool
    value: str
    chosen: bool


@dataclass(frozen=True)
class Row:
    """A resource over the day; `pool` when it has several units."""

    resource: Resource
    pool: bool
    cells: list[Cell]


@dataclass(frozen=True)
class Plan:
    """The table, and the day around it; without columns the base is closed, and `why` may say why."""

    day: date
    heads: list[str]
    rows: list[Row]
    why: str = ""

    @property
    def before(self) -> date:
        """The day before."""
        return self.day - timedelta(days=1)

    @property
    def after(self) -> date:
        """The day after."""
        return self.day + timedelta(days=1)


def plan(
    kind: BookingKind,
    base: Base,
    rules: Rules,
    *,
    resources: Mapping[int, Sequence[Resource]],
    wish: Wish,
    picks: Mapping[int, Collection[int]],
    but: Collection[int] = (),
) -> Plan:
    """Return the table for a day, in a few queries.

    Args:
        rules: the kind's rules for whoever asks.
        resources: what can serve each leg, by position.
        wish: the day, and what is chosen so far.
        picks: the resources chosen so far.
        but: ids of bookings whose own places count as free.
    """
    opened = timetable(base, wish.day, wish.day + timedelta(days=1))
    columns = list(_columns(kind, opened, wish.day))
    if not columns:
        return Plan(wish.day, [], [], why=opened.why(wish.day))
    every = {resource.id for there in resources.values() for resource in there}
    first, last = columns[0].start, max(column.end for column in columns)
    known = timetables(every, first, last)
    spans: dict[int, list[Span]] = {}
    for entry in taken(db.session(), every, first, last, but=but):
        spans.setdefault(entry.resource_id, []).append(entry.span)
    late = {column: book_until(rules, column.start) < clock.now() for column in columns}
    rows = []
    for position, there in resources.items():
        for resource in there:
            mine = resource.id in picks.get(position, ())
            cells = [
                Cell(
                    label=column.label,
                    free=_free(resource, spans.get(resource.id, ()), known.get(resource.id), column),
                    past=late[column],
                    value=f"{position}|{resource.id}|{column.value}",
                    chosen=mine and _within(column, wish),
                )
                for column in columns
            ]
            rows.append(Row(resource, resource.capacity > 1, cells))
    return Plan(wish.day, [column.label for column in columns], rows)


def _free(resource: Resource, spans: Sequence[Span], known: Timetable | None, column: Column) -> int:
    if known is not None and not known.is_open(column.start, column.end):
        return 0
    return max(0, resource.capacity - peak(spans, column.start, column.end))


def _columns(kind: BookingKind, opened: Timetable, day: date) -> Iterator[Column]:
    if kind.periods:
        for period in kind.periods:
            start, end = period_span(period, day)
            if opened.is_open(start, end):
                yield Column(str(period.label), start, end, period.slug)
        return
    for opens, closes in opened.on(day):
        start = clock.at(day, opens)
        end = clock.at(day, closes) if closes < LAST_MINUTE else clock.at(day + timedelta(days=1), time(0))
        while start < end:
            mark = f"{clock.local(start):%H:%M}"
            yield Column(mark, start, min(start + HOUR, end), mark)
            start += HOUR


def _within(column: Column, wish: Wish) -> bool:
    return bool(wish.start and wish.end and column.start < wish.end and column.end > wish.start)
