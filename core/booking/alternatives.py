"""What else is free when something is taken: other resources at the same time, the nearest times, other sessions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.bases.models import Base
from core.bases.opening import Timetable, timetable
from core.booking.allocation import Taken, taken
from core.booking.availability import seats_left
from core.booking.errors import Alternative
from core.booking.legs import Choices, Combination
from core.booking.models import Resource, TrainingSession
from core.booking.rules import Rules
from core.booking.spans import Span
from core.booking.times import book_until, nearby

FOUND = 3
"""How many alternatives of each sort are named."""

DAYS = 4


@dataclass(frozen=True)
class Search:
    """Where alternatives are looked for.

    Attributes:
        base, rules: the base, and the kind's rules for the organisation.
        every: all that can serve the legs.
        settled: the same, narrowed to what was picked.
        resources: all of `every`, with their families.
        timetables: the hours of those that have their own.
    """

    base: Base
    rules: Rules
    every: Choices
    settled: Choices
    resources: Mapping[int, Resource]
    timetables: Mapping[int, Timetable]


def around(slot: Span, *, days: int = DAYS) -> Span:
    """Return the time around a slot in which alternatives lie, with a day to spare for set-up and clean-up."""
    spare = timedelta(days=days + 1)
    return Span(slot.start - spare, slot.end + spare, slot.units)


def slots(session: Session, search: Search, slot: Span) -> list[Alternative]:
    """Return what is free near a slot that is taken: other resources at the same time, then other times.

    Args:
        slot: the booked time (set-up and clean-up not included) and the units asked for.
    """
    wide = around(slot)
    busy = taken(session, search.resources, wide.start, wide.end)
    return among(search, busy, timetable(search.base, wide.start, wide.end), slot)


def among(search: Search, busy: Sequence[Taken], opening: Timetable, slot: Span) -> list[Alternative]:
    """Return what `slots` does, from what is known already: what is taken and when the base is open around the slot."""
    same_time = (
        _named(search.every, search.resources, combination, slot)
        for combination in search.every.free(search.resources, busy, slot, search.timetables)
    )
    return [*islice(same_time, FOUND), *islice(_other_times(search, busy, opening, slot), FOUND)]


def sessions(session: Session, training: TrainingSession, units: int) -> list[Alternative]:
    """Return the next sessions of the same kind that have enough seats left."""
    others = list(
        session.scalars(
            select(TrainingSession)
            .where(
                TrainingSession.kind_id == training.kind_id,
                TrainingSession.state == "published",
                TrainingSession.start_at > clock.now(),
                TrainingSession.id != training.id,
            )
            .order_by(TrainingSession.start_at)
            .limit(20)
        )
    )
    left = seats_left(others)
    return [
        Alternative((other.title,), other.start_at, other.end_at, training_id=other.id)
        for other in others
        if left[other.id].left >= units
    ][:FOUND]


def _other_times(search: Search, busy: Sequence[Taken], opening: Timetable, slot: Span) -> Iterator[Alternative]:
    for begins, ends in nearby(search.settled.kind, slot.start, slot.end, days=DAYS):
        if begins <= clock.now() or not opening.is_open(begins, ends) or book_until(search.rules, begins) < clock.now():
            continue
        other = Span(begins, ends, slot.units)
        combination = next(search.settled.free(search.resources, busy, other, search.timetables), None)
        if combination is not None:
            yield _named(search.settled, search.resources, combination, other)


def _named(choices: Choices, resources: Mapping[int, Resource], combination: Combination, slot: Span) -> Alternative:
    picks = tuple(
        (position, resource_id)
        for position, (leg, ids) in enumerate(zip(choices.kind.legs, combination, strict=True))
        if leg.pick
        for resource_id in ids
    )
    names = tuple(resources[resource_id].name for ids in combination for resource_id in ids)
    return Alternative(names, slot.start, slot.end, picks)
