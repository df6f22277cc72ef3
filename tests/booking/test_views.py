"""What contacts and visitors see and send: the session page, the booking form, their bookings."""

from io import BytesIO

import pytest
from sqlalchemy import func, select

from core import clock, db
from core.audit import AuditEntry
from core.booking import sessions, workflow
from core.booking.models import Booking
from core.intake.answers import Cleaned
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors, machine_form
from tests.support.people import texts
from tests.support.statements import queries

MACHINE = "/bases/workshop/book/machine"


def test_a_session_page_says_when_how_many_seats_and_where_to_book(visit: Visitors, shop: Shop) -> None:
    training = shop.session(seats=8)
    page = visit().get(f"/bases/workshop/sessions/{training.id}")
    assert page.status_code == 200
    assert "余8，共8" in texts(page.text).replace(" ", "")
    assert f"/bases/workshop/book/course?session={training.id}" in page.text


def test_a_full_session_offers_others_instead_of_its_form(visit: Visitors, shop: Shop) -> None:
    training = shop.session(seats=1)
    shop.book("course", training_id=training.id)
    page = visit().get(f"/bases/workshop/sessions/{training.id}").text
    assert "已约满" in page
    assert f"book/course?session={training.id}" not in page


def test_a_draft_is_not_to_be_seen(visit: Visitors, shop: Shop) -> None:
    training = sessions.create(
        actor=shop.user("manager"),
        base_id=shop.base.id,
        kind_id=shop.kind_id("course"),
        title="草稿",
        text="",
        start=shop.at(9),
        end=shop.at(12),
        seats=5,
    )
    assert visit().get(f"/bases/workshop/sessions/{training.id}").status_code == 404


def test_a_visitor_is_led_to_sign_in_and_back_to_the_form(visit: Visitors) -> None:
    answer = visit().get(f"{MACHINE}?date=2026-12-08")
    assert answer.status_code == 302
    assert answer.location.startswith("/account/sign-in?next=")
    assert "machine" in answer.location


def test_a_file_where_the_booking_form_wants_a_text_counts_as_nothing(visit: Visitors, shop: Shop) -> None:
    for name in machine_form(shop):
        sent = machine_form(shop) | {name: (BytesIO(b"x"), "a.txt")}
        answer = visit("north").post(MACHINE, data=sent, content_type="multipart/form-data")
        assert answer.status_code in {302, 422}, name


@pytest.mark.database
def test_a_booking_without_approval_is_said_to_be_booked_at_once(visit: Visitors, shop: Shop) -> None:
    answer = visit("north").post(MACHINE, data=machine_form(shop), follow_redirects=True)
    assert answer.status_code == 200
    assert "已预约成功" in answer.text
    assert "已确认" in answer.text


def test_a_booking_that_needs_approval_is_said_to_wait(visit: Visitors, shop: Shop) -> None:
    answer = visit("north").post("/bases/workshop/book/cell", data=machine_form(shop), follow_redirects=True)
    assert "已提交，等基地管理员审核" in answer.text


@pytest.mark.database
def test_sending_twice_makes_one_booking(visit: Visitors, shop: Shop) -> None:
    client = visit("north")
    first, second = (client.post(MACHINE, data=machine_form(shop)) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first.location == second.location
    assert shop.count(Booking) == 1


def test_a_missing_answer_is_named_at_its_field_and_what_was_typed_stays(visit: Visitors, shop: Shop) -> None:
    page = visit("north").post("/bases/workshop/book/cell", data=machine_form(shop, purpose="", force="333"))
    assert page.status_code == 422
    assert "还有1处要改" in texts(page.text).replace(" ", "")
    assert 'href="#purpose"' in page.text
    assert 'value="333"' in page.text
    assert "09:00</option>" in page.text
    assert shop.at(9).date().isoformat() in page.text


def test_a_rule_of_the_base_is_shown_at_the_field_it_concerns(visit: Visitors, shop: Shop) -> None:
    page = visit("north").post(MACHINE, data=machine_form(shop, purpose="禁止"))
    assert page.status_code == 409
    assert 'id="purpose-error"' in page.text
    assert "这个用途不行。" in page.text
    assert shop.count(Booking) == 0


@pytest.mark.database
def test_a_clash_names_what_is_taken_never_by_whom_and_offers_what_is_free(visit: Visitors, shop: Shop) -> None:
    lathe = shop.resource("lathe1")
    shop.book(who="south", picks={0: lathe})
    page = visit("north").post(MACHINE, data=machine_form(shop, **{"pick-0": str(lathe)}))
    assert page.status_code == 409
    assert "车床1" in page.text
    assert "示例学校2" not in page.text
    assert 'name="take"' in page.text
    assert "练习" in page.text


def test_an_alternative_fills_the_form_anew_without_booking(visit: Visitors, shop: Shop) -> None:
    lathe, other = shop.resource("lathe1"), shop.resource("lathe2")
    client = visit("north")
    start, end = clock.local(shop.at(13)), clock.local(shop.at(15))
    taken = machine_form(shop, take=f"{start.isoformat()}|{end.isoformat()}|0:{other}", **{"pick-0": str(lathe)})
    page = client.post(MACHINE, data=taken)
    assert page.status_code == 200
    assert '<option selected value="13:00">' in page.text
    assert f'<option selected value="{other}">' in page.text
    assert shop.count(Booking) == 0


@pytest.mark.database
def test_who_comes_too_late_for_the_last_seat_keeps_what_was_typed(visit: Visitors, shop: Shop) -> None:
    training = shop.session(seats=1)
    other = shop.session(day=16)
    address = f"/bases/workshop/book/course?session={training.id}"
    client = visit("north")
    assert 'id="booking"' in client.get(address).text
    shop.book("course", who="south", training_id=training.id)
    sent = {"for-organisation": str(shop.organisation("north")), "people-0-name": "示例学员", "purpose": "考前训练"}
    page = client.post(address, data=sent)
    assert page.status_code == 409
    assert "考前训练" in page.text
    assert f"session={other.id}" in page.text
    assert 'id="booking"' not in client.get(address).text


def test_what_a_rule_only_warns_of_is_told_with_the_booking(visit: Visitors, shop: Shop) -> None:
    page = visit("north").post(MACHINE, data=machine_form(shop, purpose="提醒"), follow_redirects=True)
    assert "请带工作服" in page.text


def test_a_cell_of_the_day_plan_chooses_resource_and_time(visit: Visitors, shop: Shop) -> None:
    lathe = shop.resource("lathe2")
    page = visit("north").post(MACHINE, data=machine_form(shop, cell=f"0|{lathe}|14:00"))
    assert '<option selected value="14:00">' in page.text
    assert '<option selected value="16:00">' in page.text
    assert f'<option selected value="{lathe}">' in page.text


NONSENSE: list[dict[str, str]] = [
    {"cell": "x|y"},
    {"cell": "0|1|99999999999999:00"},
    {"cell": "0|1|9999999:00"},
    {"take": "a|b"},
    {"take": "0001-01-01|9999-12-31|0:x"},
    {"show": "???"},
    {"on-day": "2026-13-45"},
    {"on-day": "9999-12-31"},
    {"on-start": "abc"},
    {"pick-0": "one"},
    {"for-organisation": "x"},
]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=str)
def test_nonsense_is_answered_with_the_form(visit: Visitors, shop: Shop, nonsense: dict[str, str]) -> None:
    page = visit("north").post(MACHINE, data=machine_form(shop) | nonsense)
    assert page.status_code in {200, 422}
    assert "练习" in page.text


@pytest.mark.database
def test_the_day_plan_shows_what_is_taken(visit: Visitors, shop: Shop) -> None:
    client = visit("north")
    address = f"{MACHINE}?date={shop.at(9).date().isoformat()}"
    before = client.get(address).text.count("j-slots__no")
    shop.book(who="south")
    after = client.get(address).text.count("j-slots__no")
    assert (before, after) == (0, 2)


def test_a_contact_cannot_book_for_another_organisation(visit: Visitors, shop: Shop) -> None:
    foreign = machine_form(shop, **{"for-organisation": str(shop.organisation("south"))})
    assert visit("north").post(MACHINE, data=foreign).status_code == 422
    assert shop.count(Booking) == 0


def test_a_manager_books_for_an_organisation_that_called(visit: Visitors, shop: Shop) -> None:
    client = visit("manager")
    assert "示例学校2" in client.get(MACHINE).text
    called = machine_form(shop, **{"for-organisation": str(shop.organisation("south"))})
    answer = client.post(MACHINE, data=called, follow_redirects=True)
    assert "示例学校2" in answer.text
    assert "代订人" in answer.text


@pytest.mark.database
def test_my_bookings_show_what_is_under_way_first_and_the_rest_by_filter(visit: Visitors, shop: Shop) -> None:
    late = shop.book(start=shop.at(9, 20), end=shop.at(11, 20)).ref
    soon = shop.book().ref
    gone = shop.book(start=shop.at(13), end=shop.at(15)).ref
    workflow.move(actor=shop.user("north"), ref=gone, action="cancel")
    client = visit("north")
    page = client.get("/bookings/").text
    assert page.index(soon) < page.index(late)
    assert gone not in page
    assert gone in client.get("/bookings/?show=past").text


def test_another_organisations_booking_is_not_there(visit: Visitors, shop: Shop) -> None:
    ref = shop.book(who="south").ref
    client = visit("north")
    for address in (f"/bookings/{ref}", f"/bookings/{ref}/print", f"/bookings/{ref}/edit"):
        assert client.get(address).status_code == 404, address
    assert client.post(f"/bookings/{ref}/cancel", data={"cancel-reason": "x"}).status_code == 404


def test_a_contact_cancels_with_a_reason_and_the_place_is_free(visit: Visitors, shop: Shop) -> None:
    ref = shop.book().ref
    client = visit("north")
    unsaid = client.post(f"/bookings/{ref}/cancel", data={"cancel-reason": ""})
    assert unsaid.status_code == 422
    assert "请写明原因" in unsaid.text
    answer = client.post(f"/bookings/{ref}/cancel", data={"cancel-reason": "设备不够"}, follow_redirects=True)
    assert "预约已取消" in answer.text
    assert "设备不够" in answer.text
    assert shop.taken(shop.resource("lathe1")) == 0


def test_a_returned_booking_is_changed_and_sent_again(visit: Visitors, shop: Shop) -> None:
    ref = shop.book("cell").ref
    workflow.move(actor=shop.user("manager"), ref=ref, action="return", reason="请写清用途")
    client = visit("north")
    seen = client.get(f"/bookings/{ref}")
    assert "请写清用途" in seen.text
    form = client.get(f"/bookings/{ref}/edit")
    assert 'value="练习"' in form.text
    answer = client.post(f"/bookings/{ref}/edit", data={"purpose": "车工考试"}, follow_redirects=True)
    assert "车工考试" in answer.text
    assert "修改后再次提交" in answer.text


def test_a_booking_that_was_not_returned_cannot_be_edited(visit: Visitors, shop: Shop) -> None:
    assert visit("north").get(f"/bookings/{shop.book().ref}/edit").status_code == 409


def test_personal_data_is_whole_for_the_manager_who_asks_only_and_that_is_recorded(visit: Visitors, shop: Shop) -> None:
    training = shop.session()
    cleaned = Cleaned(values={"purpose": "上课"}, roster={"people": [{"name": "示例学员甲"}]})
    ref = shop.book("course", training_id=training.id, cleaned=cleaned).ref
    manager, contact = visit("manager"), visit("north")
    assert "示例学员甲" not in manager.get(f"/bookings/{ref}").text
    assert contact.post(f"/bookings/{ref}/personal").status_code == 403
    assert "示例学员甲" in manager.post(f"/bookings/{ref}/personal").text
    seen = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "booking.read_personal")
    assert db.db.session.scalar(seen) == 1


def test_the_paper_has_places_for_seal_and_signature(visit: Visitors, shop: Shop) -> None:
    ref = shop.book().ref
    page = visit("north").get(f"/bookings/{ref}/print").text
    assert ref in page
    assert "申请单位（盖章）" in page
    assert "签字：" in page


@pytest.mark.database
def test_my_bookings_cost_as_many_queries_for_many_as_for_few(visit: Visitors, shop: Shop) -> None:
    shop.book()
    client = visit("north")
    few = queries(lambda: client.get("/bookings/"))
    for number in range(6):
        shop.book(start=shop.at(9, 15 + number), end=shop.at(11, 15 + number))
    assert queries(lambda: client.get("/bookings/")) == few
