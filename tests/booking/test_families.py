"""A workshop and its machines: whoever takes one keeps the other from being taken; the database guards it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from core import db
from core.booking import closures, workflow
from core.booking.errors import ResourceTaken
from core.booking.families import family, settle
from core.booking.models import Allocation, Booking, Resource
from tests.booking.shop import Shop

pytestmark = pytest.mark.database


def taken_of(shop: Shop, booking: Booking) -> dict[str, tuple[int, bool]]:
    rows = db.db.session.execute(
        select(Resource.slug, Allocation.units, Allocation.covering)
        .join(Allocation.resource)
        .where(Allocation.booking_id == booking.id, Allocation.active)
    )
    return {slug: (units, covering) for slug, units, covering in rows}


def test_a_room_has_as_many_units_as_its_benches(shop: Shop) -> None:
    room = db.db.session.scalars(select(Resource).where(Resource.slug == "room")).one()
    assert room.capacity == 3
    assert family(db.db.session(), {room.id}) == {shop.resource(s) for s in ("room", "bench1", "bench2", "bench3")}
    assert family(db.db.session(), {shop.resource("bench2")}) == {shop.resource("bench2"), room.id}


def test_whoever_takes_the_room_takes_every_bench(shop: Shop) -> None:
    booking = shop.book("room")
    assert taken_of(shop, booking) == {
        "room": (3, False),
        "bench1": (1, True),
        "bench2": (1, True),
        "bench3": (1, True),
    }
    with pytest.raises(ResourceTaken) as refused:
        shop.book("benches", who="south", start=shop.at(10), end=shop.at(12))
    assert {conflict.resource for conflict in refused.value.conflicts} == {"钳台1", "钳台2"}


def test_whoever_takes_a_bench_keeps_the_room_from_being_taken_whole(shop: Shop) -> None:
    booking = shop.book("benches", picks={0: (shop.resource("bench1"), shop.resource("bench3"))})
    assert taken_of(shop, booking) == {"bench1": (1, False), "bench3": (1, False), "room": (1, True)}
    assert shop.taken(shop.resource("room")) == 2
    with pytest.raises(ResourceTaken):
        shop.book("room", who="south")
    workflow.move(actor=shop.user("north"), ref=booking.ref, action="cancel")
    assert shop.book("room", who="south").state == "confirmed"


def test_the_set_up_of_a_bench_counts_for_the_room_as_well(shop: Shop) -> None:
    shop.book("benches", start=shop.at(9), end=shop.at(10))
    with pytest.raises(ResourceTaken):
        shop.book("room", who="south", start=shop.at(8), end=shop.at(9))
    assert shop.book("room", who="south", start=shop.at(8), end=shop.at(8.5)).state == "confirmed"


def test_a_closed_room_closes_its_benches_and_a_closed_bench_only_itself(shop: Shop) -> None:
    manager = shop.user("manager")
    closed = closures.enter(
        actor=manager, resource_id=shop.resource("bench1"), start=shop.at(8), end=shop.at(20), reason="检修"
    )
    assert shop.book("benches").state == "confirmed"
    with pytest.raises(ResourceTaken):
        shop.book("benches", who="south")
    closures.lift(actor=manager, closure_id=closed.id)
    closures.enter(actor=manager, resource_id=shop.resource("room"), start=shop.at(14), end=shop.at(16), reason="检修")
    with pytest.raises(ResourceTaken, match="检修"):
        shop.book("benches", who="south", start=shop.at(14), end=shop.at(15))


def test_the_database_refuses_a_bench_inside_a_room_that_is_taken(shop: Shop) -> None:
    booking = shop.book("room")
    with pytest.raises(IntegrityError), db.write() as session:
        session.execute(
            text(
                "INSERT INTO allocation (resource_id, start_at, end_at, units, active, booking_id) "
                "SELECT :bench, start_at, end_at, 1, active, booking_id FROM allocation WHERE booking_id = :id "
                "AND resource_id = :room"
            ),
            {"bench": shop.resource("bench1"), "room": shop.resource("room"), "id": booking.id},
        )


def test_nested_rooms_have_the_units_of_their_parts() -> None:
    house, floor, other = Resource(id=1, capacity=1), Resource(id=2, capacity=1), Resource(id=3, capacity=5)
    benches = [Resource(id=number, capacity=2, parent_id=2) for number in (4, 5)]
    floor.parent_id = other.parent_id = 1
    assert settle([house, floor, other, *benches]) == {1: 9, 2: 4}


def test_two_bookings_of_benches_fit_as_long_as_there_are_benches(shop: Shop) -> None:
    first = shop.book("benches")
    with pytest.raises(ResourceTaken) as refused:
        shop.book("benches", who="south")
    later = [way for way in refused.value.alternatives if way.start >= first.end_at + timedelta(minutes=15)]
    way = later[0]
    picks = {0: tuple(resource_id for _position, resource_id in way.picks)}
    assert shop.book("benches", who="south", start=way.start, end=way.end, picks=picks).state == "confirmed"
