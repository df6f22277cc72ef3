"""The main pages on the phone and on the desk: screenshots to look at, nothing that shuts anybody out or runs over."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
WIDTHS = (390, 1280)

PAGES = {
    "portal": ("", "", "/"),
    "base": ("", "", "/bases/diecasting/"),
    "calendar": ("", "", "/bases/diecasting/calendar"),
    "session": ("", "", "/bases/competition/sessions/1"),
    "announcements": ("", "", "/bases/diecasting/announcements/"),
    "announcements-of-a-kind": ("", "", "/announcements/?category=closure"),
    "announcement": ("", "", "/announcements/example-holiday"),
    "announcement-of-a-base": ("", "", "first announcement"),
    "page": ("", "", "first page"),
    "booking-form": ("contact", "qingshan", "/bases/diecasting/book/trial"),
    "entry-form": ("contact", "qingshan", "/bases/competition/book/camp?session=1"),
    "my-bookings": ("contact", "qingshan", "/bookings/"),
    "booking": ("contact", "qingshan", "first booking"),
    "returned": ("contact", "weichai", "first returned"),
    "paper": ("contact", "qingshan", "first booking/print"),
    "manage-today": ("manager", "diecasting", "/manage/diecasting/"),
    "manage-bookings": ("manager", "diecasting", "/manage/diecasting/bookings/"),
    "manage-decision": ("manager", "diecasting", "first decision"),
    "manage-session": ("manager", "diecasting", "first session"),
    "manage-closures": ("manager", "diecasting", "/manage/diecasting/closures/"),
    "manage-schedule": ("manager", "diecasting", "/manage/diecasting/schedule"),
    "manage-timeline": ("manager", "diecasting", "/manage/diecasting/timeline"),
    "manage-waiting": ("manager", "diecasting", "/manage/diecasting/waiting/"),
    "manage-hours": ("manager", "callcenter", "/manage/callcenter/hours"),
    "manage-kind": ("manager", "diecasting", "/manage/diecasting/kinds/trial"),
    "manage-resource": ("manager", "diecasting", "/manage/diecasting/resources/cell1"),
    "write-announcement": ("manager", "diecasting", "/manage/diecasting/announcements/new"),
    "manage-files": ("manager", "diecasting", "/manage/diecasting/media/"),
    "review": ("manager", "competition", "first in review"),
    "import": ("manager", "diecasting", "/manage/diecasting/sessions/import"),
    "to-decide": ("office", "", "/manage/waiting"),
    "working-year": ("office", "", "/manage/working-calendar/2026"),
    "agreement": ("office", "", "/manage/agreements/1"),
    "own-quotas": ("contact", "lead", "/bookings/agreements/"),
    "series": ("contact", "qingshan-branch", "/bookings/series/1"),
    "move": ("contact", "qingshan", "first submitted/move"),
}
"""Name → who looks at it (role, where it is held), and its address."""

FIRST = {
    "first announcement": ("/bases/diecasting/announcements/", "main h2 a[href*='/announcements/']"),
    "first in review": ("/manage/competition/review", "main a[href*='/review/']"),
    "first page": ("/bases/diecasting/", ".j-tabs a[href*='/pages/']"),
    "first booking": ("/bookings/", "main a[href^='/bookings/JD-']"),
    "first submitted": ("/bookings/?show=submitted", "main a[href^='/bookings/JD-']"),
    "first returned": ("/bookings/?show=returned", "main a[href^='/bookings/JD-']"),
    "first decision": ("/manage/diecasting/bookings/", "main a[href^='/bookings/JD-']"),
    "first session": ("/manage/diecasting/sessions/", "main h2 a[href*='/sessions/']"),
}
"""What is looked up → the page it stands on, and its link there."""


DAILY = frozenset(
    {"portal", "base", "calendar", "session", "announcement", "booking-form", "my-bookings", "booking"}
    | {"manage-today", "manage-bookings", "manage-decision", "manage-timeline", "write-announcement"}
)
"""What most people see each day; the others are looked at in the slow tests."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in DAILY else pytest.mark.slow) for name in PAGES]
)
def test_a_main_page_can_be_used_by_everybody_at_every_width(window: Callable[..., Page], name: str) -> None:
    role, at, address = PAGES[name]
    page = window(role, at)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        answer = page.goto(_address(page, address))
        assert answer is not None
        assert answer.status == 200
        page.wait_for_load_state("networkidle")
        page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width
        assert violations(page) == []
    assert said == []


def test_on_the_phone_the_navigation_shows_where_one_is(window: Callable[..., Page]) -> None:
    page = window("manager", "diecasting", width=390)
    page.goto("/bases/diecasting/announcements/")
    tab = page.locator(".j-tabs [aria-current]")
    expect(tab).to_be_in_viewport(ratio=1)
    assert page.evaluate("scrollY") == 0
    page.goto("/manage/diecasting/settings")
    menu = page.locator(".j-menu")
    expect(menu.locator("summary")).to_contain_text("设置")
    menu.locator("summary").click()
    menu.get_by_role("link", name="候补名单").click()
    expect(page).to_have_url(re.compile("/manage/diecasting/waiting/$"))


def _address(page: Page, address: str) -> str:
    """Return an address, looking up the first of a list where that is meant."""
    for first, (listed, selector) in FIRST.items():
        if address.startswith(first):
            page.goto(listed)
            link = page.locator(selector).first
            return (link.get_attribute("href") or "") + address.removeprefix(first)
    return address
