"""What the core's forms share: their base class, fields of days, and the options of their choices."""

from datetime import date
from typing import Any, ClassVar

import wtforms
from flask import request
from flask_babel import gettext as _
from flask_wtf import FlaskForm

Option = Any
"""An option of a field of choices; the type information of WTForms does not know its class yet."""


def option(value: object, label: object) -> Option:
    """Return an option of a field of choices."""
    return wtforms.SelectChoice(value, label)  # type: ignore[attr-defined]


class Form(FlaskForm):
    """A form that reads texts only: a file sent under the name of a text, or a JSON body, does not reach its fields.

    The intake forms, which do take files, are given what was sent by their views.
    """

    def __init__(self, **kwargs: Any) -> None:
        """Read what was sent, unless `formdata` says otherwise; the other arguments are those of `FlaskForm`."""
        sent = request.form if request.method in {"POST", "PUT", "PATCH"} else None
        super().__init__(**{"formdata": sent or None} | kwargs)


class NeededOnceChosen:
    """Marks a field that another one asks for: it is not called optional. The form itself checks that it is filled."""

    field_flags: ClassVar[dict[str, bool]] = {"needed": True}

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        """Check nothing: whether the field is asked for, the form knows."""


YEARS = range(2000, 2100)
"""Years in which a day makes sense; those near the ends of the calendar cannot be calculated with."""


def read_day(text: object) -> date | None:
    """Return the day a text says (`2026-12-08`), or None when it says none that makes sense."""
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        return None
    return day if day.year in YEARS else None


class DayField(wtforms.DateField):
    """A day that can be calculated with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "DateField"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the day."""
        self.data = None
        if valuelist and valuelist[0]:
            self.data = read_day(valuelist[0])
            if self.data is None:
                raise ValueError(_("Please choose a day, such as 2026-12-08."))
