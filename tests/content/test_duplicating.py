"""“Like last year's”, and the outlines of what comes again and again."""

from datetime import timedelta

import pytest

from core import clock
from core.content import blueprints, duplicating
from core.content.categories import CATEGORIES
from core.content.models import Item
from core.content.snapshots import Happening, Texts
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce

NEW = "/manage/workshop/announcements/new"


def a_year_ago(announce: Announce, writers: Shop, **texts: object) -> Item:
    """Publish an announcement 52 weeks and a day ago, shown for thirty days and pinned for ten."""
    then = clock.now() - timedelta(weeks=52, days=1)
    with clock.set_to(then):
        return announce(
            "开放日（2025年11月23日）",
            "<p>报名到11月10日，周日集合。</p>",
            publish=True,
            expire_at=then + timedelta(days=30),
            pinned_until=then + timedelta(days=10),
            **texts,
        )


@pytest.mark.database
def test_times_move_by_whole_weeks_to_what_lies_ahead(announce: Announce, writers: Shop) -> None:
    old = a_year_ago(announce, writers)
    texts = duplicating.like(old)
    assert old.expire_at is not None
    assert old.pinned_until is not None
    assert texts.expire_at == old.expire_at + timedelta(weeks=53)
    assert texts.pinned_until == old.pinned_until + timedelta(weeks=53)
    assert texts.publish_at is None, "it is published when its writer says so"
    assert (texts.title, texts.body) == (old.title, old.body)


def test_what_has_no_end_gets_none(announce: Announce) -> None:
    texts = duplicating.like(announce(publish=True))
    assert (texts.expire_at, texts.pinned_until) == (None, None)


def test_a_registration_is_not_taken_over(announce: Announce, writers: Shop) -> None:
    session_id = writers.session().id
    assert duplicating.like(announce(publish=True, session_id=session_id)).session_id is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2025年3月8日报到", ["2025年3月8日"]),
        ("3月8日至3月9日", ["3月8日", "3月9日"]),
        ("2025 年 3 月 8 日，又是2025年3月8日", ["2025年3月8日"]),
        ("截止2025-03-08，周五公布", ["2025-03-08", "周五"]),
        ("2025年度计划，星期天休息", ["2025年", "星期天"]),
        ("压铸单元2，容量800吨，13:30开始", []),
    ],
)
def test_dates_are_found_as_people_write_them(text: str, found: list[str]) -> None:
    assert list(duplicating.dates_in(Texts(title="", body=f"<p>{text}</p>"))) == found


def test_the_form_begins_with_the_old_text_and_names_the_dates_in_it(
    announce: Announce, writers: Shop, visit: Visitors
) -> None:
    old = a_year_ago(announce, writers)
    client = visit("manager")
    assert f"like={old.id}" in client.get(NEW).text
    page = client.get(f"{NEW}?like={old.id}").text
    assert "开放日（2025年11月23日）</textarea>" in page
    assert "2025年11月23日，11月10日，周日" in page
    assert writers.count(Item) == 1, "nothing is saved before its writer does"


def test_only_what_one_may_write_can_be_taken_as_a_beginning(announce: Announce, visit: Visitors) -> None:
    row = announce("基地的公告", publish=True)
    assert visit("office").get(f"/manage/consortium/announcements/new?like={row.id}").status_code == 404


def test_young_announcements_are_not_offered(announce: Announce, writers: Shop) -> None:
    announce(publish=True)
    old = a_year_ago(announce, writers)
    assert list(duplicating.candidates(writers.base)) == [old]


def test_the_outlines_are_whole_and_say_what_is_to_be_filled_in() -> None:
    outlines = blueprints.outlines()
    assert [outline.slug for outline in outlines] == ["closure", "exam", "open_day", "teams"]
    for outline in outlines:
        assert outline.category in CATEGORIES
        assert outline.until in {"week", "month"}
        assert all("【" in text["zh"] and "[" in text["en"] for text in (outline.title, outline.body))


def test_an_outline_fills_the_form(writers: Shop, visit: Visitors) -> None:
    client = visit("manager")
    assert "outline=exam" in client.get(NEW).text
    page = client.get(f"{NEW}?outline=exam").text
    assert "考试安排" in page
    assert "&lt;table&gt;" in page
    assert '<option selected value="exam">' in page
    assert client.get(f"{NEW}?outline=nonsense").status_code == 200


def test_an_event_moves_with_the_rest_and_keeps_its_weekday_and_hours(announce: Announce, writers: Shop) -> None:
    start = clock.now().replace(microsecond=0) - timedelta(weeks=51)
    old = a_year_ago(announce, writers, event=Happening(start=start, end=start + timedelta(hours=2)))
    ahead = timedelta(weeks=53)
    assert duplicating.like(old).event == Happening(start=start + ahead, end=start + timedelta(hours=2) + ahead)
