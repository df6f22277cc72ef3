"""What people do with a booking after it is made: decide on it, cancel it, note who came; and its lapsing."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, dates, db, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.workdays import whole_before
from core.booking import approvals, retries
from core.booking.allocation import lock, taken_by
from core.booking.errors import TooEarly, TooLate
from core.booking.machine import advance, lapse
from core.booking.models import Booking
from core.booking.rules import made_under
from core.booking.states import LAPSING, MOVES, WAITING

log = logging.getLogger(__name__)

DECISIONS = frozenset({"approve", "return", "reject"})
"""What those do who decide, and who stands in for them."""

DEEDS = DECISIONS | {"cancel", "check_in", "complete", "miss"}
"""What people do with a booking here; everything else of the state machine has a module of its own."""

GIVES_REASON = frozenset({"return", "reject"})
"""Actions that owe the organisation a reason; so does a manager's `cancel`."""

AFTER_START = frozenset({"complete", "miss"})

CHECK_IN = timedelta(hours=2)
"""How long before the start people can be checked in."""

LONGEST_VERSION = 9
"""Digits of a version that can be one."""

TIME_TO_MEND = timedelta(days=7)
"""How long a returned booking keeps its place when the reviewer sets no deadline, at most until it begins."""


def move(
    *,
    actor: User,
    ref: str,
    action: str,
    reason: str = "",
    version: int | None = None,
    deadline: datetime | None = None,
    keep_charges: bool = False,
    retry_key: str | None = None,
) -> Booking:
    """Move a booking to its next state, with everything that follows from it, in one transaction.

    `approve` decides the step of the chain that is due, whatever its position, and only that one: the booking goes on
    to the next step, or is confirmed after the last. `confirm` is another word for it, so that it skips nothing.

    Args:
        actor: a manager of the base, or the office; for `approve` somebody of the step's roles; for `approve`, `return`
            and `reject` also who stands in for one; for `cancel` also a contact of the organisation.
        ref: the booking's reference.
        action: one of `DEEDS`, or `confirm`.
        reason: told to the organisation; owed for `return`, `reject` and a manager's `cancel`.
        version: the version the actor saw; None to skip the comparison.
        deadline: (`return`) until when it keeps its place; None for `TIME_TO_MEND`.
        keep_charges: (`cancel` by who decides) whether it still counts against the organisation's quotas.
        retry_key: makes sending twice safe: the second time nothing is done.

    Raises:
        errors.NotFound: there is none of this reference, or the actor may not know of it.
        errors.Forbidden: the actor may see it but not do this.
        errors.StateChanged: somebody else was faster, or the action does not fit its state.
        CountsOnce: the actor has approved in this round already.
        errors.Invalid: the reason is missing or the deadline is of no use.
        TooLate: a contact cancels after the kind's time limit; somebody approves what is over.
        TooEarly: completed or missed before it began, checked in long before.
    """
    action = "approve" if action == "confirm" else action
    if action not in DEEDS:
        raise errors.NotFound
    again: dict[str, Any] = {"actor": actor, "route": f"{action}:{ref}", "key": retry_key or ""}
    again["mark"] = retries.fingerprint(
        {"reason": reason, "version": version, "deadline": deadline, "keep_charges": keep_charges}
    )
    with db.write() as session:
        if retry_key and retries.earlier(session, **again) is not None:
            return locked(session, ref)
        if action == "miss":  # what it takes is cut, and whatever is cut is counted anew: resources come first
            lock(session, taken_by(session, seen(session, ref)))
        booking = locked(session, ref)
        check_version(booking, version)
        carry_out(session, actor, booking, action, reason=reason, deadline=deadline, keep_charges=keep_charges)
        if retry_key:
            retries.remember(session, **again, answer={"ref": booking.ref})
    return booking


def approve_each(*, actor: User, marked: Sequence[str]) -> list[tuple[str, Booking | errors.DomainError]]:
    """Approve several bookings, each in its own transaction, so that one that fails holds up none of the others.

    Args:
        actor: as for `move`.
        marked: `<ref>:<version>` of each, as the actor saw it.

    Returns:
        For each its reference, and the booking as it is now or why it was not approved.
    """
    return [_try_to_approve(actor, *entry.partition(":")[::2]) for entry in marked]


def _try_to_approve(actor: User, ref: str, version: str) -> tuple[str, Booking | errors.DomainError]:
    if not version.isdecimal() or len(version) > LONGEST_VERSION:
        return ref, errors.StateChanged()
    try:
        return ref, move(actor=actor, ref=ref, action="approve", version=int(version))
    except errors.DomainError as error:
        return ref, error


def move_series(*, actor: User, ref: str, action: str, reason: str = "", version: int | None = None) -> list[Booking]:
    """Decide on every booking of a series that waits for the actor, all in one transaction.

    Args:
        actor, action, reason: as for `move`; the action is one of `DECISIONS`.
        ref: of any booking of the series.
        version: of that booking, as the actor saw it; None to skip the comparison.

    Returns:
        The bookings that were decided on.

    Raises:
        As `move`; errors.StateChanged: none of them waits for the actor (any more).
    """
    if action not in DECISIONS:
        raise errors.NotFound
    with db.write() as session:
        named = seen(session, ref)
        if not approvals.may_read(session, actor, named):
            raise errors.NotFound
        wanted = (
            select(Booking)
            .where(Booking.series_id == named.series_id, Booking.series_id.is_not(None), Booking.state.in_(WAITING))
            .order_by(Booking.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        waiting = session.scalars(wanted).all()
        if version is not None and all((entry.ref, entry.version) != (ref, version) for entry in waiting):
            raise errors.StateChanged
        bookings = [entry for entry in waiting if approvals.may_approve(session, actor, entry)]
        if not bookings:
            raise errors.StateChanged
        for booking in bookings:
            carry_out(session, actor, booking, action, reason=reason)
    return bookings


def carry_out(
    session: Session,
    actor: User,
    booking: Booking,
    action: str,
    *,
    reason: str = "",
    deadline: datetime | None = None,
    keep_charges: bool = False,
) -> None:
    """Do with a locked booking what `move` does; arguments and errors as there."""
    decides = roles.allows(actor, "booking.decide", base_id=booking.base_id)
    _check_permission(session, actor, booking, action, decides=decides)
    if not _fits(booking, action):
        raise errors.StateChanged
    reason = reason.strip()
    if not reason and (action in GIVES_REASON or (action == "cancel" and decides)):
        raise errors.Invalid({"reason": _("Please give the reason: the organisation will read it.")})
    _check_time(booking, action, decides=decides)
    if action == "approve":
        _check_place(booking)
        action = approvals.count(session, booking, actor, reason=reason)
    if action == "return":
        booking.lapses_at = _deadline(booking, deadline)
    advance(session, booking, action, actor_id=actor.id, reason=reason, keep_charges=keep_charges and decides)


def open_to(session: Session, actor: User, booking: Booking) -> frozenset[str]:
    """Return what `move` would accept from somebody now, so that no button leads to a refusal."""
    decides = roles.allows(actor, "booking.decide", base_id=booking.base_id)
    return frozenset(action for action in DEEDS if _accepts(session, actor, booking, action, decides=decides))


def _accepts(session: Session, actor: User, booking: Booking, action: str, *, decides: bool) -> bool:
    if not _fits(booking, action):
        return False
    try:
        _check_permission(session, actor, booking, action, decides=decides)
        _check_time(booking, action, decides=decides)
    except errors.DomainError:
        return False
    return action != "approve" or approvals.may_approve(session, actor, booking)


def expire_lapsed() -> int:
    """End everything held, returned or offered whose time has passed, each in its own transaction; return how many.

    The worker calls it; `claim` does the same for the resources it touches, so that no place waits for the worker.
    One that fails is logged and keeps none of the others from it.
    """
    lapsed = list(
        db.db.session.scalars(select(Booking.ref).where(Booking.state.in_(LAPSING), Booking.lapses_at <= clock.now()))
    )
    return sum(_try_to_expire(ref) for ref in lapsed)


def _try_to_expire(ref: str) -> bool:
    try:
        return _expire(ref)
    except Exception:
        log.exception("booking %s could not be expired", ref)
        return False


def _expire(ref: str) -> bool:
    with db.write() as session:
        booking = locked(session, ref)
        if booking.state not in LAPSING or booking.lapses_at is None or booking.lapses_at > clock.now():
            return False
        lapse(session, booking)
    return True


def locked(session: Session, ref: str) -> Booking:
    """Load a booking and lock it until the commit.

    Raises:
        errors.NotFound: there is none of this reference.
    """
    booking = session.scalar(
        select(Booking)
        .where(Booking.ref == ref)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if booking is None:
        raise errors.NotFound
    return booking


def seen(session: Session, ref: str) -> Booking:
    """Return a booking, not locked, for what has to be locked before it.

    Raises:
        errors.NotFound: there is none of this reference.
    """
    booking = session.scalar(select(Booking).where(Booking.ref == ref))
    if booking is None:
        raise errors.NotFound
    return booking


def seen_for_organisation(session: Session, actor: User, ref: str) -> Booking:
    """Return a booking, not locked, if the actor is a contact of its organisation, or books on its behalf.

    Raises:
        errors.NotFound: there is none, or the actor may not know of it.
    """
    booking = seen(session, ref)
    if not (
        roles.allows(actor, "booking.make", organisation_id=booking.organisation_id)
        or roles.allows(actor, "booking.on_behalf", base_id=booking.base_id)
    ):
        raise errors.NotFound
    return booking


def check_version(booking: Booking, version: int | None) -> None:
    """Refuse what was decided by an older picture of the booking.

    Raises:
        errors.StateChanged: the booking has changed since.
    """
    if version is not None and booking.version != version:
        raise errors.StateChanged


def cancel_until(booking: Booking) -> datetime:
    """Return until when a contact may cancel, by the rules the booking was made under.

    What nobody has confirmed yet can be withdrawn until it begins: nothing has been prepared for it.
    """
    if booking.state != "confirmed":
        return booking.start_at
    rules = made_under(booking.rules["kind"])
    return min(booking.start_at - rules.cancel_before, whole_before(booking.start_at, rules.cancel_workdays))


def check_in_time(booking: Booking) -> None:
    """Refuse what a contact does after the kind's time limit for cancelling.

    Raises:
        TooLate: the limit has passed.
    """
    if clock.now() > cancel_until(booking):
        raise TooLate(
            _(
                "It could be cancelled here until %(moment)s. Please call the base: its manager can still cancel it.",
                moment=dates.moment(cancel_until(booking)),
            )
        )


def _check_permission(session: Session, actor: User, booking: Booking, action: str, *, decides: bool) -> None:
    if decides:
        return
    own = roles.allows(actor, "booking.make", organisation_id=booking.organisation_id)
    if not own and not approvals.may_read(session, actor, booking):
        raise errors.NotFound
    if own and action == "cancel":
        return
    if action not in DECISIONS or not approvals.votes(session, actor, booking):
        raise errors.Forbidden


def _fits(booking: Booking, action: str) -> bool:
    """Say whether an action fits the state; what nobody has to decide is not approved (a hold, an offer)."""
    return booking.state in WAITING if action == "approve" else (booking.state, action) in MOVES


def _check_time(booking: Booking, action: str, *, decides: bool) -> None:
    now = clock.now()
    if action in AFTER_START and now < booking.start_at:
        raise TooEarly(_("This can be recorded once the training has begun."))
    if action == "check_in" and now < booking.start_at - CHECK_IN:
        raise TooEarly(
            _("People can be checked in from %(moment)s on.", moment=dates.moment(booking.start_at - CHECK_IN))
        )
    if action == "approve" and now >= booking.end_at:
        raise TooLate(_("The time of this booking is over: it can no longer be approved. Please refuse it."))
    if action == "cancel" and not decides:
        check_in_time(booking)


def _check_place(booking: Booking) -> None:
    """Refuse to approve what no longer has its place: approval confirms what is taken, and takes nothing itself."""
    if not any(allocation.active for allocation in booking.allocations):
        message = _("This booking has lost its place. Please cancel it, and let it be booked again.")
        raise errors.DomainError(message, code="state_changed")


def _deadline(booking: Booking, deadline: datetime | None) -> datetime:
    now = clock.now()
    if booking.start_at <= now:
        raise errors.Invalid({"": _("The training has begun: it can no longer be returned for changes.")})
    if deadline is None:
        return min(now + TIME_TO_MEND, booking.start_at)
    if deadline <= now:
        raise errors.Invalid({"deadline": _("The deadline must lie ahead.")})
    if deadline > booking.start_at:
        raise errors.Invalid({"deadline": _("The deadline must not be later than the start.")})
    return deadline
