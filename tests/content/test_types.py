"""Types of content that a plugin declares: listed, shown, written and permitted like the core's own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import g

from core import clock, db, errors
from core.bases.models import Base
from core.content import trash, types, workflow, writing
from core.content.models import Item
from core.content.snapshots import Texts
from core.plugins import state
from core.plugins.facade import plugins
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors

BOARD, MACHINES = "workshop.board", "workshop.machines"
LIST = "/bases/workshop/content/board/"
DESK = "/manage/workshop/content/board/"
VALUES = {"side": "supply", "contact": "设备科", "price": "120.5", "since": "2014-10-21"}

Notice = Callable[..., Item]


@pytest.fixture
def notice(writers: Shop) -> Notice:
    """Publish a notice on the board as the base's manager: `notice("题目", side="demand")`."""

    def notice(title: str = "出租车床", *, kind: str = BOARD, act: str = writing.PUBLISH, **fields: Any) -> Item:
        texts = Texts(title=title, body="", fields=VALUES | fields if kind == BOARD else fields)
        return writing.create(actor=writers.user("manager"), base_id=writers.base.id, kind=kind, texts=texts, act=act)

    return notice


@contextmanager
def gone(*slugs: str) -> Iterator[None]:
    """Take types out of what the workshop's plugin declares."""
    plugin = plugins().find("workshop")
    assert plugin is not None
    declared = plugin.content
    plugin.content = [kind for kind in declared if kind.slug not in slugs]
    try:
        yield
    finally:
        plugin.content = declared


def switch(*, on: bool) -> None:
    with db.write() as session:
        state.enable(session, "workshop", on, actor_id=None)
    g.pop("jidi_plugin_states", None)  # a request would read them anew


def form(**changes: str) -> dict[str, str]:
    """Return the board's form as a browser sends it."""
    return {
        "title": "求购刀具",
        "body": "",
        "when": "now",
        "until": "never",
        "version": "1",
        "fields-side": "demand",
        "fields-contact": "实训科",
        "fields-price": "",
        "fields-since": "",
        "action": "publish",
    } | changes


def test_the_cores_own_types_and_the_plugins_are_told_in_one_form(shop: Shop) -> None:
    assert [kind.name for kind in types.all_types()] == ["page", "announcement", BOARD, MACHINES]
    board = types.find(BOARD)
    assert board is not None
    assert (board.base, board.slug, board.template) == ("workshop", "board", "content/typed.html")
    assert types.find("workshop.nothing") is types.find("nothing.board") is types.find("") is None


def test_what_a_type_has_no_room_for_is_not_kept(writers: Shop) -> None:
    ahead = clock.now() + timedelta(days=1)
    texts = Texts(
        title="车床1",
        body="",
        location="一楼",
        publish_at=ahead,
        expire_at=ahead + timedelta(days=1),
        pinned_until=ahead,
        fields={"machine": "lathe1", "price": "3"},
    )
    item = writing.create(
        actor=writers.user("manager"), base_id=writers.base.id, kind=MACHINES, texts=texts, act=writing.PUBLISH
    )
    assert (item.location, item.expire_at, item.pinned_until, item.fields) == ("", None, None, {"machine": "lathe1"})
    assert item.is_public


def test_nothing_is_written_of_a_type_that_is_not_there(writers: Shop) -> None:
    with pytest.raises(errors.NotFound):
        writing.create(
            actor=writers.user("manager"),
            base_id=writers.base.id,
            kind="workshop.nothing",
            texts=Texts(title="题目", body=""),
        )


def test_visitors_read_an_item_by_its_questions(visit: Visitors, notice: Notice) -> None:
    item = notice(parts=[{"item": "刀柄", "count": "20"}, {"item": "刀片"}])
    page = visit().get(f"{LIST}{item.slug}").text
    assert all(words in page for words in ("出租车床", "供", "设备科", "120.5元", "明细"))
    assert '<th scope="row">刀柄</th>' in page
    assert 'data-label="数量"' in page
    assert "供求板</a>" in visit().get("/bases/workshop/").text


def test_a_list_is_in_the_types_order_and_narrowed_by_its_choices(visit: Visitors, notice: Notice) -> None:
    for title, side, since in (("甲", "supply", "2026-11-01"), ("乙", "demand", "2026-11-09"), ("丙", "supply", None)):
        notice(title, side=side, since=since)
    page = visit().get(LIST).text
    assert page.index(">乙</a>") < page.index(">甲</a>")
    assert ">丙</a>" in page
    narrowed = visit().get(f"{LIST}?only=side:supply").text
    assert ">甲</a>" in narrowed
    assert ">乙</a>" not in narrowed
    assert ">乙</a>" in visit().get(f"{LIST}?only=side:nothing,other:x,:,side").text


def test_what_is_not_public_is_neither_listed_nor_found(visit: Visitors, notice: Notice) -> None:
    draft = notice("草稿", act=writing.SAVE)
    assert "草稿" not in visit().get(LIST).text
    assert visit().get(f"{LIST}{draft.slug}").status_code == 404
    assert (
        visit().get(f"{LIST}nothing").status_code == visit().get("/bases/workshop/content/nothing/").status_code == 404
    )


def test_an_item_leaves_by_the_clock_and_its_address_says_so(visit: Visitors, writers: Shop) -> None:
    texts = Texts(title="限期", body="", fields=VALUES, expire_at=clock.now() + timedelta(days=2))
    item = writing.create(
        actor=writers.user("manager"), base_id=writers.base.id, kind=BOARD, texts=texts, act=writing.PUBLISH
    )
    with clock.set_to(clock.now() + timedelta(days=3)):
        assert visit().get(f"{LIST}{item.slug}").status_code == 410
        assert "限期" not in visit().get(LIST).text


def test_an_items_resource_is_shown_with_the_way_to_book_it(visit: Visitors, notice: Notice) -> None:
    page = visit().get(f"/bases/workshop/content/machines/{notice('车床', kind=MACHINES, machine='lathe1').slug}").text
    assert "/bases/workshop/book/?resource=lathe1" in page


def test_one_registers_for_a_session_from_an_item_of_a_bookable_type(visit: Visitors, writers: Shop) -> None:
    session_id = writers.session(seats=3).id
    texts = Texts(title="开放日", body="", fields=VALUES, session_id=session_id)
    actor, base_id = writers.user("manager"), writers.base.id
    item = writing.create(actor=actor, base_id=base_id, kind=BOARD, texts=texts, act=writing.PUBLISH)
    assert f"/bases/workshop/book/course?session={session_id}" in visit().get(f"{LIST}{item.slug}").text


def test_an_item_of_a_resource_that_is_gone_can_still_be_read(visit: Visitors, notice: Notice) -> None:
    item = notice("车床", kind=MACHINES, machine="lathe9")
    page = visit().get(f"/bases/workshop/content/machines/{item.slug}")
    assert page.status_code == 200
    assert "/bases/workshop/book/?resource=" not in page.text


def test_a_manager_writes_an_item_with_its_rows_and_changes_it(visit: Visitors, writers: Shop) -> None:
    manager = visit("manager")
    assert "联系岗位" in manager.get(f"{DESK}new").text
    sent = form(**{"fields-price": "１２.5", "fields-parts-0-item": "铣刀", "fields-parts-3-item": "钻头"})
    answer = manager.post(f"{DESK}new", data=sent)
    item = db.db.session.query(Item).filter_by(type=BOARD).one()
    assert answer.location == f"{LIST}{item.slug}"
    assert item.fields["price"] == "12.5"
    assert [row["item"] for row in item.fields["parts"]] == ["铣刀", "钻头"]
    desk = manager.get(f"{DESK}{item.id}").text
    assert 'value="实训科"' in desk
    assert 'value="钻头"' in desk
    manager.post(f"{DESK}{item.id}", data=form(title="改了", version=str(item.version)))
    assert db.db.session.get_one(Item, item.id).title == "改了"
    assert "改了" in manager.get(DESK).text


def test_a_type_proposes_until_when_an_item_is_shown(visit: Visitors, writers: Shop) -> None:
    last = clock.today() + timedelta(days=61)
    assert f'value="{last.isoformat()}T00:00"' in visit("manager").get(f"{DESK}new").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fields-side": "sideways"}, "方向"),
        ({"fields-contact": ""}, "联系岗位"),
        ({"fields-contact": "长" * 21}, "21"),
        ({"fields-price": "很贵"}, "价格"),
        ({"fields-price": "9" * 40}, "价格"),
        ({"fields-since": "2026-02-30"}, "起始日"),
        ({f"fields-parts-{number}-item": "件" for number in range(4)}, "最多3行"),
        ({"fields-parts-0-count": "2"}, "品名"),
        ({"title": ""}, "标题"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_what_was_typed_is_kept(
    visit: Visitors, writers: Shop, changes: dict[str, str], said: str
) -> None:
    answer = visit("manager").post(f"{DESK}new", data=form(body="<p>保留这句话</p>", format="html") | changes)
    assert answer.status_code == 422
    assert said in answer.text
    assert "保留这句话" in answer.text
    assert db.db.session.query(Item).filter_by(type=BOARD).count() == 0


def test_values_are_shown_as_they_were_typed_and_never_run(visit: Visitors, notice: Notice) -> None:
    hostile = "<img src=x onerror=a()>"
    page = visit().get(f"{LIST}{notice(hostile, contact=hostile, parts=[{'item': hostile}]).slug}").text
    assert "<img" not in page.replace("&lt;img", "")
    assert page.count("&lt;img src=x onerror=a()&gt;") >= 3


@pytest.mark.parametrize("value", [None, 3, [], {}, "x", [1, None], [{"item": {"a": 1}}], {"side": 1}])
def test_values_of_another_kind_than_the_schema_says_break_no_page(
    visit: Visitors, notice: Notice, value: object
) -> None:
    item = notice(side=value, contact=value, price=value, since=value, parts=value)
    for path in (LIST, f"{LIST}{item.slug}"):
        assert visit().get(path).status_code == 200
    assert types.words(item, "en") is not None


def test_publishers_hand_in_what_its_type_wants_reviewed_also_where_the_base_does_without(
    visit: Visitors, writers: Shop, notice: Notice
) -> None:
    with db.write() as session:
        session.get_one(Base, writers.base.id).reviews_content = False
    publisher = writers.user("publisher")
    new = partial(writing.create, actor=publisher, base_id=writers.base.id)
    assert new(act=writing.PUBLISH, kind=BOARD, texts=Texts(title="直接", body="", fields=VALUES)).is_public
    machine = Texts(title="车床", body="", fields={"machine": "lathe1"})
    with pytest.raises(errors.Forbidden):
        new(act=writing.PUBLISH, kind=MACHINES, texts=machine)
    waiting = new(act=writing.SUBMIT, kind=MACHINES, texts=machine)
    card = f"/manage/workshop/review/{waiting.id}"
    assert card not in visit("publisher").get("/manage/workshop/review").text
    assert visit("publisher").get(card).status_code == 403
    assert card in visit("manager").get("/manage/workshop/review").text
    with visit.app.test_request_context():  # who is told of it gets an address
        item = new(act=writing.SUBMIT, kind=MACHINES, texts=machine)
        workflow.publish(actor=writers.user("manager"), item_id=item.id, version=item.version)
    assert db.db.session.get_one(Item, item.id).is_public


@pytest.mark.parametrize("who", ["", "north"])
def test_only_who_writes_for_the_base_gets_to_the_desk(visit: Visitors, writers: Shop, who: str) -> None:
    for path in (DESK, f"{DESK}new"):
        assert visit(who).get(path).status_code in {302, 403}
    assert visit("publisher").get(DESK).status_code == 200


def test_the_consortium_has_no_such_types(visit: Visitors, writers: Shop) -> None:
    assert visit("office").get("/manage/consortium/content/board/").status_code == 404


def test_what_a_switched_off_plugin_brought_stays_readable_for_the_office_and_comes_back_with_it(
    visit: Visitors, notice: Notice
) -> None:
    item = notice(parts=[{"item": "刀柄"}])
    left = f"/manage/consortium/left-content/{item.id}"
    assert visit("office").get(left).status_code == 404
    switch(on=False)
    assert visit().get(f"{LIST}{item.slug}").status_code == visit().get(LIST).status_code == 404
    assert visit("manager").get(DESK).status_code == 404
    assert "出租车床" in visit("office").get("/manage/consortium/left-content/").text
    page = visit("office").get(left).text
    assert all(words in page for words in ("联系岗位", "设备科", "刀柄"))
    assert visit("manager").get(left).status_code == 403
    switch(on=True)
    assert visit().get(f"{LIST}{item.slug}").status_code == 200


def test_a_type_that_is_declared_no_more_leaves_its_items_unseen_and_whole(visit: Visitors, notice: Notice) -> None:
    item = notice()
    with gone("board"):
        assert visit().get(f"{LIST}{item.slug}").status_code == 404
        assert "供求板" not in visit().get("/bases/workshop/").text
        assert item.path not in visit().get("/sitemap.xml").text
        assert item.path not in visit().get("/search?q=出租车床").text
        assert "联系岗位" in visit("office").get(f"/manage/consortium/left-content/{item.id}").text
        assert types.known(BOARD).behaviours == frozenset()
    assert db.db.session.get_one(Item, item.id).fields == VALUES
    for path in (f"{LIST}{item.slug}", "/search?q=出租车床", "/sitemap.xml"):
        assert item.path in visit().get(path).text


def test_items_are_thrown_away_and_recovered_with_their_values(visit: Visitors, notice: Notice, shop: Shop) -> None:
    item = notice()
    trash.throw_away(actor=shop.user("manager"), item_id=item.id)
    assert visit().get(f"{LIST}{item.slug}").status_code == 410
    trash.recover(actor=shop.user("manager"), item_id=item.id)
    assert db.db.session.get_one(Item, item.id).fields == VALUES


def test_what_an_item_says_is_words_for_the_search(notice: Notice) -> None:
    item = notice(parts=[{"item": "刀柄", "count": "20"}])
    assert (
        types.words(item, "zh") == "方向 供\n联系岗位 设备科\n价格 120.5元\n起始日 2014年10月21日（周二）\n明细 刀柄 20"
    )


@pytest.mark.database
def test_lists_are_ordered_and_narrowed_by_values_on_both_engines(visit: Visitors, notice: Notice) -> None:
    for title, since in (("一", "2026-01-02"), ("二", "2026-03-04"), ("三", "2026-02-03")):
        notice(title, since=since)
    page = visit().get(f"{LIST}?only=side:supply").text
    assert sorted("一二三", key=lambda title: page.index(f">{title}</a>")) == ["二", "三", "一"]
