"""Changing a series: what was changed, moved or cancelled by itself stays, and dates come back when asked for."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core import clock, db, errors
from core.booking import changing, series_changes, workflow
from core.booking.errors import TooLate
from core.booking.models import Allocation, Booking, Series
from core.booking.series import Made, SeriesClash
from core.booking.series_changes import ALL, FOLLOWING, THIS, Difference, Wanted
from tests.booking.shop import Shop
from tests.booking.test_series import clash_in_week_7, first_tuesday, in_week, made, sound, tuesdays

pytestmark = pytest.mark.database

AFTERNOON: dict[str, Any] = {"starts": time(14), "ends": time(16)}


def on(shop: Shop, week: int) -> date:
    """Return the day of a week of the series, from 1."""
    return first_tuesday(shop) + timedelta(weeks=week - 1)


def weekly(shop: Shop, count: int = 6, kind: str = "lesson", **changes: Any) -> Made:
    """Book a lesson on the first lathe on so many Tuesdays from nine to eleven."""
    if kind == "lesson":
        changes.setdefault("picks", {0: shop.resource("lathe1")})
    return made(shop, kind, rule=tuesdays(shop, count), **changes)


def change(shop: Shop, done: Made, who: str = "north", **more: Any) -> Difference:
    """Change a series as it is looked at."""
    told = {name: more.pop(name) for name in ("reason", "mark") if name in more}
    return series_changes.change(actor=shop.user(who), series_id=done.series.id, wanted=Wanted(**more), **told)


def look(shop: Shop, done: Made, who: str = "north", **more: Any) -> Difference:
    """Return what a change would do."""
    return series_changes.difference(actor=shop.user(who), series_id=done.series.id, wanted=Wanted(**more))


def cancel(shop: Shop, done: Made, week: int, scope: str = THIS, who: str = "north") -> tuple[int, list[Any]]:
    return series_changes.cancel(
        actor=shop.user(who), series_id=done.series.id, scope=scope, day=on(shop, week), reason="停课"
    )


def hours(shop: Shop) -> dict[int, str]:
    """Return when each date that stands begins, by week."""
    db.db.session.expire_all()
    rows = db.db.session.scalars(select(Booking).where(Booking.series_id.is_not(None), Booking.state != "cancelled"))
    return {
        (row.occurrence_on - first_tuesday(shop)).days // 7 + 1: f"{clock.local(row.start_at):%H:%M}"
        for row in rows.all()
        if row.occurrence_on is not None
    }


def what(seen: Difference, shop: Shop) -> dict[int, str]:
    """Return what becomes of each date, by week."""
    return {(line.day - first_tuesday(shop)).days // 7 + 1: line.what for line in seen.lines}


# --- MRBS #659: editing a series brings back the date that was taken out of it, without a word ---


def test_mrbs_659_a_date_taken_out_of_a_series_stays_out_when_the_series_is_edited(shop: Shop) -> None:
    done = weekly(shop)
    cancel(shop, done, 3)
    seen = look(shop, done, **AFTERNOON)
    assert what(seen, shop)[3] == "keep"
    change(shop, done, **AFTERNOON)
    assert hours(shop) == dict.fromkeys([1, 2, 4, 5, 6], "14:00")
    assert sound()


def test_mrbs_659_editing_one_date_leaves_the_exceptions_of_the_others(shop: Shop) -> None:
    done = weekly(shop)
    cancel(shop, done, 3)
    change(shop, done, scope=THIS, day=on(shop, 5), **AFTERNOON)
    change(shop, done, scope=THIS, day=on(shop, 1), starts=time(11), ends=time(13))
    assert hours(shop) == {1: "11:00", 2: "09:00", 4: "09:00", 5: "14:00", 6: "09:00"}


def test_mrbs_659_a_date_changed_by_itself_is_kept_and_shown_unless_it_is_ticked(shop: Shop) -> None:
    done = weekly(shop)
    change(shop, done, scope=THIS, day=on(shop, 2), starts=time(16), ends=time(18))
    cancel(shop, done, 3)
    assert {
        week: is_what for week, is_what in what(look(shop, done, **AFTERNOON), shop).items() if is_what == "keep"
    } == {
        2: "keep",
        3: "keep",
    }
    change(shop, done, **AFTERNOON)
    assert hours(shop)[2] == "16:00"
    change(shop, done, starts=time(12), ends=time(14), overwrite=frozenset({on(shop, 2), on(shop, 3)}))
    assert hours(shop) == dict.fromkeys(range(1, 7), "12:00")
    assert sound()


# --- Indico #4180: a date skipped for a conflict cannot be had once the conflict is gone ---


def test_indico_4180_a_skipped_date_can_be_added_once_it_is_free(shop: Shop) -> None:
    clash = clash_in_week_7(shop)
    done = weekly(shop, 9, fitting=True)
    actor = shop.user("north")
    with pytest.raises(SeriesClash) as refused:
        series_changes.add_again(actor=actor, series_id=done.series.id, day=on(shop, 7))
    assert refused.value.occurrences[0].alternatives
    workflow.move(actor=shop.user("south"), ref=clash.ref, action="cancel", reason="不来了")
    booking = series_changes.add_again(actor=shop.user("north"), series_id=done.series.id, day=on(shop, 7))
    assert (booking.occurrence_on, booking.start_at) == (on(shop, 7), in_week(shop, 7, 9))
    assert booking.answer_id == done.bookings[0].answer_id
    assert len(hours(shop)) == 9
    assert db.db.session.get_one(Series, done.series.id).skipped == {}
    assert sound()


def test_indico_4180_it_can_be_added_though_the_first_dates_are_over(shop: Shop) -> None:
    """There the booking could be neither extended (it spanned the period) nor cut before what was past."""
    clash = clash_in_week_7(shop)
    done = weekly(shop, 9, fitting=True)
    workflow.move(actor=shop.user("south"), ref=clash.ref, action="cancel", reason="不来了")
    with clock.set_to(in_week(shop, 3, 12)):
        series_changes.add_again(actor=shop.user("north"), series_id=done.series.id, day=on(shop, 7))
    assert len(hours(shop)) == 9


def test_a_cancelled_date_can_be_added_again_and_once_only(shop: Shop) -> None:
    done = weekly(shop)
    cancel(shop, done, 4)
    series_changes.add_again(actor=shop.user("north"), series_id=done.series.id, day=on(shop, 4))
    with pytest.raises(errors.StateChanged):
        series_changes.add_again(actor=shop.user("north"), series_id=done.series.id, day=on(shop, 4))
    assert len(hours(shop)) == 6
    assert shop.count(Booking) == 7  # the cancelled one keeps its history
    assert sound()


def test_a_day_that_is_none_of_its_dates_cannot_be_added(shop: Shop) -> None:
    done = weekly(shop)
    with pytest.raises(errors.NotFound):
        series_changes.add_again(
            actor=shop.user("north"), series_id=done.series.id, day=on(shop, 1) + timedelta(days=1)
        )
    with pytest.raises(errors.NotFound):
        series_changes.add_again(actor=shop.user("south"), series_id=done.series.id, day=on(shop, 1))


# --- this, following, all ---


def test_a_change_from_one_date_on_leaves_those_before_it(shop: Shop) -> None:
    done = weekly(shop)
    change(shop, done, scope=FOLLOWING, day=on(shop, 4), **AFTERNOON)
    assert hours(shop) == dict.fromkeys([1, 2, 3], "09:00") | dict.fromkeys([4, 5, 6], "14:00")
    change(shop, done, picks={0: shop.resource("lathe2")})  # all, and each keeps its own time
    assert hours(shop) == dict.fromkeys([1, 2, 3], "09:00") | dict.fromkeys([4, 5, 6], "14:00")
    assert shop.taken(shop.resource("lathe2")) == 6
    assert sound()


def test_one_clash_keeps_the_whole_series_where_it_is(shop: Shop) -> None:
    done = weekly(shop)
    shop.book(
        "machine", "south", start=in_week(shop, 5, 15), end=in_week(shop, 5, 17), picks={0: shop.resource("lathe1")}
    )
    seen = look(shop, done, **AFTERNOON)
    assert what(seen, shop)[5] == "clash"
    with pytest.raises(SeriesClash) as refused:
        change(shop, done, **AFTERNOON)
    assert [entry.day for entry in refused.value.occurrences if entry.code] == [on(shop, 5)]
    assert set(hours(shop).values()) == {"09:00"}
    assert sound()


def test_a_series_can_move_into_the_time_it_gives_back(shop: Shop) -> None:
    done = weekly(shop)
    change(shop, done, starts=time(10), ends=time(12))
    assert set(hours(shop).values()) == {"10:00"}
    assert sound()


def test_units_change_for_all_or_not_at_all(shop: Shop) -> None:
    shift: dict[str, Any] = {"starts": time(8), "ends": time(14)}
    done = weekly(shop, 4, "placement", people=6, **shift)
    shop.book("shift", "south", start=in_week(shop, 2, 8), end=in_week(shop, 2, 14), people=3)
    with pytest.raises(SeriesClash):
        change(shop, done, units=8)
    change(shop, done, units=7)
    assert {row.units for row in db.db.session.get_one(Series, done.series.id).bookings} == {7}
    assert sound()


def test_a_date_keeps_its_own_machine_where_it_can(shop: Shop) -> None:
    shop.book(
        "machine", "south", start=in_week(shop, 2, 9), end=in_week(shop, 2, 11), picks={0: shop.resource("lathe1")}
    )
    done = weekly(shop, 3, picks={})
    assert [row.allocations[0].resource_id for row in done.bookings][1] == shop.resource("lathe2")
    change(shop, done, **AFTERNOON)
    now = [
        entry.resource_id
        for row in db.db.session.get_one(Series, done.series.id).bookings
        for entry in row.allocations
        if entry.active
    ]
    assert now == [shop.resource("lathe1"), shop.resource("lathe2"), shop.resource("lathe1")]


def test_the_difference_that_was_seen_is_the_one_that_is_saved(shop: Shop) -> None:
    done = weekly(shop)
    seen = look(shop, done, **AFTERNOON)
    cancel(shop, done, 2)
    with pytest.raises(errors.StateChanged):
        change(shop, done, mark=seen.mark, **AFTERNOON)
    assert set(hours(shop).values()) == {"09:00"}
    change(shop, done, mark=look(shop, done, **AFTERNOON).mark, **AFTERNOON)
    assert set(hours(shop).values()) == {"14:00"}


def test_what_has_begun_stays(shop: Shop) -> None:
    done = weekly(shop)
    with clock.set_to(in_week(shop, 3, 10)):
        seen = look(shop, done, **AFTERNOON)
        assert [what(seen, shop)[week] for week in (1, 2, 3, 4)] == ["stay", "stay", "stay", "change"]
        change(shop, done, **AFTERNOON)
    assert hours(shop) == dict.fromkeys([1, 2, 3], "09:00") | dict.fromkeys([4, 5, 6], "14:00")


def test_a_contact_cannot_move_what_the_base_has_confirmed_and_its_manager_says_why(shop: Shop) -> None:
    done = weekly(shop, 3, "pair")
    for booking in done.bookings:
        workflow.move(actor=shop.user("manager"), ref=booking.ref, action="approve")
    assert set(what(look(shop, done, **AFTERNOON), shop).values()) == {"stay"}
    with pytest.raises(errors.Invalid):
        change(shop, done, **AFTERNOON)
    with pytest.raises(errors.Invalid) as refused:
        change(shop, done, "manager", **AFTERNOON)
    assert set(refused.value.problems) == {"reason"}
    change(shop, done, "manager", reason="设备检修", **AFTERNOON)
    assert set(hours(shop).values()) == {"14:00"}


def test_nobody_else_may_look_at_or_change_a_series(shop: Shop) -> None:
    done = weekly(shop)
    for deed in (look, change):
        with pytest.raises(errors.NotFound):
            deed(shop, done, "south", **AFTERNOON)
    with pytest.raises(errors.NotFound):
        cancel(shop, done, 1, who="south")


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"scope": "some"}, errors.NotFound),
        ({"scope": THIS, "day": date(2026, 1, 1)}, errors.NotFound),
        ({"scope": THIS}, errors.NotFound),
        ({}, errors.Invalid),
        ({"starts": time(9), "ends": time(9, 10)}, errors.Invalid),
        ({"picks": {0: 4711}}, errors.Invalid),
        ({"units": 10**9}, errors.Invalid),
        ({"rule": {"rrule": "FREQ=YEARLY;COUNT=1", "first": "2026-12-01"}}, errors.Invalid),
    ],
)
def test_what_cannot_be_wanted_changes_nothing(shop: Shop, wanted: dict[str, Any], error: type[Exception]) -> None:
    done = weekly(shop)
    with pytest.raises(error):
        change(shop, done, **wanted)
    assert hours(shop) == dict.fromkeys(range(1, 7), "09:00")


def test_other_days_concern_the_whole_series(shop: Shop) -> None:
    done = weekly(shop)
    with pytest.raises(errors.Invalid):
        change(shop, done, scope=FOLLOWING, day=on(shop, 2), rule=tuesdays(shop, 3))


# --- longer and shorter ---


def test_a_series_is_extended_and_its_exceptions_stay(shop: Shop) -> None:
    done = weekly(shop)
    cancel(shop, done, 3)
    change(shop, done, scope=THIS, day=on(shop, 2), **AFTERNOON)
    seen = look(shop, done, rule=tuesdays(shop, 9))
    assert {week: is_what for week, is_what in what(seen, shop).items() if is_what != "same"} == {
        2: "keep", 3: "keep", 7: "add", 8: "add", 9: "add",
    }  # fmt: skip
    change(shop, done, rule=tuesdays(shop, 9))
    assert sorted(hours(shop)) == [1, 2, 4, 5, 6, 7, 8, 9]
    assert hours(shop)[2] == "14:00"
    assert sound()


def test_a_series_is_shortened_and_what_is_an_exception_goes_only_when_it_is_ticked(shop: Shop) -> None:
    done = weekly(shop)
    change(shop, done, scope=THIS, day=on(shop, 6), **AFTERNOON)
    change(shop, done, rule=tuesdays(shop, 3))
    assert sorted(hours(shop)) == [1, 2, 3, 6]
    change(shop, done, rule=tuesdays(shop, 3), overwrite=frozenset({on(shop, 6)}))
    assert sorted(hours(shop)) == [1, 2, 3]
    assert shop.taken(shop.resource("lathe1")) == 3
    assert sound()


def test_a_clash_on_a_new_date_leaves_the_series_as_it_was(shop: Shop) -> None:
    clash_in_week_7(shop)
    done = weekly(shop)
    with pytest.raises(SeriesClash):
        change(shop, done, rule=tuesdays(shop, 9))
    assert sorted(hours(shop)) == [1, 2, 3, 4, 5, 6]
    assert db.db.session.get_one(Series, done.series.id).rule["rrule"].endswith("COUNT=6")


# --- cancelling ---


def test_one_date_the_following_or_all_are_cancelled(shop: Shop) -> None:
    done = weekly(shop)
    assert cancel(shop, done, 2)[0] == 1
    assert cancel(shop, done, 5, FOLLOWING)[0] == 2
    assert sorted(hours(shop)) == [1, 3, 4]
    assert cancel(shop, done, 1, ALL)[0] == 3
    assert shop.taken(shop.resource("lathe1")) == 0
    assert sound()


def test_what_can_no_longer_be_cancelled_is_left_and_named(shop: Shop) -> None:
    done = weekly(shop)
    with clock.set_to(in_week(shop, 2, 0)):  # the kind wants a day's notice
        count, left = cancel(shop, done, 1, ALL)
        assert (count, [line.day for line in left]) == (4, [on(shop, 2)])
        with pytest.raises(TooLate):
            cancel(shop, done, 2)
    assert sorted(hours(shop)) == [1, 2]


def test_a_manager_who_cancels_owes_a_reason(shop: Shop) -> None:
    done = weekly(shop)
    with pytest.raises(errors.Invalid):
        series_changes.cancel(actor=shop.user("manager"), series_id=done.series.id, scope=ALL, day=None, reason=" ")
    assert shop.count(Allocation) == 6
    assert len(hours(shop)) == 6


def test_what_one_booking_is_moved_to_by_itself_makes_it_an_exception(shop: Shop) -> None:
    done = weekly(shop)
    changing.reschedule(
        actor=shop.user("north"),
        ref=done.bookings[1].ref,
        aim=changing.Aim(start=in_week(shop, 2, 24 + 9), end=in_week(shop, 2, 24 + 11)),
    )
    change(shop, done, **AFTERNOON)
    moved = db.db.session.scalars(select(Booking).where(Booking.occurrence_on == on(shop, 2))).one()
    assert moved.start_at == in_week(shop, 2, 24 + 9)
    assert sound()
