"""Reading sessions, bookings and resources, with what a page shows of them and in a bounded number of queries."""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from core import clock, errors
from core.bases.models import Base
from core.booking.legs import INSTRUCTOR, serves
from core.booking.models import SEATS_SLUG, Allocation, Booking, Closure, Kind, Resource, Step, TrainingSession
from core.booking.states import OPEN
from core.booking.times import day_bounds
from core.db import db
from core.intake.models import Answer

PAGE = 20

EPOCH = datetime.fromtimestamp(0, UTC)

SHOWN_STATES = ("submitted", "returned", "confirmed", "completed", "no_show")
"""States whose allocations the public calendar shows as taken."""


class Page(NamedTuple):
    """Some bookings of a longer list, and the cursor that leads to the next ones (None at the end)."""

    items: list[Booking]
    next: str | None


class Busy(NamedTuple):
    """A resource taken in `[start, end)`: by what, never by whom. `source` is `booking`, `session` or `closure`."""

    resource: Resource
    start: datetime
    end: datetime
    source: str
    source_id: int
    reason: str


class Today(NamedTuple):
    """What happens at a base on a day."""

    sessions: list[TrainingSession]
    bookings: list[Booking]
    closures: list[Closure]


# --- resources and kinds ---


def resources_of(base_id: int) -> list[Resource]:
    """Return a base's resources in the order shown; seats of sessions are left out."""
    return list(
        db.session.scalars(
            select(Resource)
            .where(
                Resource.base_id == base_id,
                Resource.archived_at.is_(None),
                ~Resource.slug.startswith(SEATS_SLUG, autoescape=True),
            )
            .order_by(Resource.position, Resource.id)
        )
    )


def find_resource(base_id: int, slug: str) -> Resource:
    """Return a resource of a base by its slug.

    Raises:
        errors.NotFound: there is none, or it is archived.
    """
    found = next((resource for resource in resources_of(base_id) if resource.slug == slug), None)
    if found is None:
        raise errors.NotFound
    return found


def instructors_for(base_id: int) -> list[Resource]:
    """Return the consortium's instructors who serve a base."""
    base = db.session.get(Base, base_id)
    if base is None:
        return []
    rows = db.session.scalars(
        select(Resource)
        .where(Resource.base_id.is_(None), Resource.kind == INSTRUCTOR, Resource.archived_at.is_(None))
        .order_by(Resource.position, Resource.id)
    )
    return [resource for resource in rows if serves(resource, base)]


def kinds_of(base_id: int) -> list[Kind]:
    """Return what can be booked at a base, in the order shown."""
    return list(
        db.session.scalars(
            select(Kind).where(Kind.base_id == base_id, Kind.archived_at.is_(None)).order_by(Kind.position, Kind.id)
        )
    )


# --- sessions ---


def _sessions() -> Select[TrainingSession]:
    return (
        select(TrainingSession)
        .options(joinedload(TrainingSession.base), joinedload(TrainingSession.kind))
        .order_by(TrainingSession.start_at, TrainingSession.id)
    )


def upcoming_sessions(base_ids: Collection[int], *, limit: int, after: datetime | None = None) -> list[TrainingSession]:
    """Return the next published sessions of some bases that end after a moment (now, if None)."""
    return list(
        db.session.scalars(
            _sessions()
            .where(
                TrainingSession.base_id.in_(base_ids),
                TrainingSession.state == "published",
                TrainingSession.end_at > (after or clock.now()),
            )
            .limit(limit)
        )
    )


def sessions_between(base_ids: Collection[int], start: datetime, end: datetime) -> list[TrainingSession]:
    """Return the published sessions of some bases that touch `[start, end)`."""
    return list(
        db.session.scalars(
            _sessions().where(
                TrainingSession.base_id.in_(base_ids),
                TrainingSession.state == "published",
                TrainingSession.end_at > start,
                TrainingSession.start_at < end,
            )
        )
    )


def managed_sessions(base_id: int, *, past: bool = False, limit: int = 100) -> list[TrainingSession]:
    """Return a base's sessions of every state: those that have not ended, or the last ones that have."""
    if past:
        wanted = _sessions().order_by(None).where(TrainingSession.end_at <= clock.now())
        wanted = wanted.order_by(TrainingSession.start_at.desc(), TrainingSession.id.desc())
    else:
        wanted = _sessions().where(TrainingSession.end_at > clock.now())
    return list(db.session.scalars(wanted.where(TrainingSession.base_id == base_id).limit(limit)))


def find_session(base_id: int, session_id: int) -> TrainingSession:
    """Return a session of a base, whatever its state; whether a draft may be seen is the caller's to ask.

    Raises:
        errors.NotFound: the base has none of this id.
    """
    training = db.session.scalar(
        _sessions().where(TrainingSession.id == session_id, TrainingSession.base_id == base_id)
    )
    if training is None:
        raise errors.NotFound
    return training


def resources_used(training: TrainingSession) -> list[Resource]:
    """Return the rooms, machines and instructors a session uses."""
    return list(
        db.session.scalars(
            select(Resource).where(Resource.id.in_(training.uses)).order_by(Resource.position, Resource.id)
        )
    )


# --- what is taken ---


def taken_between(base_id: int, start: datetime, end: datetime) -> list[Busy]:
    """Return what is taken of a base's resources in `[start, end)`, for the public calendar: busy only.

    Seats of sessions are left out: the session itself is shown.
    """
    rows = db.session.execute(
        select(Allocation, Closure.reason)
        .join(Allocation.resource)
        .outerjoin(Booking, Allocation.booking_id == Booking.id)
        .outerjoin(Closure, Allocation.closure_id == Closure.id)
        .options(joinedload(Allocation.resource))
        .where(
            Resource.base_id == base_id,
            ~Resource.slug.startswith(SEATS_SLUG, autoescape=True),
            Allocation.active,
            Allocation.end_at > start,
            Allocation.start_at < end,
            or_(Booking.id.is_(None), Booking.state != "returned", Booking.lapses_at > clock.now()),
        )
        .order_by(Allocation.start_at, Allocation.id)
    )
    return [_busy(allocation, reason or "") for allocation, reason in rows]


def _busy(allocation: Allocation, reason: str) -> Busy:
    for source in ("booking", "session", "closure"):
        source_id = getattr(allocation, f"{source}_id")
        if source_id is not None:
            return Busy(allocation.resource, allocation.start_at, allocation.end_at, source, source_id, reason)
    raise RuntimeError("an allocation has an owner")


def closures_of(base_id: int, *, after: datetime | None = None) -> list[Closure]:
    """Return a base's closures that are not lifted and end after a moment (now, if None)."""
    return list(
        db.session.scalars(
            select(Closure)
            .join(Closure.resource)
            .options(joinedload(Closure.resource))
            .where(Resource.base_id == base_id, Closure.lifted_at.is_(None), Closure.end_at > (after or clock.now()))
            .order_by(Closure.start_at, Closure.id)
        )
    )


# --- bookings ---


def _bookings() -> Select[Booking]:
    return select(Booking).options(
        joinedload(Booking.base),
        joinedload(Booking.kind),
        joinedload(Booking.session),
        joinedload(Booking.organisation),
        selectinload(Booking.allocations).joinedload(Allocation.resource),
    )


def bookings_of(
    organisation_ids: Collection[int],
    *,
    state: str | Iterable[str] | None = None,
    current: bool | None = None,
    cursor: str | None = None,
    limit: int = PAGE,
) -> Page:
    """Return bookings of some organisations: those under way by their start, all others the latest start first.

    Args:
        state: one state or several; None for all.
        current: True for those under way (something can still happen, and they are not over), False for the others.
        cursor: what the page before gave as `next`.
    """
    wanted = _in_state(_bookings().where(Booking.organisation_id.in_(organisation_ids)), state)
    if current is not None:
        wanted = wanted.where(_under_way() if current else ~_under_way())
    return _page(wanted, cursor, limit, latest_first=not current)


def counts_of(organisation_ids: Collection[int]) -> dict[str, int]:
    """Return how many bookings of some organisations are under way (`current`), over (`past`), and in each state."""
    rows = db.session.execute(
        select(Booking.state, func.count(), func.sum(case((_under_way(), 1), else_=0)))
        .where(Booking.organisation_id.in_(organisation_ids))
        .group_by(Booking.state)
    )
    counts: Counter[str] = Counter()
    for state, number, current in rows:
        counts.update({state: number, "current": current, "past": number - current})
    return counts


def counts_at(base_id: int) -> Counter[str]:
    """Return how many bookings a base has in each state."""
    counts: Counter[str] = Counter()
    wanted = select(Booking.state, func.count()).where(Booking.base_id == base_id).group_by(Booking.state)
    for state, number in db.session.execute(wanted):
        counts[state] = number
    return counts


def unclosed(base_id: int, *, limit: int) -> list[Booking]:
    """Return confirmed bookings at a base that are over and of which nobody has said whether they took place."""
    wanted = _bookings().where(Booking.base_id == base_id, Booking.state == "confirmed", Booking.end_at <= clock.now())
    return list(db.session.scalars(wanted.order_by(Booking.end_at, Booking.id).limit(limit)))


def in_the_way(resource_id: int, start: datetime, end: datetime) -> list[Allocation]:
    """Return what takes a resource in `[start, end)`, with the booking, session or closure it belongs to."""
    return list(
        db.session.scalars(
            select(Allocation)
            .options(
                joinedload(Allocation.booking).joinedload(Booking.organisation),
                joinedload(Allocation.booking).joinedload(Booking.kind),
                joinedload(Allocation.session),
                joinedload(Allocation.closure),
            )
            .where(
                Allocation.resource_id == resource_id,
                Allocation.active,
                Allocation.end_at > start,
                Allocation.start_at < end,
            )
            .order_by(Allocation.start_at, Allocation.id)
        )
    )


def _under_way() -> ColumnElement[bool]:
    return and_(Booking.state.in_(OPEN), Booking.end_at > clock.now())


def bookings_at(
    base_id: int,
    *,
    state: str | Iterable[str] | None = None,
    cursor: str | None = None,
    limit: int = PAGE,
) -> Page:
    """Return bookings at a base: those that wait for a decision by their start, all others the latest start first.

    Args are those of `bookings_of`.
    """
    wanted = _in_state(_bookings().where(Booking.base_id == base_id), state)
    return _page(wanted, cursor, limit, latest_first=state != "submitted")


def find_booking(ref: str) -> Booking:
    """Return a booking with everything its page shows.

    Raises:
        errors.NotFound: there is none of this reference.
    """
    booking = db.session.scalar(
        _bookings()
        .options(
            joinedload(Booking.contact),
            joinedload(Booking.made_by),
            joinedload(Booking.answer).selectinload(Answer.roster),
            selectinload(Booking.history).joinedload(Step.actor),
        )
        .where(Booking.ref == ref.upper())
    )
    if booking is None:
        raise errors.NotFound
    return booking


def bookings_for_session(session_id: int) -> list[Booking]:
    """Return a session's bookings of every state, in the order made."""
    return list(db.session.scalars(_bookings().where(Booking.session_id == session_id).order_by(Booking.id)))


def waiting_count(base_id: int) -> int:
    """Return how many bookings wait for a decision at a base."""
    return (
        db.session.scalar(
            select(func.count()).select_from(Booking).where(Booking.base_id == base_id, Booking.state == "submitted")
        )
        or 0
    )


def today(base_id: int, day: date) -> Today:
    """Return what happens at a base on a day: published sessions, bookings that stand, closures."""
    start, end = day_bounds(day)
    bookings = db.session.scalars(
        _bookings()
        .where(
            Booking.base_id == base_id,
            Booking.state.in_(SHOWN_STATES),
            Booking.end_at > start,
            Booking.start_at < end,
        )
        .order_by(Booking.start_at, Booking.id)
    )
    closures = [closure for closure in closures_of(base_id, after=start) if closure.start_at < end]
    return Today(sessions_between([base_id], start, end), list(bookings), closures)


def _in_state(wanted: Select[Booking], state: str | Iterable[str] | None) -> Select[Booking]:
    if state is None:
        return wanted
    return wanted.where(Booking.state.in_([state] if isinstance(state, str) else list(state)))


def _page(wanted: Select[Booking], cursor: str | None, limit: int, *, latest_first: bool) -> Page:
    key = tuple_(Booking.start_at, Booking.id)
    place = _read_cursor(cursor)
    if latest_first:
        wanted = wanted.order_by(Booking.start_at.desc(), Booking.id.desc())
    else:
        wanted = wanted.order_by(Booking.start_at, Booking.id)
    if place is not None:
        wanted = wanted.where(key < place if latest_first else key > place)
    found: Sequence[Booking] = db.session.scalars(wanted.limit(limit + 1)).all()
    items = list(found[:limit])
    return Page(items, _write_cursor(items[-1]) if len(found) > limit else None)


def _write_cursor(booking: Booking) -> str:
    place = json.dumps([int(booking.start_at.timestamp()), booking.id])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> tuple[datetime, int] | None:
    """Return the place a cursor stands for; one that makes no sense begins at the front."""
    if not cursor:
        return None
    try:
        seconds, number = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return EPOCH + timedelta(seconds=int(seconds)), int(number) % 2**31
    except (ValueError, TypeError, OverflowError, binascii.Error):
        return None
