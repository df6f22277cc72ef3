"""How bookings are decided: step by step, by whom, until when; and how nobody gets around it."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, event, select, update
from sqlalchemy.exc import IntegrityError

from core import clock, db, errors
from core.accounts.models import Grant
from core.accounts.roles import Role
from core.bases import workdays
from core.booking import approvals, changing, deciding, making, workflow
from core.booking.errors import CountsOnce, ResourceTaken, TooEarly, TooLate
from core.booking.models import Allocation, Approval, Booking, Series
from core.notify.models import Message
from tests.booking.approving import BOTH, EITHER, FIRST, SECOND, approve, decided_by, person, state, step, votes
from tests.booking.quotas import agree, ask_for, grant, used
from tests.booking.shop import Shop

pytestmark = pytest.mark.database


def told(shop: Shop, who: str) -> list[str]:
    """Return the subjects of the messages to somebody."""
    wanted = select(Message.subject).where(Message.user_id == shop.user(who).id).order_by(Message.id)
    return list(db.db.session.scalars(wanted))


def everything(shop: Shop, who: str) -> None:
    """Let a contact be the base's manager and the office as well."""
    user_id = shop.user(who).id
    with db.write() as session:
        session.add(Grant(user_id=user_id, role=Role.MANAGER, base_id=shop.base.id))
        session.add(Grant(user_id=user_id, role=Role.OFFICE))


def test_each_step_is_decided_by_its_roles_and_the_last_confirms(shop: Shop) -> None:
    decided_by(shop, FIRST, SECOND)
    person(shop, "office", "office")
    booking = shop.book()
    assert (booking.state, booking.step, booking.decide_by) == ("submitted", 0, workdays.after(clock.now(), 2))
    approve(shop, booking, "manager", reason="可以")
    assert (booking.state, booking.step, booking.decide_by) == ("in_review", 1, workdays.after(clock.now(), 3))
    approve(shop, booking, "office")
    assert (booking.state, booking.decide_by) == ("confirmed", None)
    assert votes(booking.ref) == [(1, 0, "manager", "管理员"), (1, 1, "office", "office")]
    assert [entry.action for entry in booking.history] == ["submit", "approve", "confirm"]
    assert booking.approvals[0].reason == "可以"


def test_confirming_is_approving_and_skips_no_step(shop: Shop) -> None:
    decided_by(shop, FIRST, SECOND)
    person(shop, "office", "office")
    booking = shop.book()
    assert approve(shop, booking, "manager", action="confirm").state == "in_review"
    with pytest.raises(errors.Forbidden, match="联合体复审"):
        approve(shop, booking, "manager", action="confirm")
    assert approve(shop, booking, "office", action="confirm").state == "confirmed"


def test_who_has_no_role_of_the_step_does_not_decide_it(shop: Shop) -> None:
    decided_by(shop, FIRST, SECOND)
    person(shop, "office", "office")
    booking = shop.book()
    with pytest.raises(errors.Forbidden, match="基地初审"):
        approve(shop, booking, "office")
    with pytest.raises(errors.Forbidden):
        approve(shop, booking, "north")
    assert votes(booking.ref) == []


def test_of_several_roles_one_is_enough_where_any_may_decide(shop: Shop) -> None:
    decided_by(shop, EITHER)
    person(shop, "office", "office")
    assert approve(shop, shop.book(), "office").state == "confirmed"
    assert approve(shop, shop.book("machine", "south"), "manager").state == "confirmed"


def test_where_all_have_to_decide_it_takes_one_of_each_role_in_any_order(shop: Shop) -> None:
    decided_by(shop, BOTH)
    person(shop, "office", "office")
    person(shop, "second", "manager")
    orders: list[tuple[str, str]] = [("manager", "office"), ("office", "manager")]
    for order in orders:
        booking = shop.book("machine", "north" if order[0] == "office" else "south")
        assert approve(shop, booking, order[0]).state == "in_review"
        assert booking.step == 0
        if order[0] == "manager":
            with pytest.raises(errors.Forbidden, match="另一个角色"):
                approve(shop, booking, "second")
        assert approve(shop, booking, order[1]).state == "confirmed"


def test_librebooking_849_whoever_holds_overlapping_roles_skips_no_approval(shop: Shop) -> None:
    """There a user who is also an administrator of their own group books without being approved by anybody."""
    decided_by(shop, FIRST, SECOND)
    everything(shop, "north")
    booking = shop.book()
    assert booking.state == "submitted", "whoever may decide has to be approved like everybody else"
    for action in ("approve", "confirm"):
        with pytest.raises(errors.Forbidden, match="本单位"):
            approve(shop, booking, "north", action=action)
    assert approve(shop, booking, "manager").state == "in_review"
    with pytest.raises(errors.Forbidden, match="本单位"):
        approve(shop, booking, "north")
    assert votes(booking.ref) == [(1, 0, "manager", "管理员")]


@pytest.mark.parametrize("chain", [(FIRST, SECOND), (BOTH,)])
def test_librebooking_849_nobody_counts_twice_whatever_roles_they_hold(
    shop: Shop, chain: tuple[dict[str, object]]
) -> None:
    decided_by(shop, *chain)
    person(shop, "both", "manager", "office")
    person(shop, "office", "office")
    booking = shop.book()
    approve(shop, booking, "both")
    for action in ("approve", "confirm"):
        with pytest.raises(CountsOnce, match="只算一次"):
            approve(shop, booking, "both", action=action)
    assert state(booking.ref) == "in_review"
    assert approve(shop, booking, "office").state == "confirmed"


def test_the_database_refuses_a_second_approval_of_the_same_person(shop: Shop) -> None:
    decided_by(shop, FIRST, SECOND)
    booking = approve(shop, shop.book(), "manager")
    again = Approval(booking_id=booking.id, round=1, step=1, role="office", at=clock.now())
    again.user_id = shop.user("manager").id
    with pytest.raises(IntegrityError), db.write() as session:
        session.add(again)


def test_calcom_29958_what_waits_for_approval_holds_its_place_against_all_others(shop: Shop) -> None:
    """There two overlapping bookings wait, and both are approved: approval looks at nothing again."""
    decided_by(shop, FIRST)
    lathe = shop.resource("lathe1")
    first = shop.book(picks={0: lathe})
    with pytest.raises(ResourceTaken):
        shop.book("machine", "south", picks={0: lathe}, start=shop.at(10), end=shop.at(12))
    second = shop.book("machine", "south", picks={0: lathe}, start=shop.at(11), end=shop.at(12))
    with pytest.raises(IntegrityError), db.write() as session:  # as a script might: the wait makes no difference
        session.execute(update(Allocation).where(Allocation.booking_id == second.id).values(start_at=shop.at(10)))
    before = shop.count(Allocation)
    assert approve(shop, first, "manager").state == approve(shop, second, "manager").state == "confirmed"
    assert shop.count(Allocation) == before, "approval confirms what is taken and takes nothing"


def test_calcom_29958_approval_looks_again_whether_there_is_something_to_approve(shop: Shop) -> None:
    decided_by(shop, FIRST)
    booking = shop.book()
    with db.write() as session:
        session.execute(update(Allocation).where(Allocation.booking_id == booking.id).values(active=False))
    with pytest.raises(errors.DomainError, match="占用已不存在"):
        approve(shop, booking, "manager")
    later = shop.book("machine", "south")
    with clock.set_to(later.end_at), pytest.raises(TooLate, match="已过"):
        approve(shop, later, "manager")
    approve(shop, later, "manager")
    with pytest.raises(errors.StateChanged):
        approve(shop, later, "manager")
    assert votes(booking.ref) == []
    assert votes(later.ref) == [(1, 0, "manager", "管理员")]


def test_what_is_held_or_returned_or_over_is_not_approved(shop: Shop) -> None:
    decided_by(shop, FIRST)
    booking = shop.book()
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="return", reason="人数")
    for action in ("approve", "confirm"):
        with pytest.raises(errors.StateChanged):
            approve(shop, booking, "manager", action=action)
    with db.write() as session:  # a place that is kept while the form is filled in
        workflow.locked(session, booking.ref).state = "held"
    for action in ("approve", "confirm"):
        with pytest.raises(errors.StateChanged):
            approve(shop, booking, "manager", action=action)


def test_after_a_return_everybody_is_asked_again(shop: Shop) -> None:
    decided_by(shop, FIRST, SECOND)
    person(shop, "office", "office")
    booking = approve(shop, shop.book(), "manager")
    workflow.move(actor=shop.user("office"), ref=booking.ref, action="return", reason="人数")
    assert booking.decide_by is None
    making.resubmit(actor=shop.user("north"), ref=booking.ref, cleaned=shop.answers("machine"))
    assert (booking.round, booking.step) == (2, 0)
    assert booking.decide_by == workdays.after(clock.now(), 2)
    with pytest.raises(errors.Forbidden):
        approve(shop, booking, "office")
    approve(shop, booking, "manager")
    assert approve(shop, booking, "office").state == "confirmed"
    assert [vote[:2] for vote in votes(booking.ref)] == [(1, 0), (2, 0), (2, 1)]


def test_a_manager_who_booked_for_a_caller_decides_the_first_step_only(shop: Shop) -> None:
    person(shop, "office", "office", "manager")
    decided_by(shop, FIRST)
    assert approve(shop, shop.book("machine", "manager"), "manager").state == "confirmed"
    decided_by(shop, BOTH)
    together = shop.book("machine", "manager", start=shop.at(14), end=shop.at(16))
    with pytest.raises(errors.Forbidden, match="代为预约"):
        approve(shop, together, "manager")
    decided_by(shop, EITHER, EITHER)
    later = shop.book("machine", "manager", start=shop.at(17), end=shop.at(19))
    approve(shop, later, "office")
    with pytest.raises(errors.Forbidden, match="代为预约"):
        approve(shop, later, "manager")


def test_an_older_page_decides_nothing(shop: Shop) -> None:
    decided_by(shop, BOTH)
    person(shop, "office", "office")
    booking = shop.book()
    seen = booking.version
    approve(shop, booking, "manager", version=seen)
    with pytest.raises(errors.StateChanged):
        approve(shop, booking, "office", version=seen)
    assert state(booking.ref) == "in_review"


def test_a_role_that_was_lost_while_the_page_was_open_decides_nothing(shop: Shop) -> None:
    decided_by(shop, FIRST)
    booking, manager = shop.book(), shop.user("manager")
    assert approvals.may_approve(db.db.session(), manager, booking)
    with db.write() as session:
        session.execute(delete(Grant).where(Grant.user_id == manager.id))
    with pytest.raises(errors.NotFound):
        workflow.move(actor=manager, ref=booking.ref, action="approve")


def test_past_the_deadline_the_escalation_may_decide_as_well(shop: Shop) -> None:
    decided_by(shop, FIRST)
    person(shop, "office", "office")
    booking = shop.book()
    assert booking.decide_by is not None
    with clock.set_to(booking.decide_by - timedelta(seconds=1)), pytest.raises(errors.Forbidden):
        approve(shop, booking, "office")
    with clock.set_to(booking.decide_by):
        assert approve(shop, booking, "office").state == "confirmed"
    other = shop.book("machine", "south")
    assert other.decide_by is not None
    with clock.set_to(other.decide_by + timedelta(days=1)):
        assert approve(shop, other, "manager").state == "confirmed", "who should have decided still can"


def test_past_the_deadline_the_escalation_stands_in_for_one_of_all_who_are_needed(shop: Shop) -> None:
    decided_by(shop, step("会审", "manager", "office", need="all", workdays=1, escalate="office"))
    for name in ("office", "second"):
        person(shop, name, "office")
    booking = shop.book()
    approve(shop, booking, "office")
    with pytest.raises(errors.Forbidden):
        approve(shop, booking, "second")
    assert booking.decide_by is not None
    with clock.set_to(booking.decide_by):
        assert approve(shop, booking, "second").state == "confirmed"


def test_an_overdue_decision_is_told_once_and_an_open_page_still_decides(shop: Shop) -> None:
    decided_by(shop, FIRST)
    person(shop, "office", "office")
    booking = shop.book()
    seen, due = booking.version, booking.decide_by
    assert due is not None
    assert approvals.escalate_overdue() == 0
    with clock.set_to(due):
        assert approvals.escalate_overdue() == 1
        assert approvals.escalate_overdue() == 0
        assert [subject[:5] for subject in told(shop, "office")] == ["审核已超时"]
        assert [subject[:5] for subject in told(shop, "manager")][1:] == ["审核已超时"]
        assert approve(shop, booking, "manager", version=seen).state == "confirmed"
        assert approvals.escalate_overdue() == 0


def test_an_overdue_series_is_told_of_once_and_stays_decidable_as_a_whole(shop: Shop) -> None:
    decided_by(shop, FIRST)
    person(shop, "office", "office")
    bookings = [shop.book(start=shop.at(9, day), end=shop.at(11, day)) for day in (14, 21, 28)]
    in_a_series(shop, bookings)
    alone = shop.book("machine", "south")
    assert alone.decide_by is not None
    with clock.set_to(alone.decide_by):
        assert approvals.escalate_overdue() == 2
        assert approvals.escalate_overdue() == 0
        subjects = [subject[:5] for subject in told(shop, "office")]
        assert subjects == ["审核已超时", "审核已超时"], "one for the series, one for the other booking"
        assert "系列" in _bodies(shop, "office")[0]
        moved = workflow.move_series(actor=shop.user("office"), ref=bookings[2].ref, action="approve")
        assert len(moved) == 3


def _bodies(shop: Shop, who: str) -> list[str]:
    wanted = select(Message.body).where(Message.user_id == shop.user(who).id).order_by(Message.id)
    return list(db.db.session.scalars(wanted))


def test_a_series_is_decided_on_as_it_was_seen(shop: Shop) -> None:
    decided_by(shop, FIRST)
    bookings = [shop.book(start=shop.at(9, day), end=shop.at(11, day)) for day in (14, 21)]
    in_a_series(shop, bookings)
    manager, seen = shop.user("manager"), db.db.session.get_one(Booking, bookings[0].id).version
    for version in (seen - 1, seen + 1):
        with pytest.raises(errors.StateChanged):
            workflow.move_series(actor=manager, ref=bookings[0].ref, action="approve", version=version)
    assert {state(booking.ref) for booking in bookings} == {"submitted"}
    assert len(workflow.move_series(actor=manager, ref=bookings[0].ref, action="approve", version=seen)) == 2


def test_the_next_step_has_a_deadline_of_its_own(shop: Shop) -> None:
    decided_by(shop, FIRST, SECOND | {"escalate": "manager"})
    person(shop, "office", "office")
    booking = shop.book()
    assert booking.decide_by is not None
    with clock.set_to(booking.decide_by):
        assert approvals.escalate_overdue() == 1
        approve(shop, booking, "manager")
        db.db.session.refresh(booking)
        assert (booking.escalated, approvals.is_overdue(booking)) == (False, False)
        assert booking.decide_by == workdays.after(clock.now(), 3)


def test_those_who_decide_next_are_told_and_the_contact_of_each_step(shop: Shop) -> None:
    decided_by(shop, FIRST, SECOND)
    person(shop, "office", "office")
    booking = shop.book()
    assert (told(shop, "office"), len(told(shop, "manager"))) == ([], 1)
    approve(shop, booking, "manager")
    assert [subject[:3] for subject in told(shop, "office")] == ["待审核"]
    assert len(told(shop, "manager")) == 1
    approve(shop, booking, "office")
    assert [subject.split("：")[0] for subject in told(shop, "north")] == ["预约已提交", "初审通过", "预约已确认"]


def test_of_what_nobody_can_decide_the_office_hears(shop: Shop) -> None:
    decided_by(shop, FIRST)
    person(shop, "office", "office")
    with db.write() as session:
        manager = session.scalars(select(Grant).where(Grant.role == Role.MANAGER)).one()
        session.add(Grant(user_id=manager.user_id, role=Role.CONTACT, organisation_id=shop.organisation("north")))
    shop.book()
    assert (
        "授予角色" in db.db.session.scalars(select(Message.body).where(Message.user_id == shop.user("office").id)).one()
    )


def test_a_series_is_decided_whole_or_not_at_all(shop: Shop) -> None:
    decided_by(shop, FIRST)
    bookings = [shop.book(start=shop.at(9, day), end=shop.at(11, day)) for day in (14, 21, 28)]
    alone = shop.book("machine", "south")
    in_a_series(shop, bookings)
    with db.write() as session:
        session.execute(update(Allocation).where(Allocation.booking_id == bookings[2].id).values(active=False))
    manager = shop.user("manager")
    with pytest.raises(errors.DomainError, match="占用已不存在"):
        workflow.move_series(actor=manager, ref=bookings[0].ref, action="approve")
    assert {state(booking.ref) for booking in bookings} == {"submitted"}
    with db.write() as session:
        session.execute(update(Allocation).where(Allocation.booking_id == bookings[2].id).values(active=True))
    assert len(workflow.move_series(actor=manager, ref=bookings[0].ref, action="approve")) == 3
    assert {state(booking.ref) for booking in bookings} == {"confirmed"}
    assert state(alone.ref) == "submitted"
    with pytest.raises(errors.StateChanged):
        workflow.move_series(actor=manager, ref=alone.ref, action="approve")
    with pytest.raises(errors.NotFound):
        workflow.move_series(actor=shop.user("south"), ref=bookings[0].ref, action="reject", reason="理由")


def in_a_series(shop: Shop, bookings: list[Booking]) -> None:
    """Make some bookings those of a series."""
    with db.write() as session:
        first = bookings[0]
        series = Series(
            base_id=first.base_id,
            kind_id=first.kind_id,
            organisation_id=first.organisation_id,
            rule={
                "rrule": f"FREQ=WEEKLY;COUNT={len(bookings)}",
                "first": clock.local(first.start_at).date().isoformat(),
                "holidays": "ignore",
            },
            starts=clock.local(first.start_at).time(),
            ends=clock.local(first.end_at).time(),
            units=1,
            created_at=clock.now(),
        )
        session.add(series)
        session.flush()
        for booking in bookings:
            row = session.get_one(Booking, booking.id)
            row.series_id, row.occurrence_on = series.id, clock.local(row.start_at).date()


def test_people_are_checked_in_from_two_hours_before_by_the_base_alone(shop: Shop) -> None:
    booking = shop.book()
    assert booking.state == "confirmed"
    with clock.set_to(booking.start_at - timedelta(hours=2, seconds=1)), pytest.raises(TooEarly, match="签到"):
        workflow.move(actor=shop.user("manager"), ref=booking.ref, action="check_in")
    with clock.set_to(booking.start_at - timedelta(hours=2)):
        with pytest.raises(errors.Forbidden):
            workflow.move(actor=shop.user("north"), ref=booking.ref, action="check_in")
        assert workflow.move(actor=shop.user("manager"), ref=booking.ref, action="check_in").state == "checked_in"
        with pytest.raises(errors.StateChanged):
            workflow.move(actor=shop.user("manager"), ref=booking.ref, action="miss")
    with clock.set_to(booking.start_at):
        assert workflow.move(actor=shop.user("manager"), ref=booking.ref, action="complete").state == "completed"


def test_what_other_modules_do_is_no_deed_of_people_here(shop: Shop) -> None:
    booking = shop.book()
    for action in ("reschedule", "relocate", "offer", "accept", "lapse", "expire", "submit", "hold"):
        with pytest.raises(errors.NotFound):
            workflow.move(actor=shop.user("manager"), ref=booking.ref, action=action)


def test_what_is_moved_to_another_time_is_decided_anew(shop: Shop) -> None:
    decided_by(shop, FIRST, SECOND)
    person(shop, "office", "office")
    booking = approve(shop, shop.book(), "manager")
    aim = changing.Aim(start=shop.at(14), end=shop.at(16))
    changing.reschedule(actor=shop.user("north"), ref=booking.ref, aim=aim)
    assert (booking.state, booking.round, booking.step) == ("submitted", 2, 0)
    with pytest.raises(errors.Forbidden):
        approve(shop, booking, "office")
    approve(shop, booking, "manager")
    assert approve(shop, booking, "office").state == "confirmed"


def test_what_waits_is_read_in_the_same_number_of_statements_however_much_it_is(shop: Shop) -> None:
    decided_by(shop, FIRST)
    counted: list[int] = []
    for day in (20, 21, 22):
        shop.book(start=shop.at(9, day), end=shop.at(11, day))
        shop.book("machine", "south", start=shop.at(9, day), end=shop.at(11, day))
        manager = shop.user("manager")
        statements: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_more: object, into: list[str] = statements) -> None:
            into.append(statement)

        event.listen(db.db.engine, "before_cursor_execute", note)
        assert len(deciding.waiting_for(manager)) == 2 * (day - 19)
        event.remove(db.db.engine, "before_cursor_execute", note)
        counted.append(len(statements))
        db.db.session.rollback()
    assert len(set(counted)) == 1, counted


def test_a_manager_who_cancels_may_keep_what_was_charged_and_a_contact_may_not(shop: Shop) -> None:
    ask_for(shop, agreement=True, charges="minutes")
    quota = grant(shop, agree(shop), 600)
    kept, free = shop.book(), shop.book(start=shop.at(14), end=shop.at(16))
    assert used(quota) == 240
    workflow.move(actor=shop.user("manager"), ref=kept.ref, action="cancel", reason="迟到", keep_charges=True)
    assert used(quota) == 240
    workflow.move(actor=shop.user("north"), ref=free.ref, action="cancel", keep_charges=True)
    assert used(quota) == 120
