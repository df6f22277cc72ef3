"""The pages of series, as a browser without script uses them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from core import clock, db
from core.bases.models import Term
from core.booking import workflow
from core.booking.models import Booking, Series
from tests.booking.shop import Shop
from tests.booking.test_series import clash_in_week_7, first_tuesday, in_week, made, tuesdays
from tests.booking.visitors import Visitors, machine_form

NEW = "/bases/workshop/book/lesson/series"


def series_form(shop: Shop, **changes: Any) -> dict[str, Any]:
    """Return the form of a series as a browser sends it: nine Tuesdays from nine to eleven on the first lathe."""
    first = first_tuesday(shop)
    return {
        "for-organisation": str(shop.organisation("north")),
        "retry-key": "series",
        "repeat-how": "date",
        "repeat-weekdays": ["TU"],
        "repeat-every": "1",
        "repeat-parity": "",
        "repeat-first": first.isoformat(),
        "repeat-until": (first + timedelta(weeks=8)).isoformat(),
        "repeat-holidays": "ignore",
        "repeat-fitting": "all",
        "on-start": "09:00",
        "on-end": "11:00",
        "pick-0": str(shop.resource("lathe1")),
        "purpose": "练习",
        "go": "book",
    } | changes


def rows(page: str) -> list[str]:
    """Return the text of the rows of a page's tables."""
    bodies = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    return [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))
        for body in bodies
        for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    ]


def booked(shop: Shop, client: FlaskClient, **changes: Any) -> str:
    """Book a series; return its address."""
    answer = client.post(NEW, data=series_form(shop, **changes))
    assert answer.status_code == 302, answer.text
    return answer.location


def test_a_preview_shows_every_date_and_the_clash_in_week_7_and_keeps_what_was_typed(
    shop: Shop, visit: Visitors
) -> None:
    clash_in_week_7(shop)
    answer = visit("north").post(NEW, data=series_form(shop, go="look", purpose="周二实训"))
    assert answer.status_code == 200
    shown = rows(answer.text)
    assert len(shown) == 9
    assert ["已被占用" in row or "Taken" in row for row in shown].index(True) == 6
    assert "车床2" in shown[6]
    assert 'value="周二实训"' in answer.text
    assert shop.count(Series) == 0


def test_a_preview_needs_no_intake_form_yet(shop: Shop, visit: Visitors) -> None:
    answer = visit("north").post(NEW, data=series_form(shop, go="look", purpose=""))
    assert answer.status_code == 200
    assert len(rows(answer.text)) == 9


def test_all_or_nothing_is_refused_with_every_date_and_those_that_fit_are_booked(shop: Shop, visit: Visitors) -> None:
    clash_in_week_7(shop)
    client = visit("north")
    answer = client.post(NEW, data=series_form(shop))
    assert answer.status_code == 409
    assert len(rows(answer.text)) == 9
    assert shop.count(Series) == 0
    address = booked(shop, client, **{"repeat-fitting": "fitting"})
    page = client.get(address).text
    assert len(rows(page)) == 9
    assert shop.count(Booking) == 8 + 1
    assert client.post(NEW, data=series_form(shop, **{"repeat-fitting": "fitting"})).location == address  # sent twice


def test_the_form_of_one_booking_takes_what_was_typed_along(shop: Shop, visit: Visitors) -> None:
    client = visit("north")
    assert 'formaction="/bases/workshop/book/lesson/series"' in client.get("/bases/workshop/book/lesson").text
    assert "book/machine/series" not in client.get("/bases/workshop/book/machine").text
    page = client.post(NEW, data=machine_form(shop, purpose="周二实训")).text
    assert 'value="周二实训"' in page
    assert re.search(r'<option selected value="09:00"', page)
    assert f'value="{shop.at(9).date().isoformat()}"' in page
    back = client.post("/bases/workshop/book/lesson", data=series_form(shop, show="1", purpose="周二实训"))
    assert 'value="周二实训"' in back.text
    assert shop.count(Booking) == 0


def test_weeks_of_a_term_odd_ones_only(shop: Shop, visit: Visitors) -> None:
    monday = first_tuesday(shop) - timedelta(days=1)
    with db.write() as session:
        term = Term(name="示例学期", first_day=monday, weeks=20)
        session.add(term)
        session.flush()
        number = term.id
    fields = {"repeat-how": "term", "repeat-term": str(number), "repeat-weeks": "1-8，10", "repeat-parity": "odd"}
    answer = visit("north").post(NEW, data=series_form(shop, go="look", **fields))
    assert len(rows(answer.text)) == 4, rows(answer.text)
    fresh = visit("north").get(NEW).text
    assert "示例学期" in fresh


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"repeat-weekdays": []}, "repeat-weekdays-error"),
        ({"repeat-until": ""}, "repeat-until-error"),
        ({"repeat-until": "2001-01-01"}, "repeat-until-error"),
        ({"repeat-first": "soon"}, "repeat-first-error"),
        ({"repeat-how": "term", "repeat-weeks": "3-99"}, ""),
        ({"repeat-how": "never"}, ""),
        ({"repeat-every": "x"}, "repeat-every-error"),
        ({"repeat-holidays": "sometimes"}, "repeat-holidays-error"),
        ({"on-end": "08:30"}, "on-end-error"),
        ({"on-start": ""}, "on-start-error"),
        ({"pick-0": "4711"}, "pick-0-error"),
        ({"for-organisation": ""}, ""),
        ({"purpose": ""}, "purpose-error"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(shop: Shop, visit: Visitors, changes: dict[str, Any], at: str) -> None:
    answer = visit("north").post(NEW, data=series_form(shop, **changes))
    assert answer.status_code == 422
    assert f'id="{at}"' in answer.text or not at
    assert shop.count(Series) == 0


def test_a_manager_books_on_behalf_and_sees_the_series(shop: Shop, visit: Visitors) -> None:
    client = visit("manager")
    address = booked(shop, client, **{"for-organisation": str(shop.organisation("south"))})
    assert client.get(address).status_code == 200
    assert visit("south").get(address).status_code == 200
    assert visit("north").get(address).status_code == 404


def test_a_kind_that_is_booked_once_has_no_such_page(visit: Visitors) -> None:
    assert visit("north").get("/bases/workshop/book/machine/series").status_code == 404
    assert visit("north").get("/bases/workshop/book/course/series").status_code == 404


def test_a_skipped_date_is_added_from_the_page_once_it_is_free(shop: Shop, visit: Visitors) -> None:
    clash = clash_in_week_7(shop)
    client = visit("north")
    address = booked(shop, client, **{"repeat-fitting": "fitting"})
    day = {"day": in_week(shop, 7, 9).astimezone(clock.ZONE).date().isoformat()}
    client.post(f"{address}/add", data=day)
    assert shop.count(Booking) == 9
    workflow.move(actor=shop.user("south"), ref=clash.ref, action="cancel", reason="不来了")
    assert client.post(f"{address}/add", data=day).status_code == 302
    assert shop.count(Booking) == 10
    assert client.post(f"{address}/add", data={"day": "x"}).status_code == 422
    assert visit("south").post(f"{address}/add", data=day).status_code == 404


def _look(client: FlaskClient, address: str, query: str = "", **form: Any) -> str:
    fields = {"on-start": "14:00", "on-end": "16:00", "go": "look"} | form
    answer = client.post(f"{address}/edit{query}", data=fields)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_difference_is_shown_then_saved_and_exceptions_stay(shop: Shop, visit: Visitors) -> None:
    done = made(shop, rule=tuesdays(shop, 4), picks={0: shop.resource("lathe1")})
    client, address = visit("north"), f"/bookings/series/{done.series.id}"
    first = first_tuesday(shop).isoformat()
    pick = {"pick-0": str(shop.resource("lathe1"))}
    page = _look(client, address, f"?scope=this&day={first}", **{"on-start": "16:00", "on-end": "18:00"}, **pick)
    assert len(rows(page)) == 1
    mark = re.search(r'name="series-mark"[^>]*value="(\w+)"', page)
    assert mark
    saved = {"on-start": "16:00", "on-end": "18:00", "go": "save", "series-mark": mark[1], **pick}
    assert client.post(f"{address}/edit?scope=this&day={first}", data=saved).location == address
    page = client.get(f"{address}/edit").text
    form = dict(re.findall(r'name="(repeat-(?:first|until))"[^>]*value="([\d-]+)"', page))
    rule = {
        "repeat-how": "date", "repeat-weekdays": ["TU"], "repeat-every": "1", "repeat-holidays": "ignore",
        "repeat-parity": "", **form, **pick,
    }  # fmt: skip
    shown = rows(_look(client, address, **rule))
    assert len(shown) == 4
    old = client.post(
        f"{address}/edit", data={"on-start": "14:00", "on-end": "16:00", "go": "save", "series-mark": "old", **rule}
    )
    assert old.status_code == 409
    mark = re.search(r'name="series-mark"[^>]*value="(\w+)"', old.text)
    assert mark
    done_ = client.post(
        f"{address}/edit", data={"on-start": "14:00", "on-end": "16:00", "go": "save", "series-mark": mark[1], **rule}
    )
    assert done_.status_code == 302, done_.text
    begins = [f"{clock.local(row.start_at):%H:%M}" for row in db.db.session.get_one(Series, done.series.id).bookings]
    assert begins == ["16:00", "14:00", "14:00", "14:00"]


def test_dates_are_cancelled_with_a_reason(shop: Shop, visit: Visitors) -> None:
    done = made(shop, rule=tuesdays(shop, 4))
    client, address = visit("north"), f"/bookings/series/{done.series.id}"
    day = (first_tuesday(shop) + timedelta(weeks=2)).isoformat()
    assert client.post(f"{address}/cancel", data={"scope": "following", "day": day, "reason": ""}).status_code == 422
    assert "cancel-title" in client.get(f"{address}?scope=following&day={day}").text
    client.post(f"{address}/cancel", data={"scope": "following", "day": day, "reason": "停课"})
    states = [row.state for row in db.db.session.get_one(Series, done.series.id).bookings]
    assert states == ["confirmed", "confirmed", "cancelled", "cancelled"]
    assert client.post(f"{address}/cancel", data={"scope": "x", "reason": "停课"}).status_code == 404
    assert visit("south").post(f"{address}/cancel", data={"scope": "all", "reason": "停课"}).status_code == 404


@pytest.mark.parametrize("query", ["?scope=this", "?scope=this&day=x", "?scope=following&day=2026-01-01", "?scope=x"])
def test_a_change_of_no_date_is_not_there(shop: Shop, visit: Visitors, query: str) -> None:
    done = made(shop, rule=tuesdays(shop, 2))
    assert visit("north").get(f"/bookings/series/{done.series.id}/edit{query}").status_code == 404


def test_a_booking_leads_to_its_series(shop: Shop, visit: Visitors) -> None:
    done = made(shop, rule=tuesdays(shop, 2))
    assert f'href="/bookings/series/{done.series.id}"' in visit("north").get(f"/bookings/{done.bookings[0].ref}").text
    assert visit("north").get("/bookings/series/4711").status_code == 404
