"""When a base is open."""

from datetime import datetime, time, timedelta

import pytest

from core import clock
from core.bases import setting_hours
from core.bases.hours import Spans
from core.bases.queries import is_open
from core.db import db
from tests.booking.shop import Shop

pytestmark = pytest.mark.database

ALL_DAY: Spans = ((time(0), time(23, 59)),)
SPLIT: Spans = ((time(8, 30), time(12)), (time(12), time(17)))


@pytest.fixture
def monday() -> datetime:
    """Midnight at the bases."""
    return clock.at(datetime(2026, 12, 7, tzinfo=clock.ZONE).date(), time())


def set_hours(shop: Shop, *week: Spans) -> None:
    """Open the base as said, Monday first; on the other days it is closed."""
    hours = [*week, *[()] * (7 - len(week))]
    setting_hours.set_week(actor=shop.user("manager"), base_id=shop.base.id, week=hours, keeps_holidays=True)


@pytest.mark.parametrize(
    ("start", "end", "opened"),
    [(8, 20, True), (9, 11, True), (7.5, 9, False), (19, 20.5, False), (20, 21, False), (19, 33, False)],
)
def test_it_is_open_from_eight_to_eight(shop: Shop, monday: datetime, start: float, end: float, opened: bool) -> None:
    assert is_open(shop.base, monday + timedelta(hours=start), monday + timedelta(hours=end)) is opened


def test_spans_that_touch_are_one(shop: Shop, monday: datetime) -> None:
    set_hours(shop, SPLIT)
    assert is_open(shop.base, monday + timedelta(hours=9), monday + timedelta(hours=16))
    assert not is_open(shop.base, monday + timedelta(hours=33), monday + timedelta(hours=34)), "closed on Tuesday"


def test_a_night_shift_passes_midnight(shop: Shop, monday: datetime) -> None:
    set_hours(shop, ALL_DAY, ALL_DAY)
    assert is_open(shop.base, monday + timedelta(hours=22), monday + timedelta(hours=30))
    assert not is_open(shop.base, monday + timedelta(hours=46), monday + timedelta(hours=50)), "closed on Wednesday"


def test_a_base_without_hours_is_always_open(shop: Shop, monday: datetime) -> None:
    base = shop.base
    with db.session.no_autoflush:
        base.hours = []
        assert is_open(base, monday, monday + timedelta(days=3))
