"""Many at once in the same calendars: each gets through, none waits for another in a circle, nothing is lost."""

from collections.abc import Callable
from contextlib import suppress
from datetime import time, timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError, Event

import pytest
from flask import Flask
from sqlalchemy import select, text

from core import db, events
from core.booking import changing, sessions, workflow
from core.booking.changing import Aim
from core.calendars import rebuild
from core.calendars.caldav import rows as changes
from core.calendars.components import Facts
from core.calendars.models import Collection, Membership
from core.calendars.tidy import tidy
from tests.booking.shop import Shop
from tests.booking.test_series import made, tuesdays
from tests.calendars.kept import put, rows
from tests.support.people import at_once

pytestmark = pytest.mark.database

ROUNDS = 3


def in_own_context(app: Flask, deed: Callable[[Shop], object]) -> Callable[[], None]:
    """Return a deed to be done in a thread of its own."""

    def do() -> None:
        with app.app_context():
            deed(Shop())

    return do


def numbered() -> bool:
    """Say whether nothing is left without a number, and no collection lags behind its places."""
    db.db.session.rollback()
    pending = db.db.session.scalar(select(Membership).where(text("change < 0")).limit(1))
    behind = select(Membership).join(Collection, Collection.id == Membership.collection_id)
    return (
        pending is None and db.db.session.scalar(behind.where(Membership.change > Collection.change).limit(1)) is None
    )


def test_calendars_that_are_made_in_opposite_orders_do_not_block_each_other(shop_app: Flask, shop: Shop) -> None:
    """Each makes one first that the other makes last, and neither ends before both have begun."""
    start = shop.at(9)
    both = Barrier(2)

    def make(keys: list[str], one: Shop) -> None:
        with db.write() as session:
            for key in keys:
                facts = Facts(summary="示例", start=start, end=start + timedelta(hours=1))
                put(session, f"session:{keys[0][-1]}{key[-1]}", facts, [key])
                with suppress(BrokenBarrierError):  # SQLite lets one begin when the other has ended
                    both.wait(timeout=0.3)

    db.db.session.rollback()
    orders = [["resource:1", "resource:2"], ["resource:2", "resource:1"]]
    assert at_once([in_own_context(shop_app, partial(make, order)) for order in orders]) == [None, None]
    assert numbered()
    assert [len(rows(f"resource:{number}")) for number in (1, 2)] == [2, 2]


def test_series_of_one_school_at_one_base_get_through_together(shop_app: Flask, shop: Shop) -> None:
    def book(number: int, one: Shop) -> None:
        picks = {0: (one.resource(f"lathe{number % 2 + 1}"),)}
        made(one, rule=tuesdays(one, 3), picks=picks, starts=time(8 + number), ends=time(9 + number))

    db.db.session.rollback()
    results = at_once([in_own_context(shop_app, partial(book, number)) for number in range(6)])
    assert results == [None] * 6
    assert numbered()
    assert list(rebuild.differences()) == []


def test_bookings_moves_decisions_and_the_worker_get_through_together(shop_app: Flask, shop: Shop) -> None:
    """All of one school, at one base, with a session whose bookings are written by its own changes as well."""
    trainings = [shop.session(hour=9, day=20 + number) for number in range(2)]
    lathes = [shop.resource(f"lathe{number}") for number in (1, 2)]
    booked = [shop.book(picks={0: lathe}, start=shop.at(8), end=shop.at(9)).ref for lathe in lathes]
    seats = [shop.book("course", who, training_id=one.id) for one in trainings for who in ("north", "south")]
    ids = [one.id for one in trainings]
    refs = [one.ref for one in seats]

    def move(number: int, one: Shop) -> None:
        for hour in range(10, 10 + 2 * ROUNDS, 2):
            aim = Aim(start=one.at(hour), end=one.at(hour + 1))
            changing.reschedule(actor=one.user("manager"), ref=booked[number], aim=aim, reason="检修")

    def retitle(number: int, one: Shop) -> None:
        for count in range(ROUNDS):
            start = one.at(9 + count, 20 + number)
            sessions.edit(
                actor=one.user("manager"),
                session_id=ids[number],
                title=f"第{count}次",
                text="",
                start=start,
                end=start + timedelta(hours=3),
                seats=10,
            )

    def decide(order: list[str], one: Shop) -> None:
        for ref in order:
            workflow.move(actor=one.user("manager"), ref=ref, action="confirm")

    def keep(one: Shop) -> None:
        for _ in range(ROUNDS):
            rebuild.rebuild()
            tidy()

    deeds: list[Callable[[Shop], object]] = [
        *(partial(move, number) for number in (0, 1)),
        *(partial(retitle, number) for number in (0, 1)),
        partial(decide, refs),
        keep,
    ]
    db.db.session.rollback()
    assert at_once([in_own_context(shop_app, deed) for deed in deeds]) == [None] * len(deeds)
    assert numbered()
    assert list(rebuild.differences()) == []


def example(shop: Shop, hour: int = 9) -> Facts:
    """Return something that an entry can say."""
    return Facts(summary="示例", start=shop.at(hour), end=shop.at(hour + 1))


def test_who_writes_an_entry_after_another_sees_where_that_one_put_it(shop_app: Flask, shop: Shop) -> None:
    facts, later = example(shop), example(shop, 14)
    with db.write() as session:
        put(session, "example:1", facts, ["base:1"])
    written, ends = Event(), Event()

    def first(one: Shop) -> None:
        with db.write() as session:
            put(session, "example:1", facts, ["base:1", "resource:1"])
            session.flush()
            written.set()
            ends.wait(timeout=0.3)  # while the second stands before the entry

    def second(one: Shop) -> None:
        written.wait(timeout=5)
        with db.write() as session:
            put(session, "example:1", later, ["base:1", "resource:1"])

    assert at_once([in_own_context(shop_app, deed) for deed in (first, second)]) == [None, None]
    assert numbered()
    assert [[entry.start_at for entry in rows(key)] for key in ("base:1", "resource:1")] == [[later.start]] * 2


def test_who_asks_between_two_commits_misses_neither(shop_app: Flask, shop: Shop) -> None:
    """The first has its number and waits before its commit: the second must not become visible with a greater one."""
    key, facts = "base:1", example(shop)
    with db.write() as session:
        put(session, "example:0", facts, [key])
    has_number, go_on, ended = Event(), Event(), Event()

    def wait(session: object) -> None:
        has_number.set()
        go_on.wait(timeout=5)

    def first(one: Shop) -> None:
        with db.write() as session:
            put(session, "example:1", facts, [key])
            session.flush()
            events.just_before_commit("then wait", wait)

    def second(one: Shop) -> None:
        has_number.wait(timeout=5)
        with db.write() as session:
            put(session, "example:2", facts, [key])
        ended.set()

    def follow(one: Shop) -> None:
        has_number.wait(timeout=5)
        known = changes.standing(key).change
        assert not ended.wait(timeout=0.2)
        told, heard = changes.changes(key, known, None, changes.ALL)
        go_on.set()
        ended.wait(timeout=5)
        heard += changes.changes(key, told, None, changes.ALL)[1]
        assert len({change.uid for change in heard}) == 2
        assert heard[0].change < heard[1].change

    deeds: list[Callable[[], object]] = [in_own_context(shop_app, deed) for deed in (first, second, follow)]
    assert at_once(deeds) == [None] * 3
