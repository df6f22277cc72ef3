"""Lists of what visitors read: their order, their pages, and what they cost."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, insert

from core import clock, db
from core.content import listing, queries
from core.content.models import ANNOUNCEMENT, PAGE, Item, Place
from tests.booking.shop import Shop


def fill(shop: Shop, number: int, kind: str = ANNOUNCEMENT, **values: object) -> None:
    """Publish items of the shop's base, a minute apart, the last one just now."""
    now = clock.now()
    common = {"type": kind, "base_id": shop.base.id, "body": "", "state": "published", "in_navigation": False}
    with db.write() as session:
        rows = [
            {"slug": f"s{n}-{number}", "path": f"s{n}-{number}", "title": f"第{n}则"}
            | {"publish_at": now - timedelta(minutes=number - n), "created_at": now, "updated_at": now}
            for n in range(1, number + 1)
        ]
        session.execute(insert(Item), [common | row | values for row in rows])


@pytest.mark.database
def test_pinned_ones_stand_on_top_then_the_newest_each_once_also_where_others_show_theirs(shop: Shop) -> None:
    fill(shop, 3)
    fill(shop, 1, base_id=None, title="联盟", pinned_until=clock.now() + timedelta(days=1))
    rows = {item.title: item.id for item in listing.latest(None, 9)}
    with db.write() as session:
        session.execute(insert(Place), [{"item_id": number, "base_id": shop.base.id} for number in rows.values()])
    for base in (shop.base, None):
        assert len(listing.listed(ANNOUNCEMENT, base, 1).rows) == 4
        assert listing.latest(base, 9)[0].base_id is None
        assert listing.latest(base, 9)[1].title == "第3则"
        assert listing.newest(base, limit=1)[0].publish_at == listing.newest(None, limit=1)[0].publish_at


@pytest.mark.database
def test_a_long_list_is_turned_to_its_end_without_being_counted_at_each_page(shop: Shop) -> None:
    fill(shop, listing.COUNTED + queries.PER_PAGE + 1)
    first, far = listing.listed(ANNOUNCEMENT, shop.base, 1), listing.listed(ANNOUNCEMENT, shop.base, 10**30)
    assert (first.number, first.last, first.more) == (1, 10, True)
    assert (far.number, far.last, far.more, len(far.rows)) == (12, 12, False, 1)
    assert listing.listed(ANNOUNCEMENT, shop.base, 11).more


def test_a_list_that_is_not_counted_whole_gives_no_number_of_pages(shop_app: Flask, shop: Shop) -> None:
    fill(shop, listing.COUNTED + 1)
    page = shop_app.test_client().get("/announcements/?page=2").text
    assert "第2页" in page
    assert "共" not in page[page.index("第2页") : page.index("第2页") + 20]
    assert "page=3" in page


@pytest.fixture
def steps() -> Iterator[list[int]]:
    """Count what SQLite does, in hundreds of its machine's instructions."""
    counted: list[int] = []
    connection = db.db.session.connection().connection.dbapi_connection

    def watch(connection: object, *_args: object) -> None:
        connection.set_progress_handler(lambda: counted.append(1), 100)  # type: ignore[attr-defined]

    watch(connection)
    event.listen(db.db.engine, "checkout", watch)
    yield counted
    event.remove(db.db.engine, "checkout", watch)
    connection.set_progress_handler(None, 0)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "where",
    ["/", "/announcements/", "/announcements/?category=exam", "/bases/workshop/", "/bases/workshop/announcements/"],
)
def test_what_a_page_costs_does_not_grow_with_the_archive(
    shop_app: Flask, shop: Shop, steps: list[int], where: str
) -> None:
    def cost() -> int:
        shop_app.extensions["jidi_front"].forget()
        shop_app.test_client().get(where)
        steps.clear()
        shop_app.extensions["jidi_front"].forget()
        assert shop_app.test_client().get(where).status_code == 200
        return len(steps)

    fill(shop, listing.COUNTED + 1, category="exam")
    fill(shop, listing.COUNTED + 1, kind=PAGE)
    few = cost()
    fill(shop, 3000, category="exam")
    fill(shop, 3000, kind=PAGE)
    assert cost() < few * 1.2 + 10
    assert few
