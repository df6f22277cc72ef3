"""Closures: a resource out of use for a time, entered by a base's manager."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from core import audit, clock, db, errors, events
from core.accounts import roles
from core.accounts.models import User
from core.booking.allocation import Want, claim, lock, release
from core.booking.events import ClosureChanged
from core.booking.models import Closure


def enter(*, actor: User, resource_id: int, start: datetime, end: datetime, reason: str) -> Closure:
    """Close a resource for a time: its whole capacity is taken.

    Args:
        actor: a manager of the resource's base (the office for the consortium's instructors).
        start, end: aware moments.
        reason: public.

    Raises:
        errors.Forbidden: the actor does not manage the base.
        errors.Invalid: the times or the reason are of no use.
        ResourceTaken: something is booked in this time; it has to be moved or cancelled first.
    """
    reason = reason.strip()
    problems: dict[str, object] = {}
    if end <= start:
        problems["end"] = _("The end must be later than the start.")
    elif end <= clock.now():
        problems["end"] = _("This time has passed.")
    if not reason:
        problems["reason"] = _("Please give the reason: everybody will read it in the calendar.")
    if problems:
        raise errors.Invalid(problems)
    with db.write() as session:
        resource = lock(session, [resource_id])[resource_id]
        roles.require(actor, "closure.manage", base_id=resource.base_id)
        if resource.capacity < 1:
            raise errors.Invalid({"resource_id": _("This resource has no capacity that could be closed.")})
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
