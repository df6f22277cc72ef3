"""Bringing resources, booking kinds and intake forms in line with what the plugins declare; run at upgrade."""

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import audit, clock
from core.bases.models import Base, BasePeriod
from core.booking import rules
from core.booking.allocation import taken
from core.booking.families import settle
from core.booking.models import SEATS_SLUG, Allocation, Kind, Resource, ResourceHours
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
        kinds = facade.kinds(base.slug) if known else ()
        _sync_kinds(session, base, kinds)
        _sync_periods(base, kinds)
    session.flush()


def _sync_resources(session: Session, base: Base, declarations: Sequence[ResourceDeclaration]) -> None:
    rows = {
        resource.slug: resource
        for resource in session.scalars(select(Resource).where(Resource.base_id == base.id))
        if not resource.slug.startswith(SEATS_SLUG)
    }
    parents = {declaration.parent for declaration in declarations}
    for position, declaration in enumerate(declarations, start=1):
        resource = rows.pop(declaration.slug, None)
        if resource is None:
            resource = Resource(base_id=base.id, slug=declaration.slug, capacity=declaration.capacity, declared={})
            session.add(resource)
        resource.kind = declaration.kind
        resource.position = position
        resource.archived_at = None
        resource.declared = _texts(declaration)
        resource.attributes = dict(declaration.attributes)
        _sync_hours(resource, declaration)
        if declaration.slug not in parents:
            _set_capacity(session, resource, declaration.capacity)
    for resource in rows.values():
        if not resource.own:
            resource.archived_at = resource.archived_at or clock.now()
    session.flush()
    _sync_parents(session, base, declarations)


def _texts(declaration: ResourceDeclaration) -> dict[str, object]:
    return {
        "name": freeze(declaration.name),
        "facts": [[freeze(label), freeze(value)] for label, value in declaration.facts],
        "setup": int(declaration.setup.total_seconds()),
        "cleanup": int(declaration.cleanup.total_seconds()),
    }


def _sync_hours(resource: Resource, declaration: ResourceDeclaration) -> None:
    wanted = {(weekday, hours.opens): hours.closes for hours in declaration.hours for weekday in hours.weekdays}
    kept = {(span.weekday, span.opens): span for span in resource.hours if span.declared}
    for key in kept.keys() - wanted.keys():
        resource.hours.remove(kept[key])
    for (weekday, opens), closes in sorted(wanted.items()):
        if span := kept.get((weekday, opens)):
            span.closes = closes
        else:
            resource.hours.append(ResourceHours(weekday=weekday, opens=opens, closes=closes, declared=True))


def _sync_parents(session: Session, base: Base, declarations: Sequence[ResourceDeclaration]) -> None:
    """Hang parts under their parents; a parent has as many units as its parts together."""
    rows = {row.slug: row for row in session.scalars(select(Resource).where(Resource.base_id == base.id))}
    for declaration in declarations:
        parent = rows.get(declaration.parent)
        rows[declaration.slug].parent_id = parent.id if parent else None
    settle_parents(session, rows.values())


def settle_parents(session: Session, resources: Iterable[Resource]) -> None:
    """Give each parent among a base's resources as many units as its parts have together."""
    every = {resource.id: resource for resource in resources}
    for number, capacity in settle(every.values()).items():
        _set_capacity(session, every[number], capacity)


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
            "rules": rules.declared(declaration),
        }
        current_form(session, f"{base.slug}/{declaration.slug}", declaration.fields)
    for kind in rows.values():
        kind.archived_at = kind.archived_at or clock.now()


def _sync_periods(base: Base, kinds: Iterable[BookingKind]) -> None:
    """Write the periods that a base's kinds declare; what a manager has set, and added, stays."""
    rows = {period.slug: period for period in base.periods}
    declared = {period.slug: period for kind in kinds for period in kind.periods}
    for position, (slug, period) in enumerate(declared.items(), start=1):
        row = rows.pop(slug, None)
        if row is None:
            row = BasePeriod(slug=slug)
            base.periods.append(row)
        row.position = position
        row.archived_at = None
        row.declared = {
            "label": freeze(period.label),
            "starts": f"{period.starts:%H:%M}",
            "ends": f"{period.ends:%H:%M}",
        }
    for row in rows.values():
        if row.declared:
            row.archived_at = row.archived_at or clock.now()
