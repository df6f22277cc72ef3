"""Deciding at the same moment: each decision counts once, and a booking moves once."""

import multiprocessing
from collections.abc import Callable, Mapping
from multiprocessing.synchronize import Barrier as ProcessBarrier
from pathlib import Path
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import delete, select

from core import clock, config, db
from core.accounts.models import Grant
from core.app import create_app
from core.booking import approvals, delegations, workflow
from core.booking.models import Booking
from core.errors import DomainError
from core.notify.models import Message
from tests.booking.approving import BOTH, EITHER, FIRST, SECOND, decided_by, person, state, votes
from tests.booking.conftest import Workshop
from tests.booking.shop import Shop, settings

pytestmark = pytest.mark.database


def at_once(app: Flask, *deeds: Callable[[Shop], object]) -> list[str]:
    """Do all deeds at the same moment, each in a thread; return `done` or the name of the refusal, in their order."""
    start, outcomes = Barrier(len(deeds), timeout=60), [""] * len(deeds)

    def one(number: int, deed: Callable[[Shop], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                deed(Shop())
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
    return outcomes


def deed(ref: str, who: str, action: str = "approve", **more: object) -> Callable[[Shop], object]:
    """Return what somebody does with a booking."""
    return lambda shop: workflow.move(actor=shop.user(who), ref=ref, action=action, reason="理由", **more)  # type: ignore[arg-type]


def moves(ref: str) -> list[str]:
    """Return the actions of a booking's history."""
    db.db.session.rollback()
    booking = db.db.session.scalars(select(Booking).where(Booking.ref == ref)).one()
    return [entry.action for entry in booking.history]


def test_of_twenty_approvals_by_one_person_one_counts(shop_app: Flask, shop: Shop) -> None:
    decided_by(shop, FIRST, SECOND)
    person(shop, "both", "manager", "office")
    ref = shop.book().ref
    outcomes = at_once(shop_app, *[deed(ref, "both")] * 20)
    assert sorted(set(outcomes)) == ["CountsOnce", "done"]
    assert outcomes.count("done") == 1
    assert votes(ref) == [(1, 0, "manager", "both")]
    assert moves(ref) == ["submit", "approve"]


def test_of_ten_managers_who_approve_at_once_one_moves_the_booking(shop_app: Flask, shop: Shop) -> None:
    decided_by(shop, FIRST)
    names = [person(shop, f"manager{number}", "manager").name for number in range(10)]
    ref = shop.book().ref
    outcomes = at_once(shop_app, *[deed(ref, name) for name in names])
    assert (outcomes.count("done"), outcomes.count("StateChanged")) == (1, 9)
    assert len(votes(ref)) == 1
    assert moves(ref) == ["submit", "confirm"]


def test_all_who_are_needed_may_approve_at_the_same_moment(shop_app: Flask, shop: Shop) -> None:
    decided_by(shop, BOTH)
    person(shop, "office", "office")
    ref = shop.book().ref
    assert at_once(shop_app, deed(ref, "manager"), deed(ref, "office")) == ["done", "done"]
    assert sorted(vote[2] for vote in votes(ref)) == ["manager", "office"]
    assert moves(ref) == ["submit", "approve", "confirm"]


def decide_in_a_process(
    surroundings: Mapping[str, str], instance: Path, ref: str, who: str, barrier: ProcessBarrier, answer: Path
) -> None:
    """Approve a booking five times at once in this process, and write down what became of it."""
    app = create_app(config.load(dict(surroundings), instance=instance))
    barrier.wait(60)
    answer.write_text("\n".join(at_once(app, *[deed(ref, who)] * 5)), encoding="utf-8")


def test_servers_of_their_own_count_a_person_once_and_move_the_booking_once(
    shop_app: Flask, shop: Shop, workshop: Workshop, keys: dict[str, str], tmp_path: Path
) -> None:
    decided_by(shop, EITHER, EITHER)
    person(shop, "both", "manager", "office")
    ref = shop.book().ref
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.booking.test_contention_approvals"])
    barrier = context.Barrier(3)
    surroundings = settings(keys, shop_app.extensions["jidi_settings"].database_url)
    answers = [tmp_path / f"answer-{number}" for number in range(3)]
    processes = [
        context.Process(
            target=decide_in_a_process, args=(surroundings, workshop.instance, ref, "both", barrier, answer)
        )
        for answer in answers
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    outcomes = [line for answer in answers for line in answer.read_text(encoding="utf-8").splitlines()]
    assert (outcomes.count("done"), outcomes.count("CountsOnce")) == (1, 14)
    assert [vote[:2] for vote in votes(ref)] == [(1, 0)]
    assert moves(ref) == ["submit", "approve"]


@pytest.mark.parametrize("_again", range(3))
def test_approval_and_cancellation_at_once_leave_one_end(shop_app: Flask, shop: Shop, _again: int) -> None:
    decided_by(shop, FIRST)
    ref = shop.book().ref
    approved, cancelled = at_once(shop_app, deed(ref, "manager"), deed(ref, "north", "cancel"))
    assert cancelled == "done", "what is confirmed can still be cancelled in time"
    assert state(ref) == "cancelled"
    assert approved in {"done", "StateChanged"}
    assert moves(ref) == ["submit", *(["confirm"] if approved == "done" else []), "cancel"]
    assert len(votes(ref)) == (approved == "done")
    assert shop.taken(shop.resource("lathe1")) + shop.taken(shop.resource("lathe2")) == 0


@pytest.mark.parametrize("against", ["return", "reject"])
def test_of_approval_and_its_opposite_one_wins(shop_app: Flask, shop: Shop, against: str) -> None:
    decided_by(shop, FIRST)
    person(shop, "second", "manager")
    ref = shop.book().ref
    outcomes = at_once(shop_app, deed(ref, "manager"), deed(ref, "second", against))
    assert sorted(outcomes) == ["StateChanged", "done"]
    assert len(moves(ref)) == 2
    assert len(votes(ref)) == (outcomes[0] == "done")


def test_giver_and_delegate_at_once_count_once(shop_app: Flask, shop: Shop) -> None:
    decided_by(shop, EITHER, EITHER)
    person(shop, "deputy")
    today = clock.today()
    delegations.give(
        actor=shop.user("manager"),
        email="deputy@example.com",
        base_id=shop.base.id,
        first_day=today,
        last_day=today,
    )
    ref = shop.book().ref
    outcomes = at_once(shop_app, deed(ref, "manager"), deed(ref, "deputy"))
    assert sorted(outcomes) == ["CountsOnce", "done"]
    assert [vote[:2] for vote in votes(ref)] == [(1, 0)]


def test_a_role_taken_away_at_the_same_moment_decides_before_or_not_at_all(shop_app: Flask, shop: Shop) -> None:
    decided_by(shop, FIRST)
    manager_id = shop.user("manager").id
    ref = shop.book().ref

    def take_away(_shop: Shop) -> None:
        with db.write() as session:
            session.execute(delete(Grant).where(Grant.user_id == manager_id))

    approved, taken = at_once(shop_app, deed(ref, "manager"), take_away)
    assert taken == "done"
    assert (approved, state(ref)) in {("done", "confirmed"), ("NotFound", "submitted")}
    assert len(votes(ref)) == (approved == "done")


def test_two_workers_tell_of_an_overdue_decision_once(shop_app: Flask, shop: Shop) -> None:
    decided_by(shop, FIRST)
    person(shop, "office", "office")
    bookings = [shop.book(who=who) for who in ("north", "south")]
    due = bookings[0].decide_by
    assert due is not None
    counts: list[int] = []

    def work(_shop: Shop) -> None:
        with clock.set_to(due):
            counts.append(approvals.escalate_overdue())

    assert set(at_once(shop_app, *[work] * 4)) == {"done"}
    assert sum(counts) == 2
    db.db.session.rollback()
    told = select(Message).where(Message.user_id == shop.user("office").id)
    assert len(db.db.session.scalars(told).all()) == 2


def test_a_decision_and_its_deadline_at_once_move_the_booking_once(shop_app: Flask, shop: Shop) -> None:
    decided_by(shop, FIRST)
    person(shop, "office", "office")
    booking = shop.book()
    ref, due, version = booking.ref, booking.decide_by, booking.version
    assert due is not None

    def at_the_deadline(what: Callable[[Shop], object]) -> Callable[[Shop], object]:
        def then(here: Shop) -> None:
            with clock.set_to(due):
                what(here)

        return then

    outcomes = at_once(
        shop_app,
        at_the_deadline(deed(ref, "manager", version=version)),
        at_the_deadline(deed(ref, "office", version=version)),
        at_the_deadline(lambda _shop: approvals.escalate_overdue()),
    )
    assert sorted(outcomes[:2]) == ["StateChanged", "done"]
    assert outcomes[2] == "done"
    assert len(votes(ref)) == 1
    assert moves(ref) == ["submit", "confirm"]
