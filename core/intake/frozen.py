"""Declared fields as JSON and back, so that an answer is always read by the questions that were asked."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields as attributes_of
from decimal import Decimal
from typing import Any

from core.localised import freeze, pick
from core.plugins import fields as declared
from core.plugins.fields import Column, Field

TYPES: dict[str, type[Field]] = {
    kind.__name__: kind
    for kind in (
        declared.Text,
        declared.LongText,
        declared.Whole,
        declared.Figure,
        declared.Choice,
        declared.Choices,
        declared.Day,
        declared.Phone,
        declared.Consent,
        declared.File,
        declared.Roster,
        declared.Rows,
    )
}

TEXTS = frozenset({"label", "hint", "section", "unit", "terms"})


def freeze_fields(fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Return declared fields as JSON values, their texts in every language."""
    return [{"type": type(field).__name__} | _attributes(field) for field in fields]


def thaw_fields(frozen: Sequence[Mapping[str, Any]]) -> list[Field]:
    """Return fields as they were declared, their texts in the reader's language."""
    return [_thaw(entry) for entry in frozen]


def fingerprint(frozen: Sequence[Mapping[str, Any]]) -> str:
    """Return what changes whenever a frozen form does (SHA-256, hexadecimal)."""
    return hashlib.sha256(json.dumps(frozen, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _attributes(field: Field | Column) -> dict[str, Any]:
    return {entry.name: _value(entry.name, getattr(field, entry.name)) for entry in attributes_of(field)}


def _value(name: str, value: Any) -> Any:
    if name in TEXTS:
        return freeze(value)
    if name == "options":
        return [[key, freeze(label)] for key, label in value]
    if name == "columns":
        return [_attributes(column) for column in value]
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _thaw(entry: Mapping[str, Any]) -> Field:
    kind = TYPES[entry["type"]]
    return kind(**{name: _thawed(kind, name, value) for name, value in entry.items() if name != "type"})


def _thawed(kind: type[Field], name: str, value: Any) -> Any:
    if name in TEXTS:
        return pick(value)
    if name == "options":
        return tuple((key, pick(label)) for key, label in value)
    if name == "columns":
        return tuple(Column(**column | {"label": pick(column["label"])}) for column in value)
    if kind is declared.Figure and name in {"least", "most"}:
        return Decimal(value)
    return tuple(value) if isinstance(value, list) else value
