"""From declared fields to a JSON Schema (draft 2020-12) of the answers, in the reader's language."""

from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any

from flask_babel import gettext as _

from core.plugins import fields as declared
from core.plugins.fields import Field

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID_NUMBER = r"^[1-9][0-9]{16}[0-9Xx]$"
PHONE = r"^\+?[0-9\- ]{7,20}$"


def json_schema(fields: Sequence[Field]) -> Schema:
    """Return the schema of an object with one property per declared field."""
    return {
        "$schema": DIALECT,
        "type": "object",
        "properties": {field.name: _titled(field) | part(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def _titled(field: Field) -> Schema:
    titled: Schema = {"title": str(field.label)}
    if str(field.hint):
        titled["description"] = str(field.hint)
    return titled


@singledispatch
def part(field: Field) -> Schema:
    """Return the schema of one field's answer."""
    raise TypeError(f"{type(field).__name__} is no field an intake form knows")


@part.register
def _text(field: declared.Text | declared.LongText) -> Schema:
    return {"type": "string", "maxLength": field.longest} | ({"minLength": 1} if field.required else {})


@part.register
def _whole(field: declared.Whole) -> Schema:
    return {"type": "integer", "minimum": field.least, "maximum": field.most}


@part.register
def _figure(field: declared.Figure) -> Schema:
    return {"type": "number", "minimum": float(field.least), "maximum": float(field.most)}


@part.register
def _choice(field: declared.Choice) -> Schema:
    return {"oneOf": _options(field.options)}


@part.register
def _choices(field: declared.Choices) -> Schema:
    items = {"oneOf": _options(field.options)}
    return {"type": "array", "items": items, "uniqueItems": True} | ({"minItems": 1} if field.required else {})


def _options(options: Sequence[tuple[str, object]]) -> list[Schema]:
    return [{"const": value, "title": str(label)} for value, label in options]


@part.register
def _day(field: declared.Day) -> Schema:
    return {"type": "string", "format": "date"}


@part.register
def _phone(field: declared.Phone) -> Schema:
    return {"type": "string", "pattern": PHONE}


@part.register
def _consent(field: declared.Consent) -> Schema:
    accepted: Mapping[str, Any] = {"const": True} if field.required else {"type": "boolean"}
    return {"description": str(field.terms), **accepted}


@part.register
def _file(field: declared.File) -> Schema:
    return {"type": "string", "description": _("Key of a file that was uploaded before.")}


@part.register
def _roster(field: declared.Roster) -> Schema:
    columns: Schema = {"name": {"type": "string", "title": _("Name"), "minLength": 1, "maxLength": 60}}
    needed = ["name"]
    if field.id_number:
        columns["id_number"] = {"type": "string", "title": _("Identity-card number"), "pattern": ID_NUMBER}
        needed.append("id_number")
    if field.phone:
        columns["phone"] = {"type": "string", "title": _("Phone"), "pattern": PHONE}
    for column in field.columns:
        columns[column.name] = {"type": "string", "title": str(column.label), "maxLength": 120}
        needed += [column.name] if column.required else []
    row = {"type": "object", "properties": columns, "required": needed, "additionalProperties": False}
    return {"type": "array", "minItems": field.least, "maxItems": field.most, "items": row}


@part.register
def _rows(field: declared.Rows) -> Schema:
    columns = {
        column.name: {"type": "string", "title": str(column.label), "maxLength": 120} for column in field.columns
    }
    needed = [column.name for column in field.columns if column.required]
    row = {"type": "object", "properties": columns, "required": needed, "additionalProperties": False}
    return {"type": "array", "minItems": field.least if field.required else 0, "maxItems": field.most, "items": row}
