"""Holds, offers and waiting lists under attack: everything at the same moment, on both engines."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock, db
from core.booking import holding, waiting, workflow
from core.booking.models import Booking, Step, TrainingSession
from core.booking.queue import Line
from core.errors import DomainError
from tests.booking.invariants import in_order
from tests.booking.shop import Shop
from tests.booking.test_holding import hold
from tests.booking.test_waiting import cancel, full, join, policy, states

pytestmark = pytest.mark.database

Deed = Callable[[Shop], object]


def at_once(app: Flask, *deeds: Deed) -> list[str]:
    """Do everything at the same moment, each in a thread of its own; return “done” or what refused each."""
    start = Barrier(len(deeds), timeout=60)
    outcomes = ["never ended"] * len(deeds)

    def one(number: int, deed: Deed) -> None:
        with app.app_context():
            shop = Shop()
            start.wait()
            try:
                deed(shop)
                outcomes[number] = "done"
            except DomainError as error:
                outcomes[number] = type(error).__name__
            except Exception as error:  # noqa: BLE001 - whatever it is, the test is to see it
                outcomes[number] = repr(error)

    threads = [Thread(target=one, args=(number, deed)) for number, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.db.session.rollback()
    return outcomes


def cancelling(ref: str, who: str = "north") -> Deed:
    return lambda shop: workflow.move(actor=shop.user(who), ref=ref, action="cancel", reason="理由")


def accepting(ref: str) -> Deed:
    return lambda shop: waiting.accept(actor=shop.user("south"), ref=ref)


def serving(line: Line) -> Deed:
    return lambda _shop: waiting.serve(line)


def expiring(_shop: Shop) -> None:
    """End what has lapsed, as a worker that is in a hurry."""
    until = clock.now() + timedelta(milliseconds=100)
    while clock.now() < until:
        workflow.expire_lapsed()


def line_of(shop: Shop, session_id: int) -> Line:
    return Line(shop.kind_id("course"), session_id)


def actions(booking: Booking) -> list[str]:
    """Return what happened to a booking."""
    return list(db.db.session.scalars(select(Step.action).where(Step.booking_id == booking.id).order_by(Step.id)))


@pytest.mark.parametrize("turn", range(3))
def test_who_is_promoted_while_withdrawing_is_one_or_the_other(shop_app: Flask, shop: Shop, turn: int) -> None:
    training, booked = full(shop, seats=1)
    first, second = join(shop, training), join(shop, training)
    outcomes = at_once(shop_app, cancelling(booked.ref), cancelling(first.ref, "south"))
    assert outcomes == ["done", "done"]
    assert states(booked, first, second) == ["cancelled", "cancelled", "offered"]
    in_order()


def test_several_servers_serve_one_line_once(shop_app: Flask, shop: Shop) -> None:
    training, booked = full(shop, seats=3)
    waiters = [join(shop, training) for _number in range(5)]
    line = line_of(shop, training.id)
    at_once(shop_app, cancelling(booked.ref), *[serving(line)] * 5)
    assert states(*waiters) == ["offered"] * 3 + ["waitlisted"] * 2
    assert all(actions(waiter).count("offer") == 1 for waiter in waiters[:3])
    assert shop.taken(training.seats_resource_id or 0) == 3
    in_order()


def test_an_offer_is_accepted_once(shop_app: Flask, shop: Shop) -> None:
    training, booked = full(shop, seats=1)
    waiter = join(shop, training)
    cancel(shop, booked)
    outcomes = at_once(shop_app, *[accepting(waiter.ref)] * 6)
    assert Counter(outcomes) == {"done": 1, "StateChanged": 5}
    assert actions(waiter) == ["wait", "offer", "accept"]
    in_order()


@pytest.mark.parametrize("turn", range(3))
def test_accepting_at_the_moment_an_offer_lapses_is_one_or_the_other(shop_app: Flask, shop: Shop, turn: int) -> None:
    training, booked = full(shop, seats=1)
    waiter, next_one = join(shop, training), join(shop, training)
    cancel(shop, booked)
    states(waiter)
    with db.write() as session:
        session.get_one(Booking, waiter.id).lapses_at = clock.now() + timedelta(milliseconds=30)

    outcomes = at_once(shop_app, accepting(waiter.ref), expiring)
    assert outcomes[1] == "done"
    found = states(waiter, next_one)
    assert found == (["submitted", "waitlisted"] if outcomes[0] == "done" else ["waitlisted", "offered"]), outcomes
    in_order()


def test_who_books_and_who_is_served_do_not_share_a_seat(shop_app: Flask, shop: Shop) -> None:
    training, booked = full(shop, "strict", seats=1)
    waiter = join(shop, training)
    number = training.id
    book: Deed = lambda here: here.book("course", training_id=number)  # noqa: E731
    outcomes = at_once(shop_app, cancelling(booked.ref), *[book] * 6)
    assert outcomes[0] == "done"
    assert not set(outcomes[1:]) & {"done"}
    assert states(waiter) == ["offered"]
    in_order()


def test_the_last_unit_goes_to_the_line_not_to_who_holds(shop_app: Flask, shop: Shop) -> None:
    training, booked = full(shop, "first_fit", seats=1)
    waiter, number = join(shop, training), training.id
    outcomes = at_once(shop_app, cancelling(booked.ref), *[lambda here: hold(here, "course", training_id=number)] * 4)
    assert outcomes[0] == "done"
    assert "done" not in outcomes[1:]
    assert states(waiter) == ["offered"]
    in_order()


def test_of_many_who_hold_the_last_seat_one_has_it(shop_app: Flask, shop: Shop) -> None:
    number = shop.session(seats=1).id
    outcomes = at_once(
        shop_app,
        *[lambda here, who=who: hold(here, "course", who, training_id=number) for who in ("north", "south")],
    )
    assert sorted(outcomes) == ["SessionFull", "done"]
    in_order()


def test_one_person_in_many_windows_holds_one_place(shop_app: Flask, shop: Shop) -> None:
    outcomes = at_once(shop_app, *[hold] * 8)
    assert outcomes == ["done"] * 8
    held = db.db.session.scalars(select(Booking).where(Booking.state == "held")).all()
    assert len(held) == 1
    in_order()


def test_one_organisation_holds_no_more_in_many_windows(
    shop_app: Flask, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "MOST", 1)
    shift: Deed = lambda here: hold(here, "shift", start=here.at(8), end=here.at(14))  # noqa: E731
    outcomes = at_once(shop_app, hold, lambda here: hold(here, "cell"), shift)
    assert sorted(outcomes) == ["Invalid", "Invalid", "done"]
    in_order()


@pytest.mark.parametrize("turn", range(3))
def test_a_form_sent_at_the_moment_its_hold_lapses_is_a_booking(shop_app: Flask, shop: Shop, turn: int) -> None:
    held = hold(shop, "cell")
    ref = held.ref
    with db.write() as session:
        session.get_one(Booking, held.id).lapses_at = clock.now() + timedelta(milliseconds=20)

    outcomes = at_once(shop_app, lambda here: here.book("cell", hold_ref=ref), expiring)
    assert outcomes == ["done", "done"]
    assert len(db.db.session.scalars(select(Booking).where(Booking.state == "submitted")).all()) == 1
    in_order()


def test_a_hold_is_submitted_once_whatever_else_happens_to_it(shop_app: Flask, shop: Shop) -> None:
    ref = hold(shop, "cell").ref
    outcomes = at_once(
        shop_app,
        lambda here: here.book("cell", hold_ref=ref, retry_key="one"),
        lambda here: here.book("cell", hold_ref=ref, retry_key="one"),
        lambda here: holding.extend(actor=here.user("north"), ref=ref),
        lambda here: hold(here, "cell", start=here.at(9), end=here.at(11)),
    )
    assert not [outcome for outcome in outcomes if "(" in outcome], outcomes
    assert len(db.db.session.scalars(select(Booking).where(Booking.state == "submitted")).all()) <= 1
    in_order()


def test_lines_of_opposite_order_do_not_wait_for_each_other(shop_app: Flask, shop: Shop) -> None:
    """Who serves a line, who books a cell with its coach, who moves holds from one lathe to the other."""
    policy(shop, "machine", "first_fit")
    policy(shop, "cell", "strict")
    first = shop.book("cell")
    lathes = [shop.book(picks={0: shop.resource(name)}) for name in ("lathe1", "lathe2")]
    waits = [shop.book("cell", "south", waitlist=True), shop.book(who="south", waitlist=True)]
    ids = [shop.resource(name) for name in ("lathe1", "lathe2")]
    later: dict[str, Any] = {"start": shop.at(13), "end": shop.at(15)}

    def back_and_forth(who: str, order: list[int]) -> Deed:
        def deed(here: Shop) -> None:
            for _time in range(4):
                for number in order:
                    try:
                        hold(here, who=who, picks={0: number}, **later)
                    except DomainError:
                        continue

        return deed

    outcomes = at_once(
        shop_app,
        cancelling(first.ref),
        *(cancelling(lathe.ref) for lathe in lathes),
        back_and_forth("north", ids),
        back_and_forth("south", ids[::-1]),
        *[serving(Line(shop.kind_id(kind), None)) for kind in ("cell", "machine")],
    )
    assert outcomes == ["done"] * len(outcomes)
    assert states(*waits) == ["offered", "offered"]
    in_order()


def test_whoever_joins_while_the_place_is_given_back_is_not_forgotten(shop_app: Flask, shop: Shop) -> None:
    for turn in range(4):
        training, booked = full(shop, "strict", seats=1) if turn == 0 else again(shop, turn)
        at_once(
            shop_app,
            cancelling(booked.ref),
            lambda here, number=training.id: here.book(  # type: ignore[misc]
                "course", "south", training_id=number, waitlist=True
            ),
        )
        mine = db.db.session.scalars(
            select(Booking).where(
                Booking.session_id == training.id, Booking.organisation_id == shop.organisation("south")
            )
        ).one()
        assert mine.state in {"offered", "submitted"}
    in_order()


@pytest.mark.slow
def test_a_day_at_a_full_session_in_any_order(shop_app: Flask, shop: Shop) -> None:
    """Many do anything at once, again and again; afterwards nobody waits for what is free."""
    training, _booked = full(shop, "first_fit", seats=6)
    number = training.id

    def anybody(seed: int) -> Deed:
        dice = random.Random(seed)

        def deed(here: Shop) -> None:
            for _time in range(12):
                who = dice.choice(["north", "south"])
                try:
                    one_thing(here, dice, who, number)
                except DomainError:
                    db.db.session.rollback()

        return deed

    assert at_once(shop_app, *[anybody(seed) for seed in range(6)]) == ["done"] * 6
    in_order()
    free = 6 - shop.taken(training.seats_resource_id or 0)
    left = db.db.session.scalars(select(Booking).where(Booking.session_id == number, Booking.state == "waitlisted"))
    assert all(booking.units > free for booking in left)


def one_thing(here: Shop, dice: random.Random, who: str, number: int) -> None:
    """Book, hold, join, cancel or accept, whatever comes."""
    match dice.randrange(5):
        case 0:
            here.book("course", who, training_id=number, people=dice.randint(1, 4), waitlist=True)
        case 1:
            hold(here, "course", who, training_id=number, units=dice.randint(1, 3))
        case 2 | 3:
            refs = db.db.session.scalars(
                select(Booking.ref).where(
                    Booking.session_id == number,
                    Booking.organisation_id == here.organisation(who),
                    Booking.state.in_(("submitted", "offered", "waitlisted")),
                )
            ).all()
            if refs:
                workflow.move(actor=here.user(who), ref=dice.choice(refs), action="cancel")
        case _:
            offer = db.db.session.scalar(select(Booking.ref).where(Booking.state == "offered").limit(1))
            if offer:
                waiting.accept(actor=here.user(who), ref=offer)


def again(shop: Shop, turn: int) -> tuple[TrainingSession, Booking]:
    """Publish another full session."""
    training = shop.session(seats=1, day=14 + turn)
    return training, shop.book("course", training_id=training.id)
