"""Who asks for what, by the rules in force, and what it would take: the first half of every booking."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from core import errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.models import Base
from core.booking import kinds, planning, queue, times
from core.booking.allocation import Want
from core.booking.errors import ResourceTaken
from core.booking.legs import Picks
from core.booking.planning import Asking, Plan
from core.booking.spans import Span
from core.intake.answers import Cleaned
from core.organisations.models import Organisation


def ask(
    session: Session,
    base: Base,
    kind: str,
    organisation_id: int,
    cleaned: Cleaned | None,
    *,
    booking_id: int | None = None,
) -> Asking:
    """Return who asks for what, by the rules in force.

    Raises:
        errors.NotFound: this cannot be booked there at present.
        errors.Forbidden: the organisation can no longer book.
    """
    offered = kinds.offered(base, kind, session)
    organisation = session.get(Organisation, organisation_id)
    if organisation is None or organisation.archived_at is not None:
        raise errors.Forbidden(_("This organisation can no longer book."))
    return Asking(base, offered.kind, offered.row, offered.rules(organisation), organisation, cleaned, booking_id)


def plan_for(
    session: Session,
    actor: User,
    asking: Asking,
    *,
    training_id: int | None,
    start: datetime | None,
    end: datetime | None,
    picks: Picks,
    units: int,
    kept: Sequence[Want] = (),
) -> tuple[Plan, list[dict[str, str]]]:
    """Lock and look for what a booking would take, and ask the base's rules.

    Args are those of `making.book`, and:
        kept: what the asker had until now and gives back for this: whoever takes no more than that passes nobody.

    Returns:
        The plan, everything in it free under lock and waited for by nobody, and the warnings of the rules, frozen by
        language.

    Raises:
        As `making.book` does for times and what is taken.
    """
    try:
        plan, warnings = planned(
            session,
            asking,
            training_id=training_id,
            start=start,
            end=end,
            picks=picks,
            units=units,
            bound=is_bound(actor, asking),
        )
        if not queue.within(plan.wants, kept):
            queue.check(session, asking, plan)
    except ResourceTaken as taken:
        taken.can_wait = bool(asking.rules.waiting)
        raise
    return plan, warnings


def planned(
    session: Session,
    asking: Asking,
    *,
    training_id: int | None,
    start: datetime | None,
    end: datetime | None,
    picks: Picks,
    units: int,
    bound: bool,
    advise: bool = True,
) -> tuple[Plan, list[dict[str, str]]]:
    """Lock and look for what a booking would take, whoever waits for it; otherwise as `plan_for`.

    Args:
        bound: whether hours, notice and window bind.
        advise: whether a refusal names alternatives.
    """
    if asking.kind.mode == "session":
        plan = planning.session_plan(session, asking, training_id, units, bound=bound, advise=advise)
        return plan, planning.decide(asking, plan)
    start, end = times.check_slot(asking.kind, start, end)
    if bound:
        times.check_notice(asking.rules, start)
        times.check_hours(asking.base, start, end)
    else:
        times.check_not_over(end)
    return planning.slot_plan(session, asking, Span(start, end, units), picks, bound=bound, advise=advise)


def is_bound(actor: User, asking: Asking) -> bool:
    """Say whether hours, notice and window bind somebody: all but those who manage the base."""
    return not roles.allows(actor, "booking.on_behalf", base_id=asking.base.id)
