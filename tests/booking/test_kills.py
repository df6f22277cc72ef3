"""Servers that are killed in the middle of load: what was answered stands, and what was not can be sent again."""

import random
import subprocess
import threading
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from core import db
from core.booking.models import Booking
from tests.booking.conftest import Workshop
from tests.booking.customers import Customers
from tests.booking.invariants import in_order
from tests.booking.program import servers, tokens
from tests.booking.shop import Shop, settings
from tests.booking.test_waiting import policy
from tests.support.servers import COMMAND, clean_environment

pytestmark = [pytest.mark.database, pytest.mark.slow]

KILLS = 20

CUSTOMERS = 8


def test_a_server_killed_twenty_times_loses_no_booking_and_doubles_none(
    shop_app: Flask, shop: Shop, workshop: Workshop, keys: dict[str, str], tmp_path: Path
) -> None:
    policy(shop, "course", "strict")
    sessions = [shop.session(seats=20, day=day).id for day in (20, 21, 22)]
    surroundings = {
        **settings(keys, shop_app.extensions["jidi_settings"].database_url),
        "JIDI_INSTANCE": str(workshop.instance),
    }
    known = [*tokens(shop, "north", 4), *tokens(shop, "south", 4), *tokens(shop, "manager", 1)]
    db.db.session.rollback()
    dice = random.Random(1)
    every: list[Customers] = []
    unanswered = 0
    with servers(tmp_path, surroundings, 1) as (server,):
        for run in range(KILLS):
            customers = Customers(shop, [server.address], known, sessions, seed=run)
            every.append(customers)
            customers.start(CUSTOMERS)
            threading.Event().wait(dice.uniform(0.3, 2))
            server.kill()
            customers.stop()
            in_order()
            unanswered += customers.statuses()[0]
            server.begin()
            server.wait()
            customers.again(server.address)
            assert [(sent.path, sent.answer) for sent in customers.strange()] == []
            in_order()
            kept(every)
    command: list[str | Path] = [COMMAND, "check", "--bookings"]
    checked = subprocess.run(command, env=clean_environment(**surroundings), capture_output=True, text=True, check=True)
    statuses: Counter[int] = sum((customers.statuses() for customers in every), Counter())
    print(f"{KILLS} kills, answers {dict(statuses)}, {unanswered} without an answer and sent again; {checked.stdout}")  # noqa: T201
    assert statuses[201] > 5 * KILLS
    assert unanswered > KILLS


def kept(every: list[Customers]) -> None:
    """Prove that there is exactly one booking for each that was acknowledged, and that what was cancelled is."""
    db.db.session.rollback()
    states = {row[0]: row[1] for row in db.db.session.execute(select(Booking.ref, Booking.state))}
    # A hold becomes the booking of whoever books its place; one that has gone meanwhile is submitted as a new booking.
    told = {ref for customers in every for ref in customers.acknowledged("bookings", "holds", "submit")}
    made = Counter(ref for customers in every for ref in customers.acknowledged("bookings"))
    assert set(states) == told, "a booking is lost, or was made twice"
    assert set(made.values()) == {1}, "two requests were told of one booking"
    for customers in every:
        for sent in customers.sent:
            if sent.path.endswith("/cancel") and sent.answer and sent.answer.status == 200:
                assert states[sent.path.split("/")[1]] == "cancelled"
