"""The time of day, in one place, so that tests can set it and pages agree on the zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")

_frozen: ContextVar[datetime | None] = ContextVar("jidi_now", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """Return today's date where the bases are (Asia/Shanghai)."""
    return now().astimezone(ZONE).date()


def local(moment: datetime) -> datetime:
    """Return an aware moment as seen on the wall clock of the bases."""
    return moment.astimezone(ZONE)


def at(day: date, hour: time) -> datetime:
    """Return the UTC moment of a wall-clock time at the bases. China has one zone and no summer time."""
    return datetime.combine(day, hour, ZONE).astimezone(UTC)


def bounds(day: date) -> tuple[datetime, datetime]:
    """Return the UTC moments at which a day begins and ends at the bases."""
    return at(day, time()), at(day + timedelta(days=1), time())


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Freeze `now()` at an aware moment for the current context; for tests and for loading demo data."""
    if moment.tzinfo is None:
        raise ValueError("clock.set_to() takes an aware datetime")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
