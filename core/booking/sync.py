"""Bringing resources, booking kinds and intake forms in line with what the plugins declare; run at upgrade."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import audit, clock
from core.bases.models import Base
from core.booking.allocation import taken
from core.booking.models import SEATS_SLUG, Allocation, Kind, Resource
from core.booking.spans import peak
from core.intake.answers import current_form
from core.localised import freeze
from core.plugins.declarations import BookingKind, ResourceDeclaration
from core.plugins.facade import Facade

log = logging.getLogger(__name__)

LOWERED = "resource.lower"
"""The audit log's word for a lowered capacity: what was taken before then is measured by the capacity of its time."""

FAR = datetime.max.replace(tzinfo=UTC)


def sync(session: Session, facade: Facade) -> None:
    """Write declared resources and kinds into their rows, and archive what is no longer declared.

    What a manager has set stays. Seats of sessions and the consortium's instructors are not declared and not touched.

    Args:
        session: the session of the open `db.write()`; `bases.sync` has run in it.
        facade: the loaded plugins.
    """
    declared = facade.bases()
    for base in session.scalars(select(Base)):
        known = base.slug in declared
        _sync_resources(session, base, facade.resources(base.slug) if known else ())
        _sync_kinds(session, base, facade.kinds(base.slug) if known else ())
    session.flush()


def _sync_resources(session: Session, base: Base, declarations: Iterable[ResourceDeclaration]) -> None:
    rows = {
        resource.slug: resource
        for resource in session.scalars(select(Resource).where(Resource.base_id == base.id))
        if not resource.slug.startswith(SEATS_SLUG)
    }
    for position, declaration in enumerate(declarations, start=1):
        resource = rows.pop(declaration.slug, None)
        if resource is None:
            resource = Resource(base_id=base.id, slug=declaration.slug, capacity=declaration.capacity, declared={})
            session.add(resource)
        resource.kind = declaration.kind
        resource.position = position
        resource.archived_at = None
        facts = [[freeze(label), freeze(value)] for label, value in declaration.facts]
        resource.declared = {"name": freeze(declaration.name), "facts": facts}
        resource.attributes = dict(declaration.attributes)
        _set_capacity(session, resource, declaration.capacity)
    for resource in rows.values():
        resource.archived_at = resource.archived_at or clock.now()


def _set_capacity(session: Session, resource: Resource, capacity: int) -> None:
    """Set a declared capacity; one below what is taken ahead waits for the next upgrade, since the taken must stand."""
    if capacity == resource.capacity:
        return
    if capacity > resource.capacity:
        resource.capacity = capacity
        session.flush()
        _close_the_rest(session, resource)
        return
    ahead = [entry.span for entry in taken(session, [resource.id], clock.now(), FAR)]
    needed = peak(ahead, clock.now(), FAR)
    if needed > capacity:
        log.warning(
            "%s keeps a capacity of %s instead of %s: %s are taken ahead",
            resource.slug,
            needed,
            capacity,
            needed,
        )
    before, resource.capacity = resource.capacity, max(capacity, needed)
    if resource.capacity < before:
        audit.record(session, actor_id=None, action=LOWERED, subject=f"resource:{resource.id}", before=before)


def _close_the_rest(session: Session, resource: Resource) -> None:
    """Let closures that are not over take the whole of a capacity that was raised."""
    session.execute(
        update(Allocation)
        .where(
            Allocation.resource_id == resource.id,
            Allocation.active,
            Allocation.closure_id.is_not(None),
            Allocation.end_at > clock.now(),
        )
        .values(units=resource.capacity)
    )


def _sync_kinds(session: Session, base: Base, declarations: Iterable[BookingKind]) -> None:
    rows = {kind.slug: kind for kind in session.scalars(select(Kind).where(Kind.base_id == base.id))}
    for position, declaration in enumerate(declarations, start=1):
        kind = rows.pop(declaration.slug, None)
        if kind is None:
            kind = Kind(base_id=base.id, slug=declaration.slug)
            session.add(kind)
        kind.position = position
        kind.archived_at = None
        kind.declared = {
            "title": freeze(declaration.title),
            "summary": freeze(declaration.summary),
            "mode": declaration.mode,
            "approval": declaration.approval,
        }
        current_form(session, f"{base.slug}/{declaration.slug}", declaration.fields)
    for kind in rows.values():
        kind.archived_at = kind.archived_at or clock.now()
