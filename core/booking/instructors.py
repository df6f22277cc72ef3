"""The consortium's instructors, who are booked like any other resource: added, changed and let go by the office."""

from collections.abc import Collection

from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core import audit, clock, db, errors, versions
from core.accounts import roles
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.bases.models import Base
from core.booking.allocation import lock
from core.booking.errors import InUse
from core.booking.legs import INSTRUCTOR
from core.booking.models import Allocation, Booking, Resource, TrainingSession
from core.localised import freeze

PERMISSION = "instructor.manage"
LONGEST_NAME = 120


def add(*, actor: User, name: str, bases: Collection[str], user_id: int | None = None) -> Resource:
    """Add an instructor.

    Args:
        actor: the office.
        name: what contacts read.
        bases: slugs of the bases they work at.
        user_id: the account, with the role of instructor, whose calendar shows what is booked.

    Raises:
        errors.Forbidden: the actor may not.
        errors.Invalid: something cannot be used, by field.
    """
    with db.write() as session:
        roles.require(actor, PERMISSION)
        _check(session, name=name, bases=bases, user_id=user_id, resource_id=None)
        everyone = select(Resource).where(Resource.base_id.is_(None), Resource.kind == INSTRUCTOR)
        there = session.scalars(everyone).all()
        known = {row.slug for row in there}
        resource = Resource(
            slug=next(slug for slug in (f"instructor-{n}" for n in range(1, len(known) + 2)) if slug not in known),
            kind=INSTRUCTOR,
            own=True,
            declared={"name": freeze(name.strip())},
            attributes={"bases": sorted(bases)},
            capacity=1,
            user_id=user_id,
            position=max((row.position for row in there), default=0) + 1,
        )
        session.add(resource)
        session.flush()
        _record(session, resource, "add", actor)
    return resource


def change(*, actor: User, resource_id: int, name: str, bases: Collection[str], user_id: int | None = None) -> Resource:
    """Change an instructor; arguments as for `add`.

    Raises:
        errors.NotFound, errors.Forbidden: there is none, or the actor may not.
        errors.Invalid: something cannot be used, by field.
        InUse: they are booked ahead at a base they would no longer work at.
    """
    with db.write() as session:
        roles.require(actor, PERMISSION)
        seen = session.get(Resource, resource_id)
        if seen is None or seen.base_id is not None or seen.kind != INSTRUCTOR:
            raise errors.NotFound
        if seen.archived_at is None:
            lock(session, [resource_id])
        resource = session.get_one(Resource, resource_id, with_for_update=True, populate_existing=True)
        _check(session, name=name, bases=bases, user_id=user_id, resource_id=resource_id)
        left = set(resource.attributes.get("bases", [])) - set(bases)
        if left & _booked_at(session, resource_id):
            message = _("%(name)s is booked ahead at a base you have taken away.", name=resource.name)
            raise InUse(message, [resource_id])
        resource.declared = resource.declared | {"name": freeze(name.strip())}
        resource.name_set = None
        resource.attributes = resource.attributes | {"bases": sorted(bases)}
        resource.user_id = user_id
        _record(session, resource, "change", actor)
    return resource


def possible_accounts(session: Session) -> list[User]:
    """Return the active accounts that hold the role of instructor, by name."""
    held = select(User).where(User.active, User.id.in_(select(Grant.user_id).where(Grant.role == Role.INSTRUCTOR)))
    return list(session.scalars(held.order_by(User.name, User.id)))


def _check(
    session: Session, *, name: str, bases: Collection[str], user_id: int | None, resource_id: int | None
) -> None:
    problems: dict[str, object] = {}
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        problems["name"] = _("Please give a name of 120 characters at most.")
    known = set(session.scalars(select(Base.slug)))
    if not bases or not set(bases) <= known:
        problems["bases"] = _("Please choose one base at least.")
    if user_id is not None:
        if user_id not in {user.id for user in possible_accounts(session)}:
            problems["user_id"] = _("Please choose an account with the role of instructor.")
        elif session.scalar(_same_account(user_id, resource_id)):
            problems["user_id"] = _("This account belongs to another instructor.")
    if problems:
        raise errors.Invalid(problems)


def _same_account(user_id: int, resource_id: int | None) -> Select[int]:
    return (
        select(func.count())
        .select_from(Resource)
        .where(Resource.user_id == user_id, Resource.archived_at.is_(None), Resource.id != (resource_id or 0))
    )


def _booked_at(session: Session, resource_id: int) -> set[str]:
    """Return the slugs of the bases at which an instructor is booked ahead."""
    ahead = (Allocation.resource_id == resource_id, Allocation.active, Allocation.end_at > clock.now())
    by_booking = (
        select(Base.slug)
        .join(Booking, Booking.base_id == Base.id)
        .join(Allocation, Allocation.booking_id == Booking.id)
        .where(*ahead)
    )
    by_session = (
        select(Base.slug)
        .join(TrainingSession, TrainingSession.base_id == Base.id)
        .join(Allocation, Allocation.session_id == TrainingSession.id)
        .where(*ahead)
    )
    return {*session.scalars(by_booking), *session.scalars(by_session)}


def _record(session: Session, resource: Resource, action: str, actor: User) -> None:
    versions.touch(session, "access")  # whose calendar it is decides who may follow it
    audit.record(session, actor_id=actor.id, action=f"instructor.{action}", subject=f"resource:{resource.id}")
