"""Legs of a slot booking: which resources can serve each, and which of them fit together at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import errors
from core.bases.models import Base
from core.booking.allocation import Taken, Want, clashes
from core.booking.models import SEATS_SLUG, Resource
from core.booking.spans import Span
from core.plugins.declarations import BookingKind

INSTRUCTOR = "instructor"

MOST_TRIED = 200
"""How many combinations of resources are looked at for one time, at most."""


@dataclass(frozen=True)
class Choices:
    """What can serve each leg of a kind at a base: ids by position, in the order they are tried."""

    kind: BookingKind
    candidates: tuple[tuple[int, ...], ...]

    def all_ids(self) -> set[int]:
        """Return every resource that could be taken."""
        return {resource_id for ids in self.candidates for resource_id in ids}

    def narrowed(self, picks: Mapping[int, int]) -> "Choices":
        """Return the choices with picked resources settled.

        Raises:
            errors.Invalid: a pick does not serve its leg; the field is `leg_<position>`.
        """
        problems = {
            f"leg_{position}": _("Please choose one of the resources offered.")
            for position, resource_id in picks.items()
            if not 0 <= position < len(self.candidates) or resource_id not in self.candidates[position]
        }
        if problems:
            raise errors.Invalid(problems)
        settled = tuple(
            (picks[position],) if position in picks else ids for position, ids in enumerate(self.candidates)
        )
        return Choices(self.kind, settled)

    def wants(self, combination: Sequence[int], slot: Span) -> list[Want]:
        """Return what a combination takes, set-up and clean-up included."""
        return [
            Want(resource_id, slot.start - leg.before, slot.end + leg.after, slot.units if leg.per_unit else 1)
            for leg, resource_id in zip(self.kind.legs, combination, strict=True)
        ]

    def combinations(self) -> Iterator[tuple[int, ...]]:
        """Yield combinations of resources, one per leg, none twice in one; the first declared come first."""
        every = (chosen for chosen in product(*self.candidates) if len(set(chosen)) == len(chosen))
        return islice(every, MOST_TRIED)

    def free(self, resources: Mapping[int, Resource], busy: Sequence[Taken], slot: Span) -> Iterator[tuple[int, ...]]:
        """Yield the combinations that are free for the whole time."""
        for combination in self.combinations():
            if not clashes(resources, self.wants(combination, slot), busy):
                yield combination


def choices(session: Session, base: Base, kind: BookingKind) -> Choices:
    """Return what can serve each leg of a kind at a base.

    Raises:
        errors.NotFound: a leg has no resource at all.
    """
    there = serving(session, base)
    candidates = tuple(tuple(resource.id for resource in there if resource.kind == leg.kind) for leg in kind.legs)
    if not all(candidates):
        raise errors.NotFound(_("There is nothing at this base that could be booked for this."))
    return Choices(kind, candidates)


def serving(session: Session, base: Base) -> list[Resource]:
    """Return a base's resources in the order shown, and after them the consortium's instructors who serve it."""
    rows = session.scalars(
        select(Resource)
        .where(
            or_(Resource.base_id == base.id, Resource.base_id.is_(None)),
            Resource.archived_at.is_(None),
            ~Resource.slug.startswith(SEATS_SLUG, autoescape=True),
        )
        .order_by(Resource.base_id.is_(None), Resource.position, Resource.id)
    )
    return [resource for resource in rows if serves(resource, base)]


def serves(resource: Resource, base: Base) -> bool:
    """Say whether a resource can be used at a base: its own, or an instructor of the consortium who serves it."""
    if resource.base_id is not None:
        return resource.base_id == base.id
    return resource.kind == INSTRUCTOR and base.slug in resource.attributes.get("bases", [])
