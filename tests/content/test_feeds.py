"""Web feeds hold what is public, in a form that every reader takes; what is said of a page where it is passed on."""

import gzip
import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from html import unescape
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from flask.testing import FlaskClient
from werkzeug.http import http_date

from core import clock, db, identity
from core.bases.models import Base
from core.content import workflow, writing
from core.content.media.models import MediaFile
from core.content.models import Item
from core.content.snapshots import Texts, working
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce
from tests.support.statements import queries

ATOM = "{http://www.w3.org/2005/Atom}"
HERE = "/bases/workshop/announcements.atom"
ALL = "/announcements.atom"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
URN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def parsed(client: FlaskClient, address: str = HERE) -> Any:
    """Fetch a feed and read it as strictly as a feed reader can: well-formed XML, and all that RFC 4287 requires."""
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    require_atom(ET.fromstring(answer.data))
    feed = feedparser.parse(answer.data, sanitize_html=False, resolve_relative_uris=False)
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == "atom10"
    return feed


def require_atom(feed: ET.Element) -> None:
    """Hold a document against the rules of RFC 4287 (4.1.1, 4.1.2, 3.2, 3.3, 4.2.6, 4.2.7)."""
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1, name
        assert URN.fullmatch(element.findtext(f"{ATOM}id", ""))
        assert element.find(f"{ATOM}author/{ATOM}name") is not None
        for name in ("updated", "published"):
            assert all(RFC3339.fullmatch(moment.text or "") for moment in element.findall(ATOM + name))
        links = element.findall(f"{ATOM}link")
        assert all(link.get("href", "").startswith("http://") for link in links)
        assert [link.get("rel") for link in links].count("alternate") == 1
    assert [link.get("rel") for link in feed.findall(f"{ATOM}link")].count("self") == 1
    names = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(names)) == len(names)
    for entry in entries:
        assert entry.findtext(f"{ATOM}updated", "") >= entry.findtext(f"{ATOM}published", "")
        content = entry.find(f"{ATOM}content")
        assert content is not None
        assert content.get("type") == "html"


def put_file(writers: Shop, **values: Any) -> MediaFile:
    """Put a file into the library."""
    now = clock.now()
    told = {"name": "通知原文.pdf", "type": "application/pdf", "size": 1_300_000, "key": "k"} | values
    media = MediaFile(base_id=writers.base.id, created_at=now, updated_at=now, **told)
    with db.write() as session:
        session.add(media)
    return media


def change(shop: Shop, item: Item, **texts: Any) -> Item:
    """Publish a changed text as the manager."""
    return writing.save(
        actor=shop.user("manager"),
        item_id=item.id,
        version=item.version,
        texts=replace(working(item), **texts),
        act=writing.PUBLISH,
    )


@pytest.mark.database
def test_an_entry_tells_all_that_a_reader_can_show(writers: Shop, announce: Announce, visit: Visitors) -> None:
    media = put_file(writers)
    picture = '<p>见<a href="/bases/workshop/">基地</a><img src="/media/7/a.png" alt="图"></p><p>href="/x"</p>'
    item = announce("车床检修", picture, publish=True, category="closure", attachments=(media.id,))
    feed = parsed(visit())
    (entry,) = feed.entries
    assert entry.title == "车床检修"
    assert entry.author == "示例车间"
    assert entry.tags[0] | {"scheme": None} == {"term": "closure", "label": "停用", "scheme": None}
    assert entry.link == f"http://127.0.0.1:5000/bases/workshop/announcements/{item.slug}"
    (enclosure,) = entry.enclosures
    assert (enclosure.type, enclosure.length) == ("application/pdf", "1300000")
    assert enclosure.href.startswith(f"http://127.0.0.1:5000/media/{media.id}/")
    assert entry.summary == '见基地 href="/x"'
    (content,) = entry.content
    assert content.type == "text/html"
    assert content.language == "zh-CN"
    assert 'href="http://127.0.0.1:5000/bases/workshop/"' in content.value
    assert 'src="http://127.0.0.1:5000/media/7/a.png"' in content.value
    assert '<p>href="/x"</p>' in content.value, "words that look like a link stay as they are"
    assert feed.feed.title == "示例车间公告"
    assert feed.feed.links[0].href == f"http://127.0.0.1:5000{HERE}"


def test_names_never_change_whatever_the_site_is_called(announce: Announce, visit: Visitors) -> None:
    item = announce(publish=True)
    settings = visit.app.extensions["jidi_settings"]
    before = parsed(visit()).entries[0].id
    object.__setattr__(settings, "base_url", "http://example.test")
    try:
        feed = parsed(visit())
    finally:
        object.__setattr__(settings, "base_url", "http://127.0.0.1:5000")
    assert feed.entries[0].id == before == identity.name_of(f"announcement:{item.id}").urn
    assert feed.entries[0].link.startswith("http://example.test/")


def test_updated_is_when_what_is_public_changed_and_not_what_is_being_written(
    writers: Shop, announce: Announce, visit: Visitors
) -> None:
    start = clock.now().replace(microsecond=0)
    with clock.set_to(start):
        item = announce(publish=True)
    with clock.set_to(start + timedelta(hours=1)):
        writing.save(
            actor=writers.user("publisher"),
            item_id=item.id,
            version=item.version,
            texts=Texts(title="未完", body="<p>未完</p>"),
        )
        before = parsed(visit())
    with clock.set_to(start + timedelta(hours=2)):
        change(writers, item, title="改后")
        after = parsed(visit())
    assert moment(before.entries[0].updated) == moment(before.feed.updated) == start
    assert moment(after.entries[0].updated) == moment(after.feed.updated) == start + timedelta(hours=2)
    assert moment(after.entries[0].published) == start
    assert [after.entries[0].title] == ["改后"]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.database
def test_only_what_is_public_now_stands_in_it(writers: Shop, announce: Announce, visit: Visitors) -> None:
    now = clock.now()
    announce("草稿")
    announce("将来", publish=True, publish_at=now + timedelta(hours=1), expire_at=now + timedelta(hours=2))
    old = announce("旧闻", publish=True)
    workflow.archive(actor=writers.user("manager"), item_id=old.id)

    def titles(minutes: int) -> list[str]:
        with clock.set_to(now + timedelta(minutes=minutes)):
            return [entry.title for entry in parsed(visit()).entries]

    assert (titles(0), titles(60), titles(120)) == ([], ["将来"], [])


def test_a_feed_of_one_category_holds_no_other(announce: Announce, visit: Visitors) -> None:
    announce("考试安排", publish=True, category="exam")
    announce("开放日", publish=True, category="event")
    for address in (HERE, ALL):
        assert {entry.title for entry in parsed(visit(), address).entries} == {"考试安排", "开放日"}
        only = parsed(visit(), f"{address}?category=exam")
        assert [entry.title for entry in only.entries] == ["考试安排"]
        assert only.feed.id != parsed(visit(), address).feed.id
        assert only.feed.title.endswith("考试")
        assert visit().get(f"{address}?category=nonsense").status_code == 404


def test_what_the_office_shows_at_a_base_stands_in_both_feeds_under_one_name(writers: Shop, visit: Visitors) -> None:
    writing.create(
        actor=writers.user("office"),
        base_id=None,
        texts=Texts(title="联合体通知", body="<p>正文</p>", places=frozenset({writers.base.id})),
        act=writing.PUBLISH,
    )
    (here,), (there,) = parsed(visit(), HERE).entries, parsed(visit(), ALL).entries
    assert here.id == there.id
    assert here.link == there.link
    assert "联合体" in here.author


def test_nothing_that_is_written_can_break_it(announce: Announce, visit: Visitors) -> None:
    announce("a]]>b & <c> \u0001\u000b\ufffe&#0;", "<p>]]&gt; \u0008 <b>&amp;amp; &lt;script&gt;</b></p>", publish=True)
    (entry,) = parsed(visit()).entries
    assert entry.title_detail.value == "a]]>b & <c>  &#0;"
    assert "&lt;script&gt;" in entry.content[0].value


def test_it_is_limited_to_fifty_and_costs_no_more_queries_with_fifty(announce: Announce, visit: Visitors) -> None:
    announce(publish=True)

    def counted() -> int:
        with visit.app.app_context():
            return queries(partial(visit().get, HERE))

    counted()
    few = counted()
    for number in range(52):
        announce(f"第{number}条", publish=True)
    assert counted() == few <= 6
    entries = parsed(visit()).entries
    assert len(entries) == 50
    assert entries[0].title == "第51条"


def test_who_has_it_already_is_told_so(writers: Shop, announce: Announce, visit: Visitors) -> None:
    with clock.set_to(clock.now() - timedelta(hours=1)):
        item = announce(publish=True)
    client = visit()
    first = client.get(HERE)
    assert first.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in first.headers
    known = {"If-None-Match": first.headers["ETag"]}
    again = client.get(HERE, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    head = client.head(HERE)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    assert head.headers["Content-Length"] == first.headers["Content-Length"]
    workflow.archive(actor=writers.user("manager"), item_id=item.id)
    assert client.get(HERE, headers=known).status_code == 200, "what left is a change too"


def test_what_came_in_the_same_second_is_sent_to_who_knows_only_the_time(announce: Announce, visit: Visitors) -> None:
    second = clock.now().replace(microsecond=0)
    known = {"If-Modified-Since": http_date(second)}
    with clock.set_to(second + timedelta(milliseconds=500)):
        announce("第二条", publish=True)
        assert "第二条" in visit().get(HERE, headers=known).text


def test_it_is_sent_compressed_to_who_asks_for_that(announce: Announce, visit: Visitors) -> None:
    announce(body="<p>" + "正文。" * 500 + "</p>", publish=True)
    client = visit()
    packed = client.get(HERE, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.data) == client.get(HERE).data
    known = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    assert client.get(HERE, headers=known).status_code == 304


def test_a_disabled_base_has_no_feed_and_a_stranger_none(writers: Shop, announce: Announce, visit: Visitors) -> None:
    announce(publish=True)
    assert visit().get("/bases/nowhere/announcements.atom").status_code == 404
    with db.write() as session:
        session.get_one(Base, writers.base.id).archived_at = clock.now()
    assert visit().get(HERE).status_code == 404
    assert parsed(visit(), ALL).entries == []


def test_pages_say_where_their_feed_is(announce: Announce, visit: Visitors) -> None:
    item = announce(publish=True)
    client = visit()
    for page, feed in (
        ("/announcements/", ALL),
        ("/bases/workshop/announcements/", HERE),
        ("/bases/workshop/announcements/?category=exam", f"{HERE}?category=exam"),
        (f"/bases/workshop/announcements/{item.slug}", HERE),
    ):
        found = re.search(r'<link rel="alternate" type="application/atom\+xml" href="([^"]+)"', client.get(page).text)
        assert found is not None, page
        assert unescape(found[1]) == feed
        assert client.get(feed).status_code == 200
