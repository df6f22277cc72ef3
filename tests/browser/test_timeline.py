"""The timeline: a bar that is dropped moves its booking, or springs back and says why; both with the mouse."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from core import clock
from tests.browser.people import Window

pytestmark = pytest.mark.browser

DAY = clock.today() - timedelta(days=clock.today().weekday()) + timedelta(days=24)
"""A Thursday on which the demo has nothing booked at the machines."""

HOUR = 52
"""How wide an hour is on the timeline, in pixels."""


def book(page: Page, start: str, end: str, part: str) -> str:
    """Book a machine for a caller; return the reference."""
    page.goto(f"/bases/cnc/book/class?date={DAY.isoformat()}")
    window = Window(page)
    machine = page.locator('[name="pick-0"] option').nth(1).get_attribute("value") or ""
    organisation = page.locator('[name="for-organisation"] option').nth(1).get_attribute("value") or ""
    window.fill({"for-organisation": organisation, "on-start": start, "on-end": end, "pick-0": machine})
    window.fill({"class_name": part, "programme": "staff", "people": "8", "content": "阶梯轴车削（示例）"})
    window.press("提交预约")
    page.wait_for_url(re.compile("/bookings/JD-"))
    return page.url.split("/bookings/")[1].split("?")[0]


def place(bar: Locator) -> FloatRect:
    """Return where a bar stands; while its row is being put in anew it stands nowhere, and is waited for."""
    while (box := bar.bounding_box()) is None:
        expect(bar).to_be_visible()
    return box


def drag(page: Page, bar: Locator, hours: float) -> None:
    """Drag a bar to an earlier or later time."""
    box = place(bar)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + hours * HOUR / 2, y, steps=6)
    page.mouse.move(x + hours * HOUR, y, steps=6)
    page.mouse.up()


def test_a_bar_dragged_into_a_conflict_springs_back_and_a_free_time_is_taken_and_taken_back(
    window: Callable[..., Page],
) -> None:
    page = window("manager", "cnc")
    first = book(page, "09:00", "11:00", "示例甲班")
    book(page, "14:00", "16:00", "示例乙班")
    page.goto(f"/manage/cnc/timeline?date={DAY.isoformat()}")
    bar = page.locator(".j-taken--booking", has=page.locator(f'a[href="/bookings/{first}"]'))
    expect(bar).to_be_visible()
    before = place(bar)
    ask, toast = page.locator("[data-timeline-ask]"), page.locator("[data-timeline-toast]")

    drag(page, bar, 5)
    expect(ask).to_contain_text("14:00–16:00")
    ask.get_by_role("button", name="改期", exact=True).click()
    expect(toast).to_contain_text("14:00–16:00")
    expect(toast.get_by_role("link").first).to_be_visible()
    assert place(bar) == before

    toast.get_by_role("button", name="关闭").click()
    drag(page, bar, 2)
    ask.get_by_role("button", name="改期", exact=True).click()
    expect(toast).to_contain_text("已改期")
    page.wait_for_load_state("networkidle")
    assert place(bar) != before

    toast.get_by_role("button", name="撤销").click()
    expect(toast).to_contain_text("已恢复原安排")
    page.wait_for_load_state("networkidle")
    assert place(bar) == before


def test_without_a_mouse_a_booking_is_moved_from_its_page(window: Callable[..., Page]) -> None:
    page = window("manager", "cnc", width=390)
    page.goto("/manage/cnc/timeline")
    expect(page.locator("[data-timeline-list]")).to_be_visible()
    expect(page.locator("[data-timeline-box]")).to_be_hidden()
