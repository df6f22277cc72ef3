"""Reading bookings, with what a page shows of them and in a bounded number of queries."""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from core import clock, errors
from core.booking.models import Allocation, Booking, Closure, Step, TrainingSession
from core.booking.resource_queries import closures_of
from core.booking.session_queries import sessions_between
from core.booking.states import OPEN, TAKING, WAITING
from core.booking.times import day_bounds
from core.db import db
from core.intake.models import Answer

PAGE = 20

EPOCH = datetime.fromtimestamp(0, UTC)

SHOWN_STATES = tuple(sorted(TAKING - {"held"}))
"""States whose allocations the public calendar shows as taken."""

SENT = Booking.answer_id.is_not(None)
"""A place that is only kept while somebody fills in a form stands in no list."""


class Page(NamedTuple):
    """Some bookings of a longer list, and the cursor that leads to the next ones (None at the end)."""

    items: list[Booking]
    next: str | None


class Today(NamedTuple):
    """What happens at a base on a day."""

    sessions: list[TrainingSession]
    bookings: list[Booking]
    closures: list[Closure]


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
    wanted = _in_state(_bookings().where(Booking.organisation_id.in_(organisation_ids), SENT), state)
    if current is not None:
        wanted = wanted.where(_under_way() if current else ~_under_way())
    return _page(wanted, cursor, limit, latest_first=not current)


def bookings_between(
    *,
    organisation_ids: Collection[int] | None = None,
    base_id: int | None = None,
    state: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    cursor: str | None = None,
    limit: int = PAGE,
) -> Page:
    """Return bookings with what programs are told of them, the latest start first.

    Args:
        organisation_ids, base_id: whose, or where; exactly one.
        state: None for all.
        start, end: only those that touch this time; None: without a bound.
        cursor: what the page before gave as `next`.
    """
    whose = Booking.base_id == base_id if base_id else Booking.organisation_id.in_(organisation_ids or ())
    wanted = _in_state(_bookings().where(whose, SENT), state)
    if start is not None:
        wanted = wanted.where(Booking.end_at > start)
    if end is not None:
        wanted = wanted.where(Booking.start_at < end)
    wanted = wanted.options(joinedload(Booking.answer).selectinload(Answer.roster))
    return _page(wanted, cursor, limit, latest_first=True)


def counts_of(organisation_ids: Collection[int]) -> dict[str, int]:
    """Return how many bookings of some organisations are under way (`current`), over (`past`), and in each state."""
    rows = db.session.execute(
        select(Booking.state, func.count(), func.sum(case((_under_way(), 1), else_=0)))
        .where(Booking.organisation_id.in_(organisation_ids), SENT)
        .group_by(Booking.state)
    )
    counts: Counter[str] = Counter()
    for state, number, current in rows:
        counts.update({state: number, "current": current, "past": number - current})
    return counts


def counts_at(base_id: int) -> Counter[str]:
    """Return how many bookings a base has in each state."""
    counts: Counter[str] = Counter()
    wanted = select(Booking.state, func.count()).where(Booking.base_id == base_id, SENT).group_by(Booking.state)
    for state, number in db.session.execute(wanted):
        counts[state] = number
    return counts


def unclosed(base_id: int, *, limit: int) -> list[Booking]:
    """Return confirmed bookings at a base that are over and of which nobody has said whether they took place."""
    wanted = _bookings().where(Booking.base_id == base_id, Booking.state == "confirmed", Booking.end_at <= clock.now())
    return list(db.session.scalars(wanted.order_by(Booking.end_at, Booking.id).limit(limit)))


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
    wanted = _in_state(_bookings().where(Booking.base_id == base_id, SENT), state)
    return _page(wanted, cursor, limit, latest_first=not (isinstance(state, str) and state in WAITING))


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
    return list(db.session.scalars(_bookings().where(Booking.session_id == session_id, SENT).order_by(Booking.id)))


def waiting_count(base_id: int) -> int:
    """Return how many bookings wait for a decision at a base."""
    return (
        db.session.scalar(
            select(func.count()).select_from(Booking).where(Booking.base_id == base_id, Booking.state.in_(WAITING))
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


def _bookings() -> Select[Booking]:
    return select(Booking).options(
        joinedload(Booking.base),
        joinedload(Booking.kind),
        joinedload(Booking.session),
        joinedload(Booking.organisation),
        selectinload(Booking.allocations).joinedload(Allocation.resource),
    )


def _under_way() -> ColumnElement[bool]:
    return and_(Booking.state.in_(OPEN), Booking.end_at > clock.now())


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
