"""A contestant is in one team per event, and entries are taken while the window is open."""

from collections.abc import Iterator

import pytest

from core.plugin_api import example_people
from core.testing.site import Site, site
from core.testing.steps import book, decide, kind_of, publish_session, refusals, send_again


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site("competition", tmp_path_factory.mktemp("entries")) as made:
        yield made


@pytest.fixture
def event(base: Site) -> int:
    return publish_session(base, kind_of(base, "entry"))


def team(*numbers: int) -> dict[str, object]:
    return {"contestants": [person for number in numbers for person in example_people(number, 1)]}


def codes(base: Site, event: int, *numbers: int) -> list[str]:
    return [problem.code for problem in refusals(base, kind_of(base, "entry"), team(*numbers), session_id=event)]


def test_teams_of_different_people_enter_the_same_event(base: Site, event: int) -> None:
    assert codes(base, event, 1, 2) == []
    assert codes(base, event, 3, 4) == []


def test_who_is_in_a_team_cannot_enter_with_another_one(base: Site, event: int) -> None:
    codes(base, event, 1, 2)
    (problem,) = refusals(base, kind_of(base, "entry"), team(3, 2), session_id=event)
    assert (problem.code, problem.field) == ("contestant_in_other_team", "contestants")
    assert "第2名选手" in str(problem.message)


def test_the_same_people_enter_another_event(base: Site, event: int) -> None:
    codes(base, event, 1, 2)
    assert codes(base, publish_session(base, kind_of(base, "entry")), 1, 2) == []


def test_who_left_a_team_is_free_for_another_one(base: Site, event: int) -> None:
    entry = book(base, kind_of(base, "entry"), team(1, 2), session_id=event)
    decide(base, entry.ref, "cancel")
    assert codes(base, event, 2, 3) == []


def test_a_returned_entry_does_not_stand_in_its_own_way(base: Site, event: int) -> None:
    entry = book(base, kind_of(base, "entry"), team(1, 2), session_id=event)
    decide(base, entry.ref, "return")
    assert send_again(base, kind_of(base, "entry"), entry.ref, team(1, 2)).state == "submitted"


@pytest.mark.parametrize(("days", "code"), [(61, "entry_not_open"), (4, "entry_closed")])
def test_entries_outside_the_window_are_refused(base: Site, days: int, code: str) -> None:
    assert codes(base, publish_session(base, kind_of(base, "entry"), days_ahead=days), 1, 2) == [code]


def test_a_camp_keeps_the_same_rule_and_has_no_window(base: Site) -> None:
    camp = kind_of(base, "camp")
    session = publish_session(base, camp, days_ahead=2)
    assert refusals(base, camp, team(1, 2), session_id=session) == []
    assert [problem.code for problem in refusals(base, camp, team(2, 3), session_id=session)] == [
        "contestant_in_other_team"
    ]
