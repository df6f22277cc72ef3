"""What plugins may read of sessions and bookings beyond their own request: plain values, no rows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from core.bases.models import Base
from core.booking.models import Booking, Kind, TrainingSession
from core.booking.states import TAKING
from core.db import db
from core.errors import NotFound
from core.intake.models import Trainee


@dataclass(frozen=True)
class SessionInfo:
    """A published session: its id, kind and base (slugs), title, and time (aware UTC)."""

    id: int
    base: str
    kind: str
    title: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class BookingInfo:
    """A booking of a session: its id, public reference, state, and the organisation's name (not public)."""

    id: int
    ref: str
    state: str
    organisation: str


def people_booked(session_id: int, *, except_booking: int | None = None) -> frozenset[str]:
    """Return the `Person.index` of everybody on the roster of a booking that takes a place in a session.

    Args:
        session_id: the session.
        except_booking: a booking to leave out, as the one that is being submitted again.
    """
    asked = (
        select(Trainee.person_index)
        .join(Booking, Booking.answer_id == Trainee.answer_id)
        .where(Booking.session_id == session_id, Booking.state.in_(TAKING), Trainee.person_index.is_not(None))
    )
    if except_booking is not None:
        asked = asked.where(Booking.id != except_booking)
    return frozenset(index for index in db.session.scalars(asked) if index)


def bookings_of_session(session_id: int, *, state: str = "confirmed") -> list[BookingInfo]:
    """Return a session's bookings in one state, by reference."""
    asked = (
        select(Booking)
        .where(Booking.session_id == session_id, Booking.state == state)
        .options(joinedload(Booking.organisation))
        .order_by(Booking.ref)
    )
    return [BookingInfo(row.id, row.ref, row.state, row.organisation.name) for row in db.session.scalars(asked)]


def sessions_of(base: str, kind: str, *, since: datetime) -> list[SessionInfo]:
    """Return the published sessions of a kind that end after a moment, the first to begin first."""
    asked = (
        _published()
        .where(Base.slug == base, Kind.slug == kind, TrainingSession.end_at > since)
        .order_by(TrainingSession.start_at)
    )
    return [_info(row) for row in db.session.scalars(asked)]


def session_info(base: str, session_id: int) -> SessionInfo:
    """Return a published session of a base.

    Raises:
        NotFound: the base has no such session, or it is a draft or cancelled.
    """
    row = db.session.scalar(_published().where(Base.slug == base, TrainingSession.id == session_id))
    if row is None:
        raise NotFound
    return _info(row)


def _published() -> Select[TrainingSession]:
    return (
        select(TrainingSession)
        .join(TrainingSession.base)
        .join(TrainingSession.kind)
        .options(contains_eager(TrainingSession.base), contains_eager(TrainingSession.kind))
        .where(TrainingSession.state == "published")
    )


def _info(row: TrainingSession) -> SessionInfo:
    return SessionInfo(row.id, row.base.slug, row.kind.slug, row.title, row.start_at, row.end_at)
