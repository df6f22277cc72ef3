"""Who waits for what: the order of a waiting list, and whether somebody would pass those who wait.

Those who wait for one session, or for resources of one kind at times that overlap, stand in one line, in the order in
which they came. What a kind's policy says of it is told in `docs/decisions/0007-fair-waiting-lists.md`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from core import clock, errors
from core.booking import legs
from core.booking.allocation import Want, conflicts, taken
from core.booking.errors import Conflict, OthersWait
from core.booking.families import covered
from core.booking.models import Booking, Resource
from core.booking.planning import Asking, Plan
from core.booking.rules import made_under
from core.booking.spans import Span
from core.booking.times import book_until

STRICT = "strict"

AROUND = timedelta(days=1)
"""How far set-up and clean-up reach at most beyond a booked time."""


class Line(NamedTuple):
    """A waiting list: that of a session, or that of a kind whose resources are booked by time (`session_id` None)."""

    kind_id: int
    session_id: int | None


def waiters(session: Session, line: Line, *, near: Span | None = None) -> Sequence[Booking]:
    """Return who waits in a line and can still be served, the first first.

    Args:
        near: only those whose time lies around this one.
    """
    wanted = (
        select(Booking)
        .where(_in_line(line))
        .order_by(Booking.waiting_since, Booking.id)
        .execution_options(populate_existing=True)
    )
    if near is not None:
        wanted = wanted.where(Booking.start_at < near.end + AROUND, Booking.end_at > near.start - AROUND)
    return [booking for booking in session.scalars(wanted) if waits_until(booking) > clock.now()]


def waits_until(booking: Booking) -> datetime:
    """Return until when a place can be offered: as long as it could be booked; for whom a manager has entered, longer.

    Read from the rules it was made under.
    """
    if booking.contact_id is None:
        return booking.start_at
    return min(booking.start_at, book_until(made_under(booking.rules["kind"]), booking.start_at))


def check(session: Session, asking: Asking, plan: Plan) -> None:
    """Refuse a plan that would pass those who wait; to be called under the lock of what is planned.

    With a strict line nobody passes who waits for the same; otherwise nobody passes who could be served now.

    Raises:
        OthersWait: it would.
    """
    line = Line(asking.row.id, plan.training.id if plan.training else None)
    near = None if plan.training else Span(plan.start, plan.end, plan.units)
    before = [booking for booking in waiters(session, line, near=near) if booking.id != asking.booking_id]
    if not before:
        return
    if line.session_id is None:
        every = legs.choices(session, asking.base, asking.kind)
        known = {**every.resources, **plan.resources}  # those who wait may want what is not locked for this
        mine = covered(plan.resources, plan.wants)
        before = [entry for entry in before if overlap(footprint(every, known, entry), mine)]
        fitting = (entry for entry in before if _slot_fits(session, every, known, entry))
    else:
        fitting = (entry for entry in before if _seats_fit(session, plan, entry))
    first = next(iter(before) if asking.rules.waiting == STRICT else fitting, None)
    if first is not None:
        names = [
            Conflict(want.resource_id, plan.resources[want.resource_id].name, want.start, want.end)
            for want in plan.wants
        ]
        raise OthersWait(names, kind_id=line.kind_id, session_id=line.session_id)


def footprint(every: legs.Choices, resources: Mapping[int, Resource], waiter: Booking) -> list[Want]:
    """Return all that could serve somebody who waits for resources, with set-up, clean-up, parents and parts.

    Args:
        every: what can serve the kind.
        resources: all of it, with families.
    """
    try:
        settled = every.narrowed(picks(waiter))
    except errors.Invalid:  # what was picked is no longer there
        return []
    slot = Span(waiter.start_at, waiter.end_at, waiter.units)
    chosen = (
        must if len(must) >= leg.count else (*must, *any_of)
        for leg, must, any_of in zip(every.kind.legs, settled.settled, settled.candidates, strict=True)
    )
    return covered(resources, settled.wants(tuple(chosen), resources, slot))


def overlap(one: Iterable[Want], other: Sequence[Want]) -> bool:
    """Say whether two lists of wants concern one resource at one time."""
    return any(
        mine.resource_id == theirs.resource_id and mine.start < theirs.end and mine.end > theirs.start
        for mine in one
        for theirs in other
    )


def within(wants: Iterable[Want], kept: Sequence[Want]) -> bool:
    """Say whether wants take nothing but (parts of) what is kept."""
    return all(
        any(
            want.resource_id == entry.resource_id
            and entry.start <= want.start
            and want.end <= entry.end
            and want.units <= entry.units
            for entry in kept
        )
        for want in wants
    )


def picks(booking: Booking) -> dict[int, tuple[int, ...]]:
    """Return what a booking's organisation has picked, by position of the leg."""
    return {int(position): tuple(ids) for position, ids in booking.wish.items()}


def position(session: Session, booking: Booking) -> int:
    """Return at which place of its line a booking waits, from 1; 0 when it does not wait.

    In a line for resources those count whose times overlap.
    """
    if booking.state != "waitlisted" or booking.waiting_since is None:
        return 0
    line = Line(booking.kind_id, booking.session_id)
    earlier = select(func.count()).where(
        _in_line(line), tuple_(Booking.waiting_since, Booking.id) < (booking.waiting_since, booking.id)
    )
    if booking.session_id is None:
        earlier = earlier.where(Booking.start_at < booking.end_at, Booking.end_at > booking.start_at)
    return (session.scalar(earlier) or 0) + 1


def lines(session: Session, *, start: datetime | None = None, end: datetime | None = None) -> list[Line]:
    """Return the lines in which anybody waits; with `start` and `end` those for resources around this time alone."""
    wanted = select(Booking.kind_id, Booking.session_id).where(Booking.state == "waitlisted").distinct()
    if start is not None and end is not None:
        wanted = wanted.where(
            Booking.session_id.is_(None), Booking.start_at < end + AROUND, Booking.end_at > start - AROUND
        )
    return sorted(
        (Line(*row) for row in session.execute(wanted)), key=lambda line: (line.kind_id, line.session_id or 0)
    )


def _in_line(line: Line) -> ColumnElement[bool]:
    return (Booking.kind_id == line.kind_id) & (Booking.state == "waitlisted") & (Booking.session_id == line.session_id)


def _slot_fits(session: Session, every: legs.Choices, resources: Mapping[int, Resource], waiter: Booking) -> bool:
    slot = Span(waiter.start_at, waiter.end_at, waiter.units)
    busy = taken(session, resources, slot.start - AROUND, slot.end + AROUND)
    return next(every.narrowed(picks(waiter)).free(resources, busy, slot), None) is not None


def _seats_fit(session: Session, plan: Plan, waiter: Booking) -> bool:
    want = plan.wants[0]._replace(units=waiter.units)
    return not conflicts(session, plan.resources, [want])
