"""Reading a base's resources and kinds, and what is taken of them."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from core import clock, errors
from core.bases.models import Base
from core.booking.legs import INSTRUCTOR, serves
from core.booking.models import SEATS_SLUG, Allocation, Booking, Closure, Kind, Resource
from core.db import db


class Busy(NamedTuple):
    """A resource taken in `[start, end)`: by what, never by whom. `source` is `booking`, `session` or `closure`."""

    resource: Resource
    start: datetime
    end: datetime
    source: str
    source_id: int
    reason: str


def resources_of(base_id: int) -> list[Resource]:
    """Return a base's resources in the order shown; seats of sessions are left out."""
    seats = Resource.slug.startswith(SEATS_SLUG, autoescape=True)
    return list(db.session.scalars(_resources(base_id).where(~seats).order_by(Resource.position, Resource.id)))


def resources_with_hours(base_id: int) -> list[Resource]:
    """Return a base's resources as `resources_of` does, their own hours loaded with them."""
    seats = Resource.slug.startswith(SEATS_SLUG, autoescape=True)
    wanted = _resources(base_id).where(~seats).options(selectinload(Resource.hours))
    return list(db.session.scalars(wanted.order_by(Resource.position, Resource.id)))


def slugs_of(resource_ids: Collection[int]) -> dict[int, str]:
    """Return the slugs of resources by id."""
    rows = db.session.execute(select(Resource.id, Resource.slug).where(Resource.id.in_(resource_ids)))
    return {row.id: row.slug for row in rows}


def find_resource(base_id: int, slug: str) -> Resource:
    """Return a resource of a base by its slug; seats of sessions are left out.

    Raises:
        errors.NotFound: there is none, or it is archived.
    """
    found = None if slug.startswith(SEATS_SLUG) else db.session.scalar(_resources(base_id).where(Resource.slug == slug))
    if found is None:
        raise errors.NotFound
    return found


def every_resource_of(base_id: int) -> list[Resource]:
    """Return a base's resources, those out of service last, each with what it is a part of; without sessions' seats."""
    seats = Resource.slug.startswith(SEATS_SLUG, autoescape=True)
    return list(
        db.session.scalars(
            select(Resource)
            .options(joinedload(Resource.parent))
            .where(Resource.base_id == base_id, ~seats)
            .order_by(Resource.archived_at.is_not(None), Resource.position, Resource.id)
        )
    )


def every_instructor() -> list[Resource]:
    """Return the consortium's instructors with their accounts, those who have left last."""
    return list(
        db.session.scalars(
            select(Resource)
            .options(joinedload(Resource.user))
            .where(Resource.base_id.is_(None), Resource.kind == INSTRUCTOR)
            .order_by(Resource.archived_at.is_not(None), Resource.position, Resource.id)
        )
    )


def ahead(resource_ids: Collection[int]) -> list[Allocation]:
    """Return what takes some resources now and later, with the booking, session or closure it belongs to."""
    last = datetime.max.replace(tzinfo=UTC)
    return [one for number in resource_ids for one in in_the_way(number, clock.now(), last)]


def instructors_for(base_id: int) -> list[Resource]:
    """Return the consortium's instructors who serve a base."""
    base = db.session.get(Base, base_id)
    if base is None:
        return []
    rows = db.session.scalars(
        select(Resource)
        .where(Resource.base_id.is_(None), Resource.kind == INSTRUCTOR, Resource.archived_at.is_(None))
        .order_by(Resource.position, Resource.id)
    )
    return [resource for resource in rows if serves(resource, base)]


def find_instructor(slug: str) -> Resource:
    """Return one of the consortium's instructors.

    Raises:
        errors.NotFound: there is none, or they are archived.
    """
    found = db.session.scalar(
        select(Resource).where(Resource.base_id.is_(None), Resource.slug == slug, Resource.archived_at.is_(None))
    )
    if found is None or found.kind != INSTRUCTOR:
        raise errors.NotFound
    return found


def instructors_with_account(user_id: int) -> list[Resource]:
    """Return the instructors, not archived, whose calendar an account is to see."""
    wanted = select(Resource).where(
        Resource.user_id == user_id, Resource.kind == INSTRUCTOR, Resource.archived_at.is_(None)
    )
    return list(db.session.scalars(wanted.order_by(Resource.position, Resource.id)))


def kinds_of(base_id: int) -> list[Kind]:
    """Return what can be booked at a base, in the order shown."""
    return list(
        db.session.scalars(
            select(Kind).where(Kind.base_id == base_id, Kind.archived_at.is_(None)).order_by(Kind.position, Kind.id)
        )
    )


def taken_between(base_id: int, start: datetime, end: datetime) -> list[Busy]:
    """Return what is taken of a base's resources in `[start, end)`, for the public calendar: busy only.

    Seats of sessions are left out: the session itself is shown.
    """
    rows = db.session.execute(
        select(Allocation, Closure.reason)
        .join(Allocation.resource)
        .outerjoin(Booking, Allocation.booking_id == Booking.id)
        .outerjoin(Closure, Allocation.closure_id == Closure.id)
        .options(joinedload(Allocation.resource))
        .where(
            Resource.base_id == base_id,
            ~Resource.slug.startswith(SEATS_SLUG, autoescape=True),
            Allocation.active,
            Allocation.end_at > start,
            Allocation.start_at < end,
            or_(Booking.id.is_(None), Booking.state != "returned", Booking.lapses_at > clock.now()),
        )
        .order_by(Allocation.start_at, Allocation.id)
    )
    return [_busy(allocation, reason or "") for allocation, reason in rows]


def in_the_way(resource_id: int, start: datetime, end: datetime) -> list[Allocation]:
    """Return what takes a resource in `[start, end)`, with the booking, session or closure it belongs to."""
    return list(
        db.session.scalars(
            select(Allocation)
            .options(
                joinedload(Allocation.booking).joinedload(Booking.organisation),
                joinedload(Allocation.booking).joinedload(Booking.kind),
                joinedload(Allocation.session),
                joinedload(Allocation.closure),
            )
            .where(
                Allocation.resource_id == resource_id,
                Allocation.active,
                Allocation.end_at > start,
                Allocation.start_at < end,
            )
            .order_by(Allocation.start_at, Allocation.id)
        )
    )


def closures_of(base_id: int, *, after: datetime | None = None) -> list[Closure]:
    """Return a base's closures that are not lifted and end after a moment (now, if None)."""
    return list(
        db.session.scalars(
            select(Closure)
            .join(Closure.resource)
            .options(joinedload(Closure.resource))
            .where(Resource.base_id == base_id, Closure.lifted_at.is_(None), Closure.end_at > (after or clock.now()))
            .order_by(Closure.start_at, Closure.id)
        )
    )


def _resources(base_id: int) -> Select[Resource]:
    return select(Resource).where(Resource.base_id == base_id, Resource.archived_at.is_(None))


def _busy(allocation: Allocation, reason: str) -> Busy:
    for source in ("booking", "session", "closure"):
        source_id = getattr(allocation, f"{source}_id")
        if source_id is not None:
            return Busy(allocation.resource, allocation.start_at, allocation.end_at, source, source_id, reason)
    raise RuntimeError("an allocation has an owner")
