"""What else is free when something is taken: other resources at the same time, the nearest times, other sessions."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.bases.models import Base
from core.bases.queries import is_open
from core.booking.allocation import Taken, taken
from core.booking.availability import seats_left
from core.booking.errors import Alternative
from core.booking.legs import Choices
from core.booking.models import Resource, TrainingSession
from core.booking.spans import Span
from core.booking.times import nearby

FOUND = 3
"""How many alternatives of each sort are named."""

DAYS = 4


def slots(
    session: Session,
    *,
    base: Base,
    every: Choices,
    settled: Choices,
    resources: Mapping[int, Resource],
    slot: Span,
) -> list[Alternative]:
    """Return what is free near a slot that is taken.

    Args:
        every: all that can serve the legs.
        settled: the same, narrowed to what was picked.
        resources: all of `every`.
        slot: the booked time (set-up and clean-up not included) and the units asked for.
    """
    around = timedelta(days=DAYS + 1)
    busy = taken(session, every.all_ids(), slot.start - around, slot.end + around)
    same_time = (_named(every, resources, combination, slot) for combination in every.free(resources, busy, slot))
    return [
        *islice(same_time, FOUND),
        *islice(_other_times(base, settled, resources, busy, slot=slot), FOUND),
    ]


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


def _other_times(
    base: Base,
    settled: Choices,
    resources: Mapping[int, Resource],
    busy: list[Taken],
    *,
    slot: Span,
) -> Iterator[Alternative]:
    earliest = clock.now() + settled.kind.notice
    for begins, ends in nearby(settled.kind, slot.start, slot.end, days=DAYS):
        if begins <= earliest or not is_open(base, begins, ends):
            continue
        other = Span(begins, ends, slot.units)
        combination = next(settled.free(resources, busy, other), None)
        if combination is not None:
            yield _named(settled, resources, combination, other)


def _named(
    choices: Choices, resources: Mapping[int, Resource], combination: tuple[int, ...], slot: Span
) -> Alternative:
    picks = tuple(
        (position, resource_id)
        for position, (leg, resource_id) in enumerate(zip(choices.kind.legs, combination, strict=True))
        if leg.pick
    )
    return Alternative(tuple(resources[resource_id].name for resource_id in combination), slot.start, slot.end, picks)
