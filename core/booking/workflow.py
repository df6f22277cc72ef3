"""What people do with a booking after it is made: confirm, return, reject, cancel, complete, miss; and its lapsing."""

import logging
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, dates, db, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.workdays import whole_before
from core.booking.errors import TooEarly, TooLate
from core.booking.machine import advance, lapse
from core.booking.models import Booking
from core.booking.rules import made_under
from core.booking.states import LAPSING, MOVES

log = logging.getLogger(__name__)

GIVES_REASON = frozenset({"return", "reject"})
"""Actions that owe the organisation a reason; so does a manager's `cancel`."""

AFTER_START = frozenset({"complete", "miss"})

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
) -> Booking:
    """Move a booking to its next state, with everything that follows from it, in one transaction.

    Args:
        actor: a manager of the base; for `cancel` also a contact of the organisation.
        ref: the booking's reference.
        action: `confirm`, `return`, `reject`, `cancel`, `complete` or `miss`.
        reason: told to the organisation; owed for `return`, `reject` and a manager's `cancel`.
        version: the version the actor saw; None to skip the comparison.
        deadline: (`return`) until when it keeps its place; None for `TIME_TO_MEND`.

    Raises:
        errors.NotFound: there is none of this reference, or the actor may not know of it.
        errors.Forbidden: the actor may see it but not do this.
        errors.StateChanged: somebody else was faster, or the action does not fit its state.
        errors.Invalid: the reason is missing or the deadline is of no use.
        TooLate: a contact cancels after the kind's time limit.
        TooEarly: completed or missed before it began.
    """
    if action not in {known for _state, known in MOVES} - {"submit", "expire"}:
        raise errors.NotFound
    with db.write() as session:
        booking = locked(session, ref)
        decides = roles.allows(actor, "booking.decide", base_id=booking.base_id)
        _check_permission(actor, booking, action, decides=decides)
        check_version(booking, version)
        if (booking.state, action) not in MOVES:
            raise errors.StateChanged
        reason = reason.strip()
        if not reason and (action in GIVES_REASON or (action == "cancel" and decides)):
            raise errors.Invalid({"reason": _("Please give the reason: the organisation will read it.")})
        _check_time(booking, action, decides=decides)
        if action == "return":
            booking.lapses_at = _deadline(booking, deadline)
        advance(session, booking, action, actor_id=actor.id, reason=reason)
    return booking


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


def _check_permission(actor: User, booking: Booking, action: str, *, decides: bool) -> None:
    own = roles.allows(actor, "booking.make", organisation_id=booking.organisation_id)
    if not decides and not own:
        raise errors.NotFound
    if not decides and action != "cancel":
        raise errors.Forbidden


def _check_time(booking: Booking, action: str, *, decides: bool) -> None:
    now = clock.now()
    if action in AFTER_START and now < booking.start_at:
        raise TooEarly(_("This can be recorded once the training has begun."))
    if action == "cancel" and not decides and now > cancel_until(booking):
        raise TooLate(
            _(
                "It could be cancelled here until %(moment)s. Please call the base: its manager can still cancel it.",
                moment=dates.moment(cancel_until(booking)),
            )
        )


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
