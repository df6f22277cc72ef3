"""Numbers of people: the standard's own rule for identity cards, masks that give nothing away."""

import pytest
from flask import Flask

from core.intake import people
from tests.intake.forms_for_tests import ID_A, ID_B


@pytest.mark.parametrize("number", [ID_A, ID_B, "11010519491231002X"])
def test_a_right_check_character_is_taken(number: str) -> None:
    """The last one is the example of GB 11643-1999 itself."""
    assert people.is_id_number(number)


@pytest.mark.parametrize(
    "number",
    ["110101199001010041", "110101199002300014", "1101011990010100", "x" * 18, "", "010101199001010011", "１" * 18],
    ids=["check", "30 February", "short", "letters", "empty", "begins with 0", "full-width, not normalised"],
)
def test_what_is_no_number_is_refused(number: str) -> None:
    assert not people.is_id_number(number)


def test_every_single_wrong_digit_is_noticed() -> None:
    for place in range(17):
        for digit in "0123456789":
            changed = ID_A[:place] + digit + ID_A[place + 1 :]
            assert people.is_id_number(changed) == (changed == ID_A)


def test_numbers_are_written_one_way() -> None:
    assert people.normal(" １１０１０１ 19900101－004x ") == ID_A


def test_masks_leave_the_ends_only() -> None:
    assert people.mask_id_number(ID_A) == "110*************4X"
    assert people.mask_phone("13800000000") == "138******00"
    assert people.mask_name("欧阳某某") == "欧***"
    assert people.mask_text("任意内容") == people.mask_text("短") == "****"
    assert people.mask_phone("12345") == "*****"


def test_the_same_person_is_recognised_and_not_readable(app: Flask) -> None:
    with app.app_context():
        index = people.person_index(ID_A)
        assert index == people.person_index(ID_A.lower())
        assert index != people.person_index(ID_B)
        assert ID_A[:6] not in index
