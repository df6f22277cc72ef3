"""Fields of the forms in which content is written: moments, files in an order, bases."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, SelectMultipleField
from wtforms.widgets import CheckboxInput, DateTimeLocalInput, ListWidget

from core import clock
from core.forms import YEARS


class MomentField(Field):
    """A day with a time at the bases; its value is an aware moment."""

    widget = DateTimeLocalInput()
    data: datetime | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the moment."""
        self.data = None
        if not valuelist or not valuelist[0]:
            return
        try:
            read = datetime.fromisoformat(str(valuelist[0]))
        except ValueError:
            read = None
        if read is None or read.year not in YEARS:
            raise ValueError(_("Please choose a day and a time, such as 2026-12-08 09:00."))
        self.data = clock.at(read.date(), read.time().replace(tzinfo=None))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return clock.local(self.data).strftime("%Y-%m-%dT%H:%M") if self.data else ""


class NumbersField(Field):
    """Ids in the order in which they were sent; drawn by the template."""

    data: list[int]

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the ids."""
        numbers = [str(value) for value in valuelist]
        if not all(number.isascii() and number.isdecimal() and len(number) < 10 for number in numbers):
            raise ValueError(_("A file is no longer in the library. Please choose it again."))
        self.data = list(dict.fromkeys(int(number) for number in numbers))


class PlacesField(SelectMultipleField):
    """Any of several bases, as boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
