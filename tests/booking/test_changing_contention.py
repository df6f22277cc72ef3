"""Moves of bookings at the same moment: one gets the place, everybody else keeps theirs, nobody waits for ever."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from core import config, db
from core.app import create_app
from core.booking import changing, closures, workflow
from core.booking.changing import Aim
from core.booking.events import BookingChanged
from core.booking.invariants import snapshot, violations
from core.booking.models import Allocation, Booking, Closure
from core.errors import DomainError
from tests.booking.conftest import Workshop
from tests.booking.shop import Shop, settings

pytestmark = pytest.mark.database

Deed = Callable[[Shop], object]


def at_once(app: Flask, deeds: list[Deed]) -> list[str]:
    """Carry out deeds in a thread each, all at once; return what became of each: `done`, or what refused it."""
    start = Barrier(len(deeds), timeout=60)
    outcomes = [""] * len(deeds)

    def one(number: int) -> None:
        with app.app_context():
            shop = Shop()
            start.wait()
            try:
                deeds[number](shop)
                outcomes[number] = "done"
            except DomainError as error:
                outcomes[number] = type(error).__name__
            except Exception as error:  # noqa: BLE001 - whatever it is, the test is to see it
                outcomes[number] = repr(error)

    threads = [Thread(target=one, args=(number,)) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.db.session.rollback()
    with snapshot() as connection:
        assert list(violations(connection)) == []
    return outcomes


def move(ref: str, start: float, lathe: str | None = None, who: str = "north") -> Deed:
    """Return the deed of moving a booking to an hour, and to a machine."""

    def deed(shop: Shop) -> object:
        picks = {0: shop.resource(lathe)} if lathe else None
        aim = Aim(shop.at(start), shop.at(start + 2), picks=picks)
        return changing.reschedule(actor=shop.user(who), ref=ref, aim=aim, reason="改")

    return deed


def hours(ref: str) -> tuple[int, str]:
    """Return when a booking begins, in hours after nine, and its machine."""
    booking = db.db.session.scalars(select(Booking).where(Booking.ref == ref)).one()
    entry = db.db.session.scalars(
        select(Allocation).where(Allocation.booking_id == booking.id, Allocation.active)
    ).one()
    return int((booking.start_at - Shop().at(9)).total_seconds()) // 3600, entry.resource.slug


def test_of_many_moved_to_one_slot_one_gets_it_and_the_others_keep_their_places(shop_app: Flask, shop: Shop) -> None:
    refs = [
        shop.book(start=shop.at(hour), end=shop.at(hour + 2), picks={0: shop.resource(slug)}).ref
        for hour in (8, 10, 12)
        for slug in ("lathe1", "lathe2")
    ]
    before = {ref: hours(ref) for ref in refs}
    outcomes = at_once(shop_app, [move(ref, 16, "lathe1") for ref in refs])
    assert sorted(outcomes) == ["ResourceTaken"] * 5 + ["done"]
    for ref, outcome in zip(refs, outcomes, strict=True):
        assert hours(ref) == ((7, "lathe1") if outcome == "done" else before[ref])


def test_a_move_and_a_booking_for_one_slot_leave_one_of_them_there(shop_app: Flask, shop: Shop) -> None:
    ref = shop.book(picks={0: shop.resource("lathe1")}).ref

    def book(here: Shop) -> object:
        lathe = here.resource("lathe1")
        return here.book(who="south", picks={0: lathe}, start=here.at(14), end=here.at(16))

    outcomes = at_once(shop_app, [move(ref, 14, "lathe1"), book])
    assert sorted(outcomes) == ["ResourceTaken", "done"]
    assert hours(ref)[0] == (5 if outcomes[0] == "done" else 0)


def test_two_that_change_places_at_once_wait_for_nobody(shop_app: Flask, shop: Shop) -> None:
    first = shop.book(picks={0: shop.resource("lathe1")}).ref
    second = shop.book(who="south", picks={0: shop.resource("lathe2")}).ref
    for _again in range(5):
        outcomes = at_once(shop_app, [move(first, 9, "lathe2"), move(second, 9, "lathe1", "south")])
        assert set(outcomes) == {"ResourceTaken"}
    assert (hours(first)[1], hours(second)[1]) == ("lathe1", "lathe2")


def test_a_move_and_a_cancellation_leave_it_moved_and_cancelled_or_only_cancelled(shop_app: Flask, shop: Shop) -> None:
    ref = shop.book().ref

    def cancel(here: Shop) -> object:
        return workflow.move(actor=here.user("north"), ref=ref, action="cancel")

    outcomes = at_once(shop_app, [move(ref, 14), cancel])
    assert outcomes[1] == "done"
    assert outcomes[0] in {"done", "StateChanged"}
    assert shop.taken(shop.resource("lathe1")) == 0


def test_of_two_managers_who_saw_the_same_booking_one_moves_it(shop_app: Flask, shop: Shop) -> None:
    booking = shop.book()
    ref, version = booking.ref, booking.version

    def drop(start: float) -> Deed:
        return lambda here: changing.reschedule(
            actor=here.user("manager"),
            ref=ref,
            aim=Aim(here.at(start), here.at(start + 2)),
            reason="改",
            version=version,
        )

    assert sorted(at_once(shop_app, [drop(12), drop(14), drop(16)])) == ["StateChanged", "StateChanged", "done"]


def test_a_booking_moved_to_a_machine_and_the_closure_of_that_machine_never_both_happen(
    shop_app: Flask, shop: Shop
) -> None:
    ref = shop.book(picks={0: shop.resource("lathe1")}).ref

    def relocate(here: Shop) -> object:
        lathe1, lathe2 = here.resource("lathe1"), here.resource("lathe2")
        return changing.relocate(
            actor=here.user("manager"), ref=ref, from_resource=lathe1, to_resource=lathe2, reason="坏了"
        )

    def close(here: Shop) -> object:
        span = {"start": here.at(8), "end": here.at(12)}
        return closures.enter(actor=here.user("manager"), resource_id=here.resource("lathe2"), reason="检修", **span)

    outcomes = at_once(shop_app, [relocate, close])
    assert sorted(outcomes) in (["InTheWay", "done"], ["ResourceTaken", "done"])
    assert hours(ref)[1] == ("lathe2" if outcomes[0] == "done" else "lathe1")
    assert shop.count(Closure) == (outcomes[1] == "done")


def killed_half_way(surroundings: Mapping[str, str], instance: Path, ref: str) -> None:
    """Move a booking and die by SIGKILL when all is written and nothing committed."""
    app = create_app(config.load(dict(surroundings), instance=instance))

    def die(session: object, event: object) -> None:
        session.flush()  # type: ignore[attr-defined]
        os.kill(os.getpid(), signal.SIGKILL)

    app.extensions["jidi_listeners"] = (*app.extensions["jidi_listeners"], (BookingChanged, die))
    with app.app_context():
        move(ref, 14)(Shop())


def test_a_process_killed_in_the_middle_of_a_move_leaves_the_old_place(
    shop_app: Flask, shop: Shop, workshop: Workshop, keys: dict[str, str]
) -> None:
    ref = shop.book(picks={0: shop.resource("lathe2")}).ref
    db.db.session.rollback()
    surroundings = settings(keys, shop_app.extensions["jidi_settings"].database_url)
    victim = multiprocessing.get_context("forkserver").Process(
        target=killed_half_way, args=(surroundings, workshop.instance, ref)
    )
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    assert hours(ref) == (0, "lathe2")
    with snapshot() as connection:
        assert list(violations(connection)) == []
    move(ref, 14)(shop)
    db.db.session.rollback()
    assert hours(ref) == (5, "lathe2")
