"""The main job, end to end: from a base's own form over its manager's approval to the public calendar."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from core import clock
from tests.browser.people import Window, id_number

pytestmark = pytest.mark.browser

DAY = clock.today() - timedelta(days=clock.today().weekday()) + timedelta(days=16)
"""A Wednesday on which the demo has nothing booked."""

TEAM = {
    f"contestants-{row}-{name}": value
    for row in range(2)
    for name, value in (("name", f"示例选手{row}"), ("id_number", id_number(700 + row)))
}


@dataclass(frozen=True)
class Journey:
    """A booking of one kind: what is filled in, when, and what the public sees of it."""

    base: str
    kind: str
    answers: Mapping[str, Any]
    starts: time = time(9)
    shown: str = "占用"
    when: Mapping[str, str] = field(default_factory=lambda: {"on-start": "09:00", "on-end": "11:00"})
    session: bool = False


JOURNEYS = (
    Journey(
        "competition",
        "camp",
        {"school": "示例学校", "group": "students", "coach": "示例教练", "coach_phone": "13000000000", **TEAM},
        shown="机电一体化项目半天集训（示例）",
        session=True,
    ),
    Journey(
        "diecasting",
        "trial",
        {
            "alloy": "aluminium",
            "part": "示例壳体",
            "part_weight": "0.86",
            "shot_weight": "1.4",
            "mould_length": "540",
            "mould_width": "480",
            "mould_thickness": "420",
            "clamping_force": "2200",
            "drawing": {"name": "drawing.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 example"},
            "people": "3",
            "contact": "示例联系人",
            "contact_phone": "13000000000",
            "safety_rules": True,
        },
        starts=time(8, 30),  # the preheating is taken too
    ),
    Journey(
        "callcenter",
        "seats",
        {
            "group": "示例班级",
            "purpose": "teaching",
            "seats": "12",
            "youngest": "adult",
            "teacher": "示例教师",
            "teacher_phone": "13000000000",
            "confidentiality": True,
        },
        starts=time(8),
        when={"on-period": "early"},
    ),
    Journey(
        "cnc",
        "class",
        {"class_name": "示例班级", "programme": "staff", "people": "8", "content": "阶梯轴车削（示例）"},
    ),
)


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: str(journey.base))
def test_a_booking_goes_from_the_form_over_the_approval_to_the_public_calendar(
    window: Callable[..., Page], journey: Journey
) -> None:
    contact = window("contact", "qingshan")
    starts = _open_form(contact, journey)
    Window(contact).fill(journey.answers)
    Window(contact).press("提交预约")
    expect(contact.locator("main")).to_contain_text("已提交，等基地管理员审核")
    ref = re.findall(r"JD-\w+", contact.url)[0]

    manager = window("manager", journey.base)
    manager.goto(f"/manage/{journey.base}/")
    manager.click(f'main a[href="/bookings/{ref}"]')
    Window(manager).press("通过")
    expect(manager.locator("main")).to_contain_text("预约已确认")
    contact.reload()
    expect(contact.locator("main")).to_contain_text("已确认")

    visitor = window()
    day = clock.local(starts).date().isoformat()
    visitor.goto(f"/bases/{journey.base}/calendar?view=list&date={day}")
    expect(visitor.locator("[data-calendar-box]")).to_contain_text(journey.shown)
    feed = visitor.request.get(f"/bases/{journey.base}/calendar.ics")
    assert any(title.startswith(journey.shown) for begins, title in _entries(feed.text()) if begins == starts)
    assert ref not in feed.text()
    assert "青山" not in feed.text()


def test_what_was_typed_and_uploaded_survives_a_mistake(window: Callable[..., Page]) -> None:
    journey = JOURNEYS[1]
    page = window("contact", "weichai")
    _open_form(page, journey)
    Window(page).fill({**journey.answers, "clamping_force": "", "part": "特别的零件"})
    Window(page).press("提交预约")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.locator('[name="part"]')).to_have_value("特别的零件")
    expect(page.locator('[name="on-start"]')).to_have_value("09:00")
    expect(page.locator("#booking")).to_contain_text("drawing.pdf")


def test_the_plan_of_a_day_is_chosen_from_without_losing_what_was_typed(window: Callable[..., Page]) -> None:
    page = window("contact", "weichai")
    page.goto("/bases/cnc/book/class")
    page.fill('[name="class_name"]', "示例班级")
    Window(page).choose_day(DAY.isoformat())
    expect(page.locator("#slot h3")).to_contain_text(f"{DAY.month}月{DAY.day}日")
    page.click('#slot button[name="cell"] >> nth=2')
    expect(page.locator('#slot button.btn-primary[name="cell"]').first).to_be_visible()
    expect(page.locator('[name="class_name"]')).to_have_value("示例班级")
    assert page.locator('[name="on-start"]').input_value()


def test_a_double_click_makes_one_booking(window: Callable[..., Page]) -> None:
    page = window("contact", "weichai")
    page.goto("/bookings/")
    links = page.locator("main a[href^='/bookings/JD-']")
    before = links.count()
    journey = JOURNEYS[3]
    page.goto(f"/bases/cnc/book/class?date={(DAY + timedelta(days=1)).isoformat()}")
    Window(page).fill({**journey.when, **journey.answers})
    page.get_by_role("button", name="提交预约").dblclick()
    expect(page.locator("main")).to_contain_text("已提交")
    page.goto("/bookings/")
    assert links.count() == before + 1


def _open_form(page: Page, journey: Journey) -> datetime:
    """Open a journey's form, choose its time or session, and return when it begins in the calendar."""
    if journey.session:
        page.goto(f"/bases/{journey.base}/book/")
        page.click(f'main a[href*="/book/{journey.kind}?session="]')
        shown = page.locator("#summary time, #summary").first.inner_text()
        month, day = map(int, re.findall(r"(\d+)月(\d+)日", shown)[0])
        hour, minute = map(int, re.findall(r"(\d\d):(\d\d)", shown)[0])
        return clock.at(date(DAY.year + (month < clock.today().month), month, day), time(hour, minute))
    page.goto(f"/bases/{journey.base}/book/{journey.kind}?date={DAY.isoformat()}")
    Window(page).fill(journey.when)
    return clock.at(DAY, journey.starts)


def _entries(feed: str) -> set[tuple[datetime, str]]:
    """Return start and title of every entry of a feed that has a time of day."""
    events: Any = Calendar.from_ical(feed).walk("VEVENT")
    return {(event["DTSTART"].dt, str(event["SUMMARY"])) for event in events}
