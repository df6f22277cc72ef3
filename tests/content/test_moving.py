"""What is moved is found at its old address as well; the pages under it follow."""

import pytest

from core.content import moving, queries, redirects, trash, writing
from core.content.errors import Gone
from core.content.models import ANNOUNCEMENT, PAGE, Item, Redirect
from core.content.snapshots import Texts
from core.db import db, write
from core.errors import Forbidden, Invalid, NotFound
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce


def write_page(shop: Shop, slug: str, parent: Item | None = None, act: str = writing.PUBLISH) -> Item:
    """Write a page of the base as its manager."""
    return writing.create(
        actor=shop.user("manager"),
        base_id=shop.base.id,
        kind=PAGE,
        slug=slug,
        parent_id=parent.id if parent else None,
        texts=Texts(title=slug, body="<p>文</p>"),
        act=act,
    )


def move(shop: Shop, item: Item, slug: str, parent: Item | None = None, who: str = "manager") -> Item:
    """Move an item within the base."""
    return moving.move(
        actor=shop.user(who),
        item_id=item.id,
        version=item.version,
        slug=slug,
        parent_id=parent.id if parent else None,
        base_id=item.base_id,
    )


@pytest.mark.database
def test_old_addresses_lead_to_the_new_ones(shop: Shop, visit: Visitors) -> None:
    rules = write_page(shop, "rules")
    lathe = write_page(shop, "lathe", rules)
    move(shop, rules, "safety-rules")
    assert lathe.path == "safety-rules/lathe"
    answer = visit().get("/bases/workshop/pages/rules/lathe")
    assert (answer.status_code, answer.location) == (301, "/bases/workshop/pages/safety-rules/lathe")
    move(shop, lathe, "turning")
    for old in ("rules/lathe", "safety-rules/lathe"):
        assert queries.find_public(shop.base, PAGE, old).path == "turning"


def test_what_is_public_at_an_address_wins_over_a_redirect(shop: Shop) -> None:
    moved = move(shop, write_page(shop, "rules"), "old-rules")
    draft = write_page(shop, "rules", act=writing.SAVE)
    assert queries.find_public(shop.base, PAGE, "rules") is moved
    writing.save(
        actor=shop.user("manager"),
        item_id=draft.id,
        version=draft.version,
        texts=Texts(title="新", body=""),
        act="publish",
    )
    assert queries.find_public(shop.base, PAGE, "rules") is draft
    assert shop.count(Redirect) == 0


def test_moving_back_leaves_no_redirect_to_itself(shop: Shop) -> None:
    page = write_page(shop, "rules")
    move(shop, page, "other")
    move(shop, page, "rules")
    assert [row.path for row in db.session.query(Redirect)] == ["other"]
    assert queries.find_public(shop.base, PAGE, "other") is page


def test_two_pages_change_places(shop: Shop) -> None:
    above, below = write_page(shop, "a"), write_page(shop, "b")
    with pytest.raises(Invalid) as refused:
        move(shop, above, "b")
    assert list(refused.value.problems) == ["slug"]
    move(shop, below, "b", above)
    assert below.path == "a/b"


def test_a_page_does_not_come_to_stand_under_itself(shop: Shop) -> None:
    above = write_page(shop, "a")
    below = write_page(shop, "b", above)
    for parent in (above, below):
        with pytest.raises(Invalid) as refused:
            move(shop, above, "a", parent)
        assert list(refused.value.problems) == ["parent_id"]


def test_an_address_that_would_become_too_long_is_refused(shop: Shop) -> None:
    long = "a" * 70
    parent = write_page(shop, "short")
    for _depth in range(3):
        write_page(shop, long, parent)
        parent = db.session.query(Item).order_by(Item.id.desc()).first() or parent
    with pytest.raises(Invalid) as refused:
        move(shop, db.session.query(Item).filter_by(path="short").one(), "b" * 70)
    assert list(refused.value.problems) == ["slug"]


@pytest.mark.parametrize("slug", ["", "A", "a b", "a/b", "-a", "a--b", "安全", "a" * 71])
def test_a_slug_is_made_of_plain_letters(shop: Shop, slug: str) -> None:
    with pytest.raises(Invalid):
        move(shop, write_page(shop, "rules"), slug)


def test_only_the_office_moves_to_another_base(writers: Shop, announce: Announce) -> None:
    item = announce(publish=True)
    with pytest.raises(Forbidden):
        moving.move(actor=writers.user("manager"), item_id=item.id, version=1, slug=item.slug, base_id=None)
    moving.move(actor=writers.user("office"), item_id=item.id, version=1, slug=item.slug, base_id=None)
    assert queries.find_public(writers.base, ANNOUNCEMENT, item.path) is item
    assert item.base_id is None


def test_a_shipped_page_stays_at_its_base(writers: Shop, page: Item) -> None:
    with pytest.raises(Invalid) as refused:
        moving.move(actor=writers.user("office"), item_id=page.id, version=page.version, slug="safety", base_id=None)
    assert list(refused.value.problems) == ["base_id"]


def test_a_publisher_moves_drafts_only(writers: Shop, announce: Announce) -> None:
    move(writers, announce(), "open-day", who="publisher")
    with pytest.raises(Forbidden):
        move(writers, announce(publish=True), "other", who="publisher")


def test_a_draft_leaves_no_redirect(shop: Shop, announce: Announce) -> None:
    item = announce()
    before = item.path
    move(shop, item, "open-day")
    with pytest.raises(NotFound):
        queries.find_public(shop.base, ANNOUNCEMENT, before)
    assert shop.count(Redirect) == 0


def test_a_redirect_does_not_lead_into_the_bin(shop: Shop) -> None:
    page = write_page(shop, "rules")
    move(shop, page, "other")
    trash.throw_away(actor=shop.user("manager"), item_id=page.id)
    with write() as session:
        redirects.lead(session, shop.base.id, PAGE, "elsewhere", to=page.id)
    with pytest.raises(Gone):
        queries.find_public(shop.base, PAGE, "elsewhere")
