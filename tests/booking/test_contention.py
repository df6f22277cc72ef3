"""Many at once for the same thing: exactly one gets it, in threads and in processes, on both engines."""

import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core import db
from core.booking import sessions, workflow
from core.booking.machine import advance
from core.booking.models import Allocation, Booking, Step
from core.errors import StateChanged
from core.intake.models import Answer
from core.jobs import Job
from core.notify.models import Message
from tests.booking.conftest import Workshop
from tests.booking.contending import contend, counted, killed_half_way, process
from tests.booking.invariants import in_order
from tests.booking.shop import Shop, settings

pytestmark = pytest.mark.database

PROCESSES, THREADS = 5, 10


def prepare(shop: Shop) -> None:
    """Leave one seat of one session."""
    assert shop.session(seats=2).id == 1
    shop.book("course", training_id=1)


def in_processes(app: Flask, workshop: Workshop, keys: dict[str, str], tmp_path: Path, wish: str) -> list[str]:
    """Let fifty contend, ten in each of five processes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.booking.contending"])
    barrier = context.Barrier(PROCESSES)
    surroundings = settings(keys, app.extensions["jidi_settings"].database_url)
    answers = [tmp_path / f"answer-{number}" for number in range(PROCESSES)]
    processes = [
        context.Process(
            target=process,
            args=(
                surroundings,
                workshop.instance,
                wish,
                range(number * THREADS, (number + 1) * THREADS),
                barrier,
                answers[number],
            ),
        )
        for number in range(PROCESSES)
    ]
    for started in processes:
        started.start()
    for started in processes:
        started.join()
    return [line for answer in answers for line in answer.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("wish", ["last seat", "one slot"])
def test_of_fifty_threads_exactly_one_wins(shop_app: Flask, shop: Shop, wish: str) -> None:
    prepare(shop)
    outcomes = contend(shop_app, wish, range(50), lambda: None)
    assert counted(outcomes) == {"won": 1, "taken": 49}


@pytest.mark.parametrize("wish", ["last seat", "one slot"])
def test_of_fifty_in_five_processes_exactly_one_wins(
    shop_app: Flask, shop: Shop, workshop: Workshop, keys: dict[str, str], tmp_path: Path, wish: str
) -> None:
    prepare(shop)
    outcomes = in_processes(shop_app, workshop, keys, tmp_path, wish)
    assert counted(outcomes) == {"won": 1, "taken": 49}


Contend = Callable[[str], Counter[str]]


@pytest.fixture(params=["threads", pytest.param("processes", marks=pytest.mark.slow)])
def fifty(
    request: pytest.FixtureRequest,
    shop_app: Flask,
    shop: Shop,
    workshop: Workshop,
    keys: dict[str, str],
    tmp_path: Path,
) -> Contend:
    """Let fifty contend for a wish, in one process or in five, and count what became of them."""

    def contended(wish: str) -> Counter[str]:
        outcomes = (
            contend(shop_app, wish, range(50), lambda: None)
            if request.param == "threads"
            else in_processes(shop_app, workshop, keys, tmp_path, wish)
        )
        db.db.session.rollback()
        in_order()
        return counted(outcomes)

    return contended


def test_of_a_pool_as_much_is_taken_at_each_instant_as_there_is(shop: Shop, fifty: Contend) -> None:
    outcomes = fifty("of the pool")
    assert outcomes.keys() == {"won", "taken"}
    assert shop.taken(shop.resource("hall")) == 10, "all contain one hour, and some ask for a single seat"


def test_who_takes_the_same_in_opposite_order_does_not_deadlock(shop: Shop, fifty: Contend) -> None:
    assert fifty("opposite legs") == {"won": 1, "taken": 49}
    assert shop.taken(shop.resource("coach")) == 1


def test_a_room_and_the_benches_in_it_are_not_both_taken(fifty: Contend) -> None:
    assert fifty("part or whole") == {"won": 1, "taken": 49}


def test_what_one_holds_another_does_not_book(shop: Shop, fifty: Contend) -> None:
    outcomes = fifty("held or booked")
    assert outcomes.keys() == {"won", "taken"}
    assert shop.taken(shop.resource("lathe1")) == 1
    standing = db.db.session.scalars(select(Booking).where(Booking.state.in_(("held", "confirmed")))).all()
    assert len(standing) == 1


def test_one_key_sent_many_times_at_once_makes_one_booking(shop_app: Flask, shop: Shop) -> None:
    outcomes = contend(shop_app, "same key", range(20), lambda: None)
    assert counted(outcomes) == {"won": 20}
    assert len(set(outcomes)) == 1
    assert shop.count(Booking) == 1


@pytest.mark.parametrize(
    ("first", "second"), [("confirm", "confirm"), ("confirm", "reject"), ("cancel", "confirm"), ("return", "cancel")]
)
def test_of_two_moves_at_once_one_wins_and_the_other_is_told(
    shop_app: Flask, shop: Shop, first: str, second: str
) -> None:
    ref = shop.book("cell").ref
    start, outcomes = Barrier(2), []

    def one(action: str, who: str) -> None:
        with shop_app.app_context():
            actor = Shop().user(who)
            start.wait()
            try:
                workflow.move(actor=actor, ref=ref, action=action, reason="理由")
                outcomes.append(action)
            except StateChanged:
                outcomes.append("too late")

    threads = [
        Thread(target=one, args=(action, "north" if action == "cancel" else "manager")) for action in (first, second)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [outcome for outcome in outcomes if outcome != "too late"]
    if len(won) == 2:
        # Both are in order if one follows the other: what is confirmed or returned can still be cancelled.
        assert "cancel" in won
        assert {first, second} != {"confirm", "reject"}
    else:
        assert len(won) == 1
    db.db.session.rollback()
    booking = db.db.session.scalars(select(Booking)).one()
    assert len(booking.history) == 1 + len(won)


def test_who_moves_a_session_and_who_cancels_its_booking_do_not_wait_for_each_other(
    shop_app: Flask, shop: Shop
) -> None:
    session_id = shop.session().id
    ref = shop.book("course", training_id=session_id).ref
    failures: list[str] = []
    begun = Event()

    def move_the_session() -> None:
        with shop_app.app_context():
            here = Shop()
            manager, start, end = here.user("manager"), here.at(14), here.at(17)
            begun.set()
            try:
                sessions.edit(
                    actor=manager, session_id=session_id, title="车工入门", text="", start=start, end=end, seats=10
                )
            except Exception as error:  # noqa: BLE001 - whatever it is, the test is to see it
                failures.append(repr(error))

    moving = Thread(target=move_the_session)
    with db.write() as session:
        booking = workflow.locked(session, ref)
        moving.start()
        begun.wait()
        await_a_waiter(session)
        advance(session, booking, "cancel", actor_id=None)
    moving.join()
    assert failures == []
    assert shop.taken(shop.resource(f"session_{session_id}")) == 0


def await_a_waiter(session: Session) -> None:
    """Wait until somebody waits for a row that this transaction holds; on SQLite nobody else has come to any."""
    if db.db.engine.dialect.name == "postgresql":
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not session.scalar(waiting):
            pass


def test_a_process_killed_half_way_leaves_nothing_half_done(
    shop_app: Flask, shop: Shop, workshop: Workshop, keys: dict[str, str]
) -> None:
    models = (Booking, Allocation, Step, Answer, Message, Job)
    before = {model: shop.count(model) for model in models}
    db.db.session.rollback()
    context = multiprocessing.get_context("forkserver")
    surroundings = settings(keys, shop_app.extensions["jidi_settings"].database_url)
    victim = context.Process(target=killed_half_way, args=(surroundings, workshop.instance))
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    assert {model: shop.count(model) for model in models} == before
    assert shop.book("cell").state == "submitted"
