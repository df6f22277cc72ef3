"""The calendar in the page: keys, what it is narrowed to, the address, and the part that other sites frame."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.conftest import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def school(tmp_path: Path) -> Iterator[str]:
    """Another site, of the files in a folder; returns its address."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_keys_and_chips_change_what_is_shown_and_the_address_brings_it_back(window: Callable[..., Page]) -> None:
    page = window()
    page.goto("/bases/diecasting/calendar?date=2026-12-09")
    title, said = page.locator("[data-calendar-title]"), page.locator("[data-calendar-said]")
    expect(title).to_have_text("2026年12月")

    page.keyboard.press("t")
    expect(title).to_have_text("2026年12月7日–13日")
    expect(said).to_contain_text("2026年12月7日–13日，共")
    expect(page.locator(".ec-row-head").first).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text("2026年12月14日–20日")
    rows = page.locator(".ec-main")
    rows.focus()
    expect(rows).to_have_js_property("scrollLeft", 0)
    page.keyboard.press("ArrowRight")
    expect(rows).not_to_have_js_property("scrollLeft", 0)
    expect(title).to_have_text("2026年12月14日–20日")
    page.keyboard.press("w")
    expect(rows).to_be_focused()
    page.keyboard.press("t")
    expect(rows).to_be_focused()
    assert violations(page) == []

    page.get_by_role("button", name="占用", exact=True).press(" ")
    address = re.compile(r"\?view=timeline&date=2026-12-16&show=sessions,closures,events$")
    expect(page).to_have_url(address)
    page.reload()
    expect(page.get_by_role("button", name="占用", exact=True)).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("?")
    help_box = page.get_by_role("dialog", name="日历快捷键")
    expect(help_box).to_be_visible()
    help_box.get_by_label("在本设备上使用快捷键").uncheck()
    help_box.get_by_role("button", name="关闭").click()
    page.keyboard.press("m")
    expect(page).to_have_url(address)
    page.get_by_role("link", name="清除筛选").click()
    expect(page).to_have_url(re.compile(r"date=2026-12-16$"))
    page.go_back()
    expect(page).to_have_url(address)
    expect(page.get_by_role("button", name="占用", exact=True)).to_have_attribute("aria-pressed", "false")


def test_another_site_frames_what_is_made_for_it_and_nothing_else(
    window: Callable[..., Page], site: Site, school: str, tmp_path: Path
) -> None:
    page = window()
    frames = "".join(
        f'<iframe id="{name}" src="{site.address}{path}" width="600" height="400"></iframe>'
        for name, path in (("part", "/embed/calendar?limit=3"), ("whole", "/calendar"))
    )
    (tmp_path / "index.html").write_text(frames)
    page.goto(school)
    part = page.frame_locator("#part")
    expect(part.get_by_role("heading", name="各基地日历")).to_be_visible()
    expect(part.locator("time")).to_have_count(3)
    expect(page.frame_locator("#whole").get_by_role("heading", name="日历")).to_have_count(0)
    assert page.context.cookies() == []
