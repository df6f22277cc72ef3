"""What a calendar can be narrowed to: bases, a kind of booking, a resource, sessions with free seats, sorts of entries.

It stands in the address, so that it survives reload, sharing, the back button and a change of view. Nothing chosen of a
sort means all of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask_babel import lazy_gettext as _l

from core.bases.models import Base
from core.booking.models import Kind, Resource
from core.booking.resource_queries import kinds_of, resources_of

FREE = "free"

SORTS = {
    "sessions": _l("Sessions"),
    "occupied": _l("Occupied"),
    "closures": _l("Closures"),
    "events": _l("Events"),
}
"""Sorts of entries (argument `show`)."""


@dataclass(frozen=True)
class Narrowing:
    """What is chosen; an empty field narrows nothing.

    Attributes:
        bases: slugs of bases.
        kind: slug of a booking kind; of what takes resources, only sessions of it are shown.
        resource: slug of a resource.
        free: only sessions with seats left.
        sorts: sorts of entries.
    """

    bases: frozenset[str] = frozenset()
    kind: str = ""
    resource: str = ""
    free: bool = False
    sorts: frozenset[str] = frozenset()

    @property
    def args(self) -> dict[str, str]:
        """The query arguments that say it, in order."""
        said = {
            "base": ",".join(sorted(self.bases)),
            "kind": self.kind,
            "resource": self.resource,
            "state": FREE if self.free else "",
            "show": ",".join(sort for sort in SORTS if sort in self.sorts),
        }
        return {name: value for name, value in said.items() if value}

    def shows(self, sort: str) -> bool:
        """Say whether a sort of entries is shown."""
        return not self.sorts or sort in self.sorts

    def has(self, name: str, value: str) -> bool:
        """Say whether a value of `base`, `state` or `show` is shown, for the chip that bears it."""
        if name == "state":
            return self.free
        chosen = self.bases if name == "base" else self.sorts
        return not chosen or value in chosen

    def toggled(self, offer: "Offer", name: str, value: str) -> "Narrowing":
        """Return it with a value of `base`, `state` or `show` taken out, or put back; all and none are the same."""
        if name == "state":
            return replace(self, free=not self.free)
        every = frozenset(base.slug for base in offer.bases) if name == "base" else frozenset(offer.sorts)
        chosen = ((self.bases if name == "base" else self.sorts) or every) ^ {value}
        chosen = frozenset() if chosen == every else chosen
        return replace(self, bases=chosen) if name == "base" else replace(self, sorts=chosen)


NOTHING = Narrowing()


@dataclass(frozen=True)
class Offer:
    """What can be chosen at a calendar."""

    bases: Sequence[Base] = ()
    kinds: Sequence[Kind] = ()
    resources: Sequence[Resource] = ()
    sorts: Sequence[str] = ()

    def read(self, args: Mapping[str, str]) -> Narrowing:
        """Return what query arguments choose of this; what is not offered (any more) narrows nothing."""
        bases = _several(args, "base") & {base.slug for base in self.bases}
        sorts = _several(args, "show") & set(self.sorts)
        kind, resource = args.get("kind", ""), args.get("resource", "")
        return Narrowing(
            bases=frozenset() if len(bases) == len(self.bases) else bases,
            kind=kind if kind in {known.slug for known in self.kinds} else "",
            resource=resource if resource in {known.slug for known in self.resources} else "",
            free=args.get("state") == FREE,
            sorts=frozenset() if len(sorts) == len(self.sorts) else sorts,
        )

    def rows(self, chosen: Narrowing) -> Sequence[Resource]:
        """Return the resources that are shown as rows: the one chosen, or all."""
        return [one for one in self.resources if chosen.resource in {"", one.slug}]

    @property
    def labels(self) -> list[tuple[str, str]]:
        """The sorts of entries with their names."""
        return [(sort, str(SORTS[sort])) for sort in self.sorts]


def of_bases(bases: Sequence[Base]) -> Offer:
    """Return what the calendar of all bases offers."""
    return Offer(bases=bases, sorts=("sessions", "events"))


def of_base(base: Base) -> Offer:
    """Return what a base's own calendar offers."""
    return Offer(kinds=kinds_of(base.id), resources=resources_of(base.id), sorts=tuple(SORTS))


def _several(args: Mapping[str, str], name: str) -> frozenset[str]:
    return frozenset(args.get(name, "").split(","))
