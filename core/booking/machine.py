"""The state machine: the one place that changes a booking's state, its allocations and its history.

`workflow.py` decides who may do what and when; `allocation.py` expires what has lapsed. Both end here.
"""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import audit, clock, events
from core.booking import approvals, quotas
from core.booking.events import BookingChanged
from core.booking.models import Allocation, Booking, Closure, Resource, Step, TrainingSession
from core.booking.states import BEGINNINGS, LAPSING, MOVES, TAKING, WAITING
from core.errors import StateChanged
from core.plugins.declarations import BookingChange
from core.plugins.facade import plugins


def enter(session: Session, booking: Booking, *, action: str, actor_id: int | None) -> None:
    """Begin the history of a new booking whose state is set and whose allocations are made, and tell of it."""
    if (action, booking.state) not in BEGINNINGS:
        raise ValueError(f"no history begins with {action} and {booking.state}")
    if booking.state == "submitted":
        approvals.begin(booking)
    _tell(session, booking, action=action, before=None, actor_id=actor_id, reason="")


def advance(
    session: Session,
    booking: Booking,
    action: str,
    *,
    actor_id: int | None,
    reason: str = "",
    keep_charges: bool = False,
    was: dict[str, Any] | None = None,
) -> None:
    """Move a booking that the caller has locked to its next state; its places are given back where they end.

    Args:
        session: the session of the open `db.write()`.
        booking: the booking, its row locked.
        action: one of those in `states.MOVES`.
        actor_id: who does it; None for the system.
        reason: what the organisation is told.
        keep_charges: whether what ends still counts against the organisation's quotas.
        was: (`reschedule`, `relocate`) its place before, which the history keeps (`changing.place`).

    Raises:
        StateChanged: the booking is not in a state from which this can be done.
    """
    before = booking.state
    after = MOVES.get((before, action))
    if after is None:
        raise StateChanged
    booking.state = after
    if after not in LAPSING:
        booking.lapses_at = None
    if after not in TAKING:
        release(session, booking=booking)
        if not keep_charges:
            quotas.give_back(session, booking)
    if action == "miss":
        _cut(session, booking)
    if after == "submitted" and action != "relocate":
        approvals.begin(booking, anew=before in WAITING or before == "returned")
    elif after not in WAITING:
        booking.decide_by = None
    _tell(session, booking, action=action, before=before, actor_id=actor_id, reason=reason, was=was)


def lapse(session: Session, booking: Booking) -> None:
    """End what the caller has locked and whose `lapses_at` has passed: an offer goes back to the waiting list once."""
    if booking.state != "offered":
        advance(session, booking, "expire", actor_id=None)
        return
    advance(session, booking, "lapse", actor_id=None)
    booking.waiting_since = clock.now()  # those who come after it are asked first
    if booking.offers > 1 or booking.start_at <= clock.now():
        advance(session, booking, "expire", actor_id=None)


def release(
    session: Session,
    *,
    booking: Booking | None = None,
    training: TrainingSession | None = None,
    closure: Closure | None = None,
) -> None:
    """Give back all that a booking, session or closure has taken; the rows stay as its past, inactive."""
    owner = (
        Allocation.booking_id == booking.id
        if booking
        else Allocation.session_id == training.id
        if training
        else Allocation.closure_id == (closure.id if closure else None)
    )
    session.execute(update(Allocation).where(owner, Allocation.active).values(active=False))


def _cut(session: Session, booking: Booking) -> None:
    """Free the rest of the time of a booking nobody came to; what is out of service has no use for it."""
    now = clock.now().replace(microsecond=0)
    in_service = select(Resource.id).where(Resource.archived_at.is_(None))
    session.execute(
        update(Allocation)
        .where(
            Allocation.booking_id == booking.id,
            Allocation.active,
            Allocation.start_at < now,
            Allocation.end_at > now,
            Allocation.resource_id.in_(in_service),
        )
        .values(end_at=now)
    )


def _tell(
    session: Session,
    booking: Booking,
    *,
    action: str,
    before: str | None,
    actor_id: int | None,
    reason: str,
    was: dict[str, Any] | None = None,
) -> None:
    session.add(
        Step(
            booking=booking,
            at=clock.now(),
            actor_id=actor_id,
            action=action,
            from_state=before,
            to_state=booking.state,
            reason=reason,
            was=was,
        )
    )
    session.flush()
    audit.record(
        session, actor_id=actor_id, action=f"booking.{action}", subject=f"booking:{booking.id}", state=booking.state
    )
    events.publish(session, BookingChanged(booking=booking, action=action, actor_id=actor_id, reason=reason))
    change = BookingChange(
        base=booking.base.slug,
        kind=booking.kind.slug,
        booking_id=booking.id,
        ref=booking.ref,
        session_id=booking.session_id,
        action=action,
        state=booking.state,
    )
    facade = plugins()
    events.after_commit(lambda: facade.notify_booking(change))
