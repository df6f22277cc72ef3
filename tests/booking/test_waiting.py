"""The waiting list: who is served next, by which policy, and that nobody passes those who wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core import clock, db, errors, jobs
from core.booking import changing, closures, queue, sessions, waiting, workflow
from core.booking.changing import Aim
from core.booking.errors import OthersWait, QuotaExceeded, ResourceTaken, SessionFull, TooLate
from core.booking.models import Allocation, Booking, Charge, Kind, TrainingSession
from core.booking.queue import Line
from core.intake.answers import Cleaned
from core.notify.models import Message
from core.organisations.models import Agreement, Quota
from tests.booking.invariants import in_order
from tests.booking.shop import Shop
from tests.booking.test_holding import hold


def policy(shop: Shop, kind: str, waits: str, **rules: Any) -> None:
    """Give a kind a waiting list."""
    with db.write() as session:
        session.get_one(Kind, shop.kind_id(kind)).rules_set = {"waiting": waits, **rules}


def full(shop: Shop, waits: str = "strict", seats: int = 4, **rules: Any) -> tuple[TrainingSession, Booking]:
    """Publish a session with a waiting list that one booking fills."""
    policy(shop, "course", waits, **rules)
    training = shop.session(seats=seats)
    return training, shop.book("course", training_id=training.id, people=seats)


def join(shop: Shop, training: TrainingSession, people: int = 1, who: str = "south") -> Booking:
    """Ask for seats, or to wait for them; each time as another organisation's wish."""
    with another_day(shop):
        return shop.book("course", who, training_id=training.id, people=people, waitlist=True)


@contextmanager
def another_day(shop: Shop) -> Iterator[None]:
    """Let one organisation wait several times for one thing: the tests have two organisations only."""
    waiting_now = db.db.session.scalars(select(Booking).where(Booking.state == "waitlisted")).all()
    numbers = [booking.id for booking in waiting_now]
    with db.write() as session:
        for number in numbers:
            booking = session.get_one(Booking, number)
            booking.wish = {"0": [number]} if booking.session_id else booking.wish
    yield


def states(*bookings: Booking) -> list[str]:
    """Return the states as they are now."""
    db.db.session.rollback()
    return [booking.state for booking in bookings]


def cancel(shop: Shop, booking: Booking, who: str = "north") -> None:
    """Cancel as a contact."""
    workflow.move(actor=shop.user(who), ref=booking.ref, action="cancel")


def accept(shop: Shop, booking: Booking, who: str = "south", **more: Any) -> Booking:
    """Accept an offer as a contact."""
    return waiting.accept(actor=shop.user(who), ref=booking.ref, **more)


def test_who_waits_takes_nothing_and_is_offered_what_is_given_back(shop: Shop) -> None:
    training, booked = full(shop)
    waiter = join(shop, training, 3)
    assert waiter.state == "waitlisted"
    assert waiter.waiting_since is not None
    assert [step.action for step in waiter.history] == ["wait"]
    assert not waiter.allocations
    cancel(shop, booked)
    assert states(waiter) == ["offered"]
    assert waiter.offers == 1
    assert waiter.lapses_at is not None
    assert timedelta(hours=23) < waiter.lapses_at - clock.now() <= timedelta(hours=24)
    assert shop.taken(training.seats_resource_id or 0) == 3
    assert accept(shop, waiter).state == "submitted"
    in_order()


def test_a_kind_without_a_waiting_list_refuses_as_ever(shop: Shop) -> None:
    training = shop.session(seats=1)
    shop.book("course", training_id=training.id)
    with pytest.raises(SessionFull) as refusal:
        join(shop, training)
    assert not refusal.value.can_wait
    assert shop.count(Booking) == 1


def test_a_refusal_says_that_one_can_wait(shop: Shop) -> None:
    training, _booked = full(shop)
    with pytest.raises(SessionFull) as refusal:
        shop.book("course", "south", training_id=training.id)
    assert refusal.value.can_wait


def test_whoever_asks_to_wait_and_finds_a_place_gets_it(shop: Shop) -> None:
    policy(shop, "course", "strict")
    training = shop.session(seats=4)
    assert join(shop, training, 3).state == "submitted"


def test_a_strict_line_stops_at_the_first_that_does_not_fit(shop: Shop) -> None:
    training, booked = full(shop, "strict", seats=4)
    first, second = join(shop, training, 4), join(shop, training, 1)
    sessions_edit(shop, training, seats=6)
    assert states(first, second) == ["waitlisted", "waitlisted"]
    cancel(shop, booked)
    assert states(first, second) == ["offered", "offered"]
    in_order()


def test_a_line_of_the_first_that_fits_goes_on(shop: Shop) -> None:
    training, _booked = full(shop, "first_fit", seats=4)
    large, small = join(shop, training, 4), join(shop, training, 2)
    sessions_edit(shop, training, seats=6)
    assert states(large, small) == ["waitlisted", "offered"]
    in_order()


def test_the_first_in_line_is_asked_first(shop: Shop) -> None:
    training, booked = full(shop, seats=2)
    waiters = [join(shop, training) for _number in range(3)]
    cancel(shop, booked)
    assert states(*waiters) == ["offered", "offered", "waitlisted"]
    assert [queue.position(db.db.session(), waiter) for waiter in waiters] == [0, 0, 1]


def test_nobody_passes_a_strict_line(shop: Shop) -> None:
    training, _booked = full(shop, "strict", seats=4)
    waiter = join(shop, training, 4)
    sessions_edit(shop, training, seats=6)
    with pytest.raises(OthersWait) as refusal:
        shop.book("course", training_id=training.id, people=1)
    assert refusal.value.code == "session_full"
    assert states(waiter) == ["waitlisted"]


def test_a_manager_passes_nobody_either(shop: Shop) -> None:
    training, _booked = full(shop, "strict", seats=4)
    join(shop, training, 4)
    sessions_edit(shop, training, seats=6)
    with pytest.raises(OthersWait):
        shop.book("course", "manager", training_id=training.id, people=1)


def test_where_the_first_that_fits_is_served_who_does_not_fit_holds_up_nobody(shop: Shop) -> None:
    training, _booked = full(shop, "first_fit", seats=4)
    join(shop, training, 4)
    sessions_edit(shop, training, seats=6)
    assert shop.book("course", training_id=training.id, people=1).state == "submitted"


def test_who_waits_is_served_before_who_comes_by_though_no_worker_runs(shop: Shop) -> None:
    """Nobody tells of an offer that lapses: the next booking finds it."""
    training, booked = full(shop, "strict", seats=1)
    first, second = join(shop, training), join(shop, training)
    cancel(shop, booked)
    assert states(first, second) == ["offered", "waitlisted"]
    with clock.set_to(clock.now() + timedelta(hours=25)), pytest.raises(ResourceTaken):
        shop.book("course", training_id=training.id)
    assert states(first, second) == ["waitlisted", "offered"]
    in_order()


def test_an_offer_that_lapses_goes_to_the_end_of_the_line_once_and_then_ends(shop: Shop) -> None:
    training, booked = full(shop, seats=1)
    first, second = join(shop, training), join(shop, training)
    cancel(shop, booked)
    now = clock.now()
    with clock.set_to(now + timedelta(hours=25)):
        workflow.expire_lapsed()
        assert states(first, second) == ["waitlisted", "offered"]
        cancel(shop, second, "south")
        assert states(first, second) == ["offered", "cancelled"]
        assert first.offers == 2
    with clock.set_to(now + timedelta(hours=50)):
        workflow.expire_lapsed()
        assert states(first) == ["expired"]
    in_order()


def test_an_offer_is_accepted_in_time_by_who_was_asked(shop: Shop) -> None:
    training, booked = full(shop, seats=1)
    waiter = join(shop, training)
    with pytest.raises(errors.StateChanged):
        accept(shop, waiter)
    cancel(shop, booked)
    with pytest.raises(errors.NotFound):
        accept(shop, waiter, "north")
    with clock.set_to(clock.now() + timedelta(hours=24, minutes=1)), pytest.raises(TooLate):
        accept(shop, waiter)
    done = accept(shop, waiter, retry_key="key")
    assert done.state == "submitted"
    assert accept(shop, waiter, retry_key="key").ref == done.ref
    with pytest.raises(errors.StateChanged):
        accept(shop, waiter)
    in_order()


def test_an_offer_that_is_declined_goes_to_the_next(shop: Shop) -> None:
    training, booked = full(shop, seats=1)
    first, second = join(shop, training), join(shop, training)
    cancel(shop, booked)
    cancel(shop, first, "south")
    assert states(first, second) == ["cancelled", "offered"]


def test_an_offer_ends_when_it_could_no_longer_be_booked(shop: Shop) -> None:
    policy(shop, "course", "strict", notice=3600 * 24 * 13)
    with clock.set_to(shop.at(12, 0)):
        training = shop.session(seats=1)
        booked = shop.book("course", training_id=training.id)
        waiter = join(shop, training)
        cancel(shop, booked)
        assert states(waiter) == ["offered"]
        assert waiter.lapses_at == training.start_at - timedelta(days=13)


def test_who_has_waited_for_too_long_is_let_go(shop: Shop) -> None:
    training, _booked = full(shop)
    waiter = join(shop, training)
    with clock.set_to(training.start_at):
        waiting.tidy()
    assert states(waiter) == ["expired"]
    in_order()


def test_a_cancelled_session_ends_its_line_and_a_moved_one_takes_it_along(shop: Shop) -> None:
    training, _booked = full(shop)
    waiter = join(shop, training)
    sessions_edit(shop, training, seats=4, hour=13)
    assert waiter.start_at == shop.at(13)
    in_order()
    sessions.cancel(actor=shop.user("manager"), session_id=training.id, reason="停电")
    assert states(waiter) == ["cancelled"]
    assert waiter.history[-1].reason == "停电"
    in_order()


def test_nobody_waits_for_what_never_comes(shop: Shop) -> None:
    training, _booked = full(shop, seats=4)
    with pytest.raises(errors.Invalid):
        join(shop, training, 5)
    policy(shop, "machine", "strict")
    for _number in range(2):
        shop.book()
    with pytest.raises(errors.DomainError):
        shop.book(who="south", cleaned=Cleaned(values={"purpose": "禁止"}), waitlist=True)
    assert shop.count(Booking) == 3


def test_an_organisation_waits_once_for_the_same(shop: Shop) -> None:
    training, _booked = full(shop)
    shop.book("course", "south", training_id=training.id, waitlist=True)
    with pytest.raises(errors.Invalid):
        shop.book("course", "south", training_id=training.id, people=2, waitlist=True)


def test_who_waits_for_a_machine_gets_the_one_that_was_picked(shop: Shop) -> None:
    policy(shop, "machine", "strict")
    one, other = (shop.book(picks={0: shop.resource(name)}) for name in ("lathe1", "lathe2"))
    waiter = shop.book(who="south", picks={0: shop.resource("lathe2")}, waitlist=True)
    anyone = shop.book(who="south", start=shop.at(10), end=shop.at(12), waitlist=True)
    cancel(shop, one)
    assert states(waiter, anyone) == ["waitlisted", "waitlisted"]  # anybody's lathe may be the one that is awaited
    cancel(shop, other)
    assert states(waiter, anyone) == ["offered", "offered"]
    in_order()


def test_lines_at_times_that_do_not_overlap_are_not_one(shop: Shop) -> None:
    policy(shop, "cell", "strict")
    morning = shop.book("cell", start=shop.at(9), end=shop.at(11))
    evening = shop.book("cell", start=shop.at(15), end=shop.at(17))
    early = shop.book("cell", "south", start=shop.at(9), end=shop.at(11), waitlist=True)
    late = shop.book("cell", "south", start=shop.at(15), end=shop.at(17), waitlist=True)
    cancel(shop, evening)
    assert states(early, late) == ["waitlisted", "offered"]
    cancel(shop, morning)
    assert states(early) == ["offered"]
    assert {allocation.resource_id for allocation in early.allocations if allocation.active} == {
        shop.resource("cell1"),
        shop.resource("coach"),
    }
    in_order()


def test_a_group_waits_for_as_many_seats_as_it_needs(shop: Shop) -> None:
    policy(shop, "shift", "first_fit")
    early: dict[str, Any] = {"start": shop.at(8), "end": shop.at(14)}
    large, small = (shop.book("shift", people=number, **early) for number in (6, 3))
    group = shop.book("shift", "south", people=5, waitlist=True, **early)
    cancel(shop, small)
    assert states(group) == ["waitlisted"]
    cancel(shop, large)
    assert states(group) == ["offered"]
    in_order()


def test_a_closure_that_is_lifted_serves_the_line(shop: Shop) -> None:
    policy(shop, "machine", "strict")
    manager = shop.user("manager")
    closed = [
        closures.enter(
            actor=manager, resource_id=shop.resource(name), start=shop.at(8), end=shop.at(18), reason="检修"
        ).id
        for name in ("lathe1", "lathe2")
    ]
    waiter = shop.book(who="south", waitlist=True)
    assert waiter.state == "waitlisted"
    closures.lift(actor=shop.user("manager"), closure_id=closed[1])
    assert states(waiter) == ["offered"]


def test_a_hold_neither_passes_the_line_nor_keeps_it_waiting(shop: Shop) -> None:
    training, _booked = full(shop, "strict", seats=2)
    held_by = join(shop, training, 2)
    sessions_edit(shop, training, seats=3)
    with pytest.raises(OthersWait):
        hold(shop, "course", training_id=training.id)
    assert states(held_by) == ["waitlisted"]


def test_what_is_held_is_booked_though_others_have_come_to_wait(shop: Shop) -> None:
    policy(shop, "course", "strict")
    training = shop.session(seats=2)
    held = hold(shop, "course", training_id=training.id)
    waiter = shop.book("course", "south", training_id=training.id, people=2, waitlist=True)
    assert waiter.state == "waitlisted"
    assert shop.book("course", training_id=training.id, people=1, hold_ref=held.ref).state == "submitted"
    in_order()


def test_who_shortens_a_booking_passes_nobody(shop: Shop) -> None:
    policy(shop, "machine", "strict")
    lathe = shop.resource("lathe1")
    booking = shop.book(picks={0: lathe}, start=shop.at(9), end=shop.at(12))
    waiter = shop.book(who="south", picks={0: lathe}, start=shop.at(9), end=shop.at(12), waitlist=True)
    shorter = Aim(shop.at(9), shop.at(11))
    assert changing.reschedule(actor=shop.user("north"), ref=booking.ref, aim=shorter).end_at == shop.at(11)
    with pytest.raises(OthersWait):
        changing.reschedule(actor=shop.user("north"), ref=booking.ref, aim=Aim(shop.at(10), shop.at(12)))
    assert states(waiter) == ["waitlisted"]
    in_order()


def test_a_hold_that_lapses_serves_the_line(shop: Shop) -> None:
    policy(shop, "machine", "strict")
    for name in ("lathe1", "lathe2"):
        shop.book(picks={0: shop.resource(name)}, start=shop.at(13), end=shop.at(15))
    hold(shop, picks={0: shop.resource("lathe1")})
    shop.book(picks={0: shop.resource("lathe2")})
    waiter = shop.book(who="south", waitlist=True)
    assert waiter.state == "waitlisted"
    with clock.set_to(clock.now() + timedelta(minutes=11)):
        workflow.expire_lapsed()
    assert states(waiter) == ["offered"]
    in_order()


def test_what_is_offered_is_charged_and_given_back_when_it_lapses(shop: Shop) -> None:
    training, booked, quota = charged(shop, granted=3)
    waiter = join(shop, training, 3)
    assert used(quota) == 0
    cancel(shop, booked)
    assert states(waiter) == ["offered"]
    assert used(quota) == 3
    with clock.set_to(clock.now() + timedelta(hours=25)):
        workflow.expire_lapsed()
    assert states(waiter) == ["offered"]  # nobody else waits: it is asked again
    assert used(quota) == 3
    cancel(shop, waiter, "south")
    assert used(quota) == 0
    in_order()


def test_whose_quota_is_used_up_is_told_at_once_or_passed_over(shop: Shop) -> None:
    training, booked, quota = charged(shop, granted=3)
    with pytest.raises(QuotaExceeded):
        join(shop, training, 4)
    first = join(shop, training, 3)
    second = join(shop, training, 1)
    with db.write() as session:
        session.get_one(Quota, quota).granted = 2
    cancel(shop, booked)
    assert states(first, second) == ["waitlisted", "offered"]
    in_order()


def test_contacts_are_told_of_their_place_and_of_the_offer(shop: Shop) -> None:
    training, booked = full(shop)
    join(shop, training)
    cancel(shop, booked)
    south = shop.user("south").id
    subjects = [row.subject for row in db.db.session.scalars(select(Message).where(Message.user_id == south))]
    assert len(subjects) == 2
    assert not db.db.session.scalars(select(Charge)).all()


def test_what_was_committed_is_served_by_a_worker_if_its_process_dies(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    training, booked = full(shop)
    waiter = join(shop, training)

    def dies(_job: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "do", dies)
        with pytest.raises(KeyboardInterrupt):
            cancel(shop, booked)
    assert states(booked, waiter) == ["cancelled", "waitlisted"]
    jobs.run_due()
    assert states(waiter) == ["offered"]


def test_a_line_served_twice_offers_once(shop: Shop) -> None:
    training, booked = full(shop)
    join(shop, training, 4)
    cancel(shop, booked)
    assert waiting.serve(Line(shop.kind_id("course"), training.id)) == 0
    assert shop.count(Allocation) == 2


def test_who_waits_is_served_though_the_list_is_closed_to_others(shop: Shop) -> None:
    training, booked = full(shop)
    waiter = join(shop, training)
    policy(shop, "course", "")
    cancel(shop, booked)
    assert states(waiter) == ["offered"]


def charged(shop: Shop, granted: int) -> tuple[TrainingSession, Booking, int]:
    """Publish a full session of a kind that charges the south's quota."""
    policy(shop, "course", "strict", charges="person_times", agreement=False)
    day = clock.today()
    with db.write() as session:
        agreement = Agreement(
            organisation_id=shop.organisation("south"),
            title="示例协议",
            valid_from=day,
            valid_until=day + timedelta(days=100),
            scope=[],
            created_at=clock.now(),
        )
        session.add(agreement)
        session.flush()
        quota = Quota(
            agreement_id=agreement.id,
            unit="person_times",
            granted=granted,
            used=0,
            valid_from=day,
            valid_until=day + timedelta(days=100),
        )
        session.add(quota)
    training = shop.session(seats=4)
    return training, shop.book("course", training_id=training.id, people=4), quota.id


def used(quota: int) -> int:
    """Return what is used of a quota."""
    db.db.session.rollback()
    return db.db.session.get_one(Quota, quota).used


def sessions_edit(shop: Shop, training: TrainingSession, *, seats: int, hour: float = 9) -> None:
    """Change the seats or the time of a session."""
    sessions.edit(
        actor=shop.user("manager"),
        session_id=training.id,
        title=training.title,
        text="",
        start=shop.at(hour),
        end=shop.at(hour + 3),
        seats=seats,
    )


def test_who_chooses_a_machine_meets_those_who_wait_for_any(shop: Shop) -> None:
    policy(shop, "machine", "first_fit")
    lathes = [shop.resource(slug) for slug in ("lathe1", "lathe2")]
    shop.book(picks={0: lathes[0]})
    shop.book(picks={0: lathes[1]}, end=shop.at(10))
    assert shop.book(who="south", waitlist=True).state == "waitlisted"
    start, end = shop.at(10), shop.at(11)
    policy(shop, "machine", "strict")
    with pytest.raises(OthersWait):
        shop.book(picks={0: lathes[1]}, start=start, end=end)
    policy(shop, "machine", "first_fit")
    assert shop.book(picks={0: lathes[1]}, start=start, end=end).state == "confirmed"
