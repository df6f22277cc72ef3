"""Who decides on a booking: the steps of its chain, who may decide the present one, and what a decision counts.

The chain is data: that of the rules the booking was made under. Nobody counts twice in one round, whatever roles they
hold and in whose place they decide: the unique constraint of `Approval` is the guarantee, the checks here its words.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import clock, db, errors, events
from core.accounts.models import Grant, User
from core.accounts.roles import PERMISSIONS, allows
from core.bases import workdays
from core.booking import delegations
from core.booking.errors import CountsOnce
from core.booking.events import BookingOverdue
from core.booking.models import Approval, Booking
from core.booking.rules import Step, made_under
from core.booking.states import WAITING

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Vote:
    """In which role somebody may decide, and in whose place; None: in their own."""

    role: str
    instead_of: User | None = None


def begin(booking: Booking, *, anew: bool = False) -> None:
    """Let the chain begin at its first step, by the deadline of that step; nothing else happens.

    The state machine calls it whenever a booking is submitted.

    Args:
        booking: has its `rules`; the caller writes it.
        anew: whether it is to be decided anew: what was approved before counts no more.
    """
    if anew:
        booking.round += 1
    chain = chain_of(booking)
    _go_to(booking, 0, chain[0] if chain else None)


def chain_of(booking: Booking) -> tuple[Step, ...]:
    """Return the steps of the rules a booking was made under."""
    return made_under(booking.rules["kind"]).chain


def present(booking: Booking) -> Step | None:
    """Return the step that has to decide now, or None where nobody has to."""
    chain = chain_of(booking)
    return chain[booking.step] if booking.state in WAITING and booking.step < len(chain) else None


def is_overdue(booking: Booking) -> bool:
    """Say whether the deadline of the present step has passed."""
    return booking.decide_by is not None and booking.decide_by <= clock.now()


def last_day(booking: Booking) -> date | None:
    """Return the last day on which the present step is decided in time; the deadline is its end."""
    return None if booking.decide_by is None else clock.local(booking.decide_by - timedelta(seconds=1)).date()


def roles_for(booking: Booking) -> tuple[str, ...]:
    """Return the roles that may decide the present step now; past its deadline that of the escalation too."""
    step = present(booking)
    if step is None:
        return ()
    more = (step.escalate,) if step.escalate and step.escalate not in step.roles and is_overdue(booking) else ()
    return (*step.roles, *more)


def needed(step: Step) -> int:
    """Return how many people have to approve in a step."""
    return len(step.roles) if step.need == "all" else 1


def counted(session: Session, booking: Booking) -> Sequence[Approval]:
    """Return the approvals that count in the present round, the first first."""
    return session.scalars(
        select(Approval)
        .where(Approval.booking_id == booking.id, Approval.round == booking.round)
        .order_by(Approval.id)
        .execution_options(populate_existing=True)
    ).all()


def is_begun(session: Session, booking: Booking) -> bool:
    """Say whether somebody has approved in the present step, and somebody else has still to."""
    return any(entry.step == booking.step for entry in counted(session, booking))


def votes(session: Session, actor: User, booking: Booking) -> list[Vote]:
    """Return the votes somebody has in the present step, their own first; whether one counts, `check` says."""
    return _votes(actor, booking, delegations.givers(session, actor, booking.base_id))


def check(session: Session, actor: User, booking: Booking) -> Vote:
    """Return the vote with which somebody approves the present step.

    Raises:
        errors.StateChanged: nothing is to be decided.
        errors.Forbidden: others decide, or the actor is not impartial.
        CountsOnce: the actor, or who is represented, has approved in this round already.
    """
    givers = delegations.givers(session, actor, booking.base_id)
    return weigh(actor, booking, givers=givers, approvals=counted(session, booking))


def weigh(actor: User, booking: Booking, *, givers: Sequence[User], approvals: Sequence[Approval]) -> Vote:
    """Return what `check` does, from what is read already.

    Args:
        givers: in whose place the actor may decide at the booking's base today.
        approvals: that count in the present round.
    """
    step = present(booking)
    if step is None:
        raise errors.StateChanged
    held = _votes(actor, booking, givers)
    if not held:
        raise errors.Forbidden(_("This step is decided by others: %(step)s.", step=step.name))
    impartial = [vote for vote in held if not partial(actor, booking) and not partial(vote.instead_of, booking)]
    if not impartial:
        raise errors.Forbidden(
            _("Whoever belongs to the organisation, or has booked for it, leaves this decision to somebody else.")
        )
    used = {person for entry in approvals for person in (entry.user_id, entry.instead_of_id)}
    fresh = [vote for vote in impartial if not used & {actor.id, (vote.instead_of or actor).id}]
    if not fresh:
        raise CountsOnce
    filled = [entry.role for entry in approvals if entry.step == booking.step]
    missing = [vote for vote in fresh if step.need == "any" or _fills(vote.role, step, filled, booking)]
    if not missing:
        raise errors.Forbidden(_("In this role somebody has approved already; another one is still missing."))
    return missing[0]


def may_approve(session: Session, actor: User, booking: Booking) -> bool:
    """Say whether somebody's approval would count now."""
    try:
        check(session, actor, booking)
    except errors.DomainError:
        return False
    return True


def count(session: Session, booking: Booking, actor: User, *, reason: str = "") -> str:
    """Write down that somebody approves the present step of a locked booking, and go on where it is satisfied.

    Returns:
        The action that follows: `approve` while somebody else has to decide, `confirm` after the last step.

    Raises:
        As `check`.
    """
    vote = check(session, actor, booking)
    session.add(
        Approval(
            booking_id=booking.id,
            round=booking.round,
            step=booking.step,
            role=vote.role,
            user_id=actor.id,
            instead_of_id=vote.instead_of.id if vote.instead_of else None,
            at=clock.now(),
            reason=reason,
        )
    )
    try:
        session.flush()
    except IntegrityError as error:
        raise CountsOnce from error
    chain = chain_of(booking)
    approved = sum(entry.step == booking.step for entry in counted(session, booking))
    if approved < needed(chain[booking.step]):
        return "approve"
    if booking.step + 1 == len(chain):
        return "confirm"
    _go_to(booking, booking.step + 1, chain[booking.step + 1])
    return "approve"


def partial(person: User | None, booking: Booking) -> bool:
    """Say whether somebody must not decide on a booking: the organisation's own people, and who made it.

    A manager who booked on behalf of a caller may decide the first step, unless that needs several people.
    """
    if person is None:
        return False
    if booking.organisation_id in person.organisation_ids() or booking.contact_id == person.id:
        return True
    step = present(booking)
    alone = step is not None and booking.step == 0 and needed(step) == 1
    return booking.made_by_id == person.id and not alone


def may_read(session: Session, actor: User, booking: Booking) -> bool:
    """Say whether somebody may read a booking because they decide: at the base, or in somebody's place.

    A delegate reads what waits for a decision, and what they have decided themselves.
    """
    if allows(actor, "booking.decide", base_id=booking.base_id):
        return True
    if booking.state not in WAITING and all(step.actor_id != actor.id for step in booking.history):
        return False
    return stands_in(session, actor, booking.base_id)


def stands_in(session: Session, actor: User, base_id: int) -> bool:
    """Say whether somebody stands in today for one who decides at a base."""
    givers = delegations.givers(session, actor, base_id)
    return any(allows(giver, "booking.decide", base_id=base_id) for giver in givers)


def deciders(session: Session, booking: Booking) -> list[User]:
    """Return whose approval would count now: those with a role of the present step, and who represents them."""
    roles = [role for role in roles_for(booking) if role in PERMISSIONS["booking.decide"]]
    here = or_(Grant.base_id == booking.base_id, and_(Grant.base_id.is_(None), Grant.organisation_id.is_(None)))
    held = select(User).where(User.active, User.grants.any(and_(Grant.role.in_(roles), here))).order_by(User.id)
    holders = session.scalars(held).all()
    people = {user.id: user for user in (*holders, *delegations.takers(session, holders, booking.base_id))}
    return [user for user in people.values() if may_approve(session, user, booking)]


def escalate_overdue() -> int:
    """Tell of every decision that is overdue, each once and in its own transaction; return how often it was told.

    The dates of a series that wait in the same step are told of together. The worker calls it. From the deadline on
    the role of the escalation may decide, whether it was told or not.
    """
    due = select(Booking.id).where(_unanswered()).order_by(Booking.decide_by, Booking.id)
    return sum(_try_to_escalate(booking_id) for booking_id in list(db.db.session.scalars(due)))


def _try_to_escalate(booking_id: int) -> bool:
    try:
        return _escalate(booking_id)
    except Exception:
        log.exception("nobody could be told that the decision on booking %s is overdue", booking_id)
        return False


def _escalate(booking_id: int) -> bool:
    with db.write() as session:
        row = session.execute(select(Booking.series_id, Booking.step).where(Booking.id == booking_id)).one()
        alike = and_(Booking.series_id == row.series_id, Booking.step == row.step)
        due = (
            select(Booking.id)
            .where(Booking.id == booking_id if row.series_id is None else alike, _unanswered())
            .order_by(Booking.id)
            .with_for_update(key_share=True)
        )
        overdue = session.scalars(due).all()
        if booking_id not in overdue:
            return False
        # It leaves the version alone, so that an open page can still be decided on.
        session.execute(
            update(Booking)
            .where(Booking.id.in_(overdue))
            .values(escalated=True)
            .execution_options(synchronize_session=False)
        )
        events.publish(session, BookingOverdue(session.get_one(Booking, booking_id, populate_existing=True)))
    return True


def _unanswered() -> ColumnElement[bool]:
    return and_(Booking.state.in_(WAITING), ~Booking.escalated, Booking.decide_by <= clock.now())


def _go_to(booking: Booking, position: int, step: Step | None) -> None:
    booking.step = position
    booking.escalated = False
    booking.decide_by = workdays.after(clock.now(), step.workdays) if step is not None and step.workdays else None


def _holds(person: User, role: str, base_id: int) -> bool:
    """Say whether somebody holds a role that decides, at the base or for the consortium."""
    return (
        person.active
        and role in PERMISSIONS["booking.decide"]
        and any(
            grant.role == role and grant.organisation_id is None and grant.base_id in {None, base_id}
            for grant in person.grants
        )
    )


def _votes(actor: User, booking: Booking, givers: Sequence[User]) -> list[Vote]:
    roles = roles_for(booking)
    return [
        Vote(role, giver)
        for giver in (None, *givers)
        for role in roles
        if _holds(giver or actor, role, booking.base_id)
    ]


def _fills(role: str, step: Step, filled: Sequence[str], booking: Booking) -> bool:
    """Say whether a role is still missing in a step that needs all; that of the escalation stands in for any."""
    return (role in step.roles and role not in filled) or (role == step.escalate and is_overdue(booking))
