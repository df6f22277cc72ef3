"""Moving a booking: to another time, session or machine; the new place or the old one."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core import clock, db, errors
from core.booking import changing, workflow
from core.booking.changing import Aim
from core.booking.errors import OutsideHours, ResourceTaken, RuleBroken, SessionFull, TooLate
from core.booking.models import Allocation, Booking, Kind, Resource
from core.calendars.models import Entry
from core.intake.answers import Cleaned
from core.notify.models import Message
from tests.booking.invariants import in_order
from tests.booking.shop import Shop

pytestmark = pytest.mark.database


def move(shop: Shop, booking: Booking, who: str = "north", **wishes: Any) -> Booking:
    """Move a booking; by default to the afternoon."""
    more = {name: wishes.pop(name) for name in ("reason", "version", "retry_key") if name in wishes}
    if not wishes:
        wishes = {"start": shop.at(14), "end": shop.at(16)}
    return changing.reschedule(actor=shop.user(who), ref=booking.ref, aim=Aim(**wishes), **more)


def places(booking: Booking) -> list[tuple[str, int, int]]:
    """Return what a booking takes: slugs, and hours of the day."""
    db.db.session.rollback()
    wanted = select(Allocation).where(Allocation.booking_id == booking.id, Allocation.active)
    return sorted(
        (entry.resource.slug, clock.local(entry.start_at).hour, clock.local(entry.end_at).hour)
        for entry in db.db.session.scalars(wanted)
    )


def test_a_contact_moves_a_booking_that_needs_no_approval(shop: Shop) -> None:
    booking = shop.book()
    moved = move(shop, booking)
    assert (moved.state, moved.start_at, moved.end_at) == ("confirmed", shop.at(14), shop.at(16))
    assert places(booking) == [("lathe1", 14, 16)]


def test_the_history_says_where_it_was(shop: Shop) -> None:
    booking = move(shop, shop.book(), reason="学生考试")
    step = booking.history[-1]
    assert (step.action, step.reason) == ("reschedule", "学生考试")
    assert step.was is not None
    assert (step.was["start"], step.was["resources"]) == (shop.at(9).isoformat(), ["车床1"])


def test_it_keeps_its_machine_when_only_the_time_changes_even_if_another_comes_first(shop: Shop) -> None:
    booking = shop.book(picks={0: shop.resource("lathe2")})
    move(shop, booking)
    assert places(booking) == [("lathe2", 14, 16)]


def test_it_may_overlap_its_own_old_time(shop: Shop) -> None:
    booking = shop.book()
    move(shop, booking, start=shop.at(10), end=shop.at(12))
    assert places(booking) == [("lathe1", 10, 12)]


def test_a_taken_time_keeps_the_old_place_and_names_what_is_free(shop: Shop) -> None:
    booking = shop.book()
    shop.book(who="south", start=shop.at(14), end=shop.at(16), picks={0: shop.resource("lathe1")})
    with pytest.raises(ResourceTaken) as refused:
        move(shop, booking)
    assert [conflict.resource for conflict in refused.value.conflicts] == ["车床1"]
    assert ("车床2",) in [other.resources for other in refused.value.alternatives]
    assert places(booking) == [("lathe1", 9, 11)]


def test_another_machine_can_be_picked_for_the_same_time(shop: Shop) -> None:
    booking = shop.book()
    move(shop, booking, picks={0: shop.resource("lathe2")})
    assert places(booking) == [("lathe2", 9, 11)]
    assert booking.wish == {"0": [shop.resource("lathe2")]}


def test_where_it_is_already_is_no_move(shop: Shop) -> None:
    booking = shop.book()
    with pytest.raises(errors.Invalid):
        move(shop, booking, start=shop.at(9), end=shop.at(11))
    assert len(booking.history) == 1


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [(6, 8, OutsideHours), (14, 13, errors.Invalid), (14, 14.5, errors.Invalid), (14, 19.5, errors.Invalid)],
)
def test_rules_of_time_bind_a_contact(shop: Shop, start: float, end: float, why: type[Exception]) -> None:
    booking = shop.book()
    with pytest.raises(why):
        move(shop, booking, start=shop.at(start), end=shop.at(end))
    assert places(booking) == [("lathe1", 9, 11)]


def test_the_bases_rules_are_asked_about_the_new_place(shop: Shop) -> None:
    cleaned = Cleaned(values={"purpose": "试模", "force": 300})
    booking = shop.book("cell", cleaned=cleaned)
    with pytest.raises(RuleBroken):
        move(shop, booking, start=shop.at(14), end=shop.at(16), picks={0: shop.resource("cell1")})
    assert ("cell2", 8, 11) in places(booking)


def test_all_legs_move_with_their_set_up_and_clean_up(shop: Shop) -> None:
    booking = shop.book("cell")
    move(shop, booking)
    assert places(booking) == [("cell1", 13, 16), ("coach", 14, 16)]


def test_what_is_being_reviewed_is_asked_for_anew(shop: Shop) -> None:
    booking = shop.book("cell")
    assert booking.state == "submitted"
    moved = move(shop, booking)
    assert (moved.state, moved.round, moved.step) == ("submitted", 2, 0)


def test_what_was_returned_stays_returned_and_lapses_before_it_begins(shop: Shop) -> None:
    booking = shop.book("cell")
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="return", reason="改", deadline=shop.at(8))
    moved = move(shop, booking, start=shop.at(14, day=10), end=shop.at(16, day=10))
    assert moved.state == "returned"
    assert moved.lapses_at == shop.at(14, day=10)


def test_a_contact_cannot_move_what_a_manager_has_confirmed_and_the_manager_can(shop: Shop) -> None:
    booking = shop.book("cell")
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="confirm")
    with pytest.raises(errors.Forbidden):
        move(shop, booking)
    moved = move(shop, booking, "manager", start=shop.at(14), end=shop.at(16), reason="设备检修")
    assert moved.state == "confirmed"
    assert moved.history[-1].reason == "设备检修"


def test_a_manager_owes_a_reason(shop: Shop) -> None:
    booking = shop.book()
    with pytest.raises(errors.Invalid) as refused:
        move(shop, booking, "manager", start=shop.at(14), end=shop.at(16), reason=" ")
    assert set(refused.value.problems) == {"reason"}


def test_another_organisation_knows_nothing_of_it(shop: Shop) -> None:
    booking = shop.book()
    with pytest.raises(errors.NotFound):
        move(shop, booking, "south")


def test_after_the_time_limit_a_contact_cannot_move_it(shop: Shop) -> None:
    booking = shop.book()
    actor = shop.user("north")
    with clock.set_to(shop.at(9) - timedelta(minutes=1)), pytest.raises(TooLate):
        changing.reschedule(actor=actor, ref=booking.ref, aim=Aim(shop.at(14), shop.at(16)))


def test_of_two_who_saw_the_same_version_the_second_is_told(shop: Shop) -> None:
    booking = shop.book()
    version = booking.version
    move(shop, booking, start=shop.at(14), end=shop.at(16), version=version)
    with pytest.raises(errors.StateChanged):
        move(shop, booking, start=shop.at(12), end=shop.at(13), version=version)
    assert places(booking) == [("lathe1", 14, 16)]


def test_what_is_cancelled_cannot_be_moved(shop: Shop) -> None:
    booking = shop.book()
    workflow.move(actor=shop.user("north"), ref=booking.ref, action="cancel")
    with pytest.raises(errors.StateChanged):
        move(shop, booking)


def test_sent_twice_it_is_moved_once(shop: Shop) -> None:
    booking = shop.book()
    for _again in range(2):
        move(shop, booking, start=shop.at(14), end=shop.at(16), retry_key="k")
    db.db.session.rollback()
    assert [step.action for step in booking.history] == ["submit", "reschedule"]


def test_seats_move_to_another_session_of_the_kind(shop: Shop) -> None:
    first, second = shop.session(), shop.session(day=15)
    booking = shop.book("course", training_id=first.id, people=2)
    moved = move(shop, booking, training_id=second.id)
    assert (moved.session_id, moved.start_at, moved.units) == (second.id, second.start_at, 2)
    assert shop.taken(shop.resource(f"session_{first.id}")) == 0
    assert shop.taken(shop.resource(f"session_{second.id}")) == 2


def test_a_full_session_keeps_the_old_seats(shop: Shop) -> None:
    first, second = shop.session(), shop.session(day=15, seats=1)
    booking = shop.book("course", training_id=first.id, people=2)
    with pytest.raises(SessionFull):
        move(shop, booking, training_id=second.id)
    assert shop.taken(shop.resource(f"session_{first.id}")) == 2


@pytest.mark.parametrize("training_id", [None, 999])
def test_seats_cannot_move_to_a_session_that_is_not_there(shop: Shop, training_id: int | None) -> None:
    booking = shop.book("course", training_id=shop.session().id)
    with pytest.raises(errors.NotFound):
        move(shop, booking, training_id=training_id)


def relocated(
    shop: Shop, booking: Booking, old: str, new: str, who: str = "manager", reason: str = "主轴故障"
) -> Booking:
    """Move a booking to another machine."""
    return changing.relocate(
        actor=shop.user(who),
        ref=booking.ref,
        from_resource=shop.resource(old),
        to_resource=shop.resource(new),
        reason=reason,
    )


def test_a_manager_moves_a_booking_to_another_machine_and_its_other_legs_stay(shop: Shop) -> None:
    booking = shop.book("cell")
    moved = relocated(shop, booking, "cell1", "cell2")
    assert (moved.state, moved.history[-1].action) == ("submitted", "relocate")
    assert places(booking) == [("cell2", 8, 11), ("coach", 9, 11)]


def test_a_machine_that_is_taken_is_refused_and_the_free_ones_are_named(shop: Shop) -> None:
    booking = shop.book()
    shop.book(who="south")
    with pytest.raises(ResourceTaken) as refused:
        relocated(shop, booking, "lathe1", "lathe2")
    assert refused.value.alternatives == ()
    assert places(booking) == [("lathe1", 9, 11)]


@pytest.mark.parametrize(("old", "new"), [("lathe1", "cell1"), ("lathe2", "lathe1"), ("lathe1", "lathe1")])
def test_only_what_serves_the_leg_can_stand_in_for_what_is_there(shop: Shop, old: str, new: str) -> None:
    booking = shop.book()
    with pytest.raises(errors.Invalid):
        relocated(shop, booking, old, new)
    assert places(booking) == [("lathe1", 9, 11)]


def test_a_rule_refuses_a_machine_that_does_not_fit(shop: Shop) -> None:
    booking = shop.book("cell", cleaned=Cleaned(values={"purpose": "试模", "force": 300}))
    with pytest.raises(RuleBroken):
        relocated(shop, booking, "cell2", "cell1")


def test_only_a_manager_relocates(shop: Shop) -> None:
    booking = shop.book()
    with pytest.raises(errors.Forbidden):
        relocated(shop, booking, "lathe1", "lathe2", who="north")
    with pytest.raises(errors.NotFound):
        relocated(shop, booking, "lathe1", "lathe2", who="south")


def told(shop: Shop, who: str) -> list[Message]:
    """Return the messages of somebody, the last first."""
    db.db.session.rollback()
    wanted = select(Message).where(Message.user_id == shop.user(who).id).order_by(Message.id.desc())
    return list(db.db.session.scalars(wanted))


def test_the_organisation_is_told_the_old_place_and_the_new(shop: Shop) -> None:
    booking = shop.book()
    move(shop, booking, "manager", start=shop.at(14), end=shop.at(16), reason="检修")
    message = told(shop, "north")[0]
    assert message.subject == "已改期：上机"
    assert re.search(r"原安排：[^\n]*09:00–11:00，车床1\n现安排：[^\n]*14:00–16:00，车床1", message.body)
    assert "检修" in message.body


def test_the_base_is_told_when_an_organisation_moves_what_is_confirmed(shop: Shop) -> None:
    move(shop, shop.book())
    assert told(shop, "manager")[0].subject == "单位已改期：学校1，上机"


def test_the_public_calendar_follows_and_says_so_by_its_sequence(shop: Shop) -> None:
    booking = shop.book()
    move(shop, booking)
    db.db.session.rollback()
    entry = db.db.session.scalars(select(Entry).where(Entry.source.startswith(f"booking:{booking.id}/"))).one()
    assert (entry.start_at, entry.sequence, entry.cancelled) == (shop.at(14), 1, False)
    relocated(shop, booking, "lathe1", "lathe2")
    db.db.session.rollback()
    entries = db.db.session.scalars(select(Entry).where(Entry.source.startswith(f"booking:{booking.id}/"))).all()
    assert {(one.source.split(":")[-1], one.cancelled) for one in entries} == {
        (str(shop.resource("lathe1")), True),
        (str(shop.resource("lathe2")), False),
    }


@pytest.mark.parametrize(("kind", "approval", "state"), [("machine", True, "confirmed"), ("cell", False, "submitted")])
def test_who_decides_on_it_stays_as_it_was_when_it_was_made(shop: Shop, kind: str, approval: bool, state: str) -> None:
    booking = shop.book(kind)
    with db.write() as session:
        session.get_one(Kind, shop.kind_id(kind)).rules_set = {"approval": approval}
    assert move(shop, booking, "manager", reason="改", start=shop.at(14), end=shop.at(16)).state == state
    in_order()
    if state == "submitted":
        assert workflow.move(actor=shop.user("manager"), ref=booking.ref, action="approve").state == "confirmed"


def test_another_machine_gives_nobody_more_time_to_decide(shop: Shop) -> None:
    step = {"title": {"zh": "审核"}, "roles": ["manager"], "need": "any", "workdays": 3, "escalate": ""}
    with db.write() as session:
        session.get_one(Kind, shop.kind_id("cell")).rules_set = {"chain": [step]}
    booking = shop.book("cell", picks={0: shop.resource("cell1")})
    due = booking.decide_by
    assert due is not None
    with clock.set_to(due - timedelta(minutes=1)):
        assert relocated(shop, booking, "cell1", "cell2").decide_by == due


def withdrawn(shop: Shop, slug: str) -> None:
    """Take a resource out of service though it is booked, as the upgrade of a plugin may."""
    with db.write() as session:
        session.get_one(Resource, shop.resource(slug)).archived_at = clock.now()


def test_what_is_booked_of_a_machine_out_of_service_moves_to_another(shop: Shop) -> None:
    booking, other = shop.book(), shop.book(start=shop.at(14), end=shop.at(16))
    withdrawn(shop, "lathe1")
    relocated(shop, booking, "lathe1", "lathe2")
    move(shop, other, start=shop.at(11), end=shop.at(13))
    assert places(booking) == [("lathe2", 9, 11)]
    assert places(other) == [("lathe2", 11, 13)]
    in_order()
