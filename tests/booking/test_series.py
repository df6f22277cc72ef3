"""Booking a series: the preview, all or those that fit, and everything that could leave half of one behind."""

import json
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text

from core import clock, db, errors
from core.bases.models import Term, WorkingDay, WorkingYear
from core.booking import holding, invariants, series
from core.booking.models import Allocation, Booking, Charge, Kind, Retry, Series
from core.booking.series import Made, Occurrence, SeriesClash
from core.intake.answers import Cleaned
from core.intake.models import Answer
from core.notify.models import Message
from core.organisations.models import Agreement, Quota
from tests.booking.shop import Shop

pytestmark = pytest.mark.database

WEEKS = 18


def first_tuesday(shop: Shop) -> date:
    """Return the first Tuesday that lies three weeks ahead."""
    day = shop.today + timedelta(days=21)
    return day + timedelta(days=(1 - day.weekday()) % 7)


def tuesdays(shop: Shop, count: int = WEEKS, **changes: Any) -> dict[str, Any]:
    """Return the rule of so many Tuesdays."""
    first = first_tuesday(shop).isoformat()
    return {"rrule": f"FREQ=WEEKLY;BYDAY=TU;COUNT={count}", "first": first, "holidays": "ignore"} | changes


def asked(shop: Shop, kind: str = "lesson", who: str = "north", **changes: Any) -> dict[str, Any]:
    """Return the arguments of a preview: a lesson on Tuesdays from nine to eleven, in a term's length."""
    return {
        "actor": shop.user(who),
        "organisation_id": shop.organisation("north" if who == "manager" else who),
        "base": shop.base,
        "kind": shop.kind(kind),
        "rule": tuesdays(shop),
        "starts": time(9),
        "ends": time(11),
    } | changes


def made(shop: Shop, kind: str = "lesson", who: str = "north", **changes: Any) -> Made:
    """Book a series."""
    return series.create(cleaned=shop.answers(kind, changes.pop("people", 1)), **asked(shop, kind, who, **changes))


def in_week(shop: Shop, number: int, hour: float) -> Any:
    """Return a moment on the Tuesday of a week of the series, from 1."""
    return clock.at(first_tuesday(shop) + timedelta(weeks=number - 1), time()) + timedelta(hours=hour)


def clash_in_week_7(shop: Shop) -> Booking:
    """Take the first lathe on the seventh Tuesday, by the other school."""
    return shop.book(
        "machine", "south", start=in_week(shop, 7, 10), end=in_week(shop, 7, 12), picks={0: shop.resource("lathe1")}
    )


def codes(occurrences: list[Occurrence] | tuple[Occurrence, ...]) -> dict[int, str]:
    """Return the refusals by number of the week, from 1."""
    return {number: entry.code for number, entry in enumerate(occurrences, start=1) if entry.code}


def sound() -> bool:
    """Say whether the invariants hold over the whole database."""
    with invariants.snapshot() as connection:
        return list(invariants.violations(connection)) == []


def test_a_series_takes_every_date_and_shares_one_answer(shop: Shop) -> None:
    done = made(shop)
    assert len(done.bookings) == WEEKS
    assert len({booking.answer_id for booking in done.bookings}) == 1
    assert {booking.state for booking in done.bookings} == {"confirmed"}
    assert [booking.occurrence_on for booking in done.bookings] == [
        first_tuesday(shop) + timedelta(weeks=number) for number in range(WEEKS)
    ]
    assert shop.count(Allocation) == WEEKS
    assert sound()


def test_a_preview_takes_nothing_and_names_the_clash_in_week_7_with_a_way_out(shop: Shop) -> None:
    clash_in_week_7(shop)
    before = shop.count(Allocation)
    occurrences = series.preview(**asked(shop, picks={0: shop.resource("lathe1")}))
    assert codes(occurrences) == {7: "resource_taken"}
    seventh = occurrences[6]
    assert seventh.conflicts[0].resource == "车床1"
    assert seventh.alternatives[0].resources == ("车床2",)
    assert (shop.count(Allocation), shop.count(Series), shop.count(Booking)) == (before, 0, 1)


def test_one_clash_refuses_the_whole_series_and_reports_every_date(shop: Shop) -> None:
    clash_in_week_7(shop)
    with pytest.raises(SeriesClash) as refused:
        made(shop, picks={0: shop.resource("lathe1")})
    assert codes(refused.value.occurrences) == {7: "resource_taken"}
    assert len(refused.value.occurrences) == WEEKS
    assert "17" in str(refused.value)
    assert (shop.count(Series), shop.count(Booking), shop.count(Answer)) == (0, 1, 1)


def test_those_that_fit_are_booked_and_the_skipped_date_is_kept_with_its_reason(shop: Shop) -> None:
    clash_in_week_7(shop)
    done = made(shop, picks={0: shop.resource("lathe1")}, fitting=True)
    assert len(done.bookings) == WEEKS - 1
    assert list(done.series.skipped) == [in_week(shop, 7, 0).astimezone(clock.ZONE).date().isoformat()]
    assert "车床1" in next(iter(done.series.skipped.values()))
    assert sound()


def test_what_is_not_picked_may_be_another_machine_each_week(shop: Shop) -> None:
    clash_in_week_7(shop)
    done = made(shop)
    used = [booking.allocations[0].resource_id for booking in done.bookings]
    assert used[6] == shop.resource("lathe2")
    assert len(done.bookings) == WEEKS


def test_nothing_that_fits_is_no_series(shop: Shop) -> None:
    with pytest.raises(SeriesClash):
        made(shop, starts=time(21), ends=time(22), fitting=True)
    assert shop.count(Series) == 0


def test_a_booking_that_sneaks_in_between_preview_and_submit_is_reported(shop: Shop) -> None:
    one = asked(shop, picks={0: shop.resource("lathe1")})
    assert codes(series.preview(**one)) == {}
    clash_in_week_7(shop)
    with pytest.raises(SeriesClash) as refused:
        series.create(cleaned=shop.answers("lesson"), **one)
    assert codes(refused.value.occurrences) == {7: "resource_taken"}
    assert shop.count(Series) == 0


def test_composites_are_taken_together_on_every_date(shop: Shop) -> None:
    done = made(shop, "pair")
    assert {booking.state for booking in done.bookings} == {"submitted"}
    assert all(len(booking.allocations) == 2 for booking in done.bookings)
    assert sound()


def test_units_of_a_pool_are_counted_at_each_date(shop: Shop) -> None:
    shift: dict[str, Any] = {"starts": time(8), "ends": time(14)}
    made(shop, "placement", people=6, **shift)
    with pytest.raises(SeriesClash) as refused:
        made(shop, "placement", "south", people=5, **shift)
    assert len(codes(refused.value.occurrences)) == WEEKS
    assert len(made(shop, "placement", "south", people=4, **shift).bookings) == WEEKS


def test_a_term_names_the_weeks_and_a_holiday_is_skipped_with_its_name(shop: Shop) -> None:
    monday = first_tuesday(shop) - timedelta(days=1)
    holiday = monday + timedelta(days=8)
    with db.write() as session:
        term = Term(name="示例学期", first_day=monday, weeks=20)
        session.add(term)
        _holiday(session, holiday, works=False, name="示例节")
        _holiday(session, monday + timedelta(days=12), works=True, name="示例节", follows=1)
        session.flush()
        number = term.id
    rule = {"term": number, "weekdays": ["TU"], "weeks": "1-4", "holidays": "follow"}
    done = made(shop, rule=rule)
    assert done.series.skipped == {holiday.isoformat(): "示例节"}
    assert [booking.occurrence_on for booking in done.bookings] == [
        monday + timedelta(days=number) for number in (1, 12, 15, 22)
    ]
    assert [entry.follows for entry in done.occurrences if entry.follows is not None] == [1]


def _holiday(session: Any, day: date, **values: Any) -> None:
    if session.get(WorkingYear, day.year) is None:
        session.add(WorkingYear(year=day.year))
        session.flush()
    known = session.get(WorkingDay, day)
    if known is not None:
        session.delete(known)
        session.flush()
    session.add(WorkingDay(day=day, year=day.year, **values))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rule": {"rrule": "FREQ=WEEKLY", "first": "2026-12-01"}}, "rrule"),
        ({"rule": {"term": 99, "weekdays": ["TU"], "weeks": "1"}}, "term"),
        ({"rule": {"term": "1", "weekdays": ["TU"], "weeks": "1"}}, "term"),
        ({"rule": {}}, "term"),
        ({"starts": time(9, 7)}, "start"),
        ({"starts": time(9), "ends": time(9)}, "end"),
        ({"picks": {0: 999}}, "leg_0"),
        ({"picks": {5: 1}}, "leg_5"),
        ({"units": 0}, "units"),
        ({"units": 10**6}, "units"),
    ],
)
def test_what_can_be_used_on_no_day_is_refused_at_its_field(shop: Shop, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        made(shop, **changes)
    assert set(refused.value.problems) == {field}
    assert shop.count(Series) == 0


def test_a_kind_that_is_booked_once_cannot_be_a_series(shop: Shop) -> None:
    with pytest.raises(errors.NotFound):
        made(shop, "machine")


def test_nobody_books_a_series_for_another_organisation(shop: Shop) -> None:
    stranger = asked(shop) | {"organisation_id": shop.organisation("south")}
    with pytest.raises(errors.Forbidden):
        series.preview(**stranger)
    with pytest.raises(errors.Forbidden):
        series.create(cleaned=shop.answers("lesson"), **stranger)


def test_a_manager_books_on_behalf_outside_the_hours(shop: Shop) -> None:
    done = made(shop, who="manager", starts=time(20), ends=time(22))
    assert len(done.bookings) == WEEKS
    assert {booking.contact_id for booking in done.bookings} == {None}


def test_a_date_that_has_passed_is_named_and_the_others_fit(shop: Shop) -> None:
    rule = tuesdays(shop, 6, first=(first_tuesday(shop) - timedelta(weeks=5)).isoformat())
    occurrences = series.preview(**asked(shop, rule=rule))
    assert codes(occurrences)[1] == "too_late"
    assert occurrences[-1].fits


def test_a_rule_of_the_base_is_asked_at_every_date(shop: Shop) -> None:
    forbidden = Cleaned(values={"purpose": "禁止"})
    with pytest.raises(SeriesClash) as refused:
        series.create(cleaned=forbidden, **asked(shop))
    assert set(codes(refused.value.occurrences).values()) == {"rule"}
    assert shop.count(Answer) == 0


def test_sending_twice_makes_one_series(shop: Shop) -> None:
    one = made(shop, retry_key="again")
    two = made(shop, retry_key="again")
    assert two.series.id == one.series.id
    assert {booking.ref for booking in two.bookings} == {booking.ref for booking in one.bookings}
    assert shop.count(Series) == 1
    with pytest.raises(errors.Invalid):
        made(shop, retry_key="again", starts=time(12), ends=time(13))


def test_a_refused_series_leaves_no_memory_of_its_key(shop: Shop) -> None:
    clash_in_week_7(shop)
    with pytest.raises(SeriesClash):
        made(shop, picks={0: shop.resource("lathe1")}, retry_key="again")
    assert shop.count(Retry) == 0
    assert made(shop, picks={0: shop.resource("lathe1")}, retry_key="again", fitting=True).series.id


def test_the_quota_says_how_many_dates_it_is_enough_for(shop: Shop) -> None:
    _grant(shop, minutes=5 * 120)
    with pytest.raises(SeriesClash) as refused:
        made(shop)
    assert refused.value.code == "quota_exceeded"
    assert sum(entry.fits for entry in refused.value.occurrences) == 5
    assert "5" in str(refused.value)
    done = made(shop, fitting=True)
    assert len(done.bookings) == 5
    assert db.db.session.scalars(select(Quota.used)).one() == 600
    assert shop.count(Charge) == 5


def _grant(shop: Shop, *, minutes: int) -> None:
    with db.write() as session:
        row = session.scalars(select(Kind).where(Kind.slug == "lesson")).one()
        row.rules_set = {**row.rules_set, "agreement": True, "charges": "minutes"}
        valid = {"valid_from": shop.today, "valid_until": shop.today + timedelta(days=400)}
        agreement = Agreement(
            organisation_id=shop.organisation("north"), title="协议", scope=[], created_at=clock.now(), **valid
        )
        session.add(agreement)
        session.flush()
        session.add(Quota(agreement_id=agreement.id, unit="minutes", granted=minutes, **valid))


def test_a_preview_and_a_series_ask_little_of_the_database(shop: Shop) -> None:
    series.preview(**asked(shop, "pair"))  # what the session remembers from now on
    few = _statements(lambda: series.preview(**asked(shop, "pair", rule=tuesdays(shop, 2))))
    many = _statements(lambda: series.preview(**asked(shop, "pair", rule=tuesdays(shop, 40))))
    assert few == many
    one = _statements(lambda: made(shop, "pair", rule=tuesdays(shop, 2)))
    whole = _statements(lambda: made(shop, "pair", "south", rule=tuesdays(shop, 20), starts=time(14), ends=time(16)))
    assert (whole - one) / 18 < 35


def _statements(deed: Any) -> int:
    seen: list[str] = []
    engine = db.db.engine

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        deed()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE booking SET organisation_id = :south WHERE id = :id", "series of a booking"),
        ("UPDATE booking SET occurrence_on = NULL WHERE id = :id", "series of a booking"),
        ("UPDATE booking_series SET skipped = :skipped", "dates of a series"),
        ("UPDATE booking SET occurrence_on = (SELECT occurrence_on FROM booking WHERE id = :other) WHERE id = :id", ""),
    ],
)
def test_a_series_that_is_broken_is_found(shop: Shop, statement: str, rule: str) -> None:
    done = made(shop, rule=tuesdays(shop, 3))
    first, second = done.bookings[0], done.bookings[1]
    values = {
        "south": shop.organisation("south"),
        "id": first.id,
        "other": second.id,
        "skipped": json.dumps({str(second.occurrence_on): "占用"}),
    }
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    db.db.session.rollback()  # dropping an index waits for whoever reads
    with db.db.engine.begin() as connection:
        if not rule:
            connection.exec_driver_sql("DROP INDEX uq_booking_occurrence")
        connection.execute(text(statement), used)
    db.db.session.rollback()
    with invariants.snapshot() as connection:
        found = [violation.rule for violation in invariants.violations(connection)]
    assert (rule or "dates of a series") in found


def test_one_message_tells_of_all_dates(shop: Shop) -> None:
    made(shop, rule=tuesdays(shop, 6))
    assert [message.user_id for message in db.db.session.scalars(select(Message))] == [shop.user("north").id]


def test_a_place_kept_for_the_form_does_not_stand_in_the_way_of_ones_own_series(shop: Shop) -> None:
    held = holding.hold(
        actor=shop.user("north"),
        organisation_id=shop.organisation("north"),
        base=shop.base,
        kind=shop.kind("lesson"),
        start=in_week(shop, 2, 9),
        end=in_week(shop, 2, 11),
        picks={0: shop.resource("lathe1")},
    )
    mine: dict[str, Any] = {"picks": {0: shop.resource("lathe1")}, "rule": tuesdays(shop, 3)}
    assert codes(series.preview(**asked(shop, who="south", **mine))) == {2: "resource_taken"}
    assert codes(series.preview(**asked(shop, **mine))) == {}
    made(shop, **mine)
    assert db.db.session.get_one(Booking, held.id).state == "expired"
    assert shop.taken(shop.resource("lathe1")) == 3
    assert sound()
