"""What is free over days: against counting every minute, and with the reasons of what is closed."""

from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core import clock, db
from core.bases.models import SpecialDay
from core.booking import closures, free
from core.booking.models import Resource, ResourceHours
from tests.booking.shop import Shop
from tests.support.statements import queries

spans = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 40), st.integers(1, 3)), max_size=12)
opening = st.lists(st.integers(0, 100), min_size=2, max_size=8, unique=True).map(sorted)


@settings(max_examples=400, deadline=None)
@given(taken=spans, edges=opening, capacity=st.integers(1, 5))
def test_it_agrees_with_counting_every_instant(
    taken: list[tuple[int, int, int]], edges: list[int], capacity: int
) -> None:
    rows = [(1, start, start + length, units, None) for start, length, units in sorted(taken)]
    opened = [(first, last) for first, last in zip(edges[::2], edges[1::2], strict=False)]
    found = list(free._free(rows, opened, capacity))
    for moment in range(150):
        is_open = any(first <= moment < last for first, last in opened)
        used = sum(units for _, start, end, units, _ in rows if start <= moment < end)
        wanted = max(0, capacity - used) if is_open else 0
        assert sum(part.units for part in found if part.start <= moment < part.end) == wanted
    assert all(first.end <= second.start for first, second in pairwise(found))


def of(shop: Shop, slug: str, start: datetime, end: datetime) -> free.Availability:
    resource = db.db.session.scalars(select(Resource).where(Resource.slug == slug)).one()
    return free.availability(db.db.session(), shop.base, [resource], start, end)[0]


def hours(parts: list[free.Free]) -> list[tuple[str, str, int]]:
    def wall(seconds: int) -> str:
        return f"{datetime.fromtimestamp(seconds, clock.ZONE):%H:%M}"

    return [(wall(part.start), wall(part.end), part.units) for part in parts]


def test_a_day_with_a_booking_and_a_closure(shop: Shop) -> None:
    shop.book(picks={0: shop.resource("lathe1")})
    closures.enter(
        actor=shop.user("manager"),
        resource_id=shop.resource("lathe1"),
        start=shop.at(15),
        end=shop.at(16),
        reason="检修",
    )
    found = of(shop, "lathe1", shop.at(0), shop.at(24))
    assert hours(found.free) == [("08:00", "09:00", 1), ("11:00", "15:00", 1), ("16:00", "20:00", 1)]
    assert [part.reason for part in found.closed] == ["不在开放时间内", "检修", "不在开放时间内"]


def test_a_pool_shows_what_is_left_of_it(shop: Shop) -> None:
    shop.book("shift", people=4, start=shop.at(8), end=shop.at(14))
    assert hours(of(shop, "hall", shop.at(0), shop.at(24)).free) == [("08:00", "14:00", 6), ("14:00", "20:00", 10)]


def test_a_special_day_says_why_it_is_closed(shop: Shop) -> None:
    with db.write() as session:
        day = clock.local(shop.at(9)).date()
        session.add(SpecialDay(base_id=shop.base.id, day=day, spans=[], note="校庆"))
    found = of(shop, "lathe1", shop.at(-6), shop.at(30))
    assert not [part for part in found.free if shop.at(0).timestamp() <= part.start < shop.at(24).timestamp()]
    assert "校庆" in [part.reason for part in found.closed]


def test_its_own_hours_narrow_the_bases(shop: Shop) -> None:
    with db.write() as session:
        lathe = session.get_one(Resource, shop.resource("lathe1"))
        lathe.hours = [ResourceHours(weekday=day, opens=time(6), closes=time(12), declared=False) for day in range(7)]
    found = of(shop, "lathe1", shop.at(0), shop.at(24))
    assert hours(found.free) == [("08:00", "12:00", 1)]
    assert [part.reason for part in found.closed] == ["不在开放时间内", "不在该资源的开放时间内", "不在开放时间内"]
    assert found.closed[0].end == found.free[0].start
    assert found.closed[1].end == found.closed[2].start == int(shop.at(20).timestamp())


@pytest.mark.database
def test_it_asks_as_often_for_many_as_for_few(shop: Shop) -> None:
    def count(limit: int) -> int:
        base = shop.base
        assert base.hours
        wanted = select(Resource).where(Resource.base_id == base.id).limit(limit)
        resources = list(db.db.session.scalars(wanted))
        end = shop.at(0) + timedelta(days=31)
        return queries(lambda: free.availability(db.db.session(), base, resources, shop.at(0), end))

    few = count(1)
    for hour in range(8, 18, 2):
        shop.book(start=shop.at(hour), end=shop.at(hour + 1))
    assert count(100) == few <= 6
