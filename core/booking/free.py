"""When resources are free, over days and months and for hundreds of them: plain numbers, one pass over plain columns.

Times here are whole seconds since 1970 (UTC), as the database keeps them: an object for each would cost more than all
the rest.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import BigInteger, or_, select, type_coerce
from sqlalchemy.orm import Session

from core import clock
from core.bases.models import Base
from core.bases.opening import LAST_MINUTE, Timetable, timetable
from core.booking.allocation import lapsed
from core.booking.hours import timetables
from core.booking.models import Allocation, Booking, Closure, Resource

Interval = tuple[int, int]


class Free(NamedTuple):
    """A span in which a number of units can be taken."""

    start: int
    end: int
    units: int


class Closed(NamedTuple):
    """A span in which nothing can be taken, and why."""

    start: int
    end: int
    reason: str


class Availability(NamedTuple):
    """A resource with its free and closed spans, each in order of time."""

    resource: Resource
    free: list[Free]
    closed: list[Closed]


def availability(
    session: Session, base: Base, resources: Sequence[Resource], start: datetime, end: datetime
) -> list[Availability]:
    """Return when resources of a base are free and closed in `[start, end)`, in a bounded number of queries.

    What has lapsed counts as free; nights, holidays and a resource's own hours as closed, with the holiday's name or
    the note of a special day as the reason.
    """
    ids = [resource.id for resource in resources]
    window = int(start.timestamp()), int(end.timestamp())
    hours = timetable(base, start, end)
    opened, closed = list(_opened(hours, window)), list(_closed(hours, window))
    own = timetables(ids, start, end)
    taken = {number: list(rows) for number, rows in groupby(_taken(session, ids, window), key=lambda row: row[0])}
    found = []
    for resource in resources:
        rows = taken.get(resource.id, [])
        mine, shut = opened, closed
        if resource.id in own:
            mine = list(_common(opened, list(_opened(own[resource.id], window))))
            shut = list(_gaps(mine, closed, window))
        out_of_use = [Closed(max(row[1], window[0]), min(row[2], window[1]), row[4]) for row in rows if row[4]]
        spans = list(_free(rows, mine, resource.capacity))
        found.append(Availability(resource, spans, sorted([*shut, *out_of_use]) if out_of_use else shut))
    return found


def _taken(session: Session, ids: Sequence[int], window: Interval) -> Iterable[tuple[int, int, int, int, str | None]]:
    """Return resource, start, end, units and the reason of a closure, by resource and time."""
    start_at, end_at = type_coerce(Allocation.start_at, BigInteger), type_coerce(Allocation.end_at, BigInteger)
    return session.execute(
        select(Allocation.resource_id, start_at, end_at, Allocation.units, Closure.reason)
        .outerjoin(Booking, Allocation.booking_id == Booking.id)
        .outerjoin(Closure, Allocation.closure_id == Closure.id)
        .where(
            Allocation.resource_id.in_(ids),
            Allocation.active,
            end_at > window[0],
            start_at < window[1],
            or_(Booking.id.is_(None), ~lapsed()),
        )
        .order_by(Allocation.resource_id, start_at)
    ).all()


def _free(
    rows: Sequence[tuple[int, int, int, int, str | None]], opened: Sequence[Interval], capacity: int
) -> Iterator[Free]:
    """Yield what is left of a capacity within the opening spans, neighbours with as many units joined."""
    changes: dict[int, int] = {}
    for _resource, starts, ends, units, _reason in rows:
        changes[starts] = changes.get(starts, 0) + units
        changes[ends] = changes.get(ends, 0) - units
    moments = sorted(changes)
    position, used, last = 0, 0, len(moments)
    for begins, ends in opened:
        while position < last and moments[position] <= begins:
            used += changes[moments[position]]
            position += 1
        reached = begins
        while position < last and moments[position] < ends:
            change = changes[moments[position]]
            if change:
                if used < capacity:
                    yield Free(reached, moments[position], capacity - used)
                reached = moments[position]
                used += change
            position += 1
        if used < capacity and reached < ends:
            yield Free(reached, ends, capacity - used)


def _opened(hours: Timetable, window: Interval) -> Iterator[Interval]:
    """Yield the spans in which something is open, neighbours joined."""
    reached: Interval | None = None
    for day in _days(window):
        for opens, closes in hours.on(day):
            begins = int(clock.at(day, opens).timestamp())
            ends = int((clock.bounds(day)[1] if closes >= LAST_MINUTE else clock.at(day, closes)).timestamp())
            begins, ends = max(begins, window[0]), min(ends, window[1])
            if begins >= ends:
                continue
            if reached is not None and reached[1] == begins:
                reached = reached[0], ends
                continue
            if reached is not None:
                yield reached
            reached = begins, ends
    if reached is not None:
        yield reached


def _closed(hours: Timetable, window: Interval) -> Iterator[Closed]:
    """Yield the spans in which something is closed, each with the reason of its first day."""
    plain = str(_("outside opening hours"))
    reached = window[0]
    for begins, ends in [*_opened(hours, window), (window[1], window[1])]:
        if reached < begins:
            yield from _reasoned(hours, (reached, begins), plain)
        reached = ends


def _reasoned(hours: Timetable, span: Interval, plain: str) -> Iterator[Closed]:
    """Cut a closed span where the reason changes with the day."""
    pieces: list[Closed] = []
    for day in _days(span):
        begins, ends = (int(moment.timestamp()) for moment in clock.bounds(day))
        reason = hours.why(day) or plain
        if pieces and pieces[-1].reason == reason:
            pieces[-1] = pieces[-1]._replace(end=min(ends, span[1]))
        else:
            pieces.append(Closed(max(begins, span[0]), min(ends, span[1]), reason))
    yield from pieces


def _common(first: Sequence[Interval], second: Sequence[Interval]) -> Iterator[Interval]:
    """Yield what two ordered lists of spans have in common."""
    number = 0
    for begins, ends in first:
        while number < len(second) and second[number][1] <= begins:
            number += 1
        other = number
        while other < len(second) and second[other][0] < ends:
            yield max(begins, second[other][0]), min(ends, second[other][1])
            other += 1


def _gaps(opened: Sequence[Interval], closed: Sequence[Closed], window: Interval) -> Iterator[Closed]:
    """Yield what is closed around a resource's own spans; where the base is closed too, the base's reason says why."""
    plain = str(_("outside its own hours"))
    reached = window[0]
    for begins, ends in [*opened, (window[1], window[1])]:
        place = reached
        for entry in closed:
            if entry.end <= place or entry.start >= begins:
                continue
            if place < entry.start:
                yield Closed(place, entry.start, plain)
            yield Closed(max(place, entry.start), min(entry.end, begins), entry.reason)
            place = min(entry.end, begins)
        if place < begins:
            yield Closed(place, begins, plain)
        reached = ends


def _days(window: Interval) -> Iterator[date]:
    day = clock.local(datetime.fromtimestamp(window[0], clock.ZONE)).date()
    last = clock.local(datetime.fromtimestamp(window[1] - 1, clock.ZONE)).date()
    while day <= last:
        yield day
        day += timedelta(days=1)
