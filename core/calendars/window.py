"""How long an entry stands in calendars: what is over leaves them after a time (DESIGN §4)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_

from core import clock
from core.calendars.models import Entry

WINDOW = timedelta(days=396)
"""13 months: so long what is over stays in a feed."""

CANCELLED = timedelta(days=30)
"""So long a cancelled entry stays after its end, so that every client has heard of it."""


def begins() -> datetime:
    """Return the moment before which nothing that stands in calendars has ended."""
    return clock.now() - WINDOW


def is_over(end: datetime, *, cancelled: bool) -> bool:
    """Say whether what ends (ended) then has had its time in calendars."""
    return end < clock.now() - (CANCELLED if cancelled else WINDOW)


def over() -> ColumnElement[bool]:
    """Return the condition under which an entry has had its time, as `is_over` says it."""
    now = clock.now()
    return or_(Entry.end_at < now - WINDOW, and_(Entry.cancelled, Entry.end_at < now - CANCELLED))
