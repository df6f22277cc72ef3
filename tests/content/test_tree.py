"""The tree of pages: its order, its navigation, the way to a page and what stands under it."""

import pytest
from sqlalchemy import select

from core import clock, db, errors
from core.content import queries, tree, workflow, writing
from core.content.models import PAGE, Item
from core.content.snapshots import Texts
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.statements import counting


def grow(shop: Shop, *paths: str) -> None:
    """Publish pages of the base at these paths, each titled with its path, in this order."""
    now, made = clock.now(), {page.path: page.id for page in db.db.session.scalars(select(Item))}
    with db.write() as session:
        for place, path in enumerate(paths, start=1):
            above, _slash, slug = path.rpartition("/")
            page = Item(
                type=PAGE,
                base_id=shop.base.id,
                parent_id=made.get(above),
                position=place * 10,
                slug=slug,
                path=path,
                title=f"页面{path}",
                body=f"<p>{path}的正文</p>",
                state="published",
                publish_at=now,
                created_at=now,
                updated_at=now,
            )
            session.add(page)
            session.flush()
            made[path] = page.id


def page(path: str) -> Item:
    """Return a page."""
    return db.db.session.scalars(select(Item).where(Item.path == path)).one()


def shape(shop: Shop) -> list[tuple[str, int]]:
    """Return the tree as paths with how deep each stands."""
    db.db.session.rollback()
    return [(row.path, depth) for row, depth in tree.flat(tree.tree(shop.base))]


def step(shop: Shop, path: str, *, down: bool, who: str = "manager") -> None:
    """Move a page by a place."""
    tree.step(actor=shop.user(who), base=shop.base, page_id=page(path).id, down=down)


def test_pages_stand_under_their_parents_in_their_order(writers: Shop) -> None:
    grow(writers, "b", "b/y", "b/x", "a", "b/y/deep")
    assert shape(writers) == [("b", 0), ("b/y", 1), ("b/y/deep", 2), ("b/x", 1), ("a", 0)]


def test_what_stands_under_a_page_in_the_bin_is_at_the_top(writers: Shop) -> None:
    grow(writers, "a", "a/x")
    with db.write() as session:
        session.scalars(select(Item).where(Item.path == "a")).one().trashed_at = clock.now()
    assert shape(writers) == [("a/x", 0)]


@pytest.mark.database
def test_a_page_moves_among_those_beside_it_and_stays_at_the_ends(writers: Shop) -> None:
    grow(writers, "a", "a/x", "a/y", "b")
    step(writers, "a/y", down=False)
    step(writers, "a", down=True)
    assert [path for path, _depth in shape(writers)] == ["b", "a", "a/y", "a/x"]
    step(writers, "a", down=True)
    step(writers, "b", down=False)
    assert [path for path, _depth in shape(writers)] == ["b", "a", "a/y", "a/x"]
    assert [row.path for row in queries.navigation(writers.base)] == ["b", "a"]


def test_a_page_can_be_left_out_of_the_navigation_and_still_be_read(writers: Shop, visit: Visitors) -> None:
    grow(writers, "a", "a/x", "b")
    for path in ("a/x", "b"):
        tree.set_navigation(actor=writers.user("manager"), base=writers.base, page_id=page(path).id, shown=False)
    assert [row.path for row in queries.navigation(writers.base)] == ["a"]
    assert tree.below(page("a")) == []
    assert visit().get("/bases/workshop/pages/b").status_code == 200


@pytest.mark.parametrize("who", ["publisher", "north"])
def test_who_may_not_publish_changes_no_order(writers: Shop, who: str) -> None:
    grow(writers, "a", "b")
    with pytest.raises(errors.Forbidden):
        step(writers, "b", down=False, who=who)
    with pytest.raises(errors.Forbidden):
        tree.set_navigation(actor=writers.user(who), base=writers.base, page_id=page("a").id, shown=False)


def test_a_page_of_another_place_is_not_moved_from_here(writers: Shop) -> None:
    grow(writers, "a")
    with pytest.raises(errors.NotFound):
        tree.step(actor=writers.user("office"), base=None, page_id=page("a").id, down=True)


def test_the_way_to_a_page_names_the_public_ones_above_and_below_it(writers: Shop, visit: Visitors) -> None:
    grow(writers, "a", "a/b", "a/b/c", "a/b/c/d", "a/b/c/d/e", "a/b/c/d/e/f", "a/b/c/d/e/g")
    workflow.archive(actor=writers.user("manager"), item_id=page("a/b").id)
    deep = page("a/b/c/d/e")
    assert [row.path for row in tree.trail(deep)] == ["a", "a/b/c", "a/b/c/d"]
    assert [row.path for row in tree.below(deep)] == ["a/b/c/d/e/f", "a/b/c/d/e/g"]
    shown = visit().get("/bases/workshop/pages/a/b/c/d/e").text
    crumbs = shown[shown.index("breadcrumb") : shown.index("</ol>")]
    assert [path for path in ("a", "a/b", "a/b/c", "a/b/c/d") if f'/pages/{path}"' in crumbs] == [
        "a",
        "a/b/c",
        "a/b/c/d",
    ]
    assert 'href="/bases/workshop/pages/a" aria-current="page"' in shown
    assert 'href="/bases/workshop/pages/a/b/c/d/e/f">页面a/b/c/d/e/f</a>' in shown


def many(shop: Shop, tops: int) -> None:
    """Grow six levels under each of some top pages."""
    for top in range(tops):
        parts = [f"t{top}", *(f"l{level}" for level in range(5))]
        grow(shop, *("/".join(parts[:number]) for number in range(1, 7)))


def test_three_hundred_pages_in_six_levels_take_as_many_queries_as_six(writers: Shop, visit: Visitors) -> None:
    def statements(client_of: str, address: str) -> int:
        client = visit(client_of)
        client.get(address)
        db.db.session.remove()
        with counting() as found:
            assert client.get(address).status_code == 200
        return len([statement for statement in found if "content_" in statement])

    addresses = (("manager", "/manage/workshop/pages/"), ("manager", "/bases/workshop/pages/t0/l0/l1/l2/l3/l4"))
    many(writers, 1)
    few = [statements(*address) for address in addresses]
    with db.write() as session:
        session.query(Item).delete()
    many(writers, 50)
    assert [statements(*address) for address in addresses] == few
    listed = visit("manager").get("/manage/workshop/pages/").text
    assert listed.count('class="j-tree__row"') == 300
    assert " open>" not in listed[listed.index("j-tree__below") : listed.index("j-tree__below") + 200]


def test_the_list_acts_and_says_what_came_of_it(writers: Shop, visit: Visitors) -> None:
    grow(writers, "a", "b")
    number = page("b").id
    manager = visit("manager")
    moved = manager.post("/manage/workshop/pages/", data={"do": f"up-{number}"})
    assert moved.location.endswith(f"?at={number}#page-{number}")
    assert [path for path, _depth in shape(writers)] == ["b", "a"]
    manager.post("/manage/workshop/pages/", data={"do": f"hide-{number}"})
    assert "不在导航中" in manager.get("/manage/workshop/pages/").text


@pytest.mark.parametrize("do", ["", "up", "up-", "up--1", "up-0x1", "explode-1", "up-99999999999999999999", "up-²"])
def test_what_the_list_does_not_know_is_not_found(writers: Shop, visit: Visitors, do: str) -> None:
    assert visit("manager").post("/manage/workshop/pages/", data={"do": do}).status_code == 404


def test_the_shipped_text_is_compared_kept_and_restored(page_shipped: Item, writers: Shop, visit: Visitors) -> None:
    address = f"/manage/workshop/pages/{page_shipped.id}/shipped"
    manager = visit("manager")
    assert manager.get(address).status_code == 404
    texts = Texts(title="我们的题目", body="<p>今天停电。</p>")
    version = writing.save(
        actor=writers.user("manager"), item_id=page_shipped.id, version=page_shipped.version, texts=texts, act="publish"
    ).version
    compared = manager.get(address).text
    assert "今天停电。" in compared
    assert "戴护目镜。" in compared
    assert manager.post(address, data={"action": "restore", "version": version - 1}).location.endswith("/shipped")
    assert manager.post(address, data={"action": "keep"}).location.endswith("/pages/")
    assert visit("publisher").post(address, data={"action": "restore", "version": version}).status_code == 403
    assert manager.post(address, data={"action": "restore", "version": version}).location.endswith("/pages/safety")
    assert "戴护目镜。" in visit().get("/bases/workshop/pages/safety").text


@pytest.fixture
def page_shipped(page: Item) -> Item:
    """The page that the plugin ships."""
    return page


def test_pages_of_the_portal_have_a_tree_of_their_own(writers: Shop, visit: Visitors) -> None:
    office = writers.user("office")
    about = writing.create(
        actor=office, base_id=None, kind=PAGE, slug="about", texts=Texts(title="关于", body="x"), act="publish"
    )
    writing.create(
        actor=writers.user("office"),
        base_id=None,
        kind=PAGE,
        slug="bodies",
        parent_id=about.id,
        texts=Texts(title="工作机构", body="x"),
        act="publish",
    )
    assert [(row.path, depth) for row, depth in tree.flat(tree.tree(None))] == [("about", 0), ("about/bodies", 1)]
    shown = visit().get("/pages/about/bodies").text
    assert 'href="/pages/about">关于</a>' in shown[: shown.index("</ol>")]
    assert visit("manager").get("/manage/consortium/pages/").status_code == 403
    assert "工作机构" in visit("office").get("/manage/consortium/pages/").text
