"""A place kept while the form is filled in: it takes its place, tells nobody, and ends by itself."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core import clock, db, errors
from core.booking import holding, queries
from core.booking.availability import seats_left
from core.booking.errors import ResourceTaken, SessionFull, TooLate
from core.booking.models import Allocation, Booking, Charge, Kind
from core.booking.workflow import expire_lapsed
from core.calendars.models import Entry
from core.notify.models import Message
from tests.booking.invariants import in_order
from tests.booking.shop import Shop


def hold(shop: Shop, kind: str = "machine", who: str = "north", **wishes: Any) -> Booking:
    """Hold as a contact: by default a machine from nine to eleven."""
    if shop.kind(kind).mode == "slot":
        wishes.setdefault("start", shop.at(9))
        wishes.setdefault("end", shop.at(11))
    wishes.setdefault("organisation_id", shop.organisation("north" if who == "manager" else who))
    return holding.hold(actor=shop.user(who), base=shop.base, kind=shop.kind(kind), **wishes)


def test_a_hold_takes_its_place_for_ten_minutes_and_is_then_free(shop: Shop) -> None:
    training = shop.session(seats=2)
    held = hold(shop, "course", training_id=training.id, units=2)
    assert held.state == "held"
    assert held.answer_id is None
    assert held.lapses_at is not None
    assert timedelta(minutes=9) < held.lapses_at - clock.now() <= timedelta(minutes=10)
    assert seats_left([training])[training.id].left == 0
    with pytest.raises(SessionFull):
        shop.book("course", "south", training_id=training.id)
    with clock.set_to(held.lapses_at):
        assert seats_left([training])[training.id].left == 2
        assert shop.book("course", "south", training_id=training.id).state == "submitted"
    in_order()


def test_nobody_hears_of_a_hold(shop: Shop) -> None:
    held = hold(shop, "cell")
    holding.release(actor=shop.user("north"), ref=held.ref)
    for model in (Message, Entry, Charge):
        assert shop.count(model) == 0
    hold(shop, "cell")
    assert shop.count(Entry) == 0
    assert queries.waiting_count(shop.base.id) == 0
    assert not queries.bookings_of([shop.organisation("north")]).items
    assert not queries.bookings_at(shop.base.id).items


def test_the_booking_is_made_of_the_hold(shop: Shop) -> None:
    held = hold(shop, "cell")
    booking = shop.book("cell", hold_ref=held.ref)
    assert booking.id == held.id
    assert booking.state == "submitted"
    assert booking.lapses_at is None
    assert [step.action for step in booking.history] == ["hold", "submit"]
    assert shop.count(Booking) == 1
    assert shop.count(Entry) == 2, "what everybody may know, and the whole for whom it concerns"
    in_order()


def test_a_kind_without_approval_confirms_the_hold(shop: Shop) -> None:
    booking = shop.book("machine", hold_ref=hold(shop).ref)
    assert booking.state == "confirmed"
    in_order()


def test_the_form_may_say_another_time_another_machine_and_more_people(shop: Shop) -> None:
    held = hold(shop, picks={0: shop.resource("lathe1")})
    booking = shop.book(hold_ref=held.ref, picks={0: shop.resource("lathe2")}, start=shop.at(13), end=shop.at(15))
    assert booking.id == held.id
    assert shop.taken(shop.resource("lathe1")) == 0
    assert shop.taken(shop.resource("lathe2")) == 1
    training = shop.session(seats=5)
    few = hold(shop, "course", training_id=training.id, units=1)
    many = shop.book("course", training_id=training.id, people=5, hold_ref=few.ref)
    assert (many.id, many.units) == (few.id, 5)
    in_order()


def test_more_than_is_free_is_refused_and_the_hold_stays(shop: Shop) -> None:
    training = shop.session(seats=3)
    held = hold(shop, "course", training_id=training.id, units=2)
    with pytest.raises(SessionFull):
        shop.book("course", training_id=training.id, people=4, hold_ref=held.ref)
    kept = db.db.session.scalars(select(Booking)).one()
    assert kept.state == "held"
    assert seats_left([training])[training.id].left == 1
    in_order()


def test_a_hold_that_lapsed_books_as_new_if_it_is_still_free(shop: Shop) -> None:
    held = hold(shop)
    ref = held.ref
    with clock.set_to(clock.now() + timedelta(minutes=11)):
        booking = shop.book(hold_ref=ref)
    assert booking.ref != ref
    assert booking.state == "confirmed"
    in_order()


def test_a_hold_that_lapsed_and_was_taken_is_refused_with_alternatives(shop: Shop) -> None:
    machine = {0: shop.resource("lathe1")}
    ref = hold(shop, picks=machine).ref
    with clock.set_to(clock.now() + timedelta(minutes=11)):
        shop.book(who="south", picks=machine)
        with pytest.raises(ResourceTaken) as refusal:
            shop.book(hold_ref=ref, picks=machine)
    assert refusal.value.alternatives
    in_order()


def test_nobody_submits_what_another_holds(shop: Shop) -> None:
    machine = {0: shop.resource("lathe1")}
    held = hold(shop, picks=machine)
    with pytest.raises(ResourceTaken):
        shop.book(who="south", picks=machine, hold_ref=held.ref)
    with pytest.raises(errors.NotFound):
        holding.release(actor=shop.user("south"), ref=held.ref)
    with pytest.raises(errors.NotFound):
        holding.extend(actor=shop.user("south"), ref=held.ref)


def test_a_new_hold_of_a_kind_replaces_the_old_one(shop: Shop) -> None:
    first = hold(shop)
    second = hold(shop, start=shop.at(13), end=shop.at(15))
    states = dict(db.db.session.execute(select(Booking.ref, Booking.state)).all())
    assert states == {first.ref: "expired", second.ref: "held"}
    in_order()


def test_a_hold_that_cannot_be_had_leaves_the_old_one(shop: Shop) -> None:
    held = hold(shop)
    shop.book(who="south", picks={0: shop.resource("lathe1")}, start=shop.at(13), end=shop.at(15))
    with pytest.raises(ResourceTaken):
        hold(shop, picks={0: shop.resource("lathe1")}, start=shop.at(14), end=shop.at(16))
    assert holding.mine(shop.user("north"), shop.kind_id("machine")) == held


def test_the_same_request_holds_once(shop: Shop) -> None:
    assert hold(shop, retry_key="key").ref == hold(shop, retry_key="key").ref
    assert shop.count(Booking) == 1


def test_an_organisation_holds_a_few_places_and_no_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "MOST", 2)
    hold(shop)
    hold(shop, "cell")
    with pytest.raises(errors.Invalid):
        hold(shop, "shift", start=shop.at(8), end=shop.at(14))
    hold(shop, "machine", start=shop.at(13), end=shop.at(15))  # it replaces one
    hold(shop, "machine", "south")


def test_a_hold_is_extended_once(shop: Shop) -> None:
    ref = hold(shop).ref
    later = clock.now() + timedelta(minutes=9)
    with clock.set_to(later):
        held = holding.extend(actor=shop.user("north"), ref=ref)
        assert held.lapses_at == later + timedelta(minutes=10)
        with pytest.raises(errors.StateChanged):
            holding.extend(actor=shop.user("north"), ref=ref)
    with clock.set_to(later + timedelta(minutes=10)), pytest.raises(TooLate):
        holding.extend(actor=shop.user("north"), ref=ref)


def test_what_is_released_twice_is_released_once(shop: Shop) -> None:
    held = hold(shop)
    for _time in range(2):
        holding.release(actor=shop.user("north"), ref=held.ref)
    assert [step.action for step in held.history] == ["hold", "expire"]
    assert shop.count(Allocation) == 1
    in_order()


def test_the_worker_ends_what_has_lapsed_and_removes_it_later(shop: Shop) -> None:
    held = hold(shop)
    with clock.set_to(clock.now() + timedelta(minutes=11)):
        assert expire_lapsed() == 1
    assert held.state == "expired"
    with clock.set_to(clock.now() + timedelta(days=2)):
        holding.forget()
    assert shop.count(Booking) == 0
    assert shop.count(Allocation) == 0
    in_order()


def test_a_kind_that_holds_nothing_holds_nothing(shop: Shop) -> None:
    with db.write() as session:
        session.get_one(Kind, shop.kind_id("machine")).rules_set = {"hold_for": 0}
    with pytest.raises(errors.NotFound):
        hold(shop)


def test_hours_units_and_permission_bind_a_hold_as_a_booking(shop: Shop) -> None:
    with pytest.raises(errors.DomainError):
        hold(shop, start=shop.at(21), end=shop.at(23))
    training = shop.session()
    for units in (0, 21):
        with pytest.raises(errors.Invalid):
            hold(shop, "course", training_id=training.id, units=units)
    with pytest.raises(errors.Forbidden):
        hold(shop, organisation_id=shop.organisation("south"))
    assert shop.count(Booking) == 0


def test_a_hold_is_not_extended_beyond_what_it_holds(shop: Shop) -> None:
    with clock.set_to(shop.at(10) - timedelta(minutes=5)):
        held = hold(shop, who="manager", start=shop.at(9), end=shop.at(10))
        assert holding.extend(actor=shop.user("manager"), ref=held.ref).lapses_at == shop.at(10)
