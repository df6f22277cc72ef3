"""Several machines booked together: taken ones are named, and a free pair near them is one press away."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Window
from tests.browser.test_journeys import DAY, JOURNEYS

pytestmark = pytest.mark.browser

CLASS = JOURNEYS[3]


def ask_for(page: Page, lathes: tuple[int, ...]) -> None:
    """Open the form of a class on two lathes, choose its time and lathes, and fill it in."""
    page.goto(f"/bases/cnc/book/pair?date={(DAY + timedelta(days=6)).isoformat()}")
    for name, value in CLASS.when.items():
        page.select_option(f'[name="{name}"]', value)
    for number in lathes:
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.get_by_label(f"数控车床{number}（示例）", exact=True).check()
        page.wait_for_load_state("networkidle")
    Window(page).fill(CLASS.answers)


def test_a_pair_that_is_taken_is_told_and_another_is_taken_instead(window: Callable[..., Page]) -> None:
    first, second = window("contact", "qingshan"), window("contact", "weichai", width=390)
    ask_for(first, (1, 2))
    Window(first).press("提交预约")
    expect(first.locator("main")).to_contain_text("已提交，等基地管理员审核")

    ask_for(second, (2, 3))
    Window(second).press("提交预约")
    refusal = second.locator("[data-error-summary]")
    expect(refusal).to_be_focused()
    expect(refusal).to_contain_text("数控车床2（示例）")
    expect(refusal).not_to_contain_text("数控车床3（示例）")

    other = second.locator("button[name=take]").first
    names = re.findall(r"数控车床\d（示例）", other.inner_text())
    assert len(names) == 2
    assert "数控车床2（示例）" not in names or "09:00–11:00" not in other.inner_text()
    other.click()
    expect(second.locator('[name="class_name"]')).to_have_value(str(CLASS.answers["class_name"]))
    Window(second).press("提交预约")
    expect(second.locator("main")).to_contain_text("已提交，等基地管理员审核")
    for name in names:
        expect(second.locator("main")).to_contain_text(name)
