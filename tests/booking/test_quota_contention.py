"""Many at once for what a quota has left: as many win as it has room for, and nobody waits in a circle."""

from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock, db
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.booking import quotas, workflow
from core.booking.errors import QuotaExceeded
from core.booking.models import Booking
from core.booking.rules import rules_of
from core.organisations import agreements
from core.organisations.models import Quota
from tests.booking.conftest import Workshop
from tests.booking.contending import contend, counted, from_a_quota, outcome
from tests.booking.quotas import agree, ask_for, counting, grant, used
from tests.booking.shop import Shop
from tests.booking.test_contention import in_processes
from tests.booking.test_invariants import found

pytestmark = pytest.mark.database

ROOM = 7
"""Person-times there are."""


def add(name: str, role: Role, organisation_id: int | None = None) -> None:
    with db.write() as session:
        grants = [Grant(role=role, organisation_id=organisation_id)]
        session.add(User(email=f"{name}@example.com", name=name, grants=grants, created_at=clock.now()))


def prepare(shop: Shop) -> tuple[int, int]:
    """Grant some person-times at all bases and more at the one; the school has two contacts."""
    for kind in ("machine", "shift", "cell"):
        ask_for(shop, kind, agreement=True, charges="person_times")
    add("north2", Role.CONTACT, shop.organisation("north"))
    agreement = agree(shop)
    wide = grant(shop, agreement, ROOM, "person_times")
    return wide, grant(shop, agreement, ROOM + 1, "person_times", base_id=shop.base.id)


def at_once(app: Flask, deeds: list[Callable[[Shop], object]]) -> list[str]:
    """Do all of this at the same moment, each in a thread; return what went wrong."""
    start, failures = Barrier(len(deeds), timeout=60), []

    def one(deed: Callable[[Shop], object]) -> None:
        with app.app_context():
            here = Shop()
            start.wait()
            try:
                deed(here)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test is to see it
                failures.append(type(error).__name__)

    threads = [Thread(target=one, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_of_forty_threads_as_many_win_as_there_is_room_for(shop_app: Flask, shop: Shop) -> None:
    wide, here = prepare(shop)
    outcomes = contend(shop_app, "from a quota", range(40), lambda: None)
    assert counted(outcomes) == {"won": ROOM, "QuotaExceeded": 40 - ROOM}
    assert used(wide) == used(here) == ROOM
    assert counting() == 2 * ROOM
    assert shop.count(Booking) == ROOM
    assert found() == []


def test_of_fifty_in_five_processes_as_many_win_as_there_is_room_for(
    shop_app: Flask, shop: Shop, workshop: Workshop, keys: dict[str, str], tmp_path: Path
) -> None:
    wide, here = prepare(shop)
    outcomes = in_processes(shop_app, workshop, keys, tmp_path, "from a quota")
    assert counted(outcomes) == {"won": ROOM, "QuotaExceeded": 50 - ROOM}
    assert used(wide) == used(here) == ROOM
    assert found() == []


def test_who_books_while_others_cancel_gets_what_is_given_back_and_no_more(shop_app: Flask, shop: Shop) -> None:
    wide, _ = prepare(shop)
    refs = [from_a_quota(shop, number).ref for number in range(ROOM)]

    def cancel(ref: str) -> Callable[[Shop], object]:
        return lambda here: workflow.move(actor=here.user("north"), ref=ref, action="cancel", reason="理由")

    def book(number: int) -> Callable[[Shop], object]:
        return lambda here: outcome(lambda: from_a_quota(here, number))

    failures = at_once(shop_app, [deed for number, ref in enumerate(refs) for deed in (cancel(ref), book(20 + number))])
    assert failures == []
    db.db.session.rollback()
    standing = db.db.session.scalars(select(Booking).where(Booking.state != "cancelled")).all()
    assert used(wide) == len(standing) <= ROOM
    assert found() == []


def test_a_booking_cancelled_twice_at_once_gives_back_once(shop_app: Flask, shop: Shop) -> None:
    wide, _ = prepare(shop)
    kept, ref = from_a_quota(shop, 1).ref, from_a_quota(shop, 2).ref

    def cancel(who: str) -> Callable[[Shop], object]:
        return lambda here: workflow.move(actor=here.user(who), ref=ref, action="cancel", reason="理由")

    assert at_once(shop_app, [cancel(who) for who in ("north", "north2", "manager")]) == ["StateChanged"] * 2
    assert used(wide) == 1
    assert workflow.move(actor=shop.user("north"), ref=kept, action="cancel").state == "cancelled"
    assert used(wide) == 0


def test_quotas_charged_in_opposite_order_do_not_wait_for_each_other(shop_app: Flask, shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    refs = {}
    for who in ("north", "south"):
        refs[who] = [shop.book(who=who, start=shop.at(9, day), end=shop.at(10, day)).ref for day in range(3, 13)]
    granted = {who: grant(shop, agree(shop, who), 6000) for who in refs}

    def charge(order: tuple[str, str], number: int) -> Callable[[Shop], object]:
        def deed(here: Shop) -> None:
            with db.write() as session:
                # Each transaction has bookings of its own: only the quotas are shared.
                for who in order:
                    row = workflow.locked(session, refs[who][number])
                    quotas.take(session, row, rules_of(row.kind))

        return deed

    orders = (("north", "south"), ("south", "north"))
    assert at_once(shop_app, [charge(orders[number % 2], number) for number in range(10)]) == []
    assert {used(quota) for quota in granted.values()} == {600}
    assert found() == []


def test_the_office_lowers_a_quota_while_others_book(shop_app: Flask, shop: Shop) -> None:
    wide, _ = prepare(shop)
    add("office", Role.OFFICE)
    row = db.db.session.get_one(Quota, wide)
    same: dict[str, Any] = {"label": "", "valid_from": row.valid_from, "valid_until": row.valid_until}

    def lower(here: Shop) -> None:
        agreements.edit_quota(actor=here.user("office"), quota_id=wide, granted=3, **same)

    def book(number: int) -> Callable[[Shop], object]:
        return lambda here: from_a_quota(here, number)

    failures = at_once(shop_app, [lower, *(book(number) for number in range(12))])
    assert set(failures) <= {QuotaExceeded.__name__, "Invalid"}
    db.db.session.rollback()
    left = db.db.session.get_one(Quota, wide)
    assert left.granted == (ROOM if "Invalid" in failures else 3)
    assert left.used == shop.count(Booking) == left.granted
    assert found() == []
