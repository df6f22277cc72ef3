"""What is on at a base over time, resource by resource, as its managers see it; in a bounded number of queries."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from core.bases.models import Base
from core.booking.allocation import lapsed
from core.booking.legs import serving
from core.booking.models import Allocation, Booking, Resource
from core.booking.states import MOVES
from core.db import db

MOST_BARS = 5000
"""How many bars are sent at most; a span in which there are more is to be chosen shorter."""


class Bar(NamedTuple):
    """What takes a resource for a time.

    Attributes:
        key: unique among the bars of an answer.
        start, end: what is taken; set-up and clean-up lie between these and `begins`, `ends`.
        begins, ends: the time that is booked.
        title, whom: what is on, and for whom ("" where it is not this base's to say).
        kind: `booking`, `session`, `closed`, or `part`: taken because of its parents or parts, or by another base.
        ref, session_id: what it belongs to.
        version: of the booking; 0 otherwise.
        movable: whether it can be dragged.
        units: how many of a pool.
    """

    key: str
    resource_id: int
    start: datetime
    end: datetime
    begins: datetime
    ends: datetime
    title: str
    whom: str
    kind: str
    state: str
    ref: str | None
    session_id: int | None
    version: int
    movable: bool
    units: int


def rows(base: Base) -> Sequence[Resource]:
    """Return the resources of a base in the order shown, and the instructors who serve it."""
    return serving(db.session(), base)


def bars(base: Base, resources: Sequence[Resource], start: datetime, end: datetime) -> list[Bar]:
    """Return what takes resources in `[start, end)`, in order of time; what has lapsed is left out."""
    found = db.session.scalars(
        select(Allocation)
        .outerjoin(Booking, Allocation.booking_id == Booking.id)
        .options(
            joinedload(Allocation.booking).joinedload(Booking.organisation),
            joinedload(Allocation.booking).joinedload(Booking.kind),
            joinedload(Allocation.session),
            joinedload(Allocation.closure),
        )
        .where(
            Allocation.resource_id.in_([resource.id for resource in resources]),
            Allocation.active,
            Allocation.end_at > start,
            Allocation.start_at < end,
            or_(Booking.id.is_(None), ~lapsed()),
        )
        .order_by(Allocation.start_at, Allocation.id)
        .limit(MOST_BARS)
    )
    return [_bar(base, entry) for entry in found]


def _bar(base: Base, entry: Allocation) -> Bar:
    owner = entry.booking or entry.session
    elsewhere = owner is not None and owner.base_id != base.id
    plain = Bar(
        key=str(entry.id),
        resource_id=entry.resource_id,
        start=entry.start_at,
        end=entry.end_at,
        begins=owner.start_at if owner else entry.start_at,
        ends=owner.end_at if owner else entry.end_at,
        title=_("Taken by another base") if elsewhere else "",
        whom="",
        kind="part",
        state="",
        ref=None,
        session_id=None,
        version=0,
        movable=False,
        units=entry.units,
    )
    if elsewhere:
        return plain
    if entry.booking is not None:
        booking = entry.booking
        known = plain._replace(
            title=booking.kind.title, whom=booking.organisation.short_name, state=booking.state, ref=booking.ref
        )
        if entry.covering:
            return known
        movable = (booking.state, "reschedule") in MOVES or (booking.state, "relocate") in MOVES
        return known._replace(kind="booking", version=booking.version, movable=movable)
    if entry.session is not None:
        kind = "part" if entry.covering else "session"
        return plain._replace(title=entry.session.title, kind=kind, session_id=entry.session.id, state="published")
    return plain._replace(title=entry.closure.reason if entry.closure else "", kind="closed")
