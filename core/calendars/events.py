"""What plugins put into their bases' calendars beside sessions and bookings: a row each, public, and its entry."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.bases.models import Base
from core.bases.queries import is_visible
from core.calendars.models import Event
from core.db import db


@dataclass(frozen=True, kw_only=True)
class Dated:
    """Something in the calendar that is neither session nor booking.

    Attributes:
        title: what it is.
        start, end: aware moments, half-open.
        all_day: whether it lasts whole days.
        base: whose it is; None: the consortium's.
        path: of its page on this site, "" for none.
    """

    title: str
    start: datetime
    end: datetime
    all_day: bool
    base: Base | None
    path: str


def between(base_ids: Collection[int], start: datetime, end: datetime) -> list[Dated]:
    """Return what plugins put into some bases' calendars and touches `[start, end)`, in order of time."""
    chosen = select(Event).join(Event.base).where(Event.base_id.in_(base_ids), is_visible(), Event.cancelled.is_(False))
    chosen = chosen.where(Event.start_at < end, Event.end_at > start).options(joinedload(Event.base))
    return list(map(_dated, db.session.scalars(chosen.order_by(Event.start_at, Event.end_at, Event.id))))


def _dated(event: Event) -> Dated:
    return Dated(
        title=event.title,
        start=event.start_at,
        end=event.end_at,
        all_day=event.all_day,
        base=event.base,
        path=event.path,
    )
