"""What a base's managers see and do: what waits, decisions, sessions, closures, the day sheet."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from core import clock
from core.bases.models import WorkingDay, WorkingYear
from core.booking import workflow
from core.booking.models import Allocation, Booking, Closure, TrainingSession
from core.db import db, write
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.people import texts
from tests.support.statements import queries

if TYPE_CHECKING:
    from collections.abc import Callable

HOME = "/manage/workshop/"


def session_form(shop: Shop, **changes: object) -> dict[str, object]:
    """Return the form of a session as a browser sends it: in two weeks from nine to noon."""
    day = clock.local(shop.at(9)).date().isoformat()
    return {
        "kind": shop.kind_id("course"),
        "title": "铣工入门",
        "text": "自带工作服",
        "first_day": day,
        "starts": "09:00",
        "last_day": day,
        "ends": "12:00",
        "seats": "12",
        "uses": [shop.resource("lathe1")],
    } | changes


def closure_form(shop: Shop, **changes: object) -> dict[str, object]:
    """Return the form of a closure as a browser sends it: the first lathe, in two weeks from nine to noon."""
    return session_form(shop) | {"resources": [shop.resource("lathe1")], "reason": "年度检修"} | changes


@pytest.mark.parametrize("page", ["", "bookings/", "sessions/", "sessions/new", "closures/", "schedule"])
def test_the_manage_pages_are_for_the_bases_manager_only(visit: Visitors, page: str) -> None:
    assert visit("manager").get(HOME + page).status_code == 200
    assert visit("north").get(HOME + page).status_code == 403
    led = visit().get(HOME + page)
    assert led.status_code == 302
    assert "/account/sign-in?next=" in led.location


def test_today_shows_what_waits_and_leads_to_its_decision(visit: Visitors, shop: Shop) -> None:
    ref = shop.book("cell").ref
    page = visit("manager").get(HOME).text
    assert "有1件事等您处理" in texts(page).replace(" ", "")
    assert f"/bookings/{ref}" in page


def test_today_asks_whether_they_came_when_a_booking_is_over(visit: Visitors, shop: Shop) -> None:
    ref = shop.book().ref
    client = visit("manager")
    with clock.set_to(shop.at(12)):
        assert "是否到场" in client.get(HOME).text
        client.post(f"{HOME}bookings/{ref}/complete")
        assert "是否到场" not in client.get(HOME).text


def test_a_booking_is_confirmed(visit: Visitors, shop: Shop) -> None:
    ref = shop.book("cell").ref
    answer = visit("manager").post(f"{HOME}bookings/{ref}/confirm", follow_redirects=True)
    assert "预约已确认。" in answer.text
    assert "已确认" in visit("north").get(f"/bookings/{ref}").text


@pytest.mark.parametrize("action", ["return", "reject", "cancel"])
def test_a_decision_against_owes_a_reason(visit: Visitors, shop: Shop, action: str) -> None:
    ref = shop.book("cell").ref
    client = visit("manager")
    refused = client.post(f"{HOME}bookings/{ref}/{action}", data={f"{action}-reason": " "})
    assert refused.status_code == 422
    assert "请写明原因" in refused.text
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    sent = {f"{action}-reason": "名单不全", f"{action}-deadline": tomorrow}
    client.post(f"{HOME}bookings/{ref}/{action}", data=sent)
    assert "名单不全" in visit("north").get(f"/bookings/{ref}").text


def test_a_week_is_proposed_for_mending_but_not_beyond_the_start(visit: Visitors, shop: Shop) -> None:
    ref = shop.book("cell").ref
    starts = clock.local(shop.at(9)).date()
    week = clock.today() + timedelta(days=7)
    page = visit("manager").get(f"/bookings/{ref}").text
    assert f'name="return-deadline" required type="date" value="{min(starts, week).isoformat()}"' in page


def test_a_booking_may_be_mended_until_it_begins_on_its_own_day(visit: Visitors, shop: Shop) -> None:
    ref = shop.book("cell").ref
    sent = {"return-reason": "名单不全", "return-deadline": clock.local(shop.at(9)).date().isoformat()}
    visit("manager").post(f"{HOME}bookings/{ref}/return", data=sent)
    booking = db.session.scalars(select(Booking).where(Booking.ref == ref)).one()
    assert (booking.state, booking.lapses_at) == ("returned", shop.at(9))


def test_a_deadline_after_the_start_is_refused_at_its_field(visit: Visitors, shop: Shop) -> None:
    ref = shop.book("cell").ref
    late = clock.local(shop.at(9, 30)).date().isoformat()
    sent = {"return-reason": "名单不全", "return-deadline": late}
    page = visit("manager").post(f"{HOME}bookings/{ref}/return", data=sent)
    assert page.status_code == 422
    assert 'id="return-deadline-error"' in page.text
    assert "名单不全" in page.text


def test_of_two_managers_the_second_is_told_who_was_first(visit: Visitors, shop: Shop) -> None:
    booking = shop.book("cell")
    ref, seen = booking.ref, booking.version
    workflow.move(actor=shop.user("manager"), ref=ref, action="confirm")
    sent = {"reject-reason": "没有教练", "reject-version": str(seen)}
    answer = visit("manager").post(f"{HOME}bookings/{ref}/reject", data=sent, follow_redirects=True)
    assert "已有人先处理：管理员" in answer.text
    assert shop.count(Allocation) == 2
    assert "没有教练" not in answer.text


def test_a_booking_of_another_base_or_an_unknown_action_is_not_there(visit: Visitors, shop: Shop) -> None:
    ref = shop.book("cell").ref
    client = visit("manager")
    assert client.post(f"{HOME}bookings/{ref}/expire").status_code == 404
    assert client.post(f"/manage/elsewhere/bookings/{ref}/confirm").status_code == 404
    assert client.post(f"{HOME}bookings/JD-0000/confirm").status_code == 404


def test_bookings_are_listed_by_state(visit: Visitors, shop: Shop) -> None:
    waits, stands = shop.book("cell").ref, shop.book("machine").ref
    client = visit("manager")
    first = client.get(f"{HOME}bookings/").text
    assert waits in first
    assert stands not in first
    assert stands in client.get(f"{HOME}bookings/?state=confirmed").text
    assert client.get(f"{HOME}bookings/?state=nonsense").status_code == 200


def test_a_session_is_kept_as_a_draft_then_published(visit: Visitors, shop: Shop) -> None:
    client = visit("manager")
    kept = client.post(f"{HOME}sessions/new", data=session_form(shop))
    assert kept.status_code == 302
    address = kept.location
    public = address.replace("/manage/", "/bases/")
    assert visit().get(public).status_code == 404
    client.post(f"{address}/publish")
    assert "铣工入门" in visit().get(public).text
    assert shop.taken(shop.resource("lathe1")) == 1


@pytest.mark.database
def test_publishing_what_is_taken_reports_the_clash_and_takes_nothing(visit: Visitors, shop: Shop) -> None:
    shop.book(picks={0: shop.resource("lathe1")})
    page = visit("manager").post(f"{HOME}sessions/new", data=session_form(shop, publish="1"))
    assert page.status_code == 409
    assert "车床1" in page.text
    assert shop.count(Allocation) == 1


def test_a_session_that_ends_before_it_begins_is_refused_at_the_field(visit: Visitors, shop: Shop) -> None:
    page = visit("manager").post(f"{HOME}sessions/new", data=session_form(shop, ends="08:00"))
    assert page.status_code == 422
    assert 'id="last_day-error"' in page.text
    assert "自带工作服" in page.text


def test_a_session_is_edited_by_what_the_manager_saw(visit: Visitors, shop: Shop) -> None:
    training = shop.session()
    client = visit("manager")
    address = f"{HOME}sessions/{training.id}"
    changed = session_form(shop, title="车工进阶", seats="15", version=str(training.version))
    assert client.post(address, data=changed).status_code == 302
    assert "车工进阶" in client.get(address).text
    assert client.post(address, data=changed).status_code == 422


@pytest.mark.database
def test_copies_are_looked_at_before_they_are_made(visit: Visitors, shop: Shop) -> None:
    training = shop.session(uses=[shop.resource("lathe1")])
    first = clock.local(training.start_at).date() + timedelta(days=7)
    shop.book("machine", picks={0: shop.resource("lathe1")}, start=shop.at(9, 21), end=shop.at(11, 21))
    client = visit("manager")
    address = f"{HOME}sessions/{training.id}/copy?first_day={first}&weeks=3"
    page = client.get(address)
    assert shop.count(TrainingSession) == 1
    assert page.text.count('name="days"') == 3
    assert "车床1" in page.text
    assert re.search(rf'value="{first}" ?>', page.text), "what stands in the way is not chosen by itself"
    days = [(first + timedelta(days=7 * number)).isoformat() for number in (1, 2)]
    answer = client.post(address, data={"days": days, "retry_key": "k"})
    assert answer.status_code == 302
    assert shop.count(TrainingSession) == 3
    assert client.get(f"{HOME}sessions/").text.count("草稿") >= 2


def test_holidays_and_days_on_which_the_base_is_closed_are_not_chosen_by_themselves(
    visit: Visitors, shop: Shop
) -> None:
    training = shop.session()
    first = clock.local(training.start_at).date() + timedelta(days=7)
    with write() as session:
        year = session.get(WorkingYear, first.year) or WorkingYear(year=first.year)
        session.add(year)
        session.flush()
        session.merge(WorkingDay(day=first, year=first.year, works=False, name="校庆"))
    page = visit("manager").get(f"{HOME}sessions/{training.id}/copy?first_day={first}&weeks=2").text
    assert "校庆" in page
    assert page.count(" checked") == 1
    assert re.search(rf'value="{first}" ?>', page)


@pytest.mark.parametrize("query", ["", "?first_day=x&weeks=3", "?first_day=2026-02-30", "?weeks=99999999999999999999"])
def test_copying_to_days_that_were_not_shown_is_refused(visit: Visitors, shop: Shop, query: str) -> None:
    training = shop.session()
    client = visit("manager")
    address = f"{HOME}sessions/{training.id}/copy{query}"
    assert client.get(address).status_code in {200, 422}
    for days in ([], ["2020-01-01"], ["x"], ["9999-12-31"]):
        assert client.post(address, data={"days": days}).status_code == 422
    assert shop.count(TrainingSession) == 1


def test_cancelling_a_session_tells_its_reason_to_those_who_booked(visit: Visitors, shop: Shop) -> None:
    training = shop.session()
    ref = shop.book("course", training_id=training.id).ref
    client = visit("manager")
    assert client.post(f"{HOME}sessions/{training.id}/cancel", data={"cancel-reason": ""}).status_code == 422
    client.post(f"{HOME}sessions/{training.id}/cancel", data={"cancel-reason": "停电"})
    assert "停电" in visit("north").get(f"/bookings/{ref}").text


def test_a_closure_is_entered_and_lifted(visit: Visitors, shop: Shop) -> None:
    client = visit("manager")
    entered = client.post(f"{HOME}closures/", data=closure_form(shop), follow_redirects=True)
    assert "年度检修" in entered.text
    assert shop.taken(shop.resource("lathe1")) == 1
    client.post(f"{HOME}closures/1/lift")
    assert shop.taken(shop.resource("lathe1")) == 0


def test_a_closure_in_the_way_of_bookings_lists_them(visit: Visitors, shop: Shop) -> None:
    ref = shop.book(picks={0: shop.resource("lathe1")}).ref
    page = visit("manager").post(f"{HOME}closures/", data=closure_form(shop))
    assert page.status_code == 409
    assert ref in page.text
    assert shop.count(Closure) == 0


def test_the_day_sheet_shows_each_resource_with_set_up_and_clean_up(visit: Visitors, shop: Shop) -> None:
    shop.book("cell")
    day = clock.local(shop.at(9)).date().isoformat()
    page = visit("manager").get(f"{HOME}schedule?date={day}").text
    assert "08:00–11:30" in page
    assert "教练1" in page


@pytest.mark.parametrize("day", ["nonsense", "9999-12-31", "0001-01-01"])
def test_a_day_that_makes_no_sense_shows_today(visit: Visitors, day: str) -> None:
    assert visit("manager").get(f"{HOME}schedule?date={day}").status_code == 200


@pytest.mark.database
@pytest.mark.parametrize("page", ["", "bookings/", "bookings/?state=confirmed", "sessions/", "schedule"])
def test_the_manage_pages_cost_as_many_queries_for_many_as_for_few(visit: Visitors, shop: Shop, page: str) -> None:
    client = visit("manager")
    deed: Callable[[], object] = lambda: client.get(HOME + page)  # noqa: E731
    with clock.set_to(shop.at(7)):
        workflow_day(shop, 1)
        few = queries(deed)
        workflow_day(shop, 5)
        assert queries(deed) == few
    assert shop.count(Booking) == 18


def workflow_day(shop: Shop, rounds: int) -> None:
    """Fill two days with bookings and sessions, a round in each pair of hours."""
    for number in range(rounds):
        hour = 8 + 2 * number if rounds > 1 else 18
        shop.book(start=shop.at(hour), end=shop.at(hour + 2))
        shop.book("cell", start=shop.at(9, 16 + 2 * number + rounds), end=shop.at(10, 16 + 2 * number + rounds))
        training = shop.session(hour=hour, uses=[shop.resource("hall")], seats=1)
        shop.book("course", training_id=training.id)
