"""Example people pass every check of a form and are nobody."""

import pytest

from core.intake.people import born, is_id_number
from core.plugins.examples import example_people, example_person


@pytest.mark.parametrize("number", range(1, 30))
def test_an_example_person_has_an_identity_number_that_passes_the_check(number: int) -> None:
    assert is_id_number(example_person(number)["id_number"])


def test_the_area_of_the_number_does_not_exist() -> None:
    assert example_person(7)["id_number"].startswith("999999")


def test_the_number_tells_the_date_of_birth() -> None:
    assert born(example_person(7, born="20100228")["id_number"]).isoformat() == "2010-02-28"


def test_the_same_number_is_the_same_person_and_another_is_another() -> None:
    first, second = example_people(7, 2)
    assert first == example_person(7)
    assert first["id_number"] != second["id_number"]


def test_further_columns_stand_in_the_row() -> None:
    assert example_person(7, number="QS-1")["number"] == "QS-1"
