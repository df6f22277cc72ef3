"""Controls for lists of rows: what a roster of people and a table of short texts have in common, and the latter."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from wtforms import Field as Control
from wtforms import FieldList, Form
from wtforms.form import BaseForm

from core.plugins.fields import Roster, Rows

EMPTY_ROWS = 5
"""Rows that a new list shows, for readers without script."""

MOST_ROWS = 1000
"""Rows read of a list at most, whatever was sent."""


class RowForm(Form):
    """One row of a list."""

    def is_empty(self) -> bool:
        """Say whether nothing was filled in."""
        return not any(control.data for control in self)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the row unless it is empty."""
        return True if self.is_empty() else super().validate(extra_validators)


def row_class(columns: Iterable[tuple[str, Control]]) -> type[RowForm]:
    """Return the form of a row with these columns (name and control).

    Raises:
        ValueError: a column's name is one a form needs for itself, or is used twice.
    """
    found: dict[str, Any] = {}
    for name, column in columns:
        if name in found or hasattr(RowForm, name):
            raise ValueError(f"a column cannot be named {name!r}: choose another name")
        found[name] = column
    return type("DeclaredRow", (RowForm,), found)


class ListField(FieldList):  # type: ignore[type-arg]  # it takes none at run time
    """A list of rows. Empty rows do not count; more rows than allowed are read all the same, and refused."""

    def __init__(self, *args: Any, declared: Roster | Rows, **kwargs: Any) -> None:
        bounds = {"min_entries": min(declared.most, max(declared.least, EMPTY_ROWS)), "max_entries": declared.most}
        super().__init__(*args, **bounds | kwargs)
        self.type = "FieldList"
        self.declared = declared

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Read every row sent, within reason."""
        allowed, self.max_entries = self.max_entries, MOST_ROWS
        super().process(formdata, *args, **kwargs)
        self.max_entries = allowed

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows that are not empty, as values by column."""
        return [entry.form.data for entry in self.entries if not entry.form.is_empty()]

    def validate(self, form: BaseForm, extra_validators: Any = ()) -> bool:
        """Check each row and how many there are."""
        super().validate(form, extra_validators)
        message = self.problem()
        if message:
            self.errors = [*self.errors, message]
        return not self.errors

    def problem(self) -> str:
        """Return what is wrong with the list as a whole, or ""."""
        count = len(self.rows())
        facts = {
            "label": self.label.text,
            "least": self.declared.least,
            "most": self.declared.most,
            "count": count,
        }
        if count > self.declared.most:
            return self.too_many(facts)
        if count < self.declared.least and (count or self.declared.required):
            return self.too_few(facts)
        return ""

    def too_many(self, facts: dict[str, Any]) -> str:
        """Return the sentence for a list that is too long."""
        return str(_("“%(label)s” takes at most %(most)s rows; there are %(count)s.", **facts))

    def too_few(self, facts: dict[str, Any]) -> str:
        """Return the sentence for a list that is too short."""
        return str(_("“%(label)s” takes at least %(least)s rows; there are %(count)s.", **facts))


class RowsField(ListField):
    """A table of short texts."""

    @property
    def add_label(self) -> str:
        """What the button says that adds a row."""
        return str(_("Add a row"))
