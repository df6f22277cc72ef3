"""Until when, how far ahead, and at which hours something can be booked; by the second, across real holidays."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from core import clock, db, errors
from core.bases import periods, setting_hours
from core.bases.hours import Spans
from core.bases.models import WorkingDay
from core.booking import kinds, resource_hours, times, workflow
from core.booking.errors import NotBookable, OutsideHours, TooLate
from core.booking.models import Kind
from core.booking.rules import Rules, rules_of
from core.organisations.models import Organisation
from core.plugins.declarations import Period
from tests.booking.shop import Shop

SECOND = timedelta(seconds=1)
DAY: Spans = ((time(8), time(20)),)
SHORT: Spans = ((time(9), time(12)),)
ROUND: Spans = ((time(0), time(23, 59)),)


def rules(shop: Shop, **changes: Any) -> Rules:
    """Return rules that bind nobody, but for the changes."""
    free: dict[str, Any] = {"notice": timedelta(), "notice_workdays": 0, "window": None}
    row = db.db.session.query(Kind).filter(Kind.slug == "machine").one()
    return replace(rules_of(row), **(free | changes))


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """Return a wall-clock moment at the bases."""
    return clock.at(day, time(hour, minute))


def refused(rules: Rules, start: datetime, now: datetime) -> type[errors.DomainError] | None:
    """Return how what begins at a moment is refused at another one; None: it is not."""
    with clock.set_to(now):
        try:
            times.check_notice(rules, start)
        except errors.DomainError as error:
            return type(error)
    return None


# --- until when, and how far ahead ---


@pytest.mark.parametrize(
    ("changes", "start", "last"),
    [
        ({"notice": timedelta(hours=3)}, at(date(2026, 12, 9), 9), at(date(2026, 12, 9), 6)),
        ({"notice": timedelta(days=1)}, at(date(2026, 12, 9), 0), at(date(2026, 12, 8), 0)),
        ({"notice_workdays": 1}, at(date(2026, 12, 9), 9), at(date(2026, 12, 8))),
        ({"notice_workdays": 1}, at(date(2026, 12, 9), 0), at(date(2026, 12, 8))),
        ({"notice_workdays": 2}, at(date(2026, 12, 7), 9), at(date(2026, 12, 3))),
        ({"notice_workdays": 2}, at(date(2025, 2, 5), 9), at(date(2025, 1, 26))),
        ({"notice_workdays": 2}, at(date(2026, 2, 24), 9), at(date(2026, 2, 13))),
        ({"notice_workdays": 3}, at(date(2025, 10, 9), 9), at(date(2025, 9, 28))),
        ({"notice_workdays": 4}, at(date(2026, 10, 8), 9), at(date(2026, 9, 24))),
        ({"notice_workdays": 2}, at(date(2027, 1, 4), 9), at(date(2026, 12, 31))),
        # Both hold; the earlier one binds.
        ({"notice": timedelta(days=10), "notice_workdays": 1}, at(date(2026, 12, 9), 9), at(date(2026, 11, 29), 9)),
        ({"notice": timedelta(hours=1), "notice_workdays": 1}, at(date(2026, 12, 9), 9), at(date(2026, 12, 8))),
    ],
)
def test_it_can_be_booked_until_the_very_second(
    shop: Shop, changes: dict[str, Any], start: datetime, last: datetime
) -> None:
    bound = rules(shop, **changes)
    assert times.book_until(bound, start) == last
    assert refused(bound, start, last) is None
    assert refused(bound, start, last + SECOND) is TooLate


def test_what_begins_now_has_begun(shop: Shop) -> None:
    start = at(date(2026, 12, 9), 9)
    assert refused(rules(shop), start, start - SECOND) is None
    assert refused(rules(shop), start, start) is TooLate


def test_the_window_opens_at_the_very_second(shop: Shop) -> None:
    start, bound = at(date(2026, 12, 9), 9), rules(shop, window=timedelta(days=30))
    assert refused(bound, start, start - timedelta(days=30)) is None
    assert refused(bound, start, start - timedelta(days=30) - SECOND) is NotBookable
    assert refused(rules(shop), start + timedelta(days=3000), start) is None


def test_a_notice_as_long_as_the_window_leaves_one_moment(shop: Shop) -> None:
    start, week = at(date(2026, 12, 9), 9), timedelta(days=7)
    bound = rules(shop, window=week, notice=week)
    assert refused(bound, start, start - week) is None
    assert refused(bound, start, start - week - SECOND) is NotBookable
    assert refused(bound, start, start - week + SECOND) is TooLate


def test_what_is_closed_to_guests_is_refused_whatever_the_time(shop: Shop) -> None:
    start = at(date(2026, 12, 9), 9)
    assert refused(rules(shop, open=False), start, start - timedelta(days=10)) is NotBookable


# --- guests ---


def guests(**terms: Any) -> dict[str, Any]:
    """Return the terms of guests as a kind's row keeps them."""
    free = {"open": True, "notice": 0, "notice_workdays": 0, "window": None, "cancel_before": 0, "cancel_workdays": 0}
    return {"guests": free | terms}


def set_rules(slug: str = "machine", **values: Any) -> None:
    """Set rules of a kind as a manager does."""
    with db.write() as session:
        session.query(Kind).filter(Kind.slug == slug).one().rules_set = values


def make_guest(slug: str) -> None:
    """Let an organisation be no member."""
    with db.write() as session:
        session.query(Organisation).filter(Organisation.slug == slug).one().member = False


def test_guests_have_terms_of_their_own_and_members_keep_theirs(shop: Shop) -> None:
    make_guest("south")
    set_rules(**guests(open=False))
    with pytest.raises(NotBookable, match="目前不能预约"):
        shop.book(who="south")
    assert shop.book(who="north").state == "confirmed"


def test_guests_need_more_notice_and_see_less_far(shop: Shop) -> None:
    make_guest("south")
    set_rules(**guests(notice=20 * 86400))
    with pytest.raises(TooLate):
        shop.book(who="south")
    set_rules(**guests(window=10 * 86400))
    with pytest.raises(NotBookable):
        shop.book(who="south")
    assert shop.book(who="north").state == "confirmed"


def test_who_manages_the_base_is_bound_by_neither(shop: Shop) -> None:
    set_rules(window=86400, notice=20 * 86400)
    assert shop.book(who="manager").state == "confirmed"


# --- cancelling ---


@pytest.mark.parametrize(
    ("workdays", "day", "last"),
    [
        (1, date(2025, 10, 9), at(date(2025, 9, 30))),
        (3, date(2025, 10, 9), at(date(2025, 9, 28))),
        (2, date(2026, 2, 24), at(date(2026, 2, 13))),
        (1, date(2027, 1, 4), at(date(2027, 1, 1))),
    ],
)
def test_the_latest_cancelling_counts_working_days(shop: Shop, workdays: int, day: date, last: datetime) -> None:
    set_rules(cancel_before=0, cancel_workdays=workdays)
    with clock.set_to(at(day) - timedelta(days=60)):
        booking = shop.book(start=at(day, 9), end=at(day, 11))
    assert workflow.cancel_until(booking) == last
    with clock.set_to(last + SECOND), pytest.raises(TooLate):
        workflow.move(actor=shop.user("north"), ref=booking.ref, action="cancel")
    with clock.set_to(last):
        assert workflow.move(actor=shop.user("north"), ref=booking.ref, action="cancel").state == "cancelled"


def test_rules_set_later_do_not_bind_what_is_booked(shop: Shop) -> None:
    set_rules(cancel_before=0)
    booking = shop.book()
    set_rules(cancel_before=30 * 86400)
    assert workflow.cancel_until(booking) == booking.start_at


# --- opening hours ---


def set_week(shop: Shop, *week: Spans) -> None:
    """Open the workshop as said, Monday first, closed on the other days, keeping holidays."""
    hours = [*week, *[()] * (7 - len(week))]
    setting_hours.set_week(actor=shop.user("manager"), base_id=shop.base.id, week=hours, keeps_holidays=True)


def words(shop: Shop, start: datetime, end: datetime) -> str:
    """Return why a time is outside the hours; "" when it is not."""
    try:
        times.check_hours(shop.base, start, end)
    except OutsideHours as error:
        return str(error)
    return ""


def test_holidays_are_closed_by_name_and_make_up_days_open_as_their_weekday(shop: Shop) -> None:
    set_week(shop, DAY, DAY, DAY, DAY, SHORT)
    holiday, made_up, plain = date(2026, 10, 1), date(2026, 10, 10), date(2026, 10, 17)
    assert "国庆节" in words(shop, at(holiday, 9), at(holiday, 11))
    assert words(shop, at(made_up, 9), at(made_up, 11)) == ""
    assert "09:00–12:00" in words(shop, at(made_up, 13), at(made_up, 15)), "Friday's hours, until somebody says"
    assert words(shop, at(plain, 9), at(plain, 11)) != ""
    with db.write() as session:
        session.get_one(WorkingDay, made_up).follows = 0
    assert words(shop, at(made_up, 13), at(made_up, 15)) == ""


def test_beyond_the_published_years_the_week_holds(shop: Shop) -> None:
    set_week(shop, DAY, DAY, DAY, DAY, SHORT)
    assert words(shop, at(date(2027, 10, 1), 9), at(date(2027, 10, 1), 11)) == ""
    assert words(shop, at(date(2027, 10, 2), 9), at(date(2027, 10, 2), 11)) != ""


def test_a_special_day_goes_before_week_and_holiday(shop: Shop) -> None:
    set_week(shop, DAY, DAY, DAY, DAY, DAY)
    holiday, closed = date(2026, 10, 1), date(2026, 10, 12)
    with clock.set_to(at(date(2026, 9, 1))):
        base, manager = shop.base.id, shop.user("manager")
        setting_hours.set_days(actor=manager, base_id=base, first=holiday, last=holiday, spans=SHORT, note="竞赛")
        setting_hours.set_days(actor=manager, base_id=base, first=closed, last=closed, spans=(), note="年度检修")
    assert words(shop, at(holiday, 9), at(holiday, 12)) == ""
    assert "09:00–12:00" in words(shop, at(holiday, 9), at(holiday, 13))
    assert "年度检修" in words(shop, at(closed, 9), at(closed, 11))


def test_a_night_shift_stops_where_the_holiday_begins(shop: Shop) -> None:
    """The night of 30 September passes into a holiday; that of 7 October out of one."""
    set_week(shop, *[ROUND] * 7)
    assert words(shop, at(date(2026, 9, 28), 22), at(date(2026, 9, 29), 6)) == ""
    assert words(shop, at(date(2026, 9, 30), 22), at(date(2026, 10, 1), 6)) != ""
    assert words(shop, at(date(2026, 9, 30), 22), at(date(2026, 10, 1))) == "", "until midnight it is open"
    assert words(shop, at(date(2026, 10, 7), 22), at(date(2026, 10, 8), 6)) != ""
    assert words(shop, at(date(2026, 10, 8)), at(date(2026, 10, 8), 6)) == ""


def test_a_special_day_that_opens_until_midnight_joins_the_next(shop: Shop) -> None:
    set_week(shop, DAY, ROUND)
    monday = date(2026, 12, 7)
    late: Spans = ((time(18), time(23, 59)),)
    with clock.set_to(at(date(2026, 12, 1))):
        base = shop.base.id
        setting_hours.set_days(actor=shop.user("manager"), base_id=base, first=monday, last=monday, spans=late, note="")
    assert shop.base.special_days[0].spans == [["18:00", "24:00"]]
    assert words(shop, at(monday, 20), at(monday + timedelta(days=1), 2)) == ""


def test_an_instructor_who_does_not_come_is_not_booked(shop: Shop) -> None:
    """The cell needs the coach: where the coach is not there, the cell cannot be had."""
    start, end = shop.at(10), shop.at(12)
    week: list[Spans] = [()] * 7
    week[(clock.local(start).weekday() + 1) % 7] = DAY
    with db.write() as session:
        shop_coach = shop.resource("coach")
        manager = shop.user("manager")
        manager.grants[0].role, manager.grants[0].base_id = "office", None
        session.flush()
    resource_hours.set_week(actor=shop.user("manager"), resource_id=shop_coach, week=week)
    with pytest.raises(OutsideHours):
        shop.book("cell", start=start, end=end)
    assert shop.book("cell", start=start + timedelta(days=1), end=end + timedelta(days=1))


# --- periods ---


def test_a_period_that_passes_midnight_ends_on_the_next_day(shop: Shop) -> None:
    night = Period(slug="night", label="夜班", starts=time(22), ends=time(6))
    day = date(2026, 12, 31)
    assert times.period_span(night, day) == (at(day, 22), at(date(2027, 1, 1), 6))
    whole = Period(slug="whole", label="全天", starts=time(8), ends=time(8))
    assert times.period_span(whole, day) == (at(day, 8), at(date(2027, 1, 1), 8))


def test_a_night_shift_is_booked_whole_and_only_whole(shop: Shop) -> None:
    set_week(shop, *[ROUND] * 7)
    periods.save(
        actor=shop.user("manager"),
        base_id=shop.base.id,
        label="夜班",
        starts=time(22),
        ends=time(6),
        kinds=["shift"],
    )
    kind = kinds.offered(shop.base, "shift").kind
    evening = date(2026, 12, 8)
    span = (at(evening, 22), at(date(2026, 12, 9), 6))
    assert times.check_slot(kind, *span) == span
    for start, end in ((span[0], span[1] - SECOND), (at(date(2026, 12, 9)), span[1]), (span[0], at(date(2026, 12, 9)))):
        with pytest.raises(errors.Invalid):
            times.check_slot(kind, start, end)


def test_a_period_that_is_not_offered_cannot_be_booked(shop: Shop) -> None:
    periods.switch(actor=shop.user("manager"), base_id=shop.base.id, slug="early", off=True, booked_by={})
    with pytest.raises(errors.Invalid, match="中班"):
        shop.book("shift", start=shop.at(8), end=shop.at(14))
    assert shop.book("shift", start=shop.at(14), end=shop.at(20))


# --- steps and lengths, at midnight ---


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [
        (time(0), time(1), True),
        (time(22), time(0), True),
        (time(23), time(0), True),
        (time(23, 30), time(0), False),  # shorter than an hour
        (time(20), time(0, 30), False),  # longer than four
        (time(22, 15), time(0), False),  # between the steps
        (time(9), time(9), False),
    ],
)
def test_slots_at_the_edge_of_the_day(shop: Shop, start: time, end: time, fits: bool) -> None:
    day = date(2026, 12, 9)
    span = clock.at(day, start), clock.at(day if end > start or end == start else day + timedelta(days=1), end)
    if fits:
        assert times.check_slot(shop.kind("machine"), *span) == span
    else:
        with pytest.raises(errors.Invalid):
            times.check_slot(shop.kind("machine"), *span)
