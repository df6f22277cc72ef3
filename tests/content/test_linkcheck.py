"""Before something leaves its address, whoever links there is named."""

from core.content import linkcheck, trash, writing
from core.content.models import Item, Reference, Section
from core.content.snapshots import Texts
from core.db import write
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce


def link_to(item: Item) -> str:
    """Return a text that links to an announcement of the base."""
    return f'<p><a href="/bases/workshop/announcements/{item.path}">见此</a></p>'


def test_public_and_pending_links_are_named(shop: Shop, announce: Announce) -> None:
    item, source, other = (
        announce("目标", publish=True),
        announce("来源", publish=True),
        announce("另一篇", publish=True),
    )
    manager = shop.user("manager")
    writing.save(actor=manager, item_id=source.id, version=1, texts=Texts(title="来源", body=link_to(item)))
    writing.save(
        actor=manager, item_id=other.id, version=1, texts=Texts(title="另一篇", body=link_to(item)), act="publish"
    )
    found = [(link.title, link.pending) for link in linkcheck.links_to(manager, item)]
    assert found == [("另一篇", False), ("来源", True)]
    trash.throw_away(actor=manager, item_id=other.id)
    assert [link.title for link in linkcheck.links_to(manager, item)] == ["来源"]


def test_another_bases_draft_is_not_named(writers: Shop, announce: Announce) -> None:
    item = announce("目标", publish=True)
    writing.create(actor=writers.user("office"), base_id=None, texts=Texts(title="机密草稿", body=link_to(item)))
    assert [link.title for link in linkcheck.links_to(writers.user("manager"), item)] == [""]
    assert [link.title for link in linkcheck.links_to(writers.user("office"), item)] == ["机密草稿"]


def test_sections_of_the_portal_count(writers: Shop, announce: Announce) -> None:
    item = announce(publish=True)
    with write() as session:
        section = Section(kind="text", title="导读", body=link_to(item))
        session.add(section)
        session.flush()
        session.add(Reference(section_id=section.id, item_id=item.id, role="link", live=True))
    assert [link.title for link in linkcheck.links_to(writers.user("manager"), item)] == ["导读"]


def test_the_page_asks_only_when_somebody_links(shop: Shop, announce: Announce, visit: Visitors) -> None:
    alone, item = announce("无人链接", publish=True), announce("目标", publish=True)
    announce("来源", link_to(item), publish=True)
    client = visit("manager")
    assert client.post(f"/manage/workshop/items/{alone.id}/archive").status_code == 302
    answer = client.post(f"/manage/workshop/items/{item.id}/trash")
    assert "来源" in answer.text
    assert item.trashed_at is None
    client.post(f"/manage/workshop/items/{item.id}/trash", data={"checked": "1"})
    assert item.trashed_at is not None
    assert "撤销" in client.get("/manage/workshop/bin").text
    client.post(f"/manage/workshop/bin/{item.id}/recover")
    assert item.is_public
