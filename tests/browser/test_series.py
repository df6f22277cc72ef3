"""A series in a browser: the clash in week 7 is seen first, the rest is booked, and the date can be added later."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from core import clock
from tests.browser.people import Window

pytestmark = pytest.mark.browser

FIRST = clock.today() - timedelta(days=clock.today().weekday()) + timedelta(days=17)
"""A Thursday on which the demo has nothing booked."""

WEEKS = 9
SEVENTH = FIRST + timedelta(weeks=6)

CLASS = {"class_name": "示例班级", "programme": "senior", "people": "20", "content": "车削"}


def take_week_7(page: Page) -> str:
    """Book the first lathe in week 7, as another organisation; return the address of the booking."""
    page.goto(f"/bases/cnc/book/class?date={SEVENTH.isoformat()}")
    page.select_option('[name="pick-0"]', index=1)
    Window(page).fill({"on-start": "10:00", "on-end": "12:00", **CLASS})
    expect(page.locator("#hold [role=timer]")).to_be_visible()
    page.get_by_role("button", name="提交预约").last.click()
    page.wait_for_url("**/bookings/JD-*")
    return page.url.split("?")[0]


def test_a_series_with_a_clash_in_week_7(window: Callable[..., Page]) -> None:
    other = window("contact", "qingshan")
    other.set_default_timeout(30_000)
    clash = take_week_7(other)
    page = window("contact", "weichai")
    page.goto(f"/bases/cnc/book/class?date={FIRST.isoformat()}")
    page.select_option('[name="pick-0"]', index=1)
    Window(page).fill({"on-start": "09:00", "on-end": "11:00", **CLASS})
    expect(page.locator("#hold [role=timer]")).to_be_visible()
    page.get_by_role("button", name="重复预约").click()
    expect(page.locator("h1")).to_contain_text("重复预约")
    expect(page.locator('[name="class_name"]')).to_have_value("示例班级")
    page.check('[name="repeat-how"][value="date"]')
    expect(page.locator('[name="repeat-weeks"]')).to_be_hidden()
    page.fill('[name="repeat-until"]', (FIRST + timedelta(weeks=WEEKS - 1)).isoformat())
    page.check('[name="repeat-holidays"][value="ignore"]')
    page.get_by_role("button", name="预览每次日期").last.click()

    rows = page.locator("main tbody tr")
    expect(rows).to_have_count(WEEKS)
    expect(rows.nth(6)).to_contain_text("已占用")
    expect(rows.nth(6)).to_contain_text("数控车床2")
    for number in (0, 5, 7):
        expect(rows.nth(number)).to_contain_text("可预约")
    page.check('[name="repeat-fitting"][value="all"]')
    page.get_by_role("button", name="提交重复预约").click()
    expect(page.locator('[role="alert"]')).to_contain_text(f"{WEEKS}次中{WEEKS - 1}次可预约")

    page.check('[name="repeat-fitting"][value="fitting"]')
    page.get_by_role("button", name="提交重复预约").click()
    page.wait_for_url("**/bookings/series/*")
    expect(rows).to_have_count(WEEKS)
    expect(rows.nth(6)).to_contain_text("未预约")

    other.goto(clash)
    other.get_by_text("取消预约", exact=True).first.click()
    other.locator('[name="cancel-reason"]').fill("不来了")
    other.get_by_role("button", name="取消预约", exact=True).last.click()
    expect(other.locator("main")).to_contain_text("已取消")
    rows.nth(6).get_by_role("button", name="补加").click()
    expect(rows.nth(6)).not_to_contain_text("未预约")
    expect(rows.nth(6).locator("a[href^='/bookings/JD-']")).to_be_visible()


def test_all_dates_are_moved_after_the_difference_was_seen(window: Callable[..., Page]) -> None:
    page = window("contact", "weichai", width=390)
    page.goto(f"/bases/cnc/book/class/series?date={FIRST.isoformat()}")
    page.check('[name="repeat-how"][value="date"]')
    page.fill('[name="repeat-until"]', (FIRST + timedelta(weeks=2)).isoformat())
    page.check('[name="repeat-holidays"][value="ignore"]')
    Window(page).fill({"on-start": "14:00", "on-end": "15:00", **CLASS})
    page.get_by_role("button", name="预览每次日期").last.click()
    page.get_by_role("button", name="提交重复预约").click()
    page.wait_for_url("**/bookings/series/*")
    page.get_by_role("link", name="改全部日期").click()
    page.select_option('[name="on-start"]', "15:00")
    page.select_option('[name="on-end"]', "16:00")
    page.get_by_role("button", name="查看差别").last.click()
    rows = page.locator("main tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("15:00–16:00")
    page.get_by_role("button", name="保存改动").click()
    page.wait_for_url("**/bookings/series/*")
    expect(rows.first).to_contain_text("15:00–16:00")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
