"""The pages on which bookings are moved: the move page, closures over bookings, the timeline."""

import re

import pytest

from core import clock, db
from core.booking.models import Booking, Closure
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.statements import queries


def move_form(shop: Shop, booking: Booking, **changes: object) -> dict[str, object]:
    """Return the form of a move as a browser sends it: to the afternoon."""
    return {
        "on-day": clock.local(booking.start_at).date().isoformat(),
        "on-start": "14:00",
        "on-end": "16:00",
        "pick-0": str(shop.resource("lathe1")),
        "move-reason": "改时间",
        "seen-version": str(booking.version),
        "retry-key": "k",
    } | changes


def test_the_page_of_a_move_shows_where_it_is_and_what_is_free(visit: Visitors, shop: Shop) -> None:
    booking = shop.book()
    page = visit("north").get(f"/bookings/{booking.ref}/move")
    assert page.status_code == 200
    assert re.search(r'<option selected value="09:00">', page.text)
    assert "占用" in page.text


@pytest.mark.parametrize("who", ["north", "manager"])
def test_a_booking_is_moved_in_its_page(visit: Visitors, shop: Shop, who: str) -> None:
    booking = shop.book()
    answer = visit(who).post(f"/bookings/{booking.ref}/move", data=move_form(shop, booking), follow_redirects=True)
    assert "预约已改期" in answer.text
    db.db.session.rollback()
    assert booking.start_at == shop.at(14)


def test_what_will_change_is_shown_before_it_is_saved(visit: Visitors, shop: Shop) -> None:
    booking = shop.book()
    page = visit("north").post(f"/bookings/{booking.ref}/move", data=move_form(shop, booking) | {"show": "1"})
    assert page.status_code == 200
    assert re.search(r"<s>[^<]*09:00–11:00</s>.*<b>[^<]*14:00–16:00</b>", page.text, re.DOTALL)
    db.db.session.rollback()
    assert booking.start_at == shop.at(9)


@pytest.mark.database
def test_a_taken_time_is_refused_with_what_is_free_and_what_was_chosen_is_kept(visit: Visitors, shop: Shop) -> None:
    booking = shop.book()
    shop.book(who="south", start=shop.at(14), end=shop.at(16), picks={0: shop.resource("lathe1")})
    page = visit("north").post(f"/bookings/{booking.ref}/move", data=move_form(shop, booking))
    assert page.status_code == 409
    assert re.search(r'<option selected value="14:00">', page.text)
    assert 'name="take"' in page.text
    assert "车床2" in page.text


def test_a_manager_is_asked_for_the_reason(visit: Visitors, shop: Shop) -> None:
    booking = shop.book()
    page = visit("manager").post(f"/bookings/{booking.ref}/move", data=move_form(shop, booking) | {"move-reason": ""})
    assert page.status_code == 422
    assert "请写明原因" in page.text


def test_a_manager_who_changes_the_machine_only_relocates_it(visit: Visitors, shop: Shop) -> None:
    booking = shop.book()
    change = {"on-start": "09:00", "on-end": "11:00", "pick-0": str(shop.resource("lathe2"))}
    visit("manager").post(f"/bookings/{booking.ref}/move", data=move_form(shop, booking) | change)
    db.db.session.rollback()
    assert booking.history[-1].action == "relocate"


def test_seats_are_moved_to_another_session_in_the_page(visit: Visitors, shop: Shop) -> None:
    first, second = shop.session(), shop.session(day=15, title="车工提高")
    booking = shop.book("course", training_id=first.id)
    client = visit("north")
    assert "车工提高" in client.get(f"/bookings/{booking.ref}/move").text
    sent = {"to-session": str(second.id), "move-reason": "", "seen-version": str(booking.version)}
    client.post(f"/bookings/{booking.ref}/move", data=sent)
    db.db.session.rollback()
    assert booking.session_id == second.id


@pytest.mark.parametrize(
    "sent", [{}, {"on-day": "0000-00-00"}, {"pick-0": "9" * 40}, {"to-session": "x"}, {"cell": "||"}]
)
def test_nonsense_is_no_fault_of_the_server(visit: Visitors, shop: Shop, sent: dict[str, str]) -> None:
    booking = shop.book()
    assert visit("north").post(f"/bookings/{booking.ref}/move", data=sent).status_code in {200, 422}


def test_another_organisation_gets_no_page(visit: Visitors, shop: Shop) -> None:
    assert visit("south").get(f"/bookings/{shop.book().ref}/move").status_code == 404


def closure_form(shop: Shop, *slugs: str, **changes: object) -> dict[str, object]:
    """Return the form of a closure of the morning."""
    day = shop.at(8).date().isoformat()
    spans = {"first_day": day, "starts": "08:00", "last_day": day, "ends": "12:00"}
    return spans | {"resources": [shop.resource(slug) for slug in slugs], "reason": "主轴检修"} | changes


@pytest.mark.database
def test_a_closure_over_a_booking_offers_what_can_become_of_it_and_does_all_at_once(
    visit: Visitors, shop: Shop
) -> None:
    booking = shop.book()
    client = visit("manager")
    page = client.post("/manage/workshop/closures/", data=closure_form(shop, "lathe1"))
    assert page.status_code == 409
    ways = re.findall(rf'name="remedy-{booking.ref}" value="([^"]+)"', page.text)
    assert ways[0].startswith("relocate|")
    assert ways[-1] == "cancel"
    assert "改到车床2" in page.text
    chosen = closure_form(shop, "lathe1", **{f"remedy-{booking.ref}": ways[0]})
    assert client.post("/manage/workshop/closures/", data=chosen).status_code == 302
    assert shop.count(Closure) == 1
    assert shop.taken(shop.resource("lathe2")) == 1


def test_a_remedy_that_is_nonsense_closes_nothing(visit: Visitors, shop: Shop) -> None:
    booking = shop.book()
    sent = closure_form(shop, "lathe1", **{f"remedy-{booking.ref}": "relocate|1:x"})
    assert visit("manager").post("/manage/workshop/closures/", data=sent).status_code == 422
    assert shop.count(Closure) == 0


TIMELINE = "/manage/workshop/timeline"


def bars(visit: Visitors, shop: Shop, days: int = 1) -> list[dict[str, object]]:
    """Return the bars of the day on which things are booked."""
    first = shop.at(0).astimezone(clock.ZONE).date()
    query = f"?start={first}&end={first.fromordinal(first.toordinal() + days)}"
    found: list[dict[str, object]] = visit("manager").get(f"{TIMELINE}.json{query}").json["bars"]  # type: ignore[index]
    return found


def dropped(shop: Shop, booking: Booking, start: float, end: float, **changes: object) -> dict[str, object]:
    """Return what the timeline sends when a bar was dropped."""
    lathe = shop.resource("lathe1")
    return {
        "start": clock.local(shop.at(start)).strftime("%Y-%m-%dT%H:%M:%S"),
        "end": clock.local(shop.at(end)).strftime("%Y-%m-%dT%H:%M:%S"),
        "from": lathe,
        "to": lathe,
        "version": booking.version,
        "reason": "调整",
    } | changes


@pytest.mark.database
def test_the_timeline_shows_what_is_taken_with_set_up_and_clean_up(visit: Visitors, shop: Shop) -> None:
    booking = shop.book("cell")
    training = shop.session(uses=[shop.resource("lathe1")])
    found = {(bar["resource"], bar["kind"]): bar for bar in bars(visit, shop)}
    cell = found[shop.resource("cell1"), "booking"]
    assert [str(cell[name])[11:16] for name in ("start", "begins", "ends", "end")] == [
        "08:00",
        "09:00",
        "11:00",
        "11:30",
    ]
    assert (cell["ref"], cell["whom"], cell["movable"]) == (booking.ref, "学校1", True)
    assert (shop.resource("coach"), "booking") in found
    assert found[shop.resource("lathe1"), "session"]["title"] == training.title


def test_the_timeline_page_lists_the_day_for_those_without_script(visit: Visitors, shop: Shop) -> None:
    booking = shop.book()
    day = shop.at(9).astimezone(clock.ZONE).date()
    page = visit("manager").get(f"{TIMELINE}?date={day}")
    assert f"/bookings/{booking.ref}" in page.text


def test_a_bar_that_is_dropped_moves_its_booking(visit: Visitors, shop: Shop) -> None:
    booking = shop.book()
    answer = visit("manager").post(f"{TIMELINE}/{booking.ref}", data=dropped(shop, booking, 14, 16))
    assert answer.status_code == 200
    db.db.session.rollback()
    assert (booking.start_at, answer.json["version"]) == (shop.at(14), booking.version)  # type: ignore[index]


@pytest.mark.parametrize(("start", "action"), [(9, "relocate"), (14, "reschedule")])
def test_a_bar_dropped_on_another_row_takes_the_other_machine(
    visit: Visitors, shop: Shop, start: int, action: str
) -> None:
    booking = shop.book()
    sent = dropped(shop, booking, start, start + 2, to=shop.resource("lathe2"))
    assert visit("manager").post(f"{TIMELINE}/{booking.ref}", data=sent).status_code == 200
    db.db.session.rollback()
    assert booking.history[-1].action == action
    assert shop.taken(shop.resource("lathe2")) == 1
    assert shop.taken(shop.resource("lathe1")) == 0


@pytest.mark.database
def test_a_bar_dropped_into_a_conflict_is_told_what_is_in_the_way_and_what_is_free(visit: Visitors, shop: Shop) -> None:
    booking = shop.book()
    shop.book(who="south", start=shop.at(14), end=shop.at(16), picks={0: shop.resource("lathe1")})
    answer = visit("manager").post(f"{TIMELINE}/{booking.ref}", data=dropped(shop, booking, 14, 16))
    assert answer.status_code == 409
    refusal = answer.json
    assert refusal is not None
    assert "车床1" in refusal["conflicts"][0]
    assert "车床2" in refusal["free"][0]["text"]
    assert "学校2" not in answer.text
    db.db.session.rollback()
    assert booking.start_at == shop.at(9)


def test_an_old_picture_of_a_booking_moves_nothing(visit: Visitors, shop: Shop) -> None:
    booking = shop.book()
    sent = dropped(shop, booking, 14, 16, version=booking.version + 7)
    assert visit("manager").post(f"{TIMELINE}/{booking.ref}", data=sent).status_code == 409


@pytest.mark.parametrize(
    "change",
    [
        {"start": ""},
        {"start": "x"},
        {"start": "0001-01-01"},
        {"to": "x"},
        {"to": "99999999"},
        {"version": ""},
        {"reason": ""},
    ],
)
def test_nonsense_on_the_timeline_is_refused_in_words(visit: Visitors, shop: Shop, change: dict[str, object]) -> None:
    booking = shop.book()
    answer = visit("manager").post(f"{TIMELINE}/{booking.ref}", data=dropped(shop, booking, 14, 16) | change)
    assert answer.status_code in {404, 422}
    assert answer.json is not None
    assert answer.json["text"]


@pytest.mark.parametrize(
    "query", ["", "?start=2026-01-01", "?start=2026-01-02&end=2026-01-01", "?start=2026-01-01&end=2027-01-01"]
)
def test_a_span_that_makes_no_sense_is_refused(visit: Visitors, query: str) -> None:
    assert visit("manager").get(f"{TIMELINE}.json{query}").status_code == 422


@pytest.mark.parametrize("who", ["north", "south"])
def test_the_timeline_is_not_for_contacts(visit: Visitors, shop: Shop, who: str) -> None:
    booking = shop.book()
    client = visit(who)
    assert client.get(TIMELINE).status_code == 403
    assert client.get(f"{TIMELINE}.json?start=2026-01-01&end=2026-01-02").status_code == 403
    assert client.post(f"{TIMELINE}/{booking.ref}", data=dropped(shop, booking, 14, 16)).status_code == 403


@pytest.mark.database
def test_the_timeline_costs_as_many_queries_for_many_as_for_few(visit: Visitors, shop: Shop) -> None:
    shop.book()
    few = queries(lambda: bars(visit, shop))
    for hour in (11, 13, 15, 17):
        shop.book(start=shop.at(hour), end=shop.at(hour + 2), who="south")
    shop.book("cell")
    assert len(bars(visit, shop)) > 4
    assert queries(lambda: bars(visit, shop)) == few


def test_whoever_comes_is_checked_in_from_the_page_of_the_booking(visit: Visitors, shop: Shop) -> None:
    booking = shop.book(start=shop.at(9), end=shop.at(11))
    with clock.set_to(shop.at(8)):
        client = visit("manager")
        assert "/check_in" in client.get(f"/bookings/{booking.ref}").text
        done = client.post(f"/manage/workshop/bookings/{booking.ref}/check_in", follow_redirects=True)
    assert "已签到" in done.text
    db.db.session.rollback()
    assert booking.state == "checked_in"


def test_the_day_sheet_says_what_is_used_and_how_many_and_has_a_column_to_tick(visit: Visitors, shop: Shop) -> None:
    shop.book("cell")
    shop.book("shift", people=4, start=shop.at(8), end=shop.at(14))
    day = shop.at(9).astimezone(clock.ZONE).date()
    page = visit("manager").get(f"/manage/workshop/schedule?date={day}").text
    assert re.search(r"08:00–11:30.*使用 09:00–11:00", page, re.DOTALL)
    assert "班次座席 × 4" in page
    assert "☐" in page
