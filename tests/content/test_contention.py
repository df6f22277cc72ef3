"""Two who act at the same moment: each act is whole, the second one sees the first, and nobody waits for ever."""

from collections.abc import Callable
from dataclasses import replace
from threading import Thread

import pytest
from flask import Flask

from core import clock, db
from core.content import moving, trash, undoing, workflow, writing
from core.content.events import ContentChanged
from core.content.models import PAGE, Item, Reference
from core.content.snapshots import Texts, working
from core.errors import DomainError
from tests.booking.shop import Shop
from tests.content.conftest import Announce
from tests.content.test_moving import write_page

pytestmark = pytest.mark.database

Deed = Callable[[Shop], object]
Meet = Callable[[Deed, Deed], str]


def waits() -> bool:
    """Say whether somebody waits for a lock; SQLite's writers wait where nobody sees it."""
    if db.db.engine.dialect.name != "postgresql":
        return True
    with db.db.engine.connect() as connection:
        return bool(connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar())


@pytest.fixture
def meet(shop_app: Flask, shop: Shop) -> Meet:
    """Do one thing, and another while the first is written and not committed; return what became of the second."""

    def meet(first: Deed, second: Deed) -> str:
        outcomes: list[str] = []

        def do() -> None:
            with shop_app.app_context():
                try:
                    second(Shop())
                    outcomes.append("done")
                except DomainError as error:
                    outcomes.append(type(error).__name__)
                except Exception as error:  # noqa: BLE001 - whatever it is, the test is to see it
                    outcomes.append(repr(error))

        other = Thread(target=do)

        def let_in(session: object, event: object) -> None:
            if other.ident is None:
                other.start()
                while other.is_alive() and not waits():
                    pass

        listeners = shop_app.extensions["jidi_listeners"]
        shop_app.extensions["jidi_listeners"] = (*listeners, (ContentChanged, let_in))
        try:
            first(shop)
        finally:
            shop_app.extensions["jidi_listeners"] = listeners
            other.join()
        db.db.session.rollback()
        return outcomes[0]

    return meet


def save(item: Item, body: str, act: str = writing.SAVE) -> Deed:
    """Save another text over the version of an item that is there now."""
    item_id, version, texts = item.id, item.version, replace(working(item), body=body)
    return lambda shop: writing.save(actor=shop.user("manager"), item_id=item_id, version=version, texts=texts, act=act)


def put(item: Item, slug: str, parent: Item | None = None) -> Deed:
    """Move an item as it is now."""
    wishes = {"item_id": item.id, "version": item.version, "base_id": item.base_id, "slug": slug}
    parent_id = parent.id if parent else None
    return lambda shop: moving.move(actor=shop.user("manager"), parent_id=parent_id, **wishes)  # type: ignore[arg-type]


def write_under(parent: Item) -> Deed:
    """Write a page under another."""
    base_id, parent_id, texts = parent.base_id, parent.id, Texts(title="下页", body="<p>文</p>")
    return lambda shop: writing.create(
        actor=shop.user("manager"), base_id=base_id, kind=PAGE, slug="below", parent_id=parent_id, texts=texts
    )


def test_two_writers_lose_nothing(announce: Announce, meet: Meet) -> None:
    item = announce(publish=True)
    assert meet(save(item, "<p>甲</p>", "publish"), save(item, "<p>乙</p>", "publish")) == "EditedMeanwhile"
    assert item.body == "<p>甲</p>"


def test_texts_that_link_to_each_other_are_saved_at_once(shop: Shop, meet: Meet) -> None:
    one, two = write_page(shop, "one"), write_page(shop, "two")
    there = '<p><a href="/bases/workshop/pages/{}">见</a></p>'
    assert meet(save(one, there.format("two"), "publish"), save(two, there.format("one"), "publish")) == "done"
    assert shop.count(Reference) == 2


def test_one_address_is_given_once(shop: Shop, meet: Meet) -> None:
    first, second = write_page(shop, "first"), write_page(shop, "second")
    assert meet(put(first, "third"), put(second, "third")) == "Invalid"
    assert meet(lambda here: write_page(here, "fourth"), put(second, "fourth")) == "Invalid"
    trash.throw_away(actor=shop.user("manager"), item_id=second.id)
    item_id = second.id
    outcome = meet(
        lambda here: write_page(here, "second"), lambda here: trash.recover(actor=here.user("manager"), item_id=item_id)
    )
    assert (outcome, second.path) == ("done", "second-2")


def test_two_pages_do_not_come_to_stand_under_each_other(shop: Shop, meet: Meet) -> None:
    one, two = write_page(shop, "one"), write_page(shop, "two")
    assert meet(put(one, "one", two), put(two, "two", one)) == "Invalid"
    assert (one.path, two.path) == ("two/one", "two")


def test_a_new_page_follows_the_one_above_it(shop: Shop, meet: Meet) -> None:
    above = write_page(shop, "above")
    assert meet(put(above, "moved"), write_under(above)) == "done"
    assert [row.path for row in moving.below(above)] == ["moved/below"]


def test_no_page_comes_to_stand_under_one_that_is_thrown_away(shop: Shop, meet: Meet) -> None:
    above = write_page(shop, "above")
    item_id = above.id
    throw = lambda here: trash.throw_away(actor=here.user("manager"), item_id=item_id)  # noqa: E731
    assert meet(throw, write_under(above)) == "Invalid"
    trash.recover(actor=shop.user("manager"), item_id=item_id)
    assert meet(write_under(above), throw) == "Invalid"


def test_what_is_published_while_it_moves_is_public_at_its_new_address(shop: Shop, meet: Meet) -> None:
    above = write_page(shop, "above")
    page = write_page(shop, "page", above, act=writing.SAVE)
    item_id, version = page.id, page.version
    publish = lambda here: workflow.publish(actor=here.user("manager"), item_id=item_id, version=version)  # noqa: E731
    assert meet(put(above, "moved"), publish) == "done"
    assert (page.path, page.is_public) == ("moved/page", True)
    draft = write_page(shop, "draft", act=writing.SAVE)
    item_id, version = draft.id, draft.version
    assert meet(publish, put(draft, "elsewhere")) == "EditedMeanwhile"


def test_what_is_thrown_away_is_not_saved_over(shop: Shop, announce: Announce, meet: Meet) -> None:
    item = announce()
    item_id = item.id
    throw = lambda here: trash.throw_away(actor=here.user("manager"), item_id=item_id)  # noqa: E731
    assert meet(throw, save(item, "<p>新</p>")) == "NotFound"


def test_what_was_edited_meanwhile_is_not_undone(announce: Announce, meet: Meet) -> None:
    item = announce(publish=True)
    item_id, version = item.id, item.version
    undo = lambda here: undoing.undo(actor=here.user("manager"), item_id=item_id, version=version)  # noqa: E731
    assert meet(save(item, "<p>新</p>", "publish"), undo) == "StateChanged"
    version = item.version
    assert meet(undo, save(item, "<p>又</p>")) == "EditedMeanwhile"


def test_what_is_recovered_in_the_last_moment_is_not_erased(announce: Announce, meet: Meet, shop: Shop) -> None:
    item = announce()
    item_id, thrown = item.id, clock.now()
    trash.throw_away(actor=shop.user("manager"), item_id=item_id)

    def erase(here: Shop) -> None:
        with clock.set_to(thrown + trash.KEPT * 2):
            trash.erase_old()

    assert meet(lambda here: trash.recover(actor=here.user("manager"), item_id=item_id), erase) == "done"
    assert shop.count(Item) == 1
