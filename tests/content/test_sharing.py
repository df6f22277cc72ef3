"""What a page says of itself where its address is passed on, and that there is one address."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from core import clock
from core.content import moving, writing
from core.content.models import Item
from core.content.snapshots import Texts
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce

SITE = "http://127.0.0.1:5000"
HERE = "/bases/workshop/announcements/"


def head(client: FlaskClient, address: str) -> dict[str, str]:
    """Return what the head of a page says: its meta texts by name, and `canonical`."""
    answer = client.get(address)
    assert answer.status_code == 200
    said = {
        name: unescape(content)
        for name, content in re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', answer.text)
    }
    found = re.search(r'<link rel="canonical" href="([^"]+)">', answer.text)
    return said | ({"canonical": unescape(found[1])} if found else {})


def test_an_announcement_says_what_it_is(announce: Announce, visit: Visitors) -> None:
    now = clock.now()
    body = '<p>停用<b>三天</b> "全部"。</p><p><img src="/media/7/a%20b.png" alt="图 > 片"></p>' + "<p>长</p>" * 200
    with clock.set_to(now):
        item = announce("车床 <检修>", body, publish=True)
        said = head(visit(), HERE + item.slug)
    assert said["og:title"] == "车床 <检修>"
    assert said["og:type"] == "article"
    assert said["og:url"] == said["canonical"] == f"{SITE}{HERE}{item.slug}"
    assert said["og:image"] == f"{SITE}/media/7/a%20b.png"
    assert said["og:locale"] == "zh_CN"
    assert said["article:published_time"] == clock.local(now).isoformat(timespec="minutes")
    assert said["description"] == said["og:description"]
    assert said["description"].startswith('停用三天 "全部"。')
    assert len(said["description"]) <= 150


def test_an_unpublished_change_is_not_said(writers: Shop, announce: Announce, visit: Visitors) -> None:
    item = announce(publish=True)
    texts = Texts(title="秘密", body="<p>秘密</p>")
    writing.save(actor=writers.user("publisher"), item_id=item.id, version=item.version, texts=texts)
    assert "秘密" not in visit().get(HERE + item.slug).text


@pytest.mark.parametrize("address", ["/", "/bases/workshop/", HERE, f"{HERE}?category=exam", "/announcements/"])
def test_lists_and_start_pages_say_what_they_are(announce: Announce, visit: Visitors, address: str) -> None:
    said = head(visit(), address)
    assert said["og:type"] == "website"
    assert said["canonical"] == SITE + address
    assert said["og:title"]
    assert said["description"]


def test_the_address_of_a_page_of_a_list_leaves_away_what_means_nothing(announce: Announce, visit: Visitors) -> None:
    assert head(visit(), f"{HERE}?utm_source=x&page=1")["canonical"] == SITE + HERE


def test_what_is_shown_at_several_bases_has_one_address(writers: Shop, visit: Visitors) -> None:
    item = writing.create(
        actor=writers.user("office"),
        base_id=None,
        texts=Texts(title="联合体通知", body="<p>正文</p>", places=frozenset({writers.base.id})),
        act=writing.PUBLISH,
    )
    client = visit()
    for address in (HERE, "/announcements/"):
        assert f'href="/announcements/{item.slug}"' in client.get(address).text
    assert client.get(HERE + item.slug).status_code == 404
    assert head(client, f"/announcements/{item.slug}")["canonical"] == f"{SITE}/announcements/{item.slug}"


@pytest.mark.parametrize("way", ["get", "head"])
def test_a_slash_too_many_leads_to_the_one_address(announce: Announce, page: Item, visit: Visitors, way: str) -> None:
    item = announce(publish=True)
    client = visit()
    for address in (HERE + item.slug, "/bases/workshop/pages/safety", "/announcements.atom", "/help"):
        answer = getattr(client, way)(f"{address}/?lang=en")
        assert (answer.status_code, answer.location) == (301, f"{address}?lang=en"), address
    assert (client.get("/announcements").location or "").endswith("/announcements/")
    assert client.get("/nowhere/").status_code == 404
    assert client.post("/help/").status_code in {404, 405}


def test_an_old_address_leads_to_the_new_one(writers: Shop, page: Item, visit: Visitors) -> None:
    moving.move(
        actor=writers.user("manager"),
        item_id=page.id,
        version=page.version,
        slug="rules",
        base_id=writers.base.id,
    )
    answer = visit().get("/bases/workshop/pages/safety")
    assert (answer.status_code, answer.location) == (301, "/bases/workshop/pages/rules")


def test_an_announcement_leads_on_to_the_ones_around_it(announce: Announce, visit: Visitors) -> None:
    start = clock.now() - timedelta(days=1)
    rows = []
    for number in range(3):
        with clock.set_to(start + timedelta(minutes=number)):
            rows.append(announce(f"第{number}条", publish=True))
    text = visit().get(HERE + rows[1].slug).text
    for rel, other in (("prev", rows[0]), ("next", rows[2])):
        assert re.search(rf'rel="{rel}" href="{HERE}{other.slug}"', text)
    assert 'rel="next"' not in visit().get(HERE + rows[2].slug).text
