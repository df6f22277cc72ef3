"""A base's home page, and the list of bases."""

from datetime import timedelta
from functools import partial

import pytest

from core import clock, db
from core.booking import closures
from core.content import writing
from core.content.snapshots import Texts
from core.plugins import state
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.people import texts
from tests.support.statements import queries

HOME = "/bases/workshop/"


def test_the_home_page_shows_what_is_on_what_is_new_and_what_is_free(shop: Shop, visit: Visitors) -> None:
    manager = shop.user("manager")
    training = shop.session(title="车工入门", seats=8)
    writing.create(
        actor=manager,
        base_id=shop.base.id,
        texts=Texts(title="新到车床", body="正文", pinned_until=clock.now() + timedelta(days=1)),
        act="publish",
    )
    times = {"start": shop.at(9), "end": shop.at(17)}
    closures.enter(actor=manager, resource_id=shop.resource("lathe2"), reason="换油", **times)
    shop.book("course", people=3, training_id=training.id)
    page = texts(visit().get(HOME).text)
    for piece in ("示例车间", "车工入门", "余 5 ，共8", "新到车床", "换油", "车床1", "08:00–20:00"):
        assert piece in page


@pytest.mark.parametrize(
    ("taken", "hour", "word"),
    [(None, 7, "全天空闲"), ((9, 11), 10, "11:00后空闲"), ((9, 11), 21, "今天已结束")],
)
def test_it_says_what_is_free_today(
    shop: Shop, visit: Visitors, taken: tuple[int, int] | None, hour: int, word: str
) -> None:
    if taken:
        start, end = (shop.at(number) for number in taken)
        shop.book(start=start, end=end, picks={0: shop.resource("lathe1")})
    with clock.set_to(shop.at(hour)):
        row = texts(visit().get(HOME).text).split("车床1")[1][:60]
    assert word in row


@pytest.mark.database
def test_it_asks_as_often_for_many_rows_as_for_few(shop: Shop, visit: Visitors) -> None:
    client, manager = visit(), shop.user("manager")

    def more(hours: range) -> None:
        for number in hours:
            shop.session(hour=number)
            shop.book(start=shop.at(number, 15), end=shop.at(number + 1, 15))
            times = {"start": shop.at(number, 16), "end": shop.at(number + 1, 16)}
            closures.enter(actor=manager, resource_id=shop.resource("cell1"), reason="检修", **times)
            writing.create(
                actor=manager, base_id=shop.base.id, texts=Texts(title=f"第{number}条", body="文"), act="publish"
            )

    def counted() -> int:
        with visit.app.app_context():  # as in a request of its own
            return queries(partial(client.get, HOME))

    more(range(8, 9))
    counted()  # what is read once per process
    few = counted()
    more(range(9, 16))
    assert counted() == few


def test_the_list_leads_to_each_base(shop: Shop, visit: Visitors) -> None:
    assert f'href="{HOME}"' in visit().get("/bases/").text


@pytest.mark.database
def test_a_disabled_base_is_not_shown(shop: Shop, visit: Visitors) -> None:
    with db.write() as session:
        state.enable(session, "workshop", False, actor_id=None)
    with visit.app.app_context():
        assert visit().get(HOME).status_code == 404
    with visit.app.app_context():
        assert HOME not in visit().get("/bases/").text
