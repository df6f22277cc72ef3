"""Letting another account decide on bookings for some days.

A delegate decides in place of the giver: approves, returns, rejects, and reads what waits; nothing else. What the giver
may do is looked up when it is done, so a delegation is worth nothing once its giver has lost the role, and cannot be
passed on: who only represents somebody holds no role to give.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from core import audit, clock, db, errors, events
from core.accounts import roles
from core.accounts.models import User
from core.accounts.roles import PERMISSIONS
from core.booking.events import DelegationChanged
from core.booking.models import Delegation

LONGEST = timedelta(days=92)
"""For how long somebody can be represented at once; a role for good is given by the office."""


def give(*, actor: User, email: str, base_id: int | None, first_day: date, last_day: date) -> Delegation:
    """Let another account decide in the actor's place, from one day to another (both included).

    Args:
        actor: decides at the base, or (no base) somewhere.
        email: of the account that is to decide.
        base_id: where; None: wherever the actor decides.

    Raises:
        errors.Forbidden: the actor does not decide there.
        errors.Invalid: there is no such account, the days make no sense, or it has been given to this account already;
            fields `email`, `first_day`, `last_day`.
    """
    with db.write() as session:
        if base_id is None:
            if not decides_somewhere(actor):
                raise errors.Forbidden
        else:
            roles.require(actor, "booking.decide", base_id=base_id)
        taker = session.scalar(select(User).where(User.email == email.strip().lower(), User.active))
        problems = _problems(actor, taker, first_day, last_day)
        if problems or taker is None:
            raise errors.Invalid(problems)
        delegation = Delegation(
            from_id=actor.id,
            to_id=taker.id,
            base_id=base_id,
            first_day=first_day,
            last_day=last_day,
            created_at=clock.now(),
        )
        if _is_given(session, delegation):
            message = _("This account decides in your place already on some of these days. Please look at the list.")
            raise errors.Invalid({"email": message})
        session.add(delegation)
        session.flush()
        _tell(session, delegation, "give", actor)
    return delegation


def end(*, actor: User, delegation_id: int) -> None:
    """End a delegation before its last day.

    Args:
        actor: who gave it, or who got it.

    Raises:
        errors.NotFound: there is none, or it is somebody else's.
        errors.StateChanged: it has ended already.
    """
    with db.write() as session:
        delegation = session.get(Delegation, delegation_id, with_for_update=True, populate_existing=True)
        if delegation is None or actor.id not in {delegation.from_id, delegation.to_id}:
            raise errors.NotFound
        if delegation.ended_at is not None or delegation.last_day < clock.today():
            raise errors.StateChanged
        delegation.ended_at = clock.now()
        _tell(session, delegation, "end", actor)


def givers(session: Session, taker: User, base_id: int) -> list[User]:
    """Return in whose place an account may decide at a base today; what roles they hold is for the caller to see."""
    if not taker.is_authenticated or not taker.active:
        return []
    wanted = (
        select(User)
        .join(Delegation, Delegation.from_id == User.id)
        .where(User.active, Delegation.to_id == taker.id, _in_force(), _at(base_id))
        .order_by(User.id)
        .distinct()
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(wanted))


def takers(session: Session, people: Iterable[User], base_id: int) -> Sequence[User]:
    """Return who represents some people at a base today."""
    wanted = (
        select(User)
        .join(Delegation, Delegation.to_id == User.id)
        .where(User.active, Delegation.from_id.in_([user.id for user in people]), _in_force(), _at(base_id))
        .order_by(User.id)
        .distinct()
    )
    return session.scalars(wanted).all()


def standing_for(session: Session, taker: User) -> Sequence[Delegation]:
    """Return the delegations by which an account decides in somebody's place today."""
    wanted = select(Delegation).where(Delegation.to_id == taker.id, _in_force())
    return session.scalars(wanted.options(joinedload(Delegation.giver)).order_by(Delegation.id)).all()


def known(user: User) -> tuple[Sequence[Delegation], Sequence[Delegation]]:
    """Return what somebody has given and what they have got, that has not ended; the first that begins first."""
    ahead = and_(Delegation.ended_at.is_(None), Delegation.last_day >= clock.today())
    wanted = (
        select(Delegation)
        .where(ahead)
        .options(joinedload(Delegation.giver), joinedload(Delegation.taker), joinedload(Delegation.base))
        .order_by(Delegation.first_day, Delegation.id)
    )
    given = db.db.session.scalars(wanted.where(Delegation.from_id == user.id)).all()
    got = db.db.session.scalars(wanted.where(Delegation.to_id == user.id)).all()
    return given, got


def concerns(user: User) -> bool:
    """Say whether somebody decides on bookings somewhere, or stands in today for one who does."""
    if decides_somewhere(user):
        return True
    return any(decides_somewhere(entry.giver) for entry in standing_for(db.db.session(), user))


def decides_somewhere(user: User) -> bool:
    """Say whether somebody holds a role that decides on bookings."""
    return user.active and any(grant.role in PERMISSIONS["booking.decide"] for grant in user.grants)


def _problems(actor: User, taker: User | None, first_day: date, last_day: date) -> dict[str, object]:
    problems: dict[str, object] = {}
    if taker is None:
        problems["email"] = _("Nobody has an account with this e-mail address. Please check it.")
    elif taker.id == actor.id:
        problems["email"] = _("This is your own account. Please name somebody else's.")
    if first_day < clock.today():
        problems["first_day"] = _("The first day must not lie in the past.")
    if last_day < first_day:
        problems["last_day"] = _("The last day must not be before the first.")
    elif last_day - first_day >= LONGEST:
        problems["last_day"] = _(
            "At most %(days)s days at once. For longer, the office can give the role itself.", days=LONGEST.days
        )
    return problems


def _is_given(session: Session, wanted: Delegation) -> bool:
    """Say whether the same, or more, is given already: a form that is sent twice gives it once.

    The giver's row is locked, so that two such requests follow one another.
    """
    session.execute(select(User.id).where(User.id == wanted.from_id).with_for_update(key_share=True))
    given = select(Delegation.id).where(
        Delegation.from_id == wanted.from_id,
        Delegation.to_id == wanted.to_id,
        Delegation.base_id.is_(None) if wanted.base_id is None else _at(wanted.base_id),
        Delegation.ended_at.is_(None),
        Delegation.first_day <= wanted.last_day,
        Delegation.last_day >= wanted.first_day,
    )
    return session.scalar(given.limit(1)) is not None


def _in_force() -> ColumnElement[bool]:
    today = clock.today()
    return and_(Delegation.ended_at.is_(None), Delegation.first_day <= today, Delegation.last_day >= today)


def _at(base_id: int) -> ColumnElement[bool]:
    return or_(Delegation.base_id.is_(None), Delegation.base_id == base_id)


def _tell(session: Session, delegation: Delegation, action: str, actor: User) -> None:
    audit.record(
        session,
        actor_id=actor.id,
        action=f"delegation.{action}",
        subject=f"delegation:{delegation.id}",
        to=delegation.to_id,
    )
    events.publish(session, DelegationChanged(delegation, action, actor.id))
