"""Search engines are told what is public, by its one address, and where not to look."""

import re
from datetime import timedelta
from functools import partial
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from core import clock, db
from core.bases.models import Base
from core.content import sitemaps, workflow
from core.content.models import Item
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce
from tests.support.statements import queries

SITE = "http://127.0.0.1:5000"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def told(client: FlaskClient, address: str = "/sitemap.xml") -> dict[str, str]:
    """Return the addresses of a sitemap without the site's name, and when each changed."""
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content_type == "application/xml; charset=utf-8"
    found = {}
    for entry in ET.fromstring(answer.data):
        address = entry.findtext(f"{MAP}loc", "")
        assert address.startswith(SITE + "/")
        found[address.removeprefix(SITE)] = entry.findtext(f"{MAP}lastmod", "")
    return found


@pytest.mark.database
def test_it_names_what_is_public_and_nothing_else(
    writers: Shop, announce: Announce, page: Item, visit: Visitors
) -> None:
    now = clock.now()
    draft, gone = announce("草稿"), announce("旧闻", publish=True)
    later = announce("将来", publish=True, publish_at=now + timedelta(days=1))
    public = announce("公开", publish=True)
    workflow.archive(actor=writers.user("manager"), item_id=gone.id)
    found = told(visit())
    assert f"/bases/workshop/announcements/{public.slug}" in found
    assert f"/bases/workshop/pages/{page.path}" in found
    assert {"/", "/bases/workshop/", "/bases/workshop/announcements/", "/announcements/"} <= found.keys()
    assert not [address for item in (draft, gone, later) for address in found if item.slug in address]
    with clock.set_to(now + timedelta(days=1)):
        after = told(visit())
    assert after[f"/bases/workshop/announcements/{later.slug}"] == f"{now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"


def test_every_address_in_it_answers(announce: Announce, page: Item, visit: Visitors) -> None:
    announce(publish=True)
    client = visit()
    for address in told(client):
        answer = client.get(address)
        assert answer.status_code == 200, address
        canonical = re.search(r'<link rel="canonical" href="([^"]+)"', answer.text)
        assert canonical is None or canonical[1] == SITE + address


def test_a_base_that_is_gone_takes_what_it_had_along(writers: Shop, announce: Announce, visit: Visitors) -> None:
    announce(publish=True)
    with db.write() as session:
        session.get_one(Base, writers.base.id).archived_at = clock.now()
    assert not [address for address in told(visit()) if "workshop" in address]


def test_a_large_site_is_told_in_parts(announce: Announce, visit: Visitors, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        announce(f"第{number}条", publish=True)
    client = visit()
    whole = told(client)
    monkeypatch.setattr(sitemaps, "PART", 2)
    parts = told(client)
    assert list(parts) == ["/sitemap-1.xml", "/sitemap-2.xml", "/sitemap-3.xml"]
    together: dict[str, str] = {}
    for part in parts:
        piece = told(client, part)
        assert not together.keys() & piece.keys()
        together |= piece
    assert together == whole
    for nowhere in ("/sitemap-0.xml", "/sitemap-4.xml", "/sitemap-99999999999999999999.xml"):
        assert client.get(nowhere).status_code == 404


def test_it_costs_as_many_queries_with_many_items(announce: Announce, visit: Visitors) -> None:
    announce(publish=True)

    def counted() -> int:
        with visit.app.app_context():
            return queries(partial(visit().get, "/sitemap.xml"))

    counted()
    few = counted()
    for number in range(20):
        announce(f"第{number}条", publish=True)
    assert counted() == few


@pytest.mark.parametrize("address", ["/sitemap.xml", "/robots.txt"])
def test_who_has_it_already_is_told_so(announce: Announce, visit: Visitors, address: str) -> None:
    client = visit()
    first = client.get(address)
    assert first.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in first.headers
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.head(address).data == b""


def test_robots_find_the_sitemap_and_are_kept_from_what_is_no_content(visit: Visitors) -> None:
    answer = visit().get("/robots.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    robots = RobotFileParser()
    robots.parse(answer.text.splitlines())
    assert robots.site_maps() == [f"{SITE}/sitemap.xml"]
    for path in ("/manage/", "/manage/workshop/", "/bookings/JD-1", "/api/v1/bases", "/preview/x", "/search?q=x"):
        assert not robots.can_fetch("*", path), path
    for path in ("/", "/bases/workshop/", "/announcements/", "/announcements.atom", "/pages/about"):
        assert robots.can_fetch("*", path), path
