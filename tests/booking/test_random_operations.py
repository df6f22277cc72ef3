"""Anything in any order, compared step by step with a naive count of what is taken at every instant."""

import pytest

from tests.booking.approving import person
from tests.booking.shop import Shop
from tests.booking.walk import Walk

pytestmark = pytest.mark.database


def walk(shop: Shop, seed: int, operations: int, every: int) -> None:
    """Walk, and print what was done and refused."""
    person(shop, "office", "office")
    walked = Walk(shop, seed)
    try:
        walked.go(operations, every=every)
    finally:
        done, refused = walked.done.total(), walked.refused.total()
        print(f"seed {seed}: {done + refused} operations, {done} done and {refused} refused")  # noqa: T201


def test_the_engine_accepts_what_there_is_room_for_and_nothing_else(shop: Shop) -> None:
    walk(shop, seed=20260901, operations=300, every=100)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_it_does_so_through_ten_thousand_operations(shop: Shop, seed: int) -> None:
    walk(shop, seed, operations=1_000, every=250)
