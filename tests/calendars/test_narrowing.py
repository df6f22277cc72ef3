"""What a calendar is narrowed to stands in its address, and holds for the page with script and without."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from core import clock, db
from core.booking import closures
from core.calendars import narrowing
from core.calendars.models import Event
from core.calendars.narrowing import Narrowing
from tests.booking.shop import Shop

PAGE = "/bases/workshop/calendar"


@pytest.fixture
def full_day(shop: Shop) -> dict[str, str]:
    """A day with sessions of which one is full, a booking and a closure; returns the span around it."""
    shop.session(title="车工入门", hour=8, uses=[shop.resource("lathe1")])
    full = shop.session(title="已满的场次", hour=14, seats=2)
    shop.book("course", people=2, training_id=full.id)
    shop.book(picks={0: shop.resource("lathe2")}, start=shop.at(9), end=shop.at(11))
    closures.enter(
        actor=shop.user("manager"),
        resource_id=shop.resource("cell1"),
        reason="检修",
        start=shop.at(9),
        end=shop.at(17),
    )
    day = shop.at(9).date()
    return {"start": str(day), "end": str(day + timedelta(days=1)), "date": str(day)}


def titles(visitor: FlaskClient, span: dict[str, str], **chosen: str) -> set[str]:
    """Return what the script of the page is sent."""
    answer = visitor.get(f"{PAGE}/events.json", query_string={**span, **chosen})
    return {entry["title"] for entry in (answer.json or {})["entries"]}


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({}, {"车工入门", "已满的场次", "车床2：占用", "单元1：检修"}),
        ({"show": "sessions"}, {"车工入门", "已满的场次"}),
        ({"show": "occupied,closures"}, {"车床2：占用", "单元1：检修"}),
        ({"state": "free", "show": "sessions"}, {"车工入门"}),
        ({"resource": "lathe1"}, {"车工入门"}),
        ({"resource": "lathe2"}, {"车床2：占用"}),
        ({"kind": "course"}, {"车工入门", "已满的场次"}),
        ({"kind": "machine"}, set()),
        ({"kind": "gone", "show": "nonsense,"}, {"车工入门", "已满的场次", "车床2：占用", "单元1：检修"}),
    ],
)
def test_page_and_script_show_what_is_chosen(
    shop: Shop, visitor: FlaskClient, full_day: dict[str, str], chosen: dict[str, str], found: set[str]
) -> None:
    shown = {title for title in titles(visitor, full_day, **chosen) if "：占用" not in title or "车床" in title}
    assert shown == found
    page = visitor.get(PAGE, query_string={"view": "list", "date": full_day["date"], **chosen}).text
    assert all(title in page for title in found)
    assert ("已满的场次" in page) == ("已满的场次" in found)


def test_the_rows_are_busy_only_and_bear_the_titles_of_sessions(
    shop: Shop, visitor: FlaskClient, full_day: dict[str, str]
) -> None:
    sent = visitor.get(f"{PAGE}/rows.json", query_string=full_day).json or {}
    names = {one["id"]: one["title"] for one in sent["resources"]}
    bars = {(names[bar["resource"]], bar["title"]) for bar in sent["bars"]}
    assert {("车床1", "车工入门"), ("车床2", "占用"), ("单元1", "检修")} <= bars
    assert "教练1" not in str(sent)
    one = visitor.get(f"{PAGE}/rows.json", query_string={**full_day, "resource": "lathe2"}).json or {}
    assert [row["title"] for row in one["resources"]] == ["车床2"]
    assert {bar["title"] for bar in one["bars"]} == {"占用"}


def test_a_whole_is_shown_taken_once_however_many_parts_are(shop: Shop, visitor: FlaskClient) -> None:
    shop.session(title="钳工", uses=[shop.resource("bench1"), shop.resource("bench2")])
    day = shop.at(9).date()
    span = {"start": str(day), "end": str(day + timedelta(days=1)), "resource": "room"}
    assert [bar["title"] for bar in visitor.get(f"{PAGE}/rows.json", query_string=span).get_json()["bars"]] == ["钳工"]


def test_without_script_the_rows_are_a_list_for_each_resource(
    shop: Shop, visitor: FlaskClient, full_day: dict[str, str]
) -> None:
    page = visitor.get(PAGE, query_string={"view": "timeline", "date": full_day["date"]}).text
    assert page.index("车床1") < page.index("车工入门") < page.rindex("车床2")
    assert "没有安排" in page


def test_empty_fields_of_a_form_do_not_stay_in_the_address(visitor: FlaskClient) -> None:
    answer = visitor.get(f"{PAGE}?view=list&date=&kind=&resource=lathe1&show=sessions")
    assert answer.location == f"{PAGE}?view=list&resource=lathe1&show=sessions"


def test_links_keep_what_is_chosen_and_one_of_them_clears_it(visitor: FlaskClient) -> None:
    page = visitor.get(f"{PAGE}?view=week&date=2026-12-09&state=free&show=sessions").text
    kept = "&amp;state=free&amp;show=sessions"
    assert f"{PAGE}?view=week&amp;date=2026-12-14{kept}" in page
    assert f"{PAGE}?view=month&amp;date=2026-12-09{kept}" in page
    assert f'href="{PAGE}?view=week&amp;date=2026-12-09" data-calendar-clear>' in page
    assert "data-calendar-clear hidden" in visitor.get(PAGE).text


def test_the_calendar_of_all_bases_offers_no_rows(shop: Shop, visitor: FlaskClient) -> None:
    shop.session(title="车工入门")
    page = visitor.get("/calendar", query_string={"view": "timeline", "date": str(shop.at(9).date())}).text
    assert "车工入门" in page
    assert 'data-calendar-view="timeline"' not in page


def test_a_page_that_cannot_list_everything_says_so(
    visitor: FlaskClient, shop: Shop, full_day: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.calendars.shown.MOST_SENT", 2)
    sent = visitor.get(f"{PAGE}/events.json", query_string=full_day).json or {}
    assert (len(sent["entries"]), sent["cut"]) == (2, True)


def test_a_chip_takes_its_value_out_and_puts_it_back(shop: Shop, shop_app: Flask) -> None:
    with shop_app.app_context(), clock.set_to(shop.at(9)):
        offer = narrowing.of_base(shop.base)
    without = Narrowing().toggled(offer, "show", "events")
    assert without.args == {"show": "sessions,occupied,closures"}
    assert without.toggled(offer, "show", "events") == Narrowing()
    only = Narrowing(sorts=frozenset({"events"}))
    assert only.toggled(offer, "show", "events") == Narrowing()  # nothing chosen means all


def test_what_a_plugin_puts_there_is_shown_at_once_and_goes_again(shop: Shop, visitor: FlaskClient) -> None:
    place = {"view": "list", "date": str(shop.at(9).date())}
    addresses = (PAGE, "/calendar", "/embed/calendar", "/embed/bases/workshop/calendar")

    def shown() -> list[bool]:
        return ["开放日" in visitor.get(address, query_string=place).text for address in addresses]

    assert shown() == [False] * 4
    with db.write() as session:
        start = shop.at(9)
        session.add(
            Event(base_id=shop.base.id, name="day", title="开放日", start_at=start, end_at=start + timedelta(hours=3))
        )
    assert shown() == [True] * 4
    assert "开放日" not in visitor.get(PAGE, query_string={**place, "show": "sessions"}).text
    with db.write() as session:
        session.execute(delete(Event))
    assert shown() == [False] * 4
