"""What scripts add to pages, in a real browser; and that pages work without."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core import clock
from tests.conftest import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def page(visitor: BrowserContext) -> Page:
    """A page that fails the test when a script fails or the content policy stops something."""
    page = visitor.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    page.on("console", lambda line: pytest.fail(line.text) if "Content Security Policy" in line.text else None)
    return page


def test_the_chosen_appearance_is_remembered(site: Site, page: Page) -> None:
    page.goto(site.address)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    page.get_by_role("button", name="深色外观").click()
    page.goto(f"{site.address}/help")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_systems_preference_serves_until_one_is_chosen(site: Site, browser: Browser) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(site.address)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    context.close()


def test_a_colour_of_a_base_reaches_what_belongs_to_it(site: Site, page: Page) -> None:
    page.goto(site.address)
    colours = page.evaluate(
        "[...document.querySelectorAll('.j-datum')].map(mark => getComputedStyle(mark).borderBottomColor)"
    )
    assert len(colours) == len(set(colours)) > 1


def test_the_calendar_keeps_its_view_in_the_address(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/calendar?view=month&date=2026-12-01")
    title = page.locator("[data-calendar-title]")
    expect(title).to_have_text(re.compile("2026年12月"))
    page.locator("[data-calendar-go=next]").click()
    expect(title).to_have_text(re.compile("2027年1月"))
    page.locator("[data-calendar-view=list]").click()
    expect(page).to_have_url(re.compile(r"view=list&date=2027-01-01"))
    page.go_back()
    expect(page.locator("[data-calendar-view=month]")).to_have_attribute("aria-current", "true")


def test_entries_of_the_calendar_are_links_without_roles_of_a_table(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/calendar?view=month&date={clock.today() + timedelta(days=7)}")
    first = page.locator(".ec-event a").first
    expect(first).to_have_attribute("href", re.compile("/bases/"))
    assert page.locator(".ec [role=gridcell], .ec [role=cell], .ec [role=row]").count() == 0
    expect(page.locator(".ec-main")).to_have_attribute("aria-label", re.compile("年"))


def test_a_base_can_be_left_out_of_the_calendar(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/calendar?view=month&date={clock.today() + timedelta(days=7)}")
    own = page.locator(".ec-event[data-base=competition]:not(.j-ev--event)")
    expect(own.first).to_be_visible()
    page.locator("[data-calendar-chip=base][data-value=competition]").click()
    expect(own).to_have_count(0)
    expect(page.locator(".ec-event").first).to_be_visible()


@pytest.mark.parametrize("address", ["/", "/calendar", "/bases/", "/announcements/"])
def test_pages_serve_without_script(site: Site, browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{site.address}{address}")
    expect(page.get_by_role("link", name="使用帮助").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    context.close()
