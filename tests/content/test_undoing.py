"""For ten minutes one takes back what one has done; nothing that was typed is lost."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.content import trash, undoing, workflow, writing
from core.content.models import Item
from core.content.snapshots import public, working
from core.errors import Forbidden, StateChanged
from tests.booking.shop import Shop
from tests.content.conftest import Announce


def save(shop: Shop, item: Item, who: str, act: str = writing.SAVE, **texts: Any) -> Item:
    """Save an item as one of the writers."""
    texts_now = replace(working(item), **texts)
    return writing.save(actor=shop.user(who), item_id=item.id, version=item.version, texts=texts_now, act=act)


def undo(shop: Shop, item: Item, who: str = "manager") -> Item:
    """Take back the last thing that was done."""
    return undoing.undo(actor=shop.user(who), item_id=item.id, version=item.version)


def test_a_publication_is_taken_back_and_its_text_is_a_draft(shop: Shop, announce: Announce) -> None:
    item = undo(shop, announce("题目", publish=True))
    assert (item.state, item.title, item.publish_at) == ("draft", "题目", None)


def test_a_chosen_moment_stays_chosen(shop: Shop, announce: Announce) -> None:
    item = undo(shop, announce(publish=True, publish_at=shop.at(8)))
    assert (item.state, item.publish_at) == ("draft", shop.at(8))


def test_over_a_public_text_the_new_one_becomes_pending(shop: Shop, announce: Announce) -> None:
    item = announce("旧题", publish=True)
    before = public(item)
    save(shop, item, "manager", writing.PUBLISH, title="新题")
    undo(shop, item)
    assert public(item) == before
    assert (working(item).title, item.pending_review) == ("新题", False)


def test_what_a_reviewer_published_waits_again(writers: Shop, announce: Announce) -> None:
    item = announce("旧题", publish=True)
    save(writers, item, "publisher", writing.SUBMIT, title="新题")
    workflow.publish(actor=writers.user("manager"), item_id=item.id, version=item.version)
    undo(writers, item)
    assert (item.title, working(item).title, item.pending_review) == ("旧题", "新题", True)


@pytest.mark.database
def test_archiving_is_taken_back_with_the_change_that_was_pending(writers: Shop, announce: Announce) -> None:
    item = announce("旧题", publish=True, expire_at=writers.at(9))
    save(writers, item, "publisher", writing.SUBMIT, title="新题")
    before = public(item)
    workflow.archive(actor=writers.user("manager"), item_id=item.id)
    assert item.pending is None
    undo(writers, item)
    assert (item.state, public(item), working(item).title, item.pending_review) == ("published", before, "新题", True)


def test_throwing_away_is_taken_back(shop: Shop, announce: Announce) -> None:
    item = announce(publish=True)
    trash.throw_away(actor=shop.user("manager"), item_id=item.id)
    undo(shop, item)
    assert item.is_public


def test_a_saved_text_is_taken_back(shop: Shop, announce: Announce) -> None:
    item = announce("旧题")
    save(shop, item, "manager", title="新题")
    undo(shop, item)
    assert item.title == "旧题"


def test_a_shipped_page_is_as_shipped_again(shop: Shop, page: Item) -> None:
    save(shop, page, "manager", body="<p>先改一次。</p>")
    workflow.discard(actor=shop.user("manager"), item_id=page.id, version=page.version)
    save(shop, page, "manager", writing.PUBLISH, body="<p>今天停电。</p>")
    assert page.owned
    undo(shop, page)
    assert (page.owned, page.shown_body) == (False, "<p>戴护目镜。</p>")


def test_after_ten_minutes_it_is_too_late(shop: Shop, announce: Announce) -> None:
    item = announce(publish=True)
    with clock.set_to(item.updated_at + timedelta(minutes=10, seconds=1)):
        assert not undoing.can_undo(shop.user("manager"), item)
        with pytest.raises(StateChanged):
            undo(shop, item)
    with clock.set_to(item.updated_at + timedelta(minutes=9, seconds=59)):
        assert undoing.can_undo(shop.user("manager"), item)
        undo(shop, item)


def test_nobody_takes_back_what_somebody_else_did(writers: Shop, announce: Announce) -> None:
    item = announce()
    save(writers, item, "publisher", title="新题")
    with pytest.raises(StateChanged):
        undo(writers, item)
    with pytest.raises(Forbidden):
        undo(writers, item, "north")


def test_what_was_taken_back_is_not_taken_back_again(shop: Shop, announce: Announce) -> None:
    item = undo(shop, announce(publish=True))
    with pytest.raises(StateChanged):
        undo(shop, item)


def test_a_first_draft_cannot_be_taken_back(shop: Shop, announce: Announce) -> None:
    with pytest.raises(StateChanged):
        undo(shop, announce())
