"""Legs of a slot booking: which resources can serve each, and which of them fit together at a time."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, islice, product

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import errors
from core.bases.models import Base
from core.bases.opening import Timetable
from core.booking.allocation import Taken, Want, clashes
from core.booking.families import covered
from core.booking.models import SEATS_SLUG, Resource
from core.booking.spans import Span
from core.plugins.declarations import BookingKind, Leg

INSTRUCTOR = "instructor"

MOST_TRIED = 200
"""How many combinations of resources are looked at for one time, at most."""

Picks = Mapping[int, int | Collection[int]]
"""Leg position → the resource chosen, or several.

As many as the leg takes, or fewer: these are taken, and any others to make up the number. More: any of these serve.
"""

Combination = tuple[tuple[int, ...], ...]
"""The resources that serve each leg, by position."""


@dataclass(frozen=True)
class Choices:
    """What can serve each leg of a kind at a base: ids by position, in the order they are tried; and what must."""

    kind: BookingKind
    candidates: tuple[tuple[int, ...], ...]
    settled: tuple[tuple[int, ...], ...]
    resources: Mapping[int, Resource] = field(compare=False, repr=False)

    def all_ids(self) -> set[int]:
        """Return every resource that could serve."""
        return {resource_id for ids in self.candidates for resource_id in ids}

    def reach(self) -> set[int]:
        """Return every resource that could be taken: of a leg that is settled, only what is chosen for it."""
        return {resource_id for position in range(len(self.candidates)) for resource_id in self._within(position)}

    def _within(self, position: int) -> tuple[int, ...]:
        chosen = self.settled[position]
        return chosen if len(chosen) == self.kind.legs[position].count else self.candidates[position]

    def narrowed(self, picks: Picks) -> "Choices":
        """Return the choices with picked resources settled.

        Raises:
            errors.Invalid: a pick does not serve its leg; the field is `leg_<position>`.
        """
        chosen = {position: ids_of(ids) for position, ids in picks.items()}
        problems = {
            f"leg_{position}": _("Please choose one of the resources offered.")
            for position, ids in chosen.items()
            if not 0 <= position < len(self.candidates) or not set(ids) <= set(self.candidates[position])
        }
        if problems:
            raise errors.Invalid(problems)
        candidates, settled = list(self.candidates), list(self.settled)
        for position, ids in chosen.items():
            if len(ids) > self.kind.legs[position].count:
                candidates[position] = tuple(ids)
            else:
                settled[position] = tuple(ids)
        return replace(self, candidates=tuple(candidates), settled=tuple(settled))

    def wants(self, combination: Combination, resources: Mapping[int, Resource], slot: Span) -> list[Want]:
        """Return what a combination takes, set-up and clean-up included."""
        return [
            _want(resources[resource_id], leg, position, slot)
            for position, (leg, ids) in enumerate(zip(self.kind.legs, combination, strict=True))
            for resource_id in ids
        ]

    def combinations(self, usable: Collection[int] | None = None) -> Iterator[Combination]:
        """Yield combinations of resources, none twice in one; the first declared come first.

        Args:
            usable: the resources to choose from; None for all. What is settled is always there.
        """
        ways = [list(islice(self._ways(position, usable), MOST_TRIED)) for position in range(len(self.candidates))]
        every = (chosen for chosen in product(*ways) if _distinct(chosen))
        return islice(every, MOST_TRIED)

    def free(
        self,
        resources: Mapping[int, Resource],
        busy: Sequence[Taken],
        slot: Span,
        timetables: Mapping[int, Timetable] | None = None,
    ) -> Iterator[Combination]:
        """Yield the combinations that are free for the whole time.

        Args:
            resources: all of `all_ids`, with their families.
            busy: what is taken of them around the time.
            slot: when, and how many units.
            timetables: when each resource can be used; None: it is not asked.
        """
        usable = {
            want.resource_id
            for position, leg in enumerate(self.kind.legs)
            for want in (_want(resources[number], leg, position, slot) for number in self._within(position))
            if (timetables is None or _open(timetables, want.resource_id, slot))
            and not clashes(resources, covered(resources, [want]), busy)
        }
        if any(number not in usable for ids in self.settled for number in ids):
            return
        for combination in self.combinations(usable):
            wants = covered(resources, self.wants(combination, resources, slot))
            if not clashes(resources, wants, busy):
                yield combination

    def _ways(self, position: int, usable: Collection[int] | None) -> Iterator[tuple[int, ...]]:
        must = self.settled[position]
        others = [
            number
            for number in self.candidates[position]
            if number not in must and (usable is None or number in usable)
        ]
        return ((*must, *rest) for rest in combinations(others, self.kind.legs[position].count - len(must)))


def ids_of(picked: int | Collection[int]) -> tuple[int, ...]:
    """Return what is picked for a leg as ids, each once."""
    return (picked,) if isinstance(picked, int) else tuple(dict.fromkeys(picked))


def chosen(session: Session, base: Base, kind: BookingKind, picks: Picks) -> Choices | None:
    """Return the choices where picks settle every leg, without reading all that could serve; else None."""
    ids = tuple(ids_of(picks.get(position, ())) for position in range(len(kind.legs)))
    if any(len(picked) != leg.count for picked, leg in zip(ids, kind.legs, strict=True)) or not _distinct(ids):
        return None
    wanted = [(leg, number) for picked, leg in zip(ids, kind.legs, strict=True) for number in picked]
    known = {resource.id: resource for resource in serving(session, base, only=[number for _leg, number in wanted])}
    if any(number not in known or not fits(known[number], leg) for leg, number in wanted):
        return None
    return Choices(kind, ids, ids, known)


def choices(session: Session, base: Base, kind: BookingKind) -> Choices:
    """Return what can serve each leg of a kind at a base.

    Raises:
        errors.NotFound: a leg has fewer resources than it takes.
    """
    there = serving(session, base)
    candidates = tuple(tuple(resource.id for resource in there if fits(resource, leg)) for leg in kind.legs)
    if any(len(ids) < leg.count for ids, leg in zip(candidates, kind.legs, strict=True)):
        raise errors.NotFound(_("There is nothing at this base that could be booked for this."))
    known = {resource.id: resource for resource in there}
    return Choices(kind, candidates, tuple(() for _leg in kind.legs), known)


def fits(resource: Resource, leg: Leg) -> bool:
    """Say whether a resource that serves the base can serve a leg."""
    return resource.kind == leg.kind and (not leg.of or resource.slug in leg.of)


def serving(
    session: Session, base: Base, *, only: Collection[int] | None = None, slugs: Collection[str] | None = None
) -> list[Resource]:
    """Return a base's resources in the order shown, and after them the consortium's instructors who serve it.

    Args:
        only: ids of those to be read; None: all.
        slugs: slugs of those to be read; None: all.
    """
    wanted = select(Resource).where(
        or_(Resource.base_id == base.id, Resource.base_id.is_(None)),
        Resource.archived_at.is_(None),
        ~Resource.slug.startswith(SEATS_SLUG, autoescape=True),
    )
    if only is not None:
        wanted = wanted.where(Resource.id.in_(only))
    if slugs is not None:
        wanted = wanted.where(Resource.slug.in_(slugs))
    rows = session.scalars(wanted.order_by(Resource.base_id.is_(None), Resource.position, Resource.id))
    return [resource for resource in rows if serves(resource, base)]


def serves(resource: Resource, base: Base) -> bool:
    """Say whether a resource can be used at a base: its own, or an instructor of the consortium who serves it."""
    if resource.base_id is not None:
        return resource.base_id == base.id
    return resource.kind == INSTRUCTOR and base.slug in resource.attributes.get("bases", [])


def _want(resource: Resource, leg: Leg, position: int, slot: Span) -> Want:
    return Want(
        resource.id,
        slot.start - max(leg.before, resource.setup),
        slot.end + max(leg.after, resource.cleanup),
        slot.units if leg.per_unit else 1,
        leg=position,
    )


def _open(timetables: Mapping[int, Timetable], resource_id: int, slot: Span) -> bool:
    known = timetables.get(resource_id)
    return known is None or known.is_open(slot.start, slot.end)


def _distinct(combination: Combination) -> bool:
    chosen = [number for ids in combination for number in ids]
    return len(set(chosen)) == len(chosen)
