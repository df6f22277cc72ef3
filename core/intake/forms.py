"""From declared fields to a WTForms form in the reader's language."""

from collections.abc import Iterator, Sequence
from functools import singledispatch
from typing import Any, ClassVar, NamedTuple

from flask import request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, FormField
from wtforms import Field as Control
from wtforms.validators import ValidationError

from core.intake import people
from core.intake.controls import (
    DayField,
    FigureField,
    LineField,
    Needed,
    NumberOfField,
    OneOfField,
    Skipped,
    SomeOfField,
    TextField,
    UploadField,
    WholeField,
)
from core.intake.tables import ListField, RowsField, row_class
from core.plugins import fields as declared
from core.plugins.fields import Field

FEW_OPTIONS = 6

Columns = Iterator[tuple[str, Control]]
"""Names and controls of the columns of a list."""


class Section(NamedTuple):
    """Fields that stand under one heading ("" for none)."""

    title: str
    fields: list[Control]


class Declared:
    """What every form made of declared fields has beside them."""

    declared: ClassVar[tuple[Field, ...]] = ()

    def sections(self) -> list[Section]:
        """Return the declared fields by their headings, in the order declared."""
        found: dict[str, list[Control]] = {}
        for field in self.declared:
            found.setdefault(str(field.section), []).append(self[field.name])  # type: ignore[index]  # mixed into forms
        return [Section(title, fields) for title, fields in found.items()]


class IntakeForm(FlaskForm, Declared):
    """A form that is nothing but declared fields."""


class PartForm(Form, Declared):
    """Declared fields as a part of another form, in a `FormField`."""


def form_class(fields: Sequence[Field]) -> type[IntakeForm]:
    """Build the form of declared fields, in the reader's language; to be called in a request.

    Raises:
        ValueError: a field's name is one a form needs for itself, or is used twice.
    """
    return type("DeclaredForm", (IntakeForm,), _controls(fields))


def part_class(fields: Sequence[Field]) -> type[PartForm]:
    """Build the form of declared fields that stand in another form; as `form_class`."""
    return type("DeclaredPart", (PartForm,), _controls(fields))


def _controls(fields: Sequence[Field]) -> dict[str, Any]:
    controls: dict[str, Any] = {}
    for field in fields:
        if field.name in controls or hasattr(IntakeForm, field.name) or field.name == "csrf_token":
            raise ValueError(f"a field of an intake form cannot be named {field.name!r}: choose another name")
        controls[field.name] = control(field)
    return {"declared": tuple(fields)} | controls


def sent_to(fields: Sequence[Field]) -> MultiDict[str, Any] | None:
    """Return what the request sends to a form of these fields, as a copy that may be changed; None when nothing.

    A file under the name of a field that takes none is left out.
    """
    if request.method != "POST":
        return None
    sent: MultiDict[str, Any] = MultiDict(request.form)
    for field in fields:
        if isinstance(field, declared.File):
            sent.setlistdefault(field.name).extend(request.files.getlist(field.name))
    return sent


@singledispatch
def control(field: Field) -> Control:
    """Return the WTForms field for a declared one."""
    raise TypeError(f"{type(field).__name__} is no field an intake form knows")


def _common(field: Field) -> dict[str, Any]:
    return {
        "label": str(field.label),
        "description": str(field.hint),
        "validators": [Needed() if field.required else Skipped()],
    }


@control.register
def _text(field: declared.Text) -> Control:
    return LineField(**_common(field), longest=field.longest, render_kw={"maxlength": field.longest})


@control.register
def _long_text(field: declared.LongText) -> Control:
    return TextField(**_common(field), longest=field.longest, render_kw={"rows": 4})


@control.register
def _whole(field: declared.Whole) -> Control:
    bounds = {"min": field.least, "max": field.most, "inputmode": "numeric"}
    return WholeField(**_common(field), least=field.least, most=field.most, unit=str(field.unit), render_kw=bounds)


@control.register
def _figure(field: declared.Figure) -> Control:
    return FigureField(
        **_common(field),
        least=field.least,
        most=field.most,
        places=field.places,
        unit=str(field.unit),
        render_kw={"min": field.least, "max": field.most, "step": "any", "inputmode": "decimal"},
    )


@control.register
def _choice(field: declared.Choice) -> Control:
    options = [(value, str(label)) for value, label in field.options]
    few = len(options) <= FEW_OPTIONS
    if not few or not field.required:
        options.insert(0, ("", _("Please choose") if field.required else _("None of these")))
    return OneOfField(**_common(field), options=options, few=few)


@control.register
def _choices(field: declared.Choices) -> Control:
    return SomeOfField(**_common(field), options=[(value, str(label)) for value, label in field.options])


@control.register
def _day(field: declared.Day) -> Control:
    return DayField(**_common(field))


@control.register
def _phone(field: declared.Phone) -> Control:
    return NumberOfField(**_common(field), **_phone_rules(), render_kw={"inputmode": "tel", "autocomplete": "tel"})


@control.register
def _consent(field: declared.Consent) -> Control:
    return BooleanField(
        label=str(field.label),
        description=str(field.terms),
        validators=[_accepted] if field.required else [],
    )


def _accepted(form: Form, field: Control) -> None:
    if not field.data:
        raise ValidationError(_("Please read and accept “%(label)s”.", label=field.label.text))


_accepted.field_flags = {"required": True}  # type: ignore[attr-defined]


@control.register
def _file(field: declared.File) -> Control:
    kinds = _("%(endings)s, at most %(largest)s MB", endings=", ".join(field.endings), largest=field.largest >> 20)
    common = _common(field)
    common["description"] = f"{common['description']} {kinds}".strip()
    return UploadField(**common, endings=field.endings, largest=field.largest)


class RosterField(ListField):
    """A list of people."""

    def problem(self) -> str:
        """Return what is wrong with the list as a whole: the number of people, or somebody who stands there twice."""
        return super().problem() or self._twice()

    def too_many(self, facts: dict[str, Any]) -> str:
        """Return the sentence for a list that is too long."""
        return str(_("“%(label)s” takes at most %(most)s people; there are %(count)s.", **facts))

    def too_few(self, facts: dict[str, Any]) -> str:
        """Return the sentence for a list that is too short."""
        return str(_("“%(label)s” takes at least %(least)s people; there are %(count)s.", **facts))

    def _twice(self) -> str:
        seen: dict[str, int] = {}
        if not (isinstance(self.declared, declared.Roster) and self.declared.id_number):
            return ""
        for number, entry in enumerate(self.entries, start=1):
            card = entry.form["id_number"].data
            if card and card in seen:
                return str(_("Rows %(first)s and %(second)s have the same number.", first=seen[card], second=number))
            if card:
                seen[card] = number
        return ""


@control.register
def _roster(field: declared.Roster) -> Control:
    return _list(RosterField, field, _columns(field))


@control.register
def _rows(field: declared.Rows) -> Control:
    return _list(RowsField, field, _further(field.columns))


def _list(kind: type[ListField], field: declared.Roster | declared.Rows, columns: Columns) -> Control:
    row = FormField(row_class(columns))
    return kind(row, label=str(field.label), description=str(field.hint), declared=field)


def _columns(field: declared.Roster) -> Columns:
    yield "name", LineField(_("Name"), [Needed()], longest=60)
    if field.id_number:
        yield (
            "id_number",
            NumberOfField(
                _("Identity-card number"),
                [Needed()],
                good=people.is_id_number,
                message=_("This is no identity-card number: 18 characters, the last one checks the others."),
                render_kw={"autocomplete": "off"},
            ),
        )
    if field.phone:
        yield "phone", NumberOfField(_("Phone"), [Skipped()], **_phone_rules(), render_kw={"inputmode": "tel"})
    yield from _further(field.columns)


def _further(columns: Sequence[declared.Column]) -> Columns:
    for column in columns:
        yield column.name, LineField(str(column.label), [Needed() if column.required else Skipped()], longest=120)


def _phone_rules() -> dict[str, Any]:
    return {
        "good": people.is_phone,
        "message": _("This is no telephone number: 7 to 15 digits, such as 13800000000 or 023-49800000."),
    }
