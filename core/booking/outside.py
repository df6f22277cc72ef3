"""What is booked outside the hours in force: hours can be changed over it, and then somebody has to look at it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from core import clock
from core.bases.models import Base
from core.bases.opening import Timetable, timetable
from core.booking.hours import timetables
from core.booking.models import Allocation, Booking, Resource, TrainingSession
from core.booking.states import OPEN
from core.db import db

SHOWN = 50


class Entry(NamedTuple):
    """A booking or session, and why its day differs from the week ("": it does not)."""

    booking: Booking | None
    session: TrainingSession | None
    start: datetime
    end: datetime
    why: str


@dataclass(frozen=True)
class Outside:
    """What lies outside, earliest first: how many, and the first of them."""

    count: int = 0
    entries: Sequence[Entry] = field(default_factory=list)


class _Seen(NamedTuple):
    session: bool
    id: int
    start: datetime
    end: datetime


def of_base(base: Base) -> Outside:
    """Return what is to come at a base, bookings of a time of their own and sessions, and lies outside its hours."""
    bookings = _bookings(Booking.base_id == base.id, Booking.session_id.is_(None))
    sessions = select(TrainingSession.id, TrainingSession.start_at, TrainingSession.end_at).where(
        TrainingSession.base_id == base.id, TrainingSession.state == "published", TrainingSession.end_at > clock.now()
    )
    ahead = [*bookings, *(_Seen(True, *row) for row in db.session.execute(sessions))]
    if not ahead:
        return Outside()
    return _outside(ahead, timetable(base, clock.now(), max(seen.end for seen in ahead)))


def of_resource(resource: Resource) -> Outside:
    """Return the bookings to come that use a resource outside its own hours."""
    uses = select(Allocation.booking_id).where(
        Allocation.resource_id == resource.id, Allocation.active, ~Allocation.covering
    )
    ahead = _bookings(Booking.id.in_(uses))
    if not ahead:
        return Outside()
    known = timetables([resource.id], clock.now(), max(seen.end for seen in ahead)).get(resource.id)
    return Outside() if known is None else _outside(ahead, known)


def _bookings(*where: ColumnElement[bool]) -> list[_Seen]:
    rows = select(Booking.id, Booking.start_at, Booking.end_at).where(
        Booking.state.in_(OPEN - {"held"}),
        or_(Booking.lapses_at.is_(None), Booking.lapses_at > clock.now()),
        Booking.end_at > clock.now(),
        *where,
    )
    return [_Seen(False, *row) for row in db.session.execute(rows)]


def _outside(ahead: Sequence[_Seen], known: Timetable) -> Outside:
    found = sorted((seen for seen in ahead if not known.is_open(seen.start, seen.end)), key=lambda seen: seen.start)
    first = found[:SHOWN]
    bookings = {
        row.id: row
        for row in db.session.scalars(
            select(Booking)
            .options(joinedload(Booking.organisation), joinedload(Booking.kind))
            .where(Booking.id.in_([seen.id for seen in first if not seen.session]))
        )
    }
    sessions = {
        row.id: row
        for row in db.session.scalars(
            select(TrainingSession).where(TrainingSession.id.in_([seen.id for seen in first if seen.session]))
        )
    }
    return Outside(
        len(found),
        [
            Entry(
                None if seen.session else bookings[seen.id],
                sessions[seen.id] if seen.session else None,
                seen.start,
                seen.end,
                known.why(clock.local(seen.start).date()),
            )
            for seen in first
        ],
    )
