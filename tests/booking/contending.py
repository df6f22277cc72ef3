"""A process of its own that makes bookings at the same moment as others; for `test_contention.py`."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import time, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from flask import Flask

from core import config
from core.app import create_app
from core.booking import holding, making, series
from core.booking.errors import ResourceTaken
from core.booking.events import BookingChanged
from core.booking.models import Booking
from core.errors import DomainError
from tests.booking.shop import PURPOSE, Shop

Wish = Callable[[Shop, int], Booking]


def last_seat(shop: Shop, number: int) -> Booking:
    """Ask for one seat of the only session."""
    who = "north" if number % 2 else "south"
    return shop.book("course", who, training_id=1, people=1)


def one_slot(shop: Shop, number: int) -> Booking:
    """Ask for one machine at a time that overlaps everybody else's, each at another one: all contain 11:00–12:00."""
    start = shop.at(9) + timedelta(minutes=30 * (number % 5))
    end = shop.at(12) + timedelta(minutes=30 * (number % 3))
    who = "north" if number % 2 else "south"
    return shop.book("machine", who, picks={0: shop.resource("lathe1")}, start=start, end=end)


def same_key(shop: Shop, number: int) -> Booking:
    """Send the same request as everybody else, with the same key."""
    return shop.book("machine", retry_key="same")


def from_a_quota(shop: Shop, number: int) -> Booking:
    """Ask for one unit on a day of one's own, as one of the two contacts of the school in the north.

    What is asked for differs, so that no lock on a resource makes those wait who share nothing but the quota.
    """
    kind, hours = (("machine", (9, 10)), ("shift", (8, 14)), ("cell", (9, 11)))[number % 3]
    start, end = (shop.at(hour, 2 + number) for hour in hours)
    return making.book(
        actor=shop.user("north2" if number % 2 else "north"),
        organisation_id=shop.organisation("north"),
        base=shop.base,
        kind=shop.kind(kind),
        cleaned=shop.answers(kind),
        start=start,
        end=end,
    )


def of_the_pool(shop: Shop, number: int) -> Booking:
    """Ask for one to three of ten seats, at times of unequal length that all contain 11:00–12:00."""
    start, end = shop.at(9 + number % 5 / 2), shop.at(12 + number % 3 / 2)
    who = "north" if number % 2 else "south"
    return shop.book("desk", who, picks={0: shop.resource("hall")}, people=1 + number % 3, start=start, end=end)


def opposite_legs(shop: Shop, number: int) -> Booking:
    """Ask for a cell and the only instructor, half of all in the one order and half in the other."""
    who = "north" if number % 4 < 2 else "south"
    return shop.book("riap" if number % 2 else "pair", who)


def part_or_whole(shop: Shop, number: int) -> Booking:
    """Ask for a room, or for two of the three benches in it."""
    if number % 2:
        return shop.book("room", "north")
    benches = [shop.resource(f"bench{1 + (number // 2 + other) % 3}") for other in (0, 1)]
    return shop.book("benches", "south", picks={0: benches}, start=shop.at(10), end=shop.at(12))


def held_or_booked(shop: Shop, number: int) -> Booking:
    """Hold a machine, or book it."""
    who = "north" if number % 4 < 2 else "south"
    wish: dict[str, Any] = {"picks": {0: shop.resource("lathe1")}, "start": shop.at(9), "end": shop.at(11)}
    if number % 2:
        return shop.book("machine", who, **wish)
    return holding.hold(
        actor=shop.user(who),
        organisation_id=shop.organisation(who),
        base=shop.base,
        kind=shop.kind("machine"),
        **wish,
    )


WISHES: dict[str, Wish] = {
    "of the pool": of_the_pool,
    "opposite legs": opposite_legs,
    "part or whole": part_or_whole,
    "held or booked": held_or_booked,
    "last seat": last_seat,
    "one slot": one_slot,
    "same key": same_key,
    "from a quota": from_a_quota,
}


def contend(app: Flask, wish: str, numbers: range, ready: Callable[[], object]) -> list[str]:
    """Carry out a wish in a thread per number, all at once; return what became of each."""
    outcomes: list[str] = []
    start = threading.Barrier(len(numbers) + 1, timeout=60)

    def one(number: int) -> None:
        with app.app_context():
            shop = Shop()
            start.wait()
            outcomes.append(outcome(lambda: WISHES[wish](shop, number)))

    threads = [threading.Thread(target=one, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    ready()
    start.wait()
    for thread in threads:
        thread.join()
    return outcomes


def outcome(deed: Callable[[], Booking]) -> str:
    """Return the reference that was made, or the name of what refused it."""
    try:
        return deed().ref
    except ResourceTaken:
        return "taken"
    except DomainError as error:
        return type(error).__name__
    except Exception as error:  # noqa: BLE001 - whatever it is, the test is to see it
        return repr(error)


def process(
    settings: Mapping[str, str], instance: Path, wish: str, numbers: range, barrier: Barrier, answer: Path
) -> None:
    """Run `contend` in this process and write what became of it to a file."""
    app = create_app(config.load(dict(settings), instance=instance))
    outcomes = contend(app, wish, numbers, lambda: barrier.wait(60))
    answer.write_text("\n".join(outcomes), encoding="utf-8")


def killed_half_way(settings: Mapping[str, str], instance: Path) -> None:
    """Make a booking and die by SIGKILL when all is written and nothing committed."""
    app = create_app(config.load(dict(settings), instance=instance))

    def die(session: object, event: object) -> None:
        session.flush()  # type: ignore[attr-defined]
        os.kill(os.getpid(), signal.SIGKILL)

    app.extensions["jidi_listeners"] = (*app.extensions["jidi_listeners"], (BookingChanged, die))
    with app.app_context():
        Shop().book("cell")


def killed_series(settings: Mapping[str, str], instance: Path) -> None:
    """Book a series and die by SIGKILL when its fifth date is written."""
    app = create_app(config.load(dict(settings), instance=instance))
    written: list[object] = []

    def die(session: object, event: object) -> None:
        session.flush()  # type: ignore[attr-defined]
        written.append(event)
        if len(written) == 5:
            os.kill(os.getpid(), signal.SIGKILL)

    app.extensions["jidi_listeners"] = (*app.extensions["jidi_listeners"], (BookingChanged, die))
    with app.app_context():
        shop = Shop()
        series.create(
            actor=shop.user("north"),
            organisation_id=shop.organisation("north"),
            base=shop.base,
            kind=shop.kind("lesson"),
            cleaned=PURPOSE,
            rule={"rrule": "FREQ=WEEKLY;COUNT=12", "first": shop.at(9).date().isoformat(), "holidays": "ignore"},
            starts=time(9),
            ends=time(11),
        )


def counted(outcomes: list[str]) -> Counter[str]:
    """Return how often each came out, references counted as “won”."""
    return Counter("won" if outcome.startswith("JD-") else outcome for outcome in outcomes)
