"""Windows of people who are signed in to the demo site."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.people import Window
from tests.conftest import Site


@pytest.fixture
def window(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a window of one's own on the site: `window()` for a visitor, `window("manager", "cnc")` signed in."""
    opened = []

    def open_window(role: str = "", at: str = "", width: int = 1280) -> Page:
        context = browser.new_context(
            base_url=site.address,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": 900},
        )
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        if role:
            Window(page).sign_in(site.accounts, role, at)
        return page

    yield open_window
    for context in opened:
        context.close()
