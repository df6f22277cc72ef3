"""Following a calendar: a dialog where there is script, a page where there is none; a secret that is shown once."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.conftest import Site

pytestmark = pytest.mark.browser

PHONE = 390
"""Pixels across."""


def test_a_base_is_followed_from_a_dialog_that_gives_the_place_back(window: Callable[..., Page]) -> None:
    page = window()
    page.goto("/bases/diecasting/")
    link = page.get_by_role("link", name="订阅日历")
    link.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("日历地址")).to_have_value(re.compile(r"/bases/diecasting/calendar\.ics$"))
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(link).to_be_focused()


def test_without_script_the_ways_are_a_page(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.address, locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.goto("/bases/diecasting/")
    page.get_by_role("link", name="订阅日历").click()
    expect(page.get_by_role("heading", name="订阅日历")).to_be_visible()
    expect(page.get_by_label("日历地址")).to_be_visible()
    page.get_by_label("订阅什么").select_option(index=0)
    page.get_by_role("button", name="显示").click()
    expect(page).to_have_url(site.address.rstrip("/") + "/calendar/subscribe?calendar=portal")
    context.close()


def test_a_contact_makes_an_address_for_the_phone_and_ends_it(window: Callable[..., Page]) -> None:
    page = window("contact", "weichai", PHONE)
    page.goto("/account/calendars")
    page.get_by_label("用途").fill("我的手机")
    page.get_by_role("button", name="生成").click()
    address = page.get_by_label("日历地址").input_value()
    assert page.request.get(address).status == 200
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    page.get_by_role("link", name="回到我的日历").click()
    expect(page.get_by_text("我的手机", exact=True)).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="撤销：我的手机").click()
    expect(page.get_by_text("我的手机", exact=True)).to_have_count(0)
    assert page.request.get(address).status == 404
