"""Following a calendar on the phone: a dialog that is a page without script; a secret that is shown once."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations

pytestmark = pytest.mark.browser

PHONE = 390
"""Pixels across."""


def test_a_base_and_ones_own_bookings_are_followed_on_the_phone(window: Callable[..., Page]) -> None:
    page = window("contact", "weichai", PHONE)
    page.goto("/bases/diecasting/")
    link = page.get_by_role("link", name="订阅日历")
    expect(link).to_have_attribute("href", re.compile(r"^/calendar/subscribe\?calendar=base"))
    link.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("日历地址")).to_have_value(re.compile(r"/bases/diecasting/calendar\.ics$"))
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(link).to_be_focused()
    page.goto("/account/calendars")
    page.get_by_label("用途").fill("我的手机")
    page.get_by_role("button", name="生成").click()
    address = page.get_by_label("日历地址").input_value()
    assert page.request.get(address).status == 200
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    page.get_by_role("link", name="回到我的日历").click()
    expect(page.get_by_text("我的手机", exact=True)).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="撤销：我的手机").click()
    expect(page.get_by_text("我的手机", exact=True)).to_have_count(0)
    assert page.request.get(address).status == 404
