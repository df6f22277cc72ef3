"""Resources that are parts of others: a workshop and its machines.

Whoever takes a parent takes all of it and of every part; whoever takes a part takes as many units of each parent. So a
parent has as many units as its parts together, and the capacity triggers guard both ways.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select, union
from sqlalchemy.orm import Session, aliased

from core.booking.models import Resource

if TYPE_CHECKING:
    from core.booking.allocation import Want


def family(session: Session, resource_ids: Collection[int]) -> set[int]:
    """Return resources with all their ancestors and descendants that are not archived, in one query."""
    asked = set(resource_ids)
    up = select(Resource.id, Resource.parent_id).where(Resource.id.in_(asked)).cte("up", recursive=True)
    above = aliased(Resource)
    up = up.union(select(above.id, above.parent_id).where(above.id == up.c.parent_id))
    down = select(Resource.id).where(Resource.id.in_(asked)).cte("down", recursive=True)
    below = aliased(Resource)
    down = down.union(select(below.id).where(below.parent_id == down.c.id, below.archived_at.is_(None)))
    return asked | set(session.scalars(union(select(up.c.id), select(down.c.id))))


def covered(resources: Mapping[int, Resource], wants: Sequence["Want"]) -> list["Want"]:
    """Return wants with what they take of parents and parts; a want of a parent takes all of it.

    Args:
        resources: all that is wanted, with their families (as `allocation.lock` returns them).
    """
    parts = _parts(resources)
    every: list[Want] = []
    for want in wants:
        if want.covering:
            continue
        resource = resources[want.resource_id]
        units = resource.capacity if resource.id in parts else want.units
        every.append(want._replace(units=max(units, 1)))
        others = [(part.id, part.capacity) for part in _below(resources, parts, resource.id)]
        others += [(parent.id, units) for parent in _above(resources, resource)]
        every += [want._replace(resource_id=number, units=taken, covering=True) for number, taken in others if taken]
    return every


def parts_of(resources: Mapping[int, Resource], number: int) -> list[int]:
    """Return the ids of all parts of a resource, and of their parts, among some resources."""
    return [part.id for part in _below(resources, _parts(resources), number)]


def above(resources: Mapping[int, Resource], number: int) -> list[int]:
    """Return the ids of what a resource is a part of, nearest first, among some resources."""
    return [parent.id for parent in _above(resources, resources[number])]


def settle(resources: Iterable[Resource]) -> dict[int, int]:
    """Return the capacity that each parent among a base's resources has by its parts; archived parts have none."""
    every = {resource.id: resource for resource in resources if resource.archived_at is None}
    parts = _parts(every)

    def capacity(number: int) -> int:
        return sum(map(capacity, parts[number])) if number in parts else every[number].capacity

    return {number: capacity(number) for number in parts}


def _parts(resources: Mapping[int, Resource]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for resource in resources.values():
        if resource.parent_id is not None and resource.parent_id in resources:
            found.setdefault(resource.parent_id, []).append(resource.id)
    return found


def _above(resources: Mapping[int, Resource], resource: Resource) -> Iterator[Resource]:
    parent = resources.get(resource.parent_id or 0)
    while parent is not None:
        yield parent
        parent = resources.get(parent.parent_id or 0)


def _below(resources: Mapping[int, Resource], parts: Mapping[int, list[int]], number: int) -> Iterator[Resource]:
    for part in parts.get(number, ()):
        yield resources[part]
        yield from _below(resources, parts, part)
