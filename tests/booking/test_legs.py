"""Legs that take several of many: “any 2 of these”, some of them chosen, others any that are free."""

from datetime import time

import pytest

from core import db, errors
from core.booking import closures
from core.booking.errors import OutsideHours, ResourceTaken
from core.booking.models import Booking, Resource, ResourceHours
from tests.booking.shop import Shop


def names(booking: Booking) -> set[str]:
    return {entry.resource.slug for entry in booking.allocations if entry.active and not entry.covering}


def close(shop: Shop, slug: str) -> None:
    closures.enter(
        actor=shop.user("manager"), resource_id=shop.resource(slug), start=shop.at(8), end=shop.at(20), reason="检修"
    )


def test_any_two_are_taken_when_nothing_is_chosen(shop: Shop) -> None:
    assert names(shop.book("benches")) == {"bench1", "bench2"}


def test_what_is_chosen_is_taken_and_others_make_up_the_number(shop: Shop) -> None:
    assert names(shop.book("benches", picks={0: shop.resource("bench3")})) == {"bench1", "bench3"}


def test_more_than_needed_means_any_of_these(shop: Shop) -> None:
    close(shop, "bench2")
    three = tuple(shop.resource(slug) for slug in ("bench1", "bench2", "bench3"))
    assert names(shop.book("benches", picks={0: three})) == {"bench1", "bench3"}


def test_a_free_one_is_found_beside_one_that_is_closed(shop: Shop) -> None:
    close(shop, "bench1")
    assert names(shop.book("benches")) == {"bench2", "bench3"}


def test_a_chosen_one_that_is_closed_is_named_with_a_way_out(shop: Shop) -> None:
    close(shop, "bench1")
    with pytest.raises(ResourceTaken, match="检修") as refused:
        shop.book("benches", picks={0: shop.resource("bench1")})
    assert refused.value.alternatives[0].resources == ("钳台2", "钳台3")


@pytest.mark.parametrize("slug", ["lathe1", "room"])
def test_what_does_not_serve_the_leg_is_refused(shop: Shop, slug: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        shop.book("benches", picks={0: (shop.resource("bench1"), shop.resource(slug))})
    assert list(refused.value.problems) == ["leg_0"]


def test_a_resource_is_used_within_its_own_hours_only(shop: Shop) -> None:
    with db.write() as session:
        for number in (1, 2, 3):
            bench = session.get_one(Resource, shop.resource(f"bench{number}"))
            closes = time(12) if number == 3 else time(18)
            bench.hours = [ResourceHours(weekday=day, opens=time(9), closes=closes, declared=False) for day in range(7)]
    assert names(shop.book("benches", start=shop.at(13), end=shop.at(14))) == {"bench1", "bench2"}
    with pytest.raises(OutsideHours) as refused:
        shop.book("benches", picks={0: shop.resource("bench3")}, start=shop.at(16), end=shop.at(17))
    assert refused.value.alternatives
