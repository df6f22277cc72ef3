"""What the core's forms share: their base class, and the options of their choices."""

from typing import Any

import wtforms
from flask import request
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
