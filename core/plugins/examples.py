"""People for demo data and tests: plainly examples, with identity numbers that pass the check and belong to nobody."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def example_person(number: int, /, *, born: str = "20000101", **details: str) -> dict[str, str]:
    """Return one row of a roster: 学员01 and so on.

    Args:
        number: from 1 to 999; the same number is the same person.
        born: date of birth, YYYYMMDD.
        details: values of the roster's further columns.
    """
    body = f"999999{born}{number:03}"  # there is no area 999999
    check = _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True)) % 11]
    return {"name": f"学员{number:02}", "id_number": body + check, **details}


def example_people(first: int, count: int, *, born: str = "20000101", **details: str) -> list[dict[str, str]]:
    """Return rows of a roster, numbered from `first`; the rest as for `example_person`."""
    return [example_person(number, born=born, **details) for number in range(first, first + count)]
