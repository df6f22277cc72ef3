"""Bringing resources, booking kinds and intake forms in line with what the plugins declare; run at upgrade."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, clock
from core.bases.models import Base, BasePeriod
from core.booking import rules
from core.booking.allocation import lock, taken
from core.booking.families import above, settle
from core.booking.models import SEATS_SLUG, Allocation, Kind, Resource, ResourceHours
from core.booking.spans import peak
from core.intake.answers import current_form
from core.localised import freeze
from core.plugins.declarations import BookingKind, ResourceDeclaration
from core.plugins.facade import Facade

log = logging.getLogger(__name__)

LOWERED = "resource.lower"
"""The audit log's word for a lowered capacity: what was taken before then is measured by the capacity of its time."""

WITHDRAWN = "withdrawn"
"""Stands in `Resource.declared` of what is no longer declared; true where it was in service until then."""

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
        for resource in session.scalars(select(Resource).where(Resource.base_id == base.id).order_by(Resource.id))
        if not resource.slug.startswith(SEATS_SLUG)
    }
    for own in [row for row in rows.values() if row.own]:
        _make_way(rows, own, {declaration.slug for declaration in declarations})
    session.flush()
    for position, declaration in enumerate(declarations, start=1):
        resource = rows.get(declaration.slug)
        if resource is None:
            resource = Resource(base_id=base.id, slug=declaration.slug, capacity=declaration.capacity, declared={})
            session.add(resource)
            rows[declaration.slug] = resource
        resource.kind = declaration.kind
        if resource.position is None or resource.position == resource.declared.get("position", resource.position):
            resource.position = position  # a manager has not moved it
        if resource.declared.get(WITHDRAWN):
            resource.archived_at = None  # what a manager has taken out of service stays so
        resource.declared = _texts(declaration) | {"position": position}
        resource.attributes = dict(declaration.attributes)
        _sync_hours(resource, declaration)
    for slug in rows.keys() - {declaration.slug for declaration in declarations}:
        _withdraw(rows[slug])
    session.flush()
    _sync_parents(session, {resource.id: resource for resource in rows.values()}, declarations)


def _withdraw(resource: Resource) -> None:
    if resource.own or WITHDRAWN in resource.declared:
        return
    resource.declared = resource.declared | {WITHDRAWN: resource.archived_at is None}
    resource.archived_at = resource.archived_at or clock.now()


def _make_way(rows: dict[str, Resource], resource: Resource, declared: Collection[str]) -> None:
    """Give an own resource another slug when a plugin now declares its: the two are different things."""
    if resource.slug in declared:
        del rows[resource.slug]
        free = (f"r-{number}" for number in range(1, len(rows) + len(declared) + 2))
        resource.slug = next(slug for slug in free if slug not in rows and slug not in declared)
        rows[resource.slug] = resource


def _texts(declaration: ResourceDeclaration) -> dict[str, object]:
    return {
        "name": freeze(declaration.name),
        "facts": [[freeze(label), freeze(value)] for label, value in declaration.facts],
        "setup": int(declaration.setup.total_seconds()),
        "cleanup": int(declaration.cleanup.total_seconds()),
        "capacity": declaration.capacity,
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


def _sync_parents(session: Session, rows: Mapping[int, Resource], declarations: Sequence[ResourceDeclaration]) -> None:
    """Hang parts under their parents; a parent has as many units as its parts together."""
    by_slug = {row.slug: row for row in rows.values()}
    for declaration in declarations:
        resource, parent = by_slug[declaration.slug], by_slug.get(declaration.parent)
        wanted = parent.id if parent else None
        if resource.parent_id == wanted:
            continue
        if _holds_family(session, rows, resource, wanted):
            log.warning("%s keeps its place until what is booked ahead is over", resource.slug)
            continue
        resource.parent_id = wanted
    session.flush()
    settle_parents(session, rows.values())


def _holds_family(session: Session, rows: Mapping[int, Resource], resource: Resource, wanted: int | None) -> bool:
    """Say whether what is booked ahead would no longer hold all that it should, were a resource hung elsewhere."""
    places = [number for number in (resource.parent_id, wanted) if number is not None]
    if any(taken_whole(session, rows, number) for number in places):
        return True
    ahead = (Allocation.resource_id == resource.id, Allocation.active, Allocation.end_at > clock.now())
    return session.scalar(select(Allocation.id).where(*ahead).limit(1)) is not None


def taken_whole(session: Session, resources: Mapping[int, Resource], number: int) -> list[int]:
    """Return which of a resource and what it is a part of is taken as a whole now or ahead.

    What is taken so holds the parts it had then; a new part would be free in the middle of it.
    """
    whole = select(Allocation.resource_id).where(
        Allocation.resource_id.in_([number, *above(resources, number)]),
        Allocation.active,
        ~Allocation.covering,
        Allocation.end_at > clock.now(),
    )
    return list(session.scalars(whole.distinct().order_by(Allocation.resource_id)))


def _within_whole(session: Session, resources: Mapping[int, Resource], resource: Resource) -> bool:
    """Say whether what a resource is a part of is taken as a whole now or ahead: it holds what there was of it then."""
    parent = resources.get(resource.parent_id or 0)
    return parent is not None and bool(taken_whole(session, resources, parent.id))


def settle_parents(session: Session, resources: Iterable[Resource]) -> None:
    """Give each of a base's resources its units: a parent as many as its parts together, any other those it says."""
    every = {resource.id: resource for resource in resources if resource.archived_at is None}
    parents = settle(every.values())
    for number in every.keys() - parents.keys():
        resource = every[number]
        capacity = resource.declared.get("capacity", resource.capacity)
        if capacity > resource.capacity and _within_whole(session, every, resource):
            log.warning(
                "%s keeps a capacity of %s until what is booked ahead is over", resource.slug, resource.capacity
            )
            continue
        _set_capacity(session, resource, capacity)
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
    lock(session, [resource.id])  # what has lapsed is given back: the trigger would count it
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
    """Let closures that are not over take the whole of what they close, of which there is more now.

    A closure of a part takes as much of what the part belongs to as the part has: the other parts stay in use.
    """
    entries = session.scalars(
        select(Allocation)
        .join(Allocation.closure)
        .where(Allocation.resource_id == resource.id, Allocation.active, Allocation.end_at > clock.now())
    )
    for entry in entries:
        closed = entry.closure.resource if entry.closure else resource
        entry.units = closed.capacity if _is_part(session, closed, resource) else resource.capacity
    session.flush()


def _is_part(session: Session, resource: Resource, whole: Resource) -> bool:
    """Say whether a resource belongs to another, directly or not."""
    while resource.parent_id is not None:
        if resource.parent_id == whole.id:
            return True
        resource = session.get_one(Resource, resource.parent_id)
    return False


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
