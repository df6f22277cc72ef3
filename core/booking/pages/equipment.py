"""What the pages of resources offer to choose from."""

from core import errors
from core.bases.models import Base
from core.booking import resource_queries
from core.booking.families import parts_of
from core.booking.legs import INSTRUCTOR
from core.booking.models import Resource
from core.booking.pages.resource_forms import KINDS, kind_name
from core.forms import Option, option
from core.localised import freeze
from core.plugins.facade import plugins


def find(base: Base, slug: str) -> Resource:
    """Return a resource of a base by its slug, in service or not.

    Raises:
        errors.NotFound: there is none.
    """
    for resource in resource_queries.every_resource_of(base.id):
        if resource.slug == slug:
            return resource
    raise errors.NotFound


def new_data(base: Base) -> dict[str, object]:
    """Return what the form of a new resource begins with."""
    last = max((resource.position for resource in resource_queries.resources_of(base.id)), default=0)
    return {"position": last + 1, "capacity": 1, "setup": 0, "cleanup": 0}


def kind_choices(base: Base, resource: Resource | None = None) -> list[Option]:
    """Return the kinds of resource a base knows: those it books first, then those it has, then the common ones."""
    booked = [leg.kind for kind in plugins().kinds(base.slug) for leg in kind.legs]
    there = [row.kind for row in resource_queries.resources_of(base.id)]
    mine = [resource.kind] if resource else []
    every = dict.fromkeys([*booked, *there, *mine, *KINDS])
    return [option(kind, kind_name(kind)) for kind in every if kind != INSTRUCTOR]


def kind_words(base: Base) -> dict[str, list[str]]:
    """Return the kinds of resource a base knows, each with the words for it in every language."""
    return {
        choice.value: [kind_name(choice.value), *freeze(KINDS.get(choice.value, choice.value)).values()]
        for choice in kind_choices(base)
    }


def every(base: Base) -> list[Resource]:
    """Return what can be used at a base: its own resources, and the instructors who work there."""
    return resource_queries.resources_of(base.id) + resource_queries.instructors_for(base.id)


def parent_choices(base: Base, resource: Resource | None = None) -> list[Option]:
    """Return what a resource can be a part of: nothing, or another one of the base that is no part of it."""
    there = resource_queries.every_resource_of(base.id)
    own = {resource.id, *parts_of({row.id: row for row in there}, resource.id)} if resource else set()
    possible = [row for row in there if row.archived_at is None and row.id not in own]
    return [option("", "–"), *(option(str(row.id), row.name) for row in possible)]


def has_parts(base: Base, resource: Resource) -> bool:
    """Say whether a resource has parts in service, so that its units are theirs."""
    return any(part.parent_id == resource.id for part in resource_queries.resources_of(base.id))
