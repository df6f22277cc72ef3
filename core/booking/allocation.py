"""Taking resources: the one way in, for bookings, sessions and closures alike.

Locks in one order (resources by id; what is lapsed on them; quotas at the very end), then expires what has lapsed on
them, then checks, then takes: everything or nothing. The triggers of `guards.py` stand behind it.

A resource that is part of another, or has parts, is locked and taken together with them (`families.py`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import clock, db, errors
from core.booking.errors import Conflict, ResourceTaken
from core.booking.families import covered, family
from core.booking.machine import lapse, release
from core.booking.models import Allocation, Booking, Closure, Resource, TrainingSession
from core.booking.spans import Span, crowded
from core.booking.states import LAPSING

__all__ = ["Taken", "Want", "claim", "clashes", "conflicts", "lapsed", "lock", "release", "take", "taken", "taken_by"]


class Want(NamedTuple):
    """A wish for units of a resource in `[start, end)`, set-up and clean-up included.

    `leg` is the position of the leg it serves; `covering` marks what is taken only because of parents and children.
    """

    resource_id: int
    start: datetime
    end: datetime
    units: int = 1
    leg: int | None = None
    covering: bool = False


class Taken(NamedTuple):
    """A span of a resource that is taken; `closed` is the reason of a closure, "" otherwise."""

    resource_id: int
    span: Span
    closed: str


def claim(
    session: Session,
    wants: Sequence[Want],
    *,
    booking: Booking | None = None,
    training: TrainingSession | None = None,
    closure: Closure | None = None,
) -> list[Allocation]:
    """Take all that is wanted for one owner, or nothing.

    Args:
        session: the session of the open `db.write()`.
        wants: what is wanted; several of one resource are added up.
        booking, training, closure: the owner, exactly one, flushed.

    Returns:
        The allocations, flushed.

    Raises:
        ResourceTaken: something is not free; it names every conflict, and nothing was taken.
        errors.NotFound: a resource does not exist or is archived.
    """
    resources = lock(session, {want.resource_id for want in wants})
    found = conflicts(session, resources, wants)
    if found:
        raise ResourceTaken(found)
    return take(session, resources, wants, booking=booking, training=training, closure=closure)


def take(
    session: Session,
    resources: Mapping[int, Resource],
    wants: Sequence[Want],
    *,
    booking: Booking | None = None,
    training: TrainingSession | None = None,
    closure: Closure | None = None,
) -> list[Allocation]:
    """Take what the caller has locked and found free; `claim` does both. Args, result and errors are those of `claim`.

    Args:
        resources: those of the wants with their families, as `lock` returned them.
    """
    wants = covered(resources, wants)
    allocations = [
        Allocation(
            resource_id=want.resource_id,
            start_at=want.start,
            end_at=want.end,
            units=want.units,
            leg=want.leg,
            covering=want.covering,
            booking_id=booking.id if booking else None,
            session_id=training.id if training else None,
            closure_id=closure.id if closure else None,
        )
        for want in wants
    ]
    try:
        with session.begin_nested():
            session.add_all(allocations)
    except IntegrityError as error:
        if db.violated(error) != "allocation_capacity":
            raise
        # Whoever took it went around the lock; the database has the last word.
        raise ResourceTaken(
            [Conflict(want.resource_id, resources[want.resource_id].name, want.start, want.end) for want in wants]
        ) from error
    return allocations


def lock(session: Session, resource_ids: Iterable[int]) -> dict[int, Resource]:
    """Lock resources, lowest id first, and give back what has lapsed on them; until the commit nobody else takes them.

    Returns:
        The resources by id, their parents and children with them.

    Raises:
        errors.NotFound: one does not exist or is archived.
    """
    asked = set(resource_ids)
    if not asked:
        return {}
    wanted = sorted(family(session, asked))
    rows = session.scalars(
        select(Resource)
        .where(Resource.id.in_(wanted), Resource.archived_at.is_(None))
        .order_by(Resource.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    found = {resource.id: resource for resource in rows}
    if not asked <= found.keys():
        raise errors.NotFound
    for booking in session.scalars(_lapsed_on(wanted)).all():
        lapse(session, booking)
    return found


def conflicts(session: Session, resources: Mapping[int, Resource], wants: Sequence[Want]) -> list[Conflict]:
    """Return where the wants exceed what is free, taken together; to be called under `lock`."""
    if not wants:
        return []
    wants = covered(resources, wants)
    busy = taken(session, resources, min(want.start for want in wants), max(want.end for want in wants))
    return clashes(resources, wants, busy)


def clashes(resources: Mapping[int, Resource], wants: Sequence[Want], busy: Sequence[Taken]) -> list[Conflict]:
    """Return where the wants, taken together, exceed the capacities beside what is taken.

    What was asked for comes first; a parent or child is named only where nothing else says why.
    """
    found: list[Conflict] = []
    covering: list[Conflict] = []
    for number, want in enumerate(wants):
        resource = resources[want.resource_id]
        earlier = [
            Span(other.start, other.end, other.units)
            for other in wants[:number]
            if other.resource_id == want.resource_id
        ]
        mine = [entry for entry in busy if entry.resource_id == want.resource_id]
        spans = [entry.span for entry in mine] + earlier
        for start, end in crowded(spans, want.start, want.end, over=resource.capacity - want.units):
            closed = next((entry.closed for entry in mine if entry.closed and _overlaps(entry.span, start, end)), "")
            conflict = Conflict(resource.id, resource.name, start, end, closed)
            (covering if want.covering else found).append(conflict)
    return found or covering


def taken(
    session: Session, resource_ids: Iterable[int], start: datetime, end: datetime, *, but: Collection[int] = ()
) -> list[Taken]:
    """Return what is taken of resources between two moments, in order of start; what has lapsed counts as free.

    Args:
        but: ids of bookings that are left out: those that are to be moved.
    """
    rows = session.execute(
        select(Allocation.resource_id, Allocation.start_at, Allocation.end_at, Allocation.units, Closure.reason)
        .outerjoin(Booking, Allocation.booking_id == Booking.id)
        .outerjoin(Closure, Allocation.closure_id == Closure.id)
        .where(
            Allocation.resource_id.in_(list(resource_ids)),
            Allocation.active,
            Allocation.end_at > start,
            Allocation.start_at < end,
            or_(Booking.id.is_(None), and_(~lapsed(), Booking.id.not_in(but))),
        )
        .order_by(Allocation.start_at)
    )
    return [Taken(row[0], Span(row[1], row[2], row[3]), row[4] or "") for row in rows]


def taken_by(session: Session, booking: Booking) -> set[int]:
    """Return the ids of the resources that a booking takes, to be locked with what it may take instead.

    One that was archived meanwhile needs no lock: nobody else can take it.
    """
    mine = select(Allocation.resource_id).join(Allocation.resource)
    mine = mine.where(Allocation.booking_id == booking.id, Allocation.active, Resource.archived_at.is_(None))
    return set(session.scalars(mine))


def lapsed() -> ColumnElement[bool]:
    """Return the condition under which a booking no longer takes what it has allocated."""
    return and_(Booking.state.in_(LAPSING), Booking.lapses_at <= clock.now())


def _lapsed_on(resource_ids: Sequence[int]) -> Select[Booking]:
    return (
        select(Booking)
        .where(
            lapsed(),
            Booking.id.in_(
                select(Allocation.booking_id).where(Allocation.resource_id.in_(resource_ids), Allocation.active)
            ),
        )
        .order_by(Booking.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _overlaps(span: Span, start: datetime, end: datetime) -> bool:
    return span.start < end and span.end > start
