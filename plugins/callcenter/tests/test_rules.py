"""Nobody under 18 works the night shift."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.plugin_api import BookingRequest, Person
from plugins.callcenter import rules

NIGHT = datetime(2026, 12, 8, 12, 0, tzinfo=UTC)  # 20:00 at the base
EARLY = datetime(2026, 12, 8, 0, 0, tzinfo=UTC)  # 08:00 at the base


def request(kind: str, start: datetime, *, youngest: str = "adult", born: tuple[date, ...] = ()) -> BookingRequest:
    return BookingRequest(
        base="callcenter",
        kind=kind,
        session_id=None,
        start=start,
        end=start + timedelta(hours=6),
        units=len(born) or 10,
        organisation_id=1,
        organisation_kind="school",
        answers={"youngest": youngest},
        people=tuple(Person(None, {}, day) for day in born),
        resources={"seats": {}},
    )


def test_a_group_with_minors_is_kept_from_the_night_shift_and_told_at_the_field() -> None:
    (problem,) = rules.problems(request("seats", NIGHT, youngest="minor"))
    assert problem.field == "youngest"


def test_a_group_with_minors_may_come_by_day() -> None:
    assert rules.problems(request("seats", EARLY, youngest="minor")) == []


def test_a_group_of_adults_may_work_at_night() -> None:
    assert rules.problems(request("seats", NIGHT)) == []


def test_an_intern_under_18_is_kept_from_the_night_shift_and_it_says_who() -> None:
    (problem,) = rules.problems(request("internship", NIGHT, born=(date(2000, 1, 1), date(2008, 12, 9))))
    assert problem.field == "interns"
    assert "Intern 2" in str(problem.message)


def test_who_turns_18_on_the_day_may_work_at_night() -> None:
    assert rules.problems(request("internship", NIGHT, born=(date(2008, 12, 8),))) == []


def test_interns_under_18_may_come_by_day() -> None:
    assert rules.problems(request("internship", EARLY, born=(date(2010, 1, 1),))) == []


@pytest.mark.parametrize(("on", "grown"), [(date(2026, 2, 28), False), (date(2026, 3, 1), True)])
def test_who_was_born_on_a_29th_of_february_is_18_on_the_first_of_march(on: date, grown: bool) -> None:
    assert rules.adult(date(2008, 2, 29), on) is grown
