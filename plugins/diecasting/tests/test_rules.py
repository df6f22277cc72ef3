"""A mould fits the cell or the reason is told; a trainee's safety training is valid on the day."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.plugin_api import BookingRequest, Person
from plugins.diecasting import rules

START = datetime(2026, 12, 8, 1, 0, tzinfo=UTC)  # 09:00 at the base

MOULD = {
    "clamping_force": 2200,
    "mould_length": 540,
    "mould_width": 480,
    "mould_thickness": 420,
    "shot_weight": Decimal("1.4"),
}


def trial(cell: str, **changed: object) -> BookingRequest:
    return request("trial", answers={**MOULD, **changed}, resources={cell: {}, "instructor-1": {}})


def request(kind: str, **given: object) -> BookingRequest:
    values: dict[str, object] = {
        "answers": {},
        "people": (),
        "resources": {},
        "start": START,
        "end": START + timedelta(hours=2),
    }
    return BookingRequest(
        base="diecasting",
        kind=kind,
        session_id=None,
        units=1,
        organisation_id=1,
        organisation_kind="enterprise",
        **{**values, **given},  # type: ignore[arg-type]
    )


def test_a_mould_that_fits_is_not_refused() -> None:
    assert rules.problems(trial("cell1")) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"clamping_force": 2801}, "clamping_force"),
        ({"mould_thickness": 601}, "mould_thickness"),
        ({"mould_thickness": 249}, "mould_thickness"),
        ({"mould_length": 561}, "mould_length"),
        ({"mould_width": 561}, "mould_width"),
        ({"shot_weight": Decimal("3.201")}, "shot_weight"),
    ],
)
def test_each_figure_that_a_cell_does_not_take_is_refused_at_its_field(changed: dict[str, object], field: str) -> None:
    assert [problem.field for problem in rules.problems(trial("cell1", **changed))] == [field]


@pytest.mark.parametrize("changed", [{"clamping_force": 2800}, {"mould_thickness": 600}, {"shot_weight": "3.2"}])
def test_the_greatest_figure_still_fits(changed: dict[str, object]) -> None:
    assert rules.problems(trial("cell1", **changed)) == []


def test_a_refusal_names_the_cell_that_would_do() -> None:
    (problem,) = rules.problems(trial("cell1", mould_thickness=680))
    assert "cell 2" in str(problem.message)
    assert "cell 3" not in str(problem.message)


def test_a_mould_too_big_for_all_cells_is_sent_to_the_base() -> None:
    (problem,) = rules.problems(trial("cell2", clamping_force=9000))
    assert "ask the base" in str(problem.message)


def test_all_that_does_not_fit_is_told_at_once() -> None:
    found = rules.problems(trial("cell3", mould_thickness=640, clamping_force=3500))
    assert {problem.field for problem in found} == {"mould_thickness", "clamping_force", "mould_length"}


def trained_until(*dates: str) -> BookingRequest:
    return request("teaching", people=tuple(Person(None, {"safety_until": date}) for date in dates))


def test_a_safety_training_that_ends_on_the_day_is_valid() -> None:
    assert rules.problems(trained_until("2026-12-08")) == []


def test_a_safety_training_that_ends_the_day_before_is_refused_and_says_whose() -> None:
    (problem,) = rules.problems(trained_until("2027-05-31", "2026-12-07"))
    assert problem.code == "safety_expired"
    assert "Trainee 2" in str(problem.message)


def test_the_day_is_the_one_at_the_base_not_in_utc() -> None:
    early = datetime(2026, 12, 7, 23, 0, tzinfo=UTC)  # 07:00 of December 8 at the base
    expired = request("teaching", people=(Person(None, {"safety_until": "2026-12-07"}),), start=early)
    assert [problem.code for problem in rules.problems(expired)] == ["safety_expired"]


@pytest.mark.parametrize("text", ["", "next year", "2027-02-30"])
def test_a_date_that_is_none_is_asked_for_again(text: str) -> None:
    assert [problem.code for problem in rules.problems(trained_until(text))] == ["safety_date"]
