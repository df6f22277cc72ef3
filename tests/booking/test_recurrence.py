"""On which days something repeats, judged day by day by a model that knows nothing of rules' engines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core import errors
from core.booking import recurrence
from core.booking.recurrence import WEEKDAYS, Dated

DAY = timedelta(days=1)
FIRST = date(2026, 8, 31)  # a Monday


@dataclass(frozen=True)
class Known:
    """A working calendar: holidays by day, make-up days with the weekday they follow."""

    holidays: Mapping[date, str] = field(default_factory=dict)
    makeup: Mapping[date, int] = field(default_factory=dict)
    years: frozenset[int] = frozenset({2026})

    def is_published(self, day: date) -> bool:
        return day.year in self.years

    def holiday(self, day: date) -> str:
        return self.holidays.get(day, "")

    def weekday(self, day: date) -> int | None:
        return None if day in self.holidays else self.makeup.get(day, day.weekday())


PLAIN = Known()

# National Day 2026 as a timetable sees it; the make-up Saturday of 10 October follows Tuesday here.
AUTUMN = Known(
    holidays={date(2026, 10, day): "国庆节" for day in range(1, 8)},
    makeup={date(2026, 9, 20): 3, date(2026, 10, 10): 1},
)


@pytest.fixture(autouse=True)
def _texts(app: Flask) -> Any:
    with app.test_request_context():
        yield


def term(**changes: Any) -> dict[str, Any]:
    values = {"term": 1, "name": "2026年秋季", "first_day": FIRST.isoformat(), "of_weeks": 20}
    return values | {"weekdays": ["TU"], "weeks": "3-18", "holidays": "skip"} | changes


def weekly(rrule: str, **changes: Any) -> dict[str, Any]:
    return {"rrule": rrule, "first": FIRST.isoformat(), "holidays": "ignore"} | changes


def taking_place(values: Mapping[str, Any], calendar: Known = PLAIN) -> list[date]:
    return [entry.day for entry in recurrence.dates_of(recurrence.read(values), calendar) if not entry.left_out]


def refusal(values: Mapping[str, Any]) -> dict[str, object]:
    with pytest.raises(errors.Invalid) as caught:
        recurrence.dates_of(recurrence.read(values), PLAIN)
    return caught.value.problems


def test_every_tuesday_of_the_teaching_weeks_3_to_18() -> None:
    days = taking_place(term())
    assert days[0] == date(2026, 9, 15)
    assert len(days) == 16
    assert {day.weekday() for day in days} == {1}


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("3-5", (3, 4, 5)),
        ("1-3,5", (1, 2, 3, 5)),
        ("1–2，4—5、7", (1, 2, 4, 5, 7)),
        ("第3周", (3,)),
        ("第1-4周", (1, 2, 3, 4)),
        ("1-6单", (1, 3, 5)),
        ("1-6(双)", (2, 4, 6)),
        ("1-4odd, 10", (1, 3, 10)),
    ],
)
def test_weeks_are_read_as_people_write_them(text: str, weeks: tuple[int, ...]) -> None:
    assert recurrence.parse_weeks(text, 20) == weeks


@pytest.mark.parametrize("text", ["", "  ", "0-3", "5-3", "1-21", "drei", "1--3", "2单", "9" * 400, "1-3-5"])
def test_weeks_that_make_no_sense_are_refused_at_their_field(text: str) -> None:
    assert set(refusal(term(weeks=text))) == {"weeks"}


@given(st.sets(st.integers(1, 30), min_size=1))
@settings(max_examples=200, deadline=None)
def test_weeks_are_written_as_they_are_read(weeks: set[int]) -> None:
    assert recurrence.parse_weeks(recurrence.write_weeks(weeks), 30) == tuple(sorted(weeks))


def test_a_holiday_is_left_out_and_named() -> None:
    dates = recurrence.dates_of(recurrence.read(term()), AUTUMN)
    assert Dated(date(2026, 10, 6), "国庆节") in dates
    assert len([entry for entry in dates if not entry.left_out]) == 15


def test_a_make_up_saturday_that_follows_tuesday_gets_tuesdays_lesson() -> None:
    dates = recurrence.dates_of(recurrence.read(term(holidays="follow")), AUTUMN)
    assert Dated(date(2026, 10, 10), "", 1) in dates
    assert Dated(date(2026, 10, 6), "国庆节") in dates
    assert date(2026, 9, 20) not in [entry.day for entry in dates]  # it follows Thursday


def test_a_saturday_that_follows_another_weekday_has_no_saturdays_lesson() -> None:
    dates = recurrence.dates_of(recurrence.read(term(weekdays=["SA"], holidays="follow")), AUTUMN)
    assert next(entry for entry in dates if entry.day == date(2026, 10, 10)).left_out


def test_holidays_can_be_ignored() -> None:
    assert date(2026, 10, 6) in taking_place(term(holidays="ignore"), AUTUMN)


def test_a_make_up_day_belongs_to_the_week_it_lies_in() -> None:
    assert date(2026, 10, 10) in taking_place(term(weeks="6", holidays="follow"), AUTUMN)
    assert date(2026, 10, 10) not in taking_place(term(weeks="5,7", holidays="follow"), AUTUMN)


def test_days_of_a_year_without_published_holidays_say_so() -> None:
    dates = recurrence.dates_of(recurrence.read(weekly("FREQ=WEEKLY;COUNT=25", holidays="skip")), PLAIN)
    assert {entry.day.year for entry in dates if not entry.published} == {2027}
    assert {entry.day.year for entry in dates if entry.published} == {2026}


@pytest.mark.parametrize(
    ("rrule", "says"),
    [
        ("FREQ=WEEKLY", "COUNT"),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20261231", "COUNT"),
        ("FREQ=YEARLY;COUNT=3", "FREQ"),
        ("FREQ=WEEKLY;COUNT=0", "COUNT"),
        ("FREQ=WEEKLY;COUNT=201", "200"),
        ("FREQ=WEEKLY;COUNT=-1", "COUNT"),
        ("FREQ=WEEKLY;COUNT=1e3", "COUNT"),
        ("FREQ=WEEKLY;COUNT=２", "COUNT"),
        ("FREQ=WEEKLY;INTERVAL=0;COUNT=2", "INTERVAL"),
        ("FREQ=WEEKLY;BYDAY=2TU;COUNT=2", "2TU"),
        ("FREQ=WEEKLY;BYDAY=XX;COUNT=2", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=9TU;COUNT=2", "BYDAY"),
        ("FREQ=DAILY;BYHOUR=3;COUNT=2", "BYHOUR"),
        ("FREQ=DAILY;COUNT=2;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=WEEKLY;COUNT=2;WKST=SU", "WKST"),
        ("FREQ=WEEKLY;UNTIL=20260101", ""),
        ("FREQ=WEEKLY;UNTIL=99991231", "UNTIL"),
        ("FREQ=WEEKLY;UNTIL=tomorrow", "UNTIL"),
        ("FREQ=WEEKLY;FREQ=DAILY;COUNT=2", ""),
        ("FREQ", ""),
        ("", "FREQ"),
        ("FREQ=DAILY;UNTIL=20270901", "200"),
        ("FREQ=WEEKLY;UNTIL=20991231", ""),
        ("FREQ=MONTHLY;INTERVAL=99;COUNT=200", ""),
    ],
)
def test_a_rule_that_is_not_understood_or_has_no_end_is_refused_at_its_field(rrule: str, says: str) -> None:
    problems = refusal(weekly(rrule))
    assert set(problems) == {"rrule"}
    assert says in str(problems["rrule"])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (weekly("FREQ=WEEKLY;COUNT=2", first="soon"), "first"),
        (weekly("FREQ=WEEKLY;COUNT=2", first="9999-12-31"), "first"),
        (weekly("FREQ=WEEKLY;COUNT=2", holidays="sometimes"), "holidays"),
        (weekly("FREQ=MONTHLY;COUNT=2", holidays="follow"), "holidays"),
        (term(weekdays=[]), "weekdays"),
        (term(weekdays=["TU", 9]), "weekdays"),
        (term(weekdays="TU"), "weekdays"),
        (term(weekdays=[["TU"]]), "weekdays"),
        (term(term="x"), "term"),
        ({}, "term"),
    ],
)
def test_whatever_else_makes_no_sense_is_refused_at_its_field(values: dict[str, Any], field: str) -> None:
    assert set(refusal(values)) == {field}


def test_a_rule_that_leaves_no_day_is_refused() -> None:
    with pytest.raises(errors.Invalid):
        recurrence.dates_of(recurrence.read(term(weeks="6")), AUTUMN)  # its only Tuesday is a holiday


def test_a_moment_in_utc_ends_a_rule_on_the_day_it_is_here() -> None:
    assert taking_place(weekly("RRULE:FREQ=DAILY;UNTIL=20260902T160000Z"))[-1] == date(2026, 9, 3)


@pytest.mark.parametrize("values", [term(holidays="follow"), weekly("freq=weekly;byday=tu,th;until=20261231;wkst=mo")])
def test_a_rule_is_kept_and_read_again(values: dict[str, Any]) -> None:
    rule = recurrence.read(values)
    assert recurrence.read(rule.as_json()) == rule
    assert recurrence.describe(rule)


# --- against a naive model: every day is asked whether the rule names it ---

WEEKLY = st.builds(
    lambda every, days, span: (every, sorted(days), span),
    st.integers(1, 4),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 300),
)
CHANGED = st.dictionaries(st.integers(0, 320), st.one_of(st.none(), st.integers(0, 6)), max_size=12)


def _calendar(first: date, changed: Mapping[int, int | None]) -> Known:
    days = {first + DAY * number: follows for number, follows in changed.items()}
    return Known(
        holidays={day: "节" for day, follows in days.items() if follows is None},
        makeup={day: follows for day, follows in days.items() if follows is not None},
    )


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), WEEKLY, CHANGED, st.sampled_from(recurrence.HOLIDAYS))
@settings(max_examples=300, deadline=None)
def test_a_weekly_rule_names_the_days_a_reader_would_count(
    first: date, asked: tuple[int, list[int], int], changed: Mapping[int, int | None], holidays: str
) -> None:
    every, weekdays, span = asked
    last = first + DAY * span
    calendar = _calendar(first, changed)
    names = ",".join(WEEKDAYS[number] for number in weekdays)
    rule = recurrence.read(
        weekly(
            f"FREQ=WEEKLY;INTERVAL={every};BYDAY={names};UNTIL={last:%Y%m%d}",
            first=first.isoformat(),
            holidays=holidays,
        )
    )

    def named(day: date) -> bool:
        weeks = ((day - DAY * day.weekday()) - (first - DAY * first.weekday())).days // 7
        if weeks % every:
            return False
        counts_as = calendar.weekday(day) if holidays == "follow" else day.weekday()
        return counts_as in weekdays and not (holidays != "ignore" and calendar.holiday(day))

    expected = [day for day in (first + DAY * number for number in range(span + 1)) if named(day)]
    dates = rule.dates(calendar)
    assume(len(dates) <= recurrence.MOST)  # more are refused
    assert [entry.day for entry in dates if not entry.left_out] == expected


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(1, 5), st.integers(1, 60))
@settings(max_examples=100, deadline=None)
def test_a_daily_rule_counts_days(first: date, every: int, count: int) -> None:
    days = taking_place(weekly(f"FREQ=DAILY;INTERVAL={every};COUNT={count}", first=first.isoformat()))
    assert days == [first + DAY * every * number for number in range(count)]


@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(1, 3), st.integers(-4, 4), st.integers(0, 6),
    st.integers(1, 12),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_a_monthly_rule_finds_the_nth_weekday(first: date, every: int, nth: int, weekday: int, count: int) -> None:
    which = f"{nth or ''}{WEEKDAYS[weekday]}"
    rule = recurrence.read(
        weekly(f"FREQ=MONTHLY;INTERVAL={every};BYDAY={which};COUNT={count}", first=first.isoformat())
    )

    def named(day: date) -> bool:
        months = (day.year - first.year) * 12 + day.month - first.month
        if months % every or day.weekday() != weekday:
            return False
        if nth > 0:
            return (day.day - 1) // 7 + 1 == nth
        to_come = (day + DAY * 7).month == day.month
        later = sum((day + DAY * 7 * number).month == day.month for number in range(1, 5)) if to_come else 0
        return nth == 0 or later + 1 == -nth

    expected: list[date] = []
    day = first
    while len(expected) < count:
        if named(day):
            expected.append(day)
        day += DAY
    assert [entry.day for entry in rule.dates(PLAIN)] == expected


@given(
    st.sets(st.integers(0, 6), min_size=1), st.sets(st.integers(1, 20), min_size=1), CHANGED,
    st.sampled_from(recurrence.HOLIDAYS),
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_weeks_of_a_term_name_the_days_a_timetable_would(
    weekdays: set[int], weeks: set[int], changed: Mapping[int, int | None], holidays: str
) -> None:
    calendar = _calendar(FIRST, changed)
    rule = recurrence.read(
        term(
            weekdays=[WEEKDAYS[number] for number in weekdays],
            weeks=recurrence.write_weeks(weeks),
            holidays=holidays,
        )
    )

    def named(day: date) -> bool:
        if (day - FIRST).days // 7 + 1 not in weeks:
            return False
        counts_as = calendar.weekday(day) if holidays == "follow" else day.weekday()
        return counts_as in weekdays and not (holidays != "ignore" and calendar.holiday(day))

    expected = [day for day in (FIRST + DAY * number for number in range(140)) if named(day)]
    assert [entry.day for entry in rule.dates(calendar) if not entry.left_out] == expected
