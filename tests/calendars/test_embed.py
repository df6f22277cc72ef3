"""Calendars in other sites' frames: the only pages that may be framed; no cookies, no script, no forms."""

import re

import pytest
from flask.testing import FlaskClient

from tests.booking.shop import Shop
from tests.booking.visitors import Visitors

ALL, OWN = "/embed/calendar", "/embed/bases/workshop/calendar"
PARTS = [f"{page}?view={view}" for page in (ALL, OWN) for view in ("list", "month")]


@pytest.mark.parametrize("part", PARTS)
def test_it_may_be_framed_by_anybody_also_when_it_has_not_changed(shop: Shop, visitor: FlaskClient, part: str) -> None:
    first = visitor.get(part)
    again = visitor.get(part, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    for answer in (first, again):
        assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer.headers


@pytest.mark.parametrize(
    "page", ["/", "/calendar", "/bases/workshop/calendar", "/calendar/term", "/embed/bases/gone/calendar"]
)
def test_nothing_else_may_be_framed(visitor: FlaskClient, page: str) -> None:
    assert "frame-ancestors 'none'" in visitor.get(page).headers["Content-Security-Policy"]


@pytest.mark.parametrize("part", PARTS)
def test_it_has_neither_script_nor_form_and_links_open_a_window_of_their_own(
    shop: Shop, visitor: FlaskClient, part: str
) -> None:
    shop.session(title="车工入门")
    page = visitor.get(f"{part}&date={shop.at(9).date()}").text
    assert "车工入门" in page
    assert not re.search(r"<script|<form|<input|style=", page)
    for link in re.findall(r"<a [^>]*>", page):
        assert 'target="_blank" rel="noopener"' in link or 'href="?view=month' in link


def test_it_neither_reads_nor_sets_cookies(shop: Shop, visit: Visitors) -> None:
    manager = visit("manager")
    own, strange = manager.get(ALL), visit().get(ALL)
    assert own.text == strange.text
    assert "Set-Cookie" not in own.headers
    with visit.app.app_context():  # as in a request of its own: the language is read once
        english = manager.get(ALL, query_string={"lang": "en"})
    assert '<html lang="en">' in english.text
    assert "Set-Cookie" not in english.headers
    assert '<html lang="zh-CN">' in manager.get(ALL, headers={"Cookie": "lang=en"}).text


@pytest.mark.parametrize(("limit", "shown"), [("2", 2), ("0", 1), ("-1", 4), ("x", 4), ("999", 4), ("²", 4)])
def test_a_list_is_as_long_as_asked_for(shop: Shop, visitor: FlaskClient, limit: str, shown: int) -> None:
    for hour in (8, 11, 14, 17):
        shop.session(title=f"场次{hour}", hour=hour, uses=[])
    page = visitor.get(OWN, query_string={"limit": limit, "date": str(shop.at(9).date())}).text
    assert page.count("<time") == shown
    assert ("在日历中查看更多" in page) == (shown < 4)


def test_the_calendar_page_gives_the_line_to_copy(visitor: FlaskClient) -> None:
    for page, part in (("/calendar", ALL), ("/bases/workshop/calendar", OWN)):
        text = visitor.get(page).text
        assert re.search(rf"&lt;iframe src=&#34;http[^&]*{part}\?view=list&amp;(amp;)?limit=10&#34;", text)
        assert f'<iframe class="j-preview" src="{part}?view=list&amp;limit=5"' in text


def test_a_month_of_all_bases_says_whose_each_entry_is(shop: Shop, visitor: FlaskClient) -> None:
    shop.session(title="车工入门")
    month = {"view": "month", "date": str(shop.at(9).date())}
    whose = f"车工入门</a> <small>{shop.base.short_name}</small>"
    assert whose in visitor.get(ALL, query_string=month).text
    assert whose not in visitor.get(OWN, query_string=month).text
