"""What is free and what is taken, as pages show it. Only `claim` decides."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import case, func, or_, select

from core.booking.allocation import lapsed, taken
from core.booking.models import Allocation, Booking, Resource, TrainingSession
from core.booking.resource_queries import resources_of
from core.booking.states import LAPSING, WAITING
from core.booking.times import day_bounds
from core.db import db

UNDECIDED = LAPSING | WAITING
"""States that take a place which may be given back."""


class Seats(NamedTuple):
    """Seats of a session: how many are left of the total, and how many of the taken are not certain yet."""

    left: int
    total: int
    held: int


class TakenSpan(NamedTuple):
    """A span in which units of a resource are taken; never by whom. `closed` is the reason of a closure, or ""."""

    start: datetime
    end: datetime
    units: int
    closed: str


class ResourceDay(NamedTuple):
    """A resource and what is taken of it on a day, in order of time."""

    resource: Resource
    spans: list[TakenSpan]


def seats_left(sessions: Sequence[TrainingSession]) -> dict[int, Seats]:
    """Return the seats of sessions by session id, in one query however many they are."""
    by_resource = {
        training.seats_resource_id: training for training in sessions if training.seats_resource_id is not None
    }
    waiting = case((Booking.state.in_(UNDECIDED), Allocation.units), else_=0)
    rows = db.session.execute(
        select(Allocation.resource_id, func.sum(Allocation.units), func.sum(waiting))
        .outerjoin(Booking, Allocation.booking_id == Booking.id)
        .where(Allocation.resource_id.in_(list(by_resource)), Allocation.active, or_(Booking.id.is_(None), ~lapsed()))
        .group_by(Allocation.resource_id)
    ).all()
    sums = {resource_id: (int(units), int(held)) for resource_id, units, held in rows}
    found = {}
    for training in sessions:
        units, held = sums.get(training.seats_resource_id or 0, (0, 0))
        found[training.id] = Seats(max(0, training.seats - units), training.seats, held)
    return found


def day_plan(base_id: int, day: date) -> list[ResourceDay]:
    """Return every resource of a base with what is taken of it on a day, in two queries."""
    start, end = day_bounds(day)
    resources = resources_of(base_id)
    busy = taken(db.session(), [resource.id for resource in resources], start, end)
    return [
        ResourceDay(
            resource,
            [
                TakenSpan(max(entry.span.start, start), min(entry.span.end, end), entry.span.units, entry.closed)
                for entry in busy
                if entry.resource_id == resource.id
            ],
        )
        for resource in resources
    ]
