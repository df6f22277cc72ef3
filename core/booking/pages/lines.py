"""The waiting list as people see it: its policy, who waits at which place, and an offer with its time."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core import clock
from core.bases.models import Base
from core.booking import queue
from core.booking.models import Booking
from core.booking.rules import rules_of
from core.db import db


@dataclass(frozen=True)
class Place:
    """Where a booking stands in a waiting list.

    Attributes:
        position: from 1; 0 for one that has an offer.
        policy: in which order places are offered.
        seconds: how long the offer stands; 0 without one.
    """

    position: int
    policy: str
    seconds: int


@dataclass(frozen=True)
class LineShown:
    """A line as a manager sees it: of what, its policy, those who wait and those who have an offer, the first first."""

    what: str
    policy: str
    waiters: Sequence[Booking]


def policy(waiting: str) -> str:
    """Return the policy of a waiting list (`declarations.BookingKind.waiting`) in a sentence; "" for none."""
    if not waiting:
        return ""
    if waiting == queue.STRICT:
        return str(_("Places are offered strictly in the order of joining: nobody passes whoever waits first."))
    return str(_("Each place is offered to the first in line for whom what is free is enough."))


def place(booking: Booking) -> Place | None:
    """Return where a booking stands, or None when it neither waits nor has an offer."""
    if booking.state not in {"waitlisted", "offered"}:
        return None
    left = (booking.lapses_at - clock.now()).total_seconds() if booking.lapses_at else 0
    told = policy(rules_of(booking.kind).waiting)
    return Place(queue.position(db.session(), booking), told, max(0, int(left)))


def positions(bookings: Sequence[Booking]) -> dict[int, int]:
    """Return the position of each of some bookings that wait, by id."""
    return {booking.id: queue.position(db.session(), booking) for booking in bookings if booking.state == "waitlisted"}


def count(session_id: int) -> int:
    """Return how many wait for a session."""
    wanted = select(Booking.id).where(Booking.session_id == session_id, Booking.state == "waitlisted")
    return len(db.session.scalars(wanted).all())


def at_base(base: Base) -> list[LineShown]:
    """Return all lines of a base in which somebody waits or has an offer: sessions first, each by its time."""
    rows = db.session.scalars(
        select(Booking)
        .where(Booking.base_id == base.id, Booking.state.in_(("waitlisted", "offered")))
        .options(joinedload(Booking.session), joinedload(Booking.kind), joinedload(Booking.organisation))
        .order_by(Booking.session_id.is_(None), Booking.kind_id, Booking.session_id, Booking.waiting_since, Booking.id)
    )
    found: dict[queue.Line, list[Booking]] = {}
    for booking in rows:
        found.setdefault(queue.Line(booking.kind_id, booking.session_id), []).append(booking)
    return [_shown(bookings) for bookings in found.values()]


def _shown(bookings: Sequence[Booking]) -> LineShown:
    first = bookings[0]
    what = first.session.title if first.session else first.kind.title
    return LineShown(what, policy(rules_of(first.kind).waiting), bookings)
