"""What can be done with a booking, by whom, when; and what follows from it."""

from datetime import timedelta

import pytest
from flask import Flask, current_app
from sqlalchemy import select, update

from core import clock, db, errors
from core.audit import AuditEntry
from core.booking import machine, making, workflow
from core.booking.errors import ResourceTaken, TooEarly, TooLate
from core.booking.events import BookingChanged
from core.booking.models import Allocation, Booking, Resource, Step
from core.booking.states import LAPSING, MOVES, STATES, TAKING
from core.intake.answers import Cleaned
from core.notify.models import Message
from tests.booking.shop import Shop

pytestmark = pytest.mark.database


def move(shop: Shop, booking: Booking, action: str, who: str = "manager", **more: object) -> Booking:
    return workflow.move(actor=shop.user(who), ref=booking.ref, action=action, reason="理由", **more)  # type: ignore[arg-type]


def test_a_manager_confirms_and_the_history_says_who(shop: Shop) -> None:
    booking = move(shop, shop.book("cell"), "confirm")
    assert booking.state == "confirmed"
    assert [(step.action, step.from_state, step.to_state) for step in booking.history] == [
        ("submit", None, "submitted"),
        ("confirm", "submitted", "confirmed"),
    ]
    assert booking.history[1].actor_id == shop.user("manager").id


@pytest.mark.parametrize(("action", "state"), [("reject", "rejected"), ("cancel", "cancelled")])
def test_what_is_refused_or_cancelled_gives_its_places_back(shop: Shop, action: str, state: str) -> None:
    booking = move(shop, shop.book("cell", picks={0: shop.resource("cell1")}), action)
    assert booking.state == state
    assert shop.taken(shop.resource("cell1")) == shop.taken(shop.resource("coach")) == 0
    assert shop.book("cell", who="south").state == "submitted"


@pytest.mark.parametrize("action", ["reject", "return", "cancel"])
def test_the_manager_owes_a_reason(shop: Shop, action: str) -> None:
    booking = shop.book("cell")
    with pytest.raises(errors.Invalid) as refused:
        workflow.move(actor=shop.user("manager"), ref=booking.ref, action=action, reason="  ")
    assert list(refused.value.problems) == ["reason"]
    assert workflow.move(actor=shop.user("north"), ref=booking.ref, action="cancel").state == "cancelled"


def test_a_contact_cancels_in_time_only_and_the_manager_always(shop: Shop) -> None:
    booking = shop.book("machine")
    with clock.set_to(booking.start_at - timedelta(hours=23)):
        with pytest.raises(TooLate, match="致电基地"):
            workflow.move(actor=shop.user("north"), ref=booking.ref, action="cancel")
        assert move(shop, booking, "cancel").state == "cancelled"


def test_what_is_not_confirmed_yet_can_be_withdrawn_until_it_begins(shop: Shop) -> None:
    asked, late = shop.book("cell"), shop.book("cell", who="south", start=shop.at(14), end=shop.at(15))
    assert (asked.state, late.state) == ("submitted", "submitted")
    with clock.set_to(asked.start_at - timedelta(minutes=1)):
        assert move(shop, asked, "cancel", who="north").state == "cancelled"
    with clock.set_to(late.start_at + timedelta(minutes=1)), pytest.raises(TooLate):
        move(shop, late, "cancel", who="south")


def test_others_do_not_learn_of_a_booking_and_contacts_do_not_decide(shop: Shop) -> None:
    booking = shop.book("cell")
    with pytest.raises(errors.NotFound):
        move(shop, booking, "cancel", who="south")
    with pytest.raises(errors.Forbidden):
        move(shop, booking, "confirm", who="north")
    with pytest.raises(errors.NotFound):
        workflow.move(actor=shop.user("manager"), ref="JD-XXXX", action="confirm")
    with pytest.raises(errors.NotFound):
        move(shop, booking, "expire")


def test_an_older_picture_decides_nothing(shop: Shop) -> None:
    booking = shop.book("cell")
    seen = booking.version
    move(shop, booking, "return")
    with pytest.raises(errors.StateChanged):
        move(shop, booking, "cancel", version=seen)


def test_only_the_moves_of_the_table_are_possible(shop: Shop) -> None:
    """Every state × every action, and what is inactive afterwards is never active again."""
    actions = {action for _state, action in MOVES}
    for number, state in enumerate(STATES):
        booking = shop.book("machine", start=shop.at(9, 20 + number), end=shop.at(10, 20 + number))
        for action in sorted(actions):
            with db.write() as session:
                row = workflow.locked(session, booking.ref)
                row.state, row.waiting_since = state, clock.now()
                row.lapses_at = clock.now() + timedelta(days=1) if state in LAPSING else None
                of_this = update(Allocation).where(Allocation.booking_id == row.id)
                session.execute(of_this.values(active=state in TAKING))
            after = MOVES.get((state, action))
            with db.write() as session:
                row = workflow.locked(session, booking.ref)
                if after is None:
                    with pytest.raises(errors.StateChanged):
                        machine.advance(session, row, action, actor_id=None)
                else:
                    if after in LAPSING:
                        row.lapses_at = clock.now() + timedelta(days=1)
                    machine.advance(session, row, action, actor_id=None)
                assert row.state == (after or state)
                session.expire(row, ["allocations"])
                if action != "offer":  # whoever offers a place claims it, before the move
                    assert all(allocation.active == row.takes_place for allocation in row.allocations)
                machine.release(session, booking=row)
                row.state, row.lapses_at = "expired", None  # nobody is left who could be served after the commit


def test_completed_and_missed_keep_their_past_and_wait_for_the_start(shop: Shop) -> None:
    for action, state in (("complete", "completed"), ("miss", "no_show")):
        booking = shop.book("machine")
        with pytest.raises(TooEarly):
            move(shop, booking, action)
        with clock.set_to(booking.start_at):
            done = move(shop, booking, action)
        assert done.state == state
        assert [allocation.active for allocation in done.allocations] == [True]


def test_what_was_returned_keeps_its_place_until_the_deadline(shop: Shop) -> None:
    booking = move(shop, shop.book("cell"), "return")
    assert booking.lapses_at is not None
    with pytest.raises(ResourceTaken):
        shop.book("cell", who="south")
    with clock.set_to(booking.lapses_at):
        assert shop.book("cell", who="south").state == "submitted"
    db.db.session.rollback()
    states = {row.ref: row.state for row in db.db.session.scalars(select(Booking))}
    assert states[booking.ref] == "expired"


def test_the_worker_expires_what_has_lapsed_and_nothing_else(shop: Shop) -> None:
    lapsing = move(shop, shop.book("cell"), "return", deadline=clock.now() + timedelta(hours=1))
    shop.book("machine")
    assert workflow.expire_lapsed() == 0
    with clock.set_to(clock.now() + timedelta(hours=2)):
        assert workflow.expire_lapsed() == 1
        assert workflow.expire_lapsed() == 0
    db.db.session.refresh(lapsing)
    assert (lapsing.state, lapsing.history[-1].actor_id) == ("expired", None)


def test_a_deadline_lies_ahead_and_not_after_the_start(shop: Shop) -> None:
    booking = shop.book("cell")
    for deadline in (clock.now(), booking.start_at + timedelta(seconds=1)):
        with pytest.raises(errors.Invalid) as refused:
            move(shop, booking, "return", deadline=deadline)
        assert list(refused.value.problems) == ["deadline"]


def test_a_mended_form_is_submitted_again_with_its_place(shop: Shop) -> None:
    booking = move(shop, shop.book("cell"), "return")
    mended = Cleaned(values={"purpose": "改过的用途"})
    again = making.resubmit(actor=shop.user("north"), ref=booking.ref, cleaned=mended, version=booking.version)
    assert again.answer
    assert (again.state, again.lapses_at, again.answer.values["purpose"]) == ("submitted", None, "改过的用途")
    with pytest.raises(errors.StateChanged):
        making.resubmit(actor=shop.user("north"), ref=booking.ref, cleaned=mended)
    with pytest.raises(errors.NotFound):
        making.resubmit(actor=shop.user("south"), ref=booking.ref, cleaned=mended)


def test_a_longer_roster_takes_more_seats_when_submitted_again_if_there_are_any(shop: Shop) -> None:
    training = shop.session(seats=4)
    booking = move(shop, shop.book("course", training_id=training.id, people=1), "return")
    shop.book("course", who="south", training_id=training.id, people=1)
    contact = shop.user("north")
    with pytest.raises(ResourceTaken):
        making.resubmit(actor=contact, ref=booking.ref, cleaned=shop.answers("course", 4))
    assert making.resubmit(actor=contact, ref=booking.ref, cleaned=shop.answers("course", 3)).units == 3
    assert shop.taken(training.seats_resource_id or 0) == 4


def test_what_has_lapsed_cannot_be_submitted_again(shop: Shop) -> None:
    booking = move(shop, shop.book("cell"), "return", deadline=clock.now() + timedelta(hours=1))
    with clock.set_to(clock.now() + timedelta(hours=2)), pytest.raises(errors.StateChanged):
        making.resubmit(actor=shop.user("north"), ref=booking.ref, cleaned=shop.answers("cell"))


def test_every_move_is_told_and_recorded_and_a_failing_listener_undoes_it_all(shop: Shop) -> None:
    booking = shop.book("cell")
    ref, before = booking.ref, {model: shop.count(model) for model in (Step, Message, AuditEntry)}
    listeners = current_app.extensions["jidi_listeners"]

    def fail(session: object, event: BookingChanged) -> None:
        raise RuntimeError("a listener fails after the others have written")

    current_app.extensions["jidi_listeners"] = (*listeners, (BookingChanged, fail))
    with pytest.raises(RuntimeError):
        move(shop, booking, "confirm")
    assert {model: shop.count(model) for model in before} == before
    current_app.extensions["jidi_listeners"] = listeners
    assert move(shop, booking, "confirm").ref == ref
    assert all(shop.count(model) > number for model, number in before.items())
    assert shop.count(Allocation) == 2


def test_a_booking_that_cannot_be_expired_keeps_no_other_from_it(
    shop_app: Flask, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    refs = [shop.book("cell", start=shop.at(hour), end=shop.at(hour + 1)).ref for hour in (9, 14)]
    for ref in refs:
        workflow.move(actor=shop.user("manager"), ref=ref, action="return", reason="人数")

    def fail(session: object, event: BookingChanged) -> None:
        if event.booking.ref == refs[0]:
            raise RuntimeError("a listener that fails")

    shop_app.extensions["jidi_listeners"] = (*shop_app.extensions["jidi_listeners"], (BookingChanged, fail))
    with clock.set_to(shop.at(8)):
        assert workflow.expire_lapsed() == 1
    assert refs[0] in caplog.text
    states = {booking.ref: booking.state for booking in db.db.session.scalars(select(Booking))}
    assert states == {refs[0]: "returned", refs[1]: "expired"}


def test_nobody_came_though_the_machine_is_out_of_service_by_now(shop: Shop) -> None:
    booking = shop.book("benches")
    with db.write() as session:
        session.get_one(Resource, booking.allocations[0].resource_id).archived_at = clock.now()
    with clock.set_to(booking.start_at + timedelta(minutes=30)):
        assert move(shop, booking, "miss").state == "no_show"


def test_the_same_key_with_another_wish_about_the_quota_is_refused(shop: Shop) -> None:
    booking = shop.book()
    move(shop, booking, "cancel", retry_key="same", keep_charges=True)
    with pytest.raises(errors.Invalid):
        move(shop, booking, "cancel", retry_key="same", keep_charges=False)


def test_a_mended_form_is_submitted_again_though_what_it_takes_is_out_of_service(shop: Shop) -> None:
    booking = move(shop, shop.book("cell"), "return")
    with db.write() as session:
        session.get_one(Resource, booking.allocations[0].resource_id).archived_at = clock.now()
    again = making.resubmit(actor=shop.user("north"), ref=booking.ref, cleaned=shop.answers("cell"))
    assert again.state == "submitted"
