"""Example answers for declared fields, as a browser would send them."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import singledispatch
from io import BytesIO
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from core.plugins import fields as declared
from core.plugins.examples import example_person
from core.plugins.fields import Field


def filled(fields: Sequence[Field], day: date, given: Mapping[str, object]) -> "MultiDict[str, Any]":
    """Return a form filled in so that it can be accepted.

    Args:
        fields: the declared fields.
        day: what dates are answered with.
        given: answers by field name, over the examples: texts as a browser sends them, lists of texts for `Choices`,
            lists of rows (text by column) for a `Roster` and for `Rows`.
    """
    sent: MultiDict[str, Any] = MultiDict()
    for field in fields:
        answer: Any = given.get(field.name, example(field, day))
        if isinstance(field, declared.Roster | declared.Rows):
            for number, row in enumerate(answer):
                sent.update({f"{field.name}-{number}-{column}": text for column, text in row.items()})
        else:
            sent.setlist(field.name, list(answer) if isinstance(answer, list | tuple) else [answer])
    return sent


@singledispatch
def example(field: Field, day: date) -> Any:
    """Return an answer that the field accepts."""
    raise TypeError(f"no example for a {type(field).__name__}")


@example.register
def _text(field: declared.Text | declared.LongText, day: date) -> str:
    return "示例"[: field.longest]


@example.register
def _whole(field: declared.Whole, day: date) -> str:
    return str(min(max(field.least, 1), field.most))


@example.register
def _figure(field: declared.Figure, day: date) -> str:
    return str(field.least if field.least > 0 else min(field.most, 1))


@example.register
def _choice(field: declared.Choice, day: date) -> str:
    return field.options[0][0]


@example.register
def _choices(field: declared.Choices, day: date) -> list[str]:
    return [field.options[0][0]]


@example.register
def _day(field: declared.Day, day: date) -> str:
    return day.isoformat()


@example.register
def _phone(field: declared.Phone, day: date) -> str:
    return "13800000000"


@example.register
def _consent(field: declared.Consent, day: date) -> str:
    return "y"


@example.register
def _file(field: declared.File, day: date) -> FileStorage:
    return FileStorage(BytesIO(b"example"), filename=f"example.{field.endings[0]}")


@example.register
def _roster(field: declared.Roster, day: date) -> list[dict[str, str]]:
    rows = []
    for number in range(1, max(field.least, 1) + 1):
        row = example_person(number, **{column.name: "示例" for column in field.columns})
        if not field.id_number:
            del row["id_number"]
        if field.phone:
            row["phone"] = f"138000000{number:02}"
        rows.append(row)
    return rows


@example.register
def _rows(field: declared.Rows, day: date) -> list[dict[str, str]]:
    return [{column.name: "示例" for column in field.columns} for _ in range(max(field.least, 1))]
