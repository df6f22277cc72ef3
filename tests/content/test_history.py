"""Every version is kept; what differs is shown in the text; an old one can stand again."""

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from core import clock
from core.content import differences, history, merging, workflow, writing
from core.content.differences import Block, Piece, Skipped
from core.content.models import Item
from core.content.snapshots import Happening, Texts, texts_of, working
from core.errors import StateChanged
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce


def save(shop: Shop, item: Item, who: str, act: str = writing.SAVE, reason: str = "", **texts: Any) -> Item:
    """Save an item as one of the writers."""
    texts_now = replace(working(item), **texts)
    actor = shop.user(who)
    return writing.save(actor=actor, item_id=item.id, version=item.version, texts=texts_now, act=act, reason=reason)


def test_each_save_tells_who_and_why(writers: Shop, announce: Announce) -> None:
    item = announce()
    save(writers, item, "publisher", writing.SUBMIT, reason="改了日期", title="新题")
    newest = history.revisions(item)[0]
    assert (newest.number, newest.act, newest.reason) == (2, "submit", "改了日期")
    assert newest.author == writers.user("publisher")


def test_chinese_is_compared_by_words() -> None:
    pieces = differences.words("压铸单元周一检修", "压铸单元周三检修")
    assert [piece.text for piece in pieces if piece.kind == "gone"] == ["周一"]
    assert [piece.text for piece in pieces if piece.kind == "new"] == ["周三"]


def test_paragraphs_that_are_the_same_are_left_out() -> None:
    same = "".join(f"<p>第{number}段没有变化</p>" for number in range(9))
    found = differences.blocks(same + "<p>周一停电。</p>", same + "<p>周三停电。</p><ul><li>请提前到场</li></ul>")
    assert found[0] == Skipped(8)
    assert [(block.tag, block.kind) for block in found[1:] if isinstance(block, Block)] == [
        ("p", "same"),
        ("p", "changed"),
        ("li", "new"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<p><a href="/pages/a">规定</a></p>', '<p><a href="/pages/b">规定</a></p>'),
        ('<p><img src="/media/1/a.png" alt="图"></p>', '<p><img src="/media/2/b.png" alt="图"></p>'),
        ("<table><tr><td>一</td><td>二</td></tr></table>", "<table><tr><td>一二</td></tr></table>"),
    ],
)
def test_what_is_no_word_counts_too(old: str, new: str) -> None:
    assert any(isinstance(block, Block) and block.kind != "same" for block in differences.blocks(old, new))


def test_the_same_text_does_not_differ() -> None:
    texts = Texts(title="题", body="<h2>标题</h2><p>正文</p>")
    assert history.compare(texts, texts).is_empty
    assert not history.compare(texts, replace(texts, location="二号厅")).is_empty


def test_old_and_new_can_be_put_together_from_what_is_shown() -> None:
    old, new = "请于周一上午9点到一号厅报到", "请于周二下午2点到一号厅签到。"
    pieces = differences.words(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == new
    assert differences.words("", "新") == [Piece("new", "新")]


@pytest.mark.database
def test_an_old_version_stands_again_at_once_where_one_may_publish(writers: Shop, announce: Announce) -> None:
    item = announce("旧题", publish=True, expire_at=writers.at(9))
    save(writers, item, "manager", writing.PUBLISH, title="新题", expire_at=writers.at(12))
    history.restore(actor=writers.user("manager"), item_id=item.id, version=2, number=1)
    assert (item.title, item.expire_at, item.version) == ("旧题", writers.at(12), 3)
    save(writers, item, "manager", writing.PUBLISH, title="最新")
    history.restore(actor=writers.user("publisher"), item_id=item.id, version=4, number=1)
    assert (item.title, working(item).title) == ("最新", "旧题")


def test_what_is_archived_is_not_restored(shop: Shop, announce: Announce) -> None:
    item = announce(publish=True)
    workflow.archive(actor=shop.user("manager"), item_id=item.id)
    with pytest.raises(StateChanged):
        history.restore(actor=shop.user("manager"), item_id=item.id, version=2, number=1)


def test_the_pages_show_versions_and_what_differs(writers: Shop, announce: Announce, visit: Visitors) -> None:
    item = announce("检修", "<p>周一停电。</p>", publish=True)
    save(writers, item, "manager", writing.PUBLISH, body="<p>周三停电。</p>", location="二号厅")
    client, at = visit("manager"), f"/manage/workshop/items/{item.id}"
    assert "第2版" in client.get(f"{at}/history").text
    page = client.get(f"{at}/history/2").text
    assert "<del>" in page
    assert "周一</del>" in page.replace('<span class="visually-hidden">]</span>', "")
    assert "二号厅" in page
    answer = client.post(f"{at}/restore", data={"number": "1", "version": "2"}, follow_redirects=True)
    assert "已恢复第1版" in answer.text
    assert item.body == "<p>周一停电。</p>"
    assert client.get(f"{at}/history/99").status_code == 404


def test_the_time_of_an_event_is_one_line_of_the_comparison_and_comes_back_with_its_version(
    writers: Shop, announce: Announce
) -> None:
    start = clock.at(date(2026, 12, 8), time(9))
    event = Happening(start=start, end=start + timedelta(hours=2))
    item = announce(event=event)
    later = Happening(start=start, end=start + timedelta(days=2))
    item = save(writers, item, "manager", event=later)
    old, new = (texts_of(history.find(item, number)) for number in (1, 2))
    (line,) = history.compare(old, new).lines
    assert (line.key, line.old) == ("event", "12月8日（周二）09:00–11:00")
    assert merging.taking(new, old, ["event"]).event == event
    restored = history.restore(actor=writers.user("manager"), item_id=item.id, version=item.version, number=1)
    assert working(restored).event == event
