"""Series at the same moment as others, and series that end half-way: never half of one, never a deadlock."""

import threading
from collections.abc import Callable
from datetime import time
from multiprocessing import get_context
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from core import db
from core.booking import series, series_changes, workflow
from core.booking.models import Allocation, Booking, Series
from core.booking.series import SeriesClash
from core.booking.series_changes import Wanted
from core.errors import DomainError
from core.intake.models import Answer
from core.jobs import Job
from tests.booking.conftest import Workshop
from tests.booking.contending import killed_series
from tests.booking.shop import Shop, settings
from tests.booking.test_series import asked, made, sound, tuesdays

pytestmark = pytest.mark.database


def together(app: Flask, deeds: list[Callable[[Shop], Any]]) -> list[str]:
    """Do several things at the same moment, each in a thread; return what became of each."""
    start = threading.Barrier(len(deeds), timeout=60)
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

    threads = [threading.Thread(target=one, args=(number,)) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.db.session.rollback()
    return outcomes


def booking_of(kind: str, who: str, **changes: Any) -> Callable[[Shop], Any]:
    """Return the deed of booking a series."""
    return lambda shop: series.create(cleaned=shop.answers(kind), **asked(shop, kind, who, **changes))


def whole(shop: Shop, dates: int) -> bool:
    """Say whether every series in the database has all its dates."""
    counts = db.db.session.execute(
        select(Booking.series_id, func.count()).where(Booking.series_id.is_not(None)).group_by(Booking.series_id)
    ).all()
    return len(counts) == shop.count(Series) and all(count == dates for _series, count in counts)


def test_of_series_that_want_the_same_machine_one_gets_all_its_dates_and_the_others_none(
    shop_app: Flask, shop: Shop
) -> None:
    machine = {"picks": {0: shop.resource("lathe1")}, "rule": tuesdays(shop, 6)}
    deeds = [booking_of("lesson", "north" if number % 2 else "south", **machine) for number in range(6)]
    outcomes = together(shop_app, deeds)
    assert sorted(outcomes) == ["SeriesClash"] * 5 + ["done"]
    assert (shop.count(Series), shop.count(Booking), shop.count(Answer)) == (1, 6, 1)
    assert sound()


def test_series_whose_legs_stand_in_opposite_order_do_not_lock_each_other_out(shop_app: Flask, shop: Shop) -> None:
    """`pair` takes cell and instructor, `riap` instructor and cell; both want the only instructor."""
    rule = {"rule": tuesdays(shop, 4)}
    deeds = [booking_of(kind, who, **rule) for kind in ("pair", "riap") for who in ("north", "south")] * 2
    outcomes = together(shop_app, deeds)
    assert sorted(outcomes) == ["SeriesClash"] * 7 + ["done"]
    assert whole(shop, 4)
    assert sound()


def test_a_series_and_single_bookings_at_its_dates_leave_no_half_series(shop_app: Flask, shop: Shop) -> None:
    machine = {"picks": {0: shop.resource("lathe1")}, "rule": tuesdays(shop, 6)}
    span = series.preview(**asked(shop, rule=tuesdays(shop, 6)))[4]

    def sneak(shop: Shop) -> Any:
        return shop.book("machine", "south", start=span.start, end=span.end, picks={0: shop.resource("lathe1")})

    outcomes = together(shop_app, [booking_of("lesson", "north", **machine), sneak])
    assert outcomes in (["done", "ResourceTaken"], ["SeriesClash", "done"])
    assert whole(shop, 6)
    assert sound()


def test_changing_all_dates_while_one_is_cancelled_brings_none_back_and_moves_all_or_none(
    shop_app: Flask, shop: Shop
) -> None:
    done = made(shop, rule=tuesdays(shop, 6), picks={0: shop.resource("lathe1")})
    number, ref = done.series.id, done.bookings[2].ref
    afternoon = Wanted(starts=time(14), ends=time(16))
    seen = series_changes.difference(actor=shop.user("north"), series_id=number, wanted=afternoon)

    def change(shop: Shop) -> Any:
        return series_changes.change(actor=shop.user("north"), series_id=number, wanted=afternoon, mark=seen.mark)

    def cancel(shop: Shop) -> Any:
        return workflow.move(actor=shop.user("north"), ref=ref, action="cancel", reason="停课")

    outcomes = together(shop_app, [change, cancel])
    states = db.db.session.scalars(select(Booking.state).where(Booking.ref == ref)).one()
    assert outcomes[1] == "done"
    assert states == "cancelled"
    begins = {
        row.start_at.hour for row in db.db.session.scalars(select(Booking).where(Booking.state == "confirmed")).all()
    }
    assert len(begins) == 1
    assert outcomes[0] in {"done", "StateChanged"}
    assert sound()


def test_adding_a_date_again_many_times_at_once_adds_it_once(shop_app: Flask, shop: Shop) -> None:
    done = made(shop, rule=tuesdays(shop, 3))
    number, day = done.series.id, done.bookings[1].occurrence_on
    workflow.move(actor=shop.user("north"), ref=done.bookings[1].ref, action="cancel", reason="停课")

    def add(shop: Shop) -> Any:
        assert day is not None
        return series_changes.add_again(actor=shop.user("north"), series_id=number, day=day)

    outcomes = together(shop_app, [add] * 5)
    assert sorted(outcomes) == ["StateChanged"] * 4 + ["done"]
    assert sound()


def test_two_changes_of_one_series_follow_one_another(shop_app: Flask, shop: Shop) -> None:
    done = made(shop, rule=tuesdays(shop, 4), picks={0: shop.resource("lathe1")})
    number = done.series.id

    def to(hour: int) -> Callable[[Shop], Any]:
        return lambda shop: series_changes.change(
            actor=shop.user("north"), series_id=number, wanted=Wanted(starts=time(hour), ends=time(hour + 2))
        )

    assert together(shop_app, [to(13), to(16)]) == ["done", "done"]
    begins = {row.start_at for row in db.db.session.scalars(select(Booking)).all()}
    assert len({moment.hour for moment in begins}) == 1
    assert sound()


def test_one_key_sent_many_times_at_once_makes_one_series(shop_app: Flask, shop: Shop) -> None:
    outcomes = together(shop_app, [booking_of("lesson", "north", rule=tuesdays(shop, 3), retry_key="same")] * 5)
    assert outcomes == ["done"] * 5
    assert (shop.count(Series), shop.count(Booking)) == (1, 3)


def test_a_server_killed_in_the_middle_of_a_series_leaves_nothing_of_it(
    shop_app: Flask, shop: Shop, workshop: Workshop, keys: dict[str, str]
) -> None:
    surroundings = settings(keys, shop_app.extensions["jidi_settings"].database_url)
    died = get_context("forkserver").Process(target=killed_series, args=(surroundings, workshop.instance))
    died.start()
    died.join()
    assert died.exitcode == -9
    assert [shop.count(model) for model in (Series, Booking, Allocation, Answer, Job)] == [0, 0, 0, 0, 0]
    assert made(shop, rule=tuesdays(shop, 12)).bookings
    assert sound()


def test_a_series_that_is_refused_at_the_last_date_leaves_nothing(shop: Shop) -> None:
    last = series.preview(**asked(shop))[-1]
    shop.book("machine", "south", start=last.start, end=last.end, picks={0: shop.resource("lathe1")})
    with pytest.raises(SeriesClash):
        made(shop, picks={0: shop.resource("lathe1")})
    assert (shop.count(Series), shop.count(Booking)) == (0, 1)
