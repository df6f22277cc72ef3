"""Whoever waits for a resource holds nothing that comes after it: no two wait for each other."""

from collections.abc import Callable, Collection
from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from core import clock, db
from core.booking import workflow
from core.booking.allocation import lock
from tests.booking.invariants import in_order
from tests.booking.shop import Shop
from tests.booking.test_contention import await_a_waiter
from tests.booking.test_waiting import policy

pytestmark = pytest.mark.database


def meanwhile(
    app: Flask, deed: Callable[[Shop], object], *, holding: Collection[int], then: Callable[[Session], object]
) -> None:
    """Let a thread do a deed, and once it waits for resources that are held here, lock more of what it may have."""
    failures: list[str] = []

    def do() -> None:
        with app.app_context():
            try:
                deed(Shop())
            except Exception as error:  # noqa: BLE001 - whatever it is, the test is to see it
                failures.append(repr(error))

    other = Thread(target=do)
    try:
        with db.write() as session:
            lock(session, holding)
            other.start()
            await_a_waiter(session)
            then(session)
    finally:
        other.join()
    assert failures == []


def test_who_notes_that_nobody_came_locks_what_was_taken_before_the_booking(shop_app: Flask, shop: Shop) -> None:
    ref, lathe, start = shop.book(picks={0: shop.resource("lathe1")}).ref, shop.resource("lathe1"), shop.at(9)

    def miss(here: Shop) -> None:
        with clock.set_to(start + timedelta(hours=1)):
            workflow.move(actor=here.user("manager"), ref=ref, action="miss")

    meanwhile(shop_app, miss, holding=[lathe], then=lambda session: workflow.locked(session, ref))
    assert workflow.locked(db.db.session(), ref).state == "no_show"
    in_order()


def test_who_joins_a_line_locks_all_that_may_serve_at_once(shop_app: Flask, shop: Shop) -> None:
    policy(shop, "machine", "strict")
    first, second = (shop.resource(slug) for slug in ("lathe1", "lathe2"))
    shop.book(picks={0: second})
    meanwhile(
        shop_app,
        lambda here: here.book(who="south", picks={0: second}, waitlist=True),
        holding=[first],
        then=lambda session: lock(session, [first, second]),
    )
    in_order()
