"""Holds and waiting lists as people see them, without script."""

from sqlalchemy import select

from core import db
from core.booking import holding
from core.booking.models import Booking
from tests.booking.shop import Shop
from tests.booking.test_holding import hold
from tests.booking.test_waiting import cancel, full, join, policy, states
from tests.booking.visitors import Visitors, machine_form

MACHINE, COURSE = "/bases/workshop/book/machine", "/bases/workshop/book/course"


def course_form(shop: Shop, who: str = "south", **changes: str) -> dict[str, str]:
    """Return a filled-in form for one person."""
    return {
        "for-organisation": str(shop.organisation(who)),
        "retry-key": "first",
        "people-0-name": "学员1",
        "purpose": "上课",
    } | changes


def only_hold() -> Booking:
    """Return the one place that is held."""
    db.db.session.rollback()
    return db.db.session.scalars(select(Booking).where(Booking.state == "held")).one()


def test_looking_at_the_form_keeps_nothing(shop: Shop, visit: Visitors) -> None:
    training = shop.session()
    for address in (MACHINE, f"{COURSE}?session={training.id}"):
        assert visit("north").get(address).status_code == 200
    assert shop.count(Booking) == 0


def test_a_button_keeps_the_place_and_all_that_was_typed(shop: Shop, visit: Visitors) -> None:
    north = visit("north")
    answer = north.post(MACHINE, data=machine_form(shop, hold="keep", purpose="练车床"))
    assert answer.status_code == 200
    held = only_hold()
    assert f'name="hold-ref" value="{held.ref}"' in answer.text
    assert "已为您暂留" in answer.text
    assert 'value="练车床"' in answer.text
    sent = north.post(MACHINE, data=machine_form(shop, purpose="练车床") | {"hold-ref": held.ref})
    assert sent.headers["Location"] == f"/bookings/{held.ref}?new=1"
    assert states(held) == ["confirmed"]


def test_the_table_of_the_day_shows_what_is_kept_for_oneself_as_free(shop: Shop, visit: Visitors) -> None:
    north = visit("north")
    lathe = str(shop.resource("lathe1"))
    kept = north.post(MACHINE, data=machine_form(shop, hold="keep", **{"pick-0": lathe}))
    assert "j-slots__no" not in kept.text
    assert "j-slots__no" in visit("south").get(f"{MACHINE}?date={shop.at(9).date().isoformat()}").text


def test_the_form_says_why_a_place_cannot_be_kept(shop: Shop, visit: Visitors) -> None:
    lathe = shop.resource("lathe1")
    shop.book(who="south", picks={0: lathe})
    answer = visit("north").post(MACHINE, data=machine_form(shop, hold="keep", **{"pick-0": str(lathe)}))
    assert answer.status_code == 200
    assert "暂时无法为您保留" in answer.text
    for incomplete in ({"on-start": ""}, {"on-start": "11:00", "on-end": "09:00"}, {"on-day": "never"}):
        assert visit("north").post(MACHINE, data=machine_form(shop, hold="keep", **incomplete)).status_code == 200
    assert shop.count(Booking) == 1


def test_a_place_is_extended_once_and_given_up_by_its_buttons(shop: Shop, visit: Visitors) -> None:
    north = visit("north")
    north.post(MACHINE, data=machine_form(shop, hold="keep"))
    ref = only_hold().ref
    extended = north.post(MACHINE, data=machine_form(shop, hold="extend") | {"hold-ref": ref})
    assert 'value="extend"' not in extended.text
    assert not holding.can_extend(only_hold())
    left = north.post(MACHINE, data=machine_form(shop, hold="release") | {"hold-ref": ref})
    assert left.headers["Location"] == "/bases/workshop/book/"
    assert db.db.session.scalars(select(Booking.state)).all() == ["expired"]


def test_the_browser_gives_it_back_when_the_page_is_left(shop: Shop, visit: Visitors) -> None:
    held = hold(shop)
    assert visit("south").post(f"/bookings/{held.ref}/release").status_code == 404
    assert visit("north").post(f"/bookings/{held.ref}/release").status_code == 204
    assert states(held) == ["expired"]
    assert visit("north").post(f"/bookings/{held.ref}/release").status_code == 204


def test_for_a_group_as_many_are_kept_as_are_expected(shop: Shop, visit: Visitors) -> None:
    training = shop.session(seats=5)
    address = f"{COURSE}?session={training.id}"
    visit("south").post(address, data=course_form(shop) | {"hold": "keep", "hold-units": "4"})
    assert only_hold().units == 4
    visit("south").post(address, data=course_form(shop) | {"hold": "keep", "hold-units": "99999999999"})
    assert only_hold().units in {1, 4}


def test_a_full_session_offers_its_waiting_list(shop: Shop, visit: Visitors) -> None:
    training, _booked = full(shop)
    page = visit("south").get(f"/bases/workshop/sessions/{training.id}").text
    assert "加入候补" in page
    assert "严格按加入先后" in page
    form = visit("south").get(f"{COURSE}?session={training.id}")
    assert 'name="wait"' in form.text
    assert 'id="hold"' not in form.text
    sent = visit("south").post(f"{COURSE}?session={training.id}", data=course_form(shop, wait="1"))
    waiter = db.db.session.scalars(select(Booking).where(Booking.state == "waitlisted")).one()
    assert sent.headers["Location"] == f"/bookings/{waiter.ref}?new=1"


def test_without_a_waiting_list_a_full_session_offers_none(shop: Shop, visit: Visitors) -> None:
    training = shop.session(seats=1)
    shop.book("course", training_id=training.id)
    assert "加入候补" not in visit("south").get(f"/bases/workshop/sessions/{training.id}").text
    answer = visit("south").post(f"{COURSE}?session={training.id}", data=course_form(shop, wait="1"))
    assert answer.status_code == 409


def test_who_is_refused_can_wait_with_the_form_as_it_is(shop: Shop, visit: Visitors) -> None:
    policy(shop, "machine", "first_fit")
    lathe = shop.resource("lathe1")
    shop.book(who="south", picks={0: lathe})
    wish = machine_form(shop, **{"pick-0": str(lathe)})
    refused = visit("north").post(MACHINE, data=wish)
    assert refused.status_code == 409
    assert 'name="wait"' in refused.text
    sent = visit("north").post(MACHINE, data=wish | {"wait": "1"})
    assert sent.status_code == 302
    assert "第1位" in visit("north").get(sent.headers["Location"]).text
    assert "第1位" in visit("north").get("/bookings/?show=waitlisted").text


def test_an_offer_is_accepted_on_its_page(shop: Shop, visit: Visitors) -> None:
    training, booked = full(shop, seats=1)
    first, second = join(shop, training), join(shop, training)
    assert "第2位" in visit("south").get(f"/bookings/{second.ref}").text
    cancel(shop, booked)
    page = visit("south").get(f"/bookings/{first.ref}").text
    assert "接受名额" in page
    assert "data-hold=" in page
    assert first.ref in visit("south").get("/bookings/?show=offered").text
    for _time in range(2):
        assert visit("south").post(f"/bookings/{first.ref}/accept", data={"retry-key": "key"}).status_code == 302
    assert states(first, second) == ["submitted", "waitlisted"]
    assert visit("north").post(f"/bookings/{second.ref}/accept").status_code == 404


def test_who_accepts_too_late_is_told_so(shop: Shop, visit: Visitors) -> None:
    training, _booked = full(shop, seats=1)
    waiter = join(shop, training)
    south = visit("south")
    assert south.post(f"/bookings/{waiter.ref}/accept").status_code == 302
    assert states(waiter) == ["waitlisted"]


def test_a_manager_sees_the_lines_and_their_policy(shop: Shop, visit: Visitors) -> None:
    training, booked = full(shop, seats=1)
    first, second = join(shop, training), join(shop, training)
    page = visit("manager").get("/manage/workshop/waiting/").text
    assert page.index(first.ref) < page.index(second.ref)
    assert "严格按加入先后" in page
    cancel(shop, booked)
    assert visit("manager").get(f"/bookings/{first.ref}").status_code == 200
    assert visit("south").get("/manage/workshop/waiting/").status_code == 403
