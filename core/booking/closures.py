"""Closures: resources out of use for a time, entered by a base's manager; what stands in the way is settled with it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import audit, clock, db, errors, events
from core.accounts import roles
from core.accounts.models import User
from core.booking import changing, remedies
from core.booking.allocation import Want, claim, lapsed, lock, release
from core.booking.events import ClosureChanged
from core.booking.families import family
from core.booking.machine import advance
from core.booking.models import Allocation, Booking, Closure, Resource, TrainingSession
from core.booking.remedies import Blocked, InTheWay, Owner, Remedy, key_of

if TYPE_CHECKING:
    from core.booking.changing import Standing


def enter(*, actor: User, resource_id: int, start: datetime, end: datetime, reason: str) -> Closure:
    """Close one resource for a time, if nothing stands in the way; as `close`."""
    return close(actor=actor, resource_ids=[resource_id], start=start, end=end, reason=reason)[0]


def close(
    *,
    actor: User,
    resource_ids: Collection[int],
    start: datetime,
    end: datetime,
    reason: str,
    given: Mapping[str, Remedy] | None = None,
) -> list[Closure]:
    """Close resources for a time, and settle what stands in the way: everything in one transaction, or nothing.

    The whole capacity of each is taken; closing a resource closes its parts. A closure that stands already, of the same
    resource and time, is kept as it is: sending twice, or two managers at once, close it once.

    Args:
        actor: a manager of the resources' base (the office for the consortium's instructors).
        start, end: aware moments.
        reason: public; those whose booking is moved or cancelled are told it.
        given: what becomes of each booking and session in the way, by `remedies.key_of`.

    Returns:
        The closures, in the order of their resources' ids.

    Raises:
        errors.Forbidden: the actor does not manage the base.
        errors.NotFound: a resource does not exist or is archived.
        errors.Invalid: the times, the reason or the resources are of no use.
        InTheWay: bookings or sessions are in the way that nothing is given for, or what was given cannot be done.
        ResourceTaken: one is closed already for a part of the time.
    """
    given = given or {}
    reason = reason.strip()
    _check(resource_ids, start, end, reason)
    with db.write() as session:
        seen = _in_the_way(session, resource_ids, start, end)
        wanted = set(resource_ids).union(*(remedies.affected(session, one, given.get(key_of(one))) for one in seen))
        resources = lock(session, wanted)
        closed = {number: resources[number] for number in sorted(resource_ids)}
        for resource in closed.values():
            roles.require(actor, "closure.manage", base_id=resource.base_id)
        if any(resource.capacity < 1 for resource in closed.values()):
            raise errors.Invalid({"resource_id": _("This resource has no capacity that could be closed.")})
        standing = _standing_already(session, closed, start, end)
        left = [number for number in _tops(closed) if number not in standing]
        owners = _locked(session, _in_the_way(session, left, start, end))
        settlement = _Settlement(session, actor, given, reason)
        settlement.make_room(owners, {key_of(one) for one in seen})
        made = [_take(session, actor, closed[number], (start, end), reason) for number in left]
        settlement.carry_out(owners)
        if settlement.problems:
            shut = {number: resources[number] for number in family(session, left) if number in resources}
            raise InTheWay(settlement.blocked(owners, shut))
    return sorted([*standing.values(), *made], key=lambda closure: closure.resource_id)


def lift(*, actor: User, closure_id: int) -> Closure:
    """End a closure; the resource is free again.

    Raises:
        errors.NotFound: there is no such closure.
        errors.Forbidden: the actor does not manage the base.
        errors.StateChanged: it is lifted already.
    """
    with db.write() as session:
        closure = session.scalar(select(Closure).where(Closure.id == closure_id).with_for_update(key_share=True))
        if closure is None:
            raise errors.NotFound
        roles.require(actor, "closure.manage", base_id=closure.resource.base_id)
        if closure.lifted_at is not None:
            raise errors.StateChanged
        closure.lifted_at = clock.now()
        release(session, closure=closure)
        audit.record(session, actor_id=actor.id, action="closure.lift", subject=f"closure:{closure.id}")
        events.publish(session, ClosureChanged(closure=closure, action="lift", actor_id=actor.id))
    return closure


def _check(resource_ids: Collection[int], start: datetime, end: datetime, reason: str) -> None:
    problems: dict[str, object] = {}
    if not resource_ids:
        problems["resource_id"] = _("Please choose what is closed.")
    if end <= start:
        problems["end"] = _("The end must be later than the start.")
    elif end <= clock.now():
        problems["end"] = _("This time has passed.")
    if not reason:
        problems["reason"] = _("Please give the reason: everybody will read it in the calendar.")
    if problems:
        raise errors.Invalid(problems)


def _in_the_way(session: Session, resource_ids: Collection[int], start: datetime, end: datetime) -> list[Owner]:
    """Return the bookings and sessions that have something of resources in a time, in order of their start.

    What is booked of a part stands on its parents too, and the other way round: the resources themselves say it all.
    """
    rows = session.execute(
        select(Allocation.booking_id, Allocation.session_id)
        .outerjoin(Booking, Allocation.booking_id == Booking.id)
        .where(
            Allocation.resource_id.in_(resource_ids),
            Allocation.active,
            Allocation.end_at > start,
            Allocation.start_at < end,
            Allocation.closure_id.is_(None),
            or_(Booking.id.is_(None), ~lapsed()),
        )
    ).all()
    bookings = session.scalars(select(Booking).where(Booking.id.in_({row[0] for row in rows if row[0]})))
    trainings = session.scalars(
        select(TrainingSession).where(TrainingSession.id.in_({row[1] for row in rows if row[1]}))
    )
    return sorted([*bookings, *trainings], key=lambda one: (one.start_at, key_of(one)))


def _locked(session: Session, owners: Sequence[Owner]) -> list[Owner]:
    """Lock what is in the way: sessions first, then bookings, by id."""
    sessions_seen = [one.id for one in owners if isinstance(one, TrainingSession)]
    bookings_seen = [one.id for one in owners if isinstance(one, Booking)]
    trainings = session.scalars(
        select(TrainingSession)
        .where(TrainingSession.id.in_(sessions_seen))
        .order_by(TrainingSession.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    bookings = session.scalars(
        select(Booking)
        .where(Booking.id.in_(bookings_seen))
        .order_by(Booking.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    return sorted([*trainings, *bookings], key=lambda one: (one.start_at, key_of(one)))


def _standing_already(
    session: Session, closed: Mapping[int, Resource], start: datetime, end: datetime
) -> dict[int, Closure]:
    rows = session.scalars(
        select(Closure).where(
            Closure.resource_id.in_(closed),
            Closure.start_at == start,
            Closure.end_at == end,
            Closure.lifted_at.is_(None),
        )
    )
    return {closure.resource_id: closure for closure in rows}


def _tops(closed: Mapping[int, Resource]) -> list[int]:
    """Return the resources to be closed without those that are closed with their parent."""
    return [number for number, resource in closed.items() if not _above(resource) & closed.keys()]


def _above(resource: Resource) -> set[int]:
    found: set[int] = set()
    while resource.parent is not None and resource.parent.id not in found:
        resource = resource.parent
        found.add(resource.id)
    return found


def _take(session: Session, actor: User, resource: Resource, span: tuple[datetime, datetime], reason: str) -> Closure:
    start, end = span
    closure = Closure(
        resource_id=resource.id,
        start_at=start,
        end_at=end,
        reason=reason,
        created_by_id=actor.id,
        created_at=clock.now(),
    )
    session.add(closure)
    session.flush()
    claim(session, [Want(resource.id, start, end, resource.capacity)], closure=closure)
    audit.record(session, actor_id=actor.id, action="closure.enter", subject=f"closure:{closure.id}")
    events.publish(session, ClosureChanged(closure=closure, action="enter", actor_id=actor.id))
    return closure


class _Settlement:
    """What becomes of everything in the way of one closure."""

    def __init__(self, session: Session, actor: User, given: Mapping[str, Remedy], reason: str) -> None:
        self.session = session
        self.actor = actor
        self.given = given
        self.reason = reason
        self.vacated: dict[str, Standing] = {}
        self.problems: dict[str, str] = {}

    def make_room(self, owners: Iterable[Owner], seen: Collection[str]) -> None:
        """Cancel what is to be cancelled and vacate all else; what there is no remedy for is a problem.

        Args:
            seen: what was there before the locks; what has come since has nothing of its own locked and has to wait.
        """
        for owner in owners:
            key = key_of(owner)
            remedy = self.given.get(key) if key in seen else None
            if isinstance(owner, Booking) and owner.state == "held":  # a form that is being filled in
                advance(self.session, owner, "expire", actor_id=self.actor.id, reason=self.reason)
            elif remedy is None or remedy.action != "cancel" or not self._give_up(owner):
                self._vacate(owner)
                if remedy is None:
                    self.problems[key] = ""

    def carry_out(self, owners: Iterable[Owner]) -> None:
        """Settle what was vacated, in order of time."""
        for owner in owners:
            key = key_of(owner)
            remedy = self.given.get(key)
            if remedy is not None and remedy.action != "cancel" and key not in self.problems:
                self._settle(owner, remedy)

    def blocked(self, owners: Iterable[Owner], closed: Mapping[int, Resource]) -> list[Blocked]:
        """Return what is not settled, with what can become of it."""
        return [
            remedies.blocked(self.session, owner, self.vacated.get(key_of(owner)), closed, self.problems[key_of(owner)])
            for owner in owners
            if key_of(owner) in self.problems
        ]

    def _vacate(self, owner: Owner) -> None:
        if isinstance(owner, Booking):
            self.vacated[key_of(owner)] = changing.vacate(self.session, owner)
        else:
            release(self.session, training=owner)

    def _give_up(self, owner: Owner) -> bool:
        try:
            with self.session.begin_nested():
                remedies.give_up(self.session, self.actor, owner, self.reason)
        except errors.DomainError as error:
            self.problems[key_of(owner)] = str(error)
            return False
        return True

    def _settle(self, owner: Owner, remedy: Remedy) -> None:
        vacated = owner if isinstance(owner, TrainingSession) else self.vacated.get(key_of(owner))
        if vacated is None:
            return  # a form that was being filled in
        try:
            with self.session.begin_nested():
                remedies.carry_out(self.session, self.actor, vacated, remedy, self.reason)
        except errors.DomainError as error:
            self.problems[key_of(owner)] = str(error)
