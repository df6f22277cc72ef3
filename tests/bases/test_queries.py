"""Whether a base is to be seen, and whether it is open."""

from datetime import time

import pytest

from core import clock, db
from core.bases.models import OpeningHours
from core.bases.queries import any_base, find_base, is_open, visible_bases
from core.errors import NotFound
from core.plugins import state
from tests.booking.shop import Shop

pytestmark = pytest.mark.database


def own_hours(shop: Shop, *spans: tuple[time, time]) -> None:
    """Have the base open at these times on every day."""
    base_id = shop.base.id
    with db.write() as session:
        for weekday in range(7):
            for opens, closes in spans:
                session.add(OpeningHours(base_id=base_id, weekday=weekday, opens=opens, closes=closes, declared=False))
    db.db.session.expire_all()


def test_a_base_is_open_within_one_span_only(shop: Shop) -> None:
    own_hours(shop, (time(8), time(12)), (time(13), time(17)))
    assert is_open(shop.base, shop.at(8), shop.at(12))
    assert is_open(shop.base, shop.at(13), shop.at(14))
    assert not is_open(shop.base, shop.at(11), shop.at(13.5))
    assert not is_open(shop.base, shop.at(7.5), shop.at(9))
    assert not is_open(shop.base, shop.at(16), shop.at(17.5))


def test_spans_that_touch_are_one(shop: Shop) -> None:
    own_hours(shop, (time(8), time(12)), (time(12), time(17)))
    assert is_open(shop.base, shop.at(10), shop.at(14))


def test_a_base_that_never_closes_is_open_over_midnight(shop: Shop) -> None:
    own_hours(shop, (time(0), time(23, 59)))
    assert is_open(shop.base, shop.at(20), shop.at(30))


def test_a_base_without_hours_is_always_open(shop: Shop) -> None:
    with db.write() as session:
        session.query(OpeningHours).delete()
    db.db.session.expire_all()
    assert is_open(shop.base, shop.at(2), shop.at(3))


def test_a_disabled_base_is_seen_no_more_and_its_past_stays_readable(shop: Shop) -> None:
    with db.write() as session:
        state.enable(session, "workshop", False, actor_id=None)
    assert visible_bases() == []
    with pytest.raises(NotFound):
        find_base("workshop")
    assert any_base("workshop").slug == "workshop"


def test_an_archived_base_is_seen_no_more(shop: Shop) -> None:
    base_id = shop.base.id
    with db.write() as session:
        base = session.get_one(type(shop.base), base_id)
        base.archived_at = clock.now()
    assert visible_bases() == []
    with pytest.raises(NotFound):
        find_base("workshop")


def test_a_base_that_never_was_is_not_found(shop: Shop) -> None:
    for find in (find_base, any_base):
        with pytest.raises(NotFound):
            find("nowhere")
