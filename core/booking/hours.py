"""When resources can be used, beside the hours of their base."""

from collections.abc import Collection
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from core import clock
from core.bases.opening import Timetable, read, week_of
from core.booking.models import ResourceDay, ResourceHours
from core.db import db

Row = TypeVar("Row", ResourceHours, ResourceDay)


def timetables(resource_ids: Collection[int], start: datetime, end: datetime) -> dict[int, Timetable]:
    """Return the timetables of those resources that have hours of their own, in two queries.

    A resource that is not in the answer can be used whenever its base is open.
    """
    first, last = clock.local(start).date(), clock.local(end).date()
    hours = _grouped(db.session.scalars(select(ResourceHours).where(ResourceHours.resource_id.in_(resource_ids))).all())
    days = _grouped(
        db.session.scalars(
            select(ResourceDay).where(
                ResourceDay.resource_id.in_(resource_ids), ResourceDay.day >= first, ResourceDay.day <= last
            )
        ).all()
    )
    return {
        number: Timetable(
            week=week_of(hours.get(number, ())),
            special={row.day: read(row.spans) for row in days.get(number, ())},
            notes={row.day: row.note for row in days.get(number, ())},
        )
        for number in hours.keys() | days.keys()
    }


def _grouped(rows: Collection[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.resource_id, []).append(row)
    return found
