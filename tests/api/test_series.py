from datetime import timedelta

import pytest

from core import db
from core.bases.models import Term
from core.booking.models import Booking
from tests.api.conftest import Api
from tests.api.test_problems import problem


def series(api: Api, **changes: object) -> dict[str, object]:
    rule = {"rrule": "FREQ=WEEKLY;COUNT=3", "first": api.shop.at(9).date().isoformat()}
    wanted = {"base": "workshop", "kind": "lesson", "rule": rule, "starts": "09:00", "ends": "11:00"}
    return wanted | {"answers": {"purpose": "练习"}} | changes


def preview(api: Api) -> dict[str, object]:
    return {name: value for name, value in series(api).items() if name != "answers"}


def test_every_date_is_shown_and_nothing_is_taken(api: Api) -> None:
    told = api("POST", "series/preview", preview(api)).json["occurrences"]
    days = [api.shop.at(9).date() + timedelta(weeks=number) for number in range(3)]
    assert [entry["day"] for entry in told] == [day.isoformat() for day in days]
    assert {entry["code"] for entry in told} == {""}
    assert told[0]["start"].endswith("T09:00:00+08:00")
    assert api.shop.count(Booking) == 0


@pytest.mark.database
def test_a_series_is_booked_whole_or_not_at_all_or_as_far_as_it_fits(api: Api) -> None:
    for resource in ("lathe1", "lathe2"):
        start, end = api.shop.at(9, 21).isoformat(), api.shop.at(11, 21).isoformat()
        api.made(legs=[{"resource": resource}], start=start, end=end)
    told = api("POST", "series/preview", preview(api)).json["occurrences"]
    assert [entry["code"] for entry in told] == ["", "resource_taken", ""]
    assert told[1]["conflicts"][0]["resource"] in {"lathe1", "lathe2"}
    body = problem(api("POST", "series", series(api)), 409)
    assert [entry["code"] for entry in body["occurrences"]] == ["", "resource_taken", ""]
    assert api.shop.count(Booking) == 2
    made = api("POST", "series", series(api, fitting=True))
    assert made.status_code == 201
    assert len(made.json["bookings"]) == 2
    assert list(made.json["skipped"]) == [told[1]["day"]]
    assert {entry["series"] for entry in made.json["bookings"]} == {made.json["id"]}


def test_a_series_runs_in_the_teaching_weeks_of_a_term(api: Api) -> None:
    monday = api.shop.today - timedelta(days=api.shop.today.weekday())
    with db.write() as session:
        session.add(Term(name="示例学期", first_day=monday, weeks=18))
    (term,) = api("GET", "bases/workshop/kinds/lesson").json["terms"]
    rule = {"term": term["id"], "weekdays": ["TU"], "weeks": "3-5", "holidays": "ignore"}
    answer = api("POST", "series", series(api, rule=rule))
    assert answer.status_code == 201, answer.text
    assert len(answer.json["bookings"]) == 3


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"rrule": "FREQ=SECONDLY;COUNT=3", "first": "2026-12-01"},
        {"rrule": "FREQ=DAILY", "first": "2026-12-01"},
        {"rrule": "FREQ=DAILY;COUNT=100000", "first": "2026-12-01"},
        {"rrule": "FREQ=WEEKLY;COUNT=3", "first": "0001-01-01"},
        {"rrule": "FREQ=WEEKLY;COUNT=3", "first": "9999-12-31"},
        {"rrule": "FREQ=WEEKLY;COUNT=3"},
        {"term": 2147483647, "weekdays": ["TU"], "weeks": "1-3"},
        {"term": 1, "weekdays": ["XX"], "weeks": "1-3"},
        {"term": 1, "weekdays": ["TU"], "weeks": "3-1"},
        {"rrule": "FREQ=WEEKLY;COUNT=3", "first": "2026-12-01", "term": 1},
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(api: Api, rule: dict[str, object]) -> None:
    for address in ("series", "series/preview"):
        body = series(api, rule=rule) if address == "series" else preview(api) | {"rule": rule}
        answer = api("POST", address, body)
        problem(answer, 422)
    assert api.shop.count(Booking) == 0


def test_what_does_not_repeat_is_not_booked_as_a_series(api: Api) -> None:
    problem(api("POST", "series", series(api, kind="machine")), 404)
