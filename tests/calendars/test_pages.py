"""The calendar pages and what their script fetches."""

from datetime import timedelta
from functools import partial

import pytest
from flask.testing import FlaskClient

from core.booking import closures
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.statements import queries

PAGE = "/bases/workshop/calendar"


def around(shop: Shop) -> dict[str, str]:
    """Return the span that a month's sheet asks for."""
    day = shop.at(9).date()
    return {"start": str(day - timedelta(days=10)), "end": str(day + timedelta(days=10))}


def test_entries_are_busy_only_and_sessions_are_links(shop: Shop, visitor: FlaskClient) -> None:
    training = shop.session(title="车工入门", hour=14)
    booking = shop.book(picks={0: shop.resource("lathe1")})
    times = {"start": shop.at(9), "end": shop.at(17)}
    closures.enter(actor=shop.user("manager"), resource_id=shop.resource("lathe2"), reason="检修", **times)
    answer = visitor.get(f"{PAGE}/events.json", query_string=around(shop))
    found = {(entry["kind"], entry["title"], entry["url"]) for entry in (answer.json or {})["entries"]}
    assert found == {
        ("", "车工入门", f"/bases/workshop/sessions/{training.id}"),
        ("busy", "车床1：占用", ""),
        ("closed", "车床2：检修", ""),
    }
    for secret in (booking.ref, "示例学校", "联系人", "练习"):
        assert secret not in answer.text


def test_times_are_the_wall_clock_of_the_bases(shop: Shop, visitor: FlaskClient) -> None:
    shop.session(hour=9)
    (entry,) = visitor.get(f"{PAGE}/events.json", query_string=around(shop)).get_json()["entries"]
    assert (entry["start"][10:], entry["end"][10:]) == ("T09:00", "T12:00")


def test_a_full_session_says_so(shop: Shop, visitor: FlaskClient) -> None:
    training = shop.session(seats=2)
    shop.book("course", people=2, training_id=training.id)
    (entry,) = visitor.get("/calendar/events.json", query_string=around(shop)).get_json()["entries"]
    assert entry["kind"] == "full"


@pytest.mark.parametrize(
    "span",
    [{}, {"start": "2026-12-01"}, {"start": "x", "end": "y"}, {"start": "2026-12-02", "end": "2026-12-01"}],
)
def test_a_span_that_makes_no_sense_is_refused(visitor: FlaskClient, span: dict[str, str]) -> None:
    assert visitor.get("/calendar/events.json", query_string=span).status_code == 422


def test_a_span_of_years_is_refused(visitor: FlaskClient) -> None:
    span = {"start": "2026-01-01", "end": "2028-01-01"}
    assert visitor.get(f"{PAGE}/events.json", query_string=span).status_code == 422


@pytest.mark.parametrize("view", ["month", "week", "list", "nonsense"])
def test_the_page_lists_its_entries_without_script(shop: Shop, visitor: FlaskClient, view: str) -> None:
    shop.session(title="车工入门")
    place = {"view": view, "date": str(shop.at(9).date())}
    for address in (PAGE, "/calendar"):
        assert "车工入门" in visitor.get(address, query_string=place).text


@pytest.mark.parametrize("day", ["nonsense", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_makes_no_sense_is_today(visitor: FlaskClient, day: str) -> None:
    assert visitor.get(PAGE, query_string={"date": day}).status_code == 200


def test_the_address_to_subscribe_is_shown(visitor: FlaskClient) -> None:
    assert "/bases/workshop/calendar.ics" in visitor.get(PAGE).text


@pytest.mark.database
def test_a_page_asks_as_often_for_many_rows_as_for_few(shop: Shop, visit: Visitors) -> None:
    visitor = visit()
    span = around(shop)
    place = {"view": "month", "date": str(shop.at(9).date())}
    pages = [PAGE, "/calendar", "/embed/calendar", "/embed/bases/workshop/calendar"]
    data = [f"{PAGE}/events.json", f"{PAGE}/rows.json", "/calendar/events.json"]
    addresses = [
        *((page, place) for page in pages),
        (PAGE, {**place, "view": "timeline"}),
        *((one, span) for one in data),
    ]

    def counted() -> list[int]:
        with visit.app.app_context():  # as in requests of their own
            return [queries(partial(visitor.get, address, query_string=query)) for address, query in addresses]

    shop.session(hour=8, uses=[shop.resource("cell1")])
    shop.book()
    counted()  # what is only read once per process
    few = counted()
    for number in range(8, 18):
        shop.session(hour=number, title=f"场次{number}")
        shop.book(start=shop.at(number, 15), end=shop.at(number + 1, 15))
    assert counted() == few


@pytest.mark.parametrize(
    ("view", "said"),
    [("month", "2026年12月"), ("week", "12月7日（周一）至12月13日（周日）"), ("day", "12月9日（周三）")],
)
def test_without_script_the_heading_says_what_time_is_shown(visitor: FlaskClient, view: str, said: str) -> None:
    page = visitor.get(PAGE, query_string={"view": view, "date": "2026-12-09"}).text
    assert f">{said}</h1>" in page
