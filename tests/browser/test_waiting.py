"""Waiting for what is taken, and the place that is kept while a form is filled in, in a browser."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Window
from tests.browser.test_journeys import DAY, JOURNEYS

pytestmark = pytest.mark.browser

TRIAL = JOURNEYS[1]


def open_trial(page: Page, days: int, cell: int) -> None:
    """Open the form of a trial run on a day of its own, and choose time and cell."""
    page.goto(f"/bases/{TRIAL.base}/book/{TRIAL.kind}?date={(DAY + timedelta(days=days)).isoformat()}")
    for name, value in TRIAL.when.items():
        page.select_option(f'[name="{name}"]', value)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.select_option('[name="pick-0"]', index=cell)
    page.wait_for_load_state("networkidle")


def send(page: Page, button: str) -> str:
    """Send the form, and return the reference that is then in the address."""
    Window(page).press(button)
    page.wait_for_url(re.compile(r"/bookings/JD-"))
    return str(re.findall(r"JD-\w+", page.url)[0])


def test_who_waits_is_offered_what_another_gives_back_and_accepts_it(window: Callable[..., Page]) -> None:
    first, second = window("contact", "qingshan"), window("contact", "weichai")
    open_trial(first, 1, 2)
    Window(first).fill(TRIAL.answers)
    taken = send(first, "提交预约")

    open_trial(second, 1, 2)
    Window(second).fill(TRIAL.answers)
    Window(second).press("提交预约")
    expect(second.locator("main")).to_contain_text("或者候补")
    waits = send(second, "加入候补")
    expect(second.locator("main")).to_contain_text("第1位")

    first.goto(f"/bookings/{taken}")
    first.get_by_role("button", name="取消预约").first.click()
    first.fill('dialog[open] [name="cancel-reason"]', "计划有变（示例）")
    first.locator("dialog[open]").get_by_role("button", name="取消预约").click()
    expect(first.locator("main")).to_contain_text("已取消")

    second.goto("/bookings/?show=offered")
    second.click(f'main a[href="/bookings/{waits}"]')
    expect(second.locator("[data-hold-left]")).to_have_text(re.compile(r"^\d+:\d\d"))
    Window(second).press("接受名额")
    expect(second.locator("main")).to_contain_text("等基地管理员")


def test_a_place_is_kept_counts_down_and_is_free_again_when_one_leaves(window: Callable[..., Page]) -> None:
    page, other = window("contact", "qingshan"), window("contact", "weichai", width=390)
    open_trial(page, 2, 2)
    left = page.locator("#hold [data-hold-left]")
    expect(left).to_have_text(re.compile(r"^09:5\d$"))
    before = left.inner_text()
    expect(left).not_to_have_text(before)
    Window(page).press("延长")
    expect(page.get_by_role("button", name="延长", exact=True)).to_have_count(0)
    expect(left).to_have_text(re.compile(r"^(10:00|09:5\d)$"))
    assert page.locator('[name="on-start"]').input_value() == "09:00"

    open_trial(other, 2, 2)
    expect(other.locator("#hold")).to_contain_text("暂时无法为您保留")
    page.goto("/help")  # the browser tells that the form was left
    other.wait_for_load_state("networkidle")
    expect(other.locator("#hold [data-hold]")).to_have_count(0)
    Window(other).press("下一步：暂留并填写登记表")
    expect(other.locator("#hold [data-hold-left]")).to_be_visible()


def test_a_session_is_kept_as_soon_as_its_form_is_open(window: Callable[..., Page]) -> None:
    page = window("contact", "weichai")
    page.goto("/bases/competition/book/")
    page.click('main a[href*="/book/camp?session="]')
    expect(page.locator("#hold [data-hold-left]")).to_be_visible()
    Window(page).press("放弃")
    expect(page.locator("main")).to_contain_text("位置已放出")
