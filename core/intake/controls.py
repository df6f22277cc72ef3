"""WTForms fields for what a plugin can declare: they take full-width digits, keep what was typed, and say what to do.

Each presents itself to the templates (`type`) as the WTForms field it is drawn like.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import wtforms
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms import DateField, DecimalField, Field, IntegerField, SelectField, StringField, TextAreaField
from wtforms.form import BaseForm
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, FileInput, ListWidget, RadioInput, html_params

from core.forms import option
from core.intake import people, uploads
from core.intake.models import Upload  # noqa: TC001 - named in an annotation of a value

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def plain(text: str) -> str:
    """Return a text without control characters, line ends made one kind, and blanks around it cut off."""
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


class Needed:
    """Refuse an empty answer; `empty` says what that is."""

    field_flags = {"required": True}  # noqa: RUF012 - WTForms reads it from the class

    def __call__(self, form: BaseForm, field: Field) -> None:
        """Stop with a message when nothing was given; an unreadable answer has its own message already."""
        if field.errors:
            raise StopValidation
        if field.data is None or field.data in ("", []):
            raise StopValidation(_("Please fill in “%(label)s”.", label=field.label.text))


class Skipped:
    """Let an empty answer pass: nothing more is asked of it."""

    field_flags = {"optional": True}  # noqa: RUF012 - WTForms reads it from the class

    def __call__(self, form: BaseForm, field: Field) -> None:
        """Stop quietly when nothing was given."""
        if field.errors or field.data is None or field.data in ("", []):
            raise StopValidation


class LineField(StringField):
    """One line of text."""

    def __init__(self, *args: Any, longest: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "StringField"
        self.longest = longest

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the text, line ends made blanks."""
        if valuelist:
            self.data = plain(str(valuelist[0])).replace("\n", " ")

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:
        """Refuse what is too long."""
        _check_length(self, self.longest)


class TextField(TextAreaField):
    """Several lines of text."""

    def __init__(self, *args: Any, longest: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "TextAreaField"
        self.longest = longest

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the text."""
        if valuelist:
            self.data = plain(str(valuelist[0]))

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:
        """Refuse what is too long."""
        _check_length(self, self.longest)


def _check_length(field: Field, longest: int) -> None:
    if field.data and len(field.data) > longest:
        raise ValidationError(
            _(
                "“%(label)s” may have at most %(longest)s characters; there are %(count)s.",
                label=field.label.text,
                longest=longest,
                count=len(field.data),
            )
        )


class NumberOfField(StringField):
    """A number that belongs to a person, kept as `people.normal` writes it."""

    def __init__(self, *args: Any, good: Callable[[str], bool], message: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "StringField"
        self.good = good
        self.message = message

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the number."""
        if valuelist:
            self.data = people.normal(plain(str(valuelist[0])))

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else str(self.data or "")

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:
        """Refuse what cannot be such a number."""
        if self.data and not self.good(self.data):
            raise ValidationError(self.message)


class WholeField(IntegerField):
    """A whole number within bounds, with its unit."""

    def __init__(self, *args: Any, least: int, most: int, unit: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "IntegerField"
        self.least, self.most, self.unit = least, most, unit

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the number."""
        self.data = None
        text = _digits(valuelist)
        if not text:
            return
        if not re.fullmatch(r"[+-]?[0-9]{1,15}", text):
            raise ValueError(_("“%(label)s” takes a whole number, such as 20.", label=self.label.text))
        self.data = int(text)

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:
        """Refuse what lies outside the bounds."""
        _check_bounds(self)


class FigureField(DecimalField):
    """A decimal number within bounds, with its unit."""

    def __init__(self, *args: Any, least: Decimal, most: Decimal, places: int, unit: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "DecimalField"
        self.places = None  # show what was given, not rounded
        self.least, self.most, self.decimals, self.unit = least, most, places, unit

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the number."""
        self.data = None
        text = _digits(valuelist)
        if not text:
            return
        if not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{0,15})?", text):
            raise ValueError(_("“%(label)s” takes a number, such as 12.5.", label=self.label.text))
        self.data = Decimal(text)

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:
        """Refuse what lies outside the bounds or is more exact than asked."""
        _check_bounds(self)
        if self.data is not None and -int(self.data.normalize().as_tuple().exponent) > self.decimals:
            raise ValidationError(
                _(
                    "“%(label)s” takes at most %(places)s decimal places.",
                    label=self.label.text,
                    places=self.decimals,
                )
            )


def _digits(valuelist: Sequence[Any]) -> str:
    return re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", str(valuelist[0]))) if valuelist else ""


def _check_bounds(field: "WholeField | FigureField") -> None:
    if field.data is not None and not field.least <= field.data <= field.most:
        raise ValidationError(
            _(
                "“%(label)s” must lie between %(least)s and %(most)s%(unit)s.",
                label=field.label.text,
                least=field.least,
                most=field.most,
                unit=field.unit,
            )
        )


class DayField(DateField):
    """A date."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "DateField"

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the date, as browsers send it or with slashes."""
        self.data = None
        text = _digits(valuelist).replace("/", "-")
        if not text:
            return
        try:
            self.data = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            raise ValueError(_("“%(label)s” takes a date, such as 2026-12-08.", label=self.label.text)) from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if isinstance(self.data, date) else ""


class OneOfField(SelectField):
    """One of several options: a few as radio buttons, many as a list."""

    def __init__(self, *args: Any, options: Sequence[tuple[str, str]], few: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"choices": [option(*pair) for pair in options]})
        self.values = {value for value, _label in options}
        self.type = "RadioField" if few else "SelectField"
        if few:
            self.widget = ListWidget(prefix_label=False)
            self.option_widget = RadioInput()

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse what is not among the options."""
        if self.data and self.data not in self.values:
            raise StopValidation(_("Please choose one of the options of “%(label)s”.", label=self.label.text))


class SomeOfField(SelectField):
    """Any of several options, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, *args: Any, options: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"choices": [option(*pair) for pair in options]})
        self.type = "SelectMultipleField"
        self.options = options
        self.values = {value for value, _label in options}

    def process_data(self, value: Any) -> None:
        """Take a list of values."""
        self.data = list(value or [])

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take every box that is ticked."""
        self.data = list(dict.fromkeys(map(str, valuelist)))

    def iter_choices(self) -> Any:
        """Return every option with whether it is ticked."""
        ticked = self.data or []
        return [wtforms.Choice(value, label, value in ticked, {}) for value, label in self.options]  # type: ignore[attr-defined]

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse what is not among the options."""
        if set(self.data or []) - self.values:
            raise StopValidation(_("Please choose one of the options of “%(label)s”.", label=self.label.text))


class UploadInput(FileInput):
    """A file input, and beside it what has arrived already."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        """Draw it."""
        drawn = super().__call__(field, accept=",".join(f".{ending}" for ending in field.endings), **kwargs)
        if field.kept is None:
            return drawn
        hidden = Markup("<input {}>").format(
            Markup(html_params(type="hidden", name=field.kept_name, value=field.kept.key))  # noqa: S704 - escaped there
        )
        told = Markup('<span class="form-text">{}</span>').format(
            _("Already here: %(file)s. Choose another one to replace it.", file=field.kept.filename)
        )
        return drawn + hidden + told


class UploadField(Field):
    """One file. What has arrived is kept across a form's mistakes: `kept` is its row, `data` its key."""

    widget = UploadInput()

    def __init__(self, *args: Any, endings: Sequence[str], largest: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "FileField"
        self.endings, self.largest = tuple(endings), largest
        self.kept: Upload | None = None
        self.arrived: FileStorage | None = None

    @property
    def kept_name(self) -> str:
        """Name of the hidden input that carries the key of a kept file."""
        return f"{self.name}-kept"

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Read the new file, or else the key of the kept one."""
        super().process(formdata, *args, **kwargs)
        key = formdata.get(self.kept_name) if formdata else self.data
        if isinstance(key, str) and key:
            self.kept = uploads.find_waiting(self.short_name, key)
        self.data = self.kept.key if self.kept else None

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Take the file that has just arrived."""
        self.arrived = next((file for file in valuelist if isinstance(file, FileStorage) and file.filename), None)

    def pre_validate(self, form: BaseForm) -> None:
        """Check ending and size of a new file and keep it at once."""
        if self.arrived is None:
            return
        ending = (self.arrived.filename or "").rpartition(".")[2].lower()
        if ending not in self.endings:
            raise StopValidation(
                _(
                    "“%(label)s” takes files of the kinds %(endings)s.",
                    label=self.label.text,
                    endings=", ".join(self.endings),
                )
            )
        size = self.arrived.stream.seek(0, 2)
        if not 0 < size <= self.largest:
            raise StopValidation(
                _(
                    "“%(label)s” takes a file of at most %(largest)s MB that is not empty.",
                    label=self.label.text,
                    largest=self.largest // (1024 * 1024),
                )
            )
        self.kept = uploads.keep(self.short_name, self.arrived)
        self.arrived = None
        self.data = self.kept.key
