"""What was thrown away can be recovered for 30 days; its address says that it is gone."""

from datetime import timedelta

import pytest

from core import clock
from core.content import listing, queries, trash, writing
from core.content.errors import Gone
from core.content.models import ANNOUNCEMENT, PAGE, Item, Redirect, Reference, Revision
from core.content.snapshots import Texts
from core.errors import Forbidden, Invalid, NotFound
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce


def test_it_leaves_every_list_and_comes_back_as_it_was(shop: Shop, announce: Announce) -> None:
    manager, item = shop.user("manager"), announce("开放日", publish=True)
    trash.throw_away(actor=manager, item_id=item.id)
    assert listing.listed(ANNOUNCEMENT, shop.base, 1).rows == []
    assert [row.id for row in trash.in_bin(shop.base, 1).rows] == [item.id]
    trash.recover(actor=manager, item_id=item.id)
    assert queries.find_public(shop.base, ANNOUNCEMENT, item.path) is item
    assert trash.in_bin(shop.base, 1).rows == []


def test_only_what_was_public_is_gone_the_rest_never_was(shop: Shop, announce: Announce) -> None:
    manager = shop.user("manager")
    public = announce(publish=True)
    others = [announce(), announce(publish=True, publish_at=shop.at(8))]
    for item in (public, *others):
        trash.throw_away(actor=manager, item_id=item.id)
    with clock.set_to(shop.at(9)):
        with pytest.raises(Gone):
            queries.find_public(shop.base, ANNOUNCEMENT, public.path)
        for item in others:
            with pytest.raises(NotFound):
                queries.find_public(shop.base, ANNOUNCEMENT, item.path)


def test_where_its_address_is_taken_it_gets_another(shop: Shop) -> None:
    manager = shop.user("manager")

    def write() -> Item:
        texts = Texts(title="安全", body="<p>文</p>")
        return writing.create(actor=manager, base_id=shop.base.id, kind=PAGE, slug="safe", texts=texts, act="publish")

    first = write()
    trash.throw_away(actor=manager, item_id=first.id)
    second = write()
    assert queries.find_public(shop.base, PAGE, "safe") is second
    trash.recover(actor=manager, item_id=first.id)
    assert (first.path, first.slug) == ("safe-2", "safe-2")


def test_a_page_with_others_under_it_stays(shop: Shop) -> None:
    manager = shop.user("manager")
    above = writing.create(
        actor=manager, base_id=shop.base.id, kind=PAGE, slug="a", texts=Texts(title="上", body="文"), act="publish"
    )
    writing.create(
        actor=manager, base_id=shop.base.id, kind=PAGE, slug="b", texts=Texts(title="下", body="文"), parent_id=above.id
    )
    with pytest.raises(Invalid):
        trash.throw_away(actor=manager, item_id=above.id)


def test_a_shipped_page_is_archived_instead(shop: Shop, page: Item) -> None:
    with pytest.raises(Invalid):
        trash.throw_away(actor=shop.user("manager"), item_id=page.id)


def test_a_publisher_throws_away_drafts_only(writers: Shop, announce: Announce) -> None:
    publisher = writers.user("publisher")
    trash.throw_away(actor=publisher, item_id=announce().id)
    with pytest.raises(Forbidden):
        trash.throw_away(actor=publisher, item_id=announce(publish=True).id)


@pytest.mark.database
def test_after_thirty_days_it_is_erased_with_all_that_belongs_to_it(shop: Shop, announce: Announce) -> None:
    manager = shop.user("manager")
    kept = announce("留下", publish=True)
    item = announce("删去", f"<p><a href='/bases/workshop/announcements/{kept.path}'>见</a></p>", publish=True)
    texts = Texts(title="改", body="<p>改</p>")
    writing.save(actor=manager, item_id=item.id, version=item.version, texts=texts)  # a pending change
    assert shop.count(Reference) == 1
    trash.throw_away(actor=manager, item_id=item.id)
    with clock.set_to(clock.now() + timedelta(days=29)):
        trash.erase_old()
        assert shop.count(Item) == 2
    with clock.set_to(clock.now() + timedelta(days=31)):
        trash.erase_old()
    assert (shop.count(Item), shop.count(Revision), shop.count(Reference), shop.count(Redirect)) == (1, 1, 0, 0)


def test_the_page_of_what_is_gone_leads_on_and_shows_nothing_of_it(
    shop: Shop, announce: Announce, visit: Visitors
) -> None:
    item = announce("机密题目", "<p>机密正文</p>", publish=True)
    trash.throw_away(actor=shop.user("manager"), item_id=item.id)
    answer = visit().get(f"/bases/workshop/announcements/{item.path}")
    assert answer.status_code == 410
    assert "机密" not in answer.text
    assert "/bases/workshop/announcements/" in answer.text
    assert "/search" in answer.text
