"""The form of a base's periods, and days that stand together in a list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length

from core.bases.forms import NEEDED, TOO_LONG
from core.bases.hours import write
from core.bases.models import BasePeriod
from core.bases.opening import read
from core.booking.models import Kind
from core.booking.pages.forms import CheckboxesField
from core.forms import Form, option


class PeriodForm(Form):
    """A period of a base: a lesson or a shift."""

    label = StringField(
        _l("Name of the period"),
        [InputRequired(NEEDED), Length(max=60, message=TOO_LONG)],
        description=_l("Such as 第1–2节, 早班."),
    )
    starts = TimeField(_l("From"), [InputRequired(NEEDED)])
    ends = TimeField(_l("Until"), [InputRequired(NEEDED)], description=_l("Before the start: it ends on the next day."))
    kinds = CheckboxesField(_l("Can be booked for"), [DataRequired(NEEDED)])

    @classmethod
    def of(cls, period: BasePeriod | None, kinds: Sequence[Kind]) -> "PeriodForm":
        """Return the form for a new period, or filled with one; a declared one stays with the kinds that declare it."""
        form = cls(obj=period)
        if period is not None and period.declared:
            del form.kinds
        else:
            form.kinds.choices = [option(kind.slug, kind.title) for kind in kinds]
        return form


@dataclass(frozen=True)
class Stretch:
    """Special days that follow each other and are alike; `hours` is "" when closed."""

    first: date
    last: date
    hours: str
    note: str


def stretches(days: Iterable[Any]) -> list[Stretch]:
    """Return special days (rows of a base or a resource, in order) as stretches."""
    found: list[Stretch] = []
    for row in days:
        last = found[-1] if found else None
        hours = write(read(row.spans))
        if last and (last.hours, last.note) == (hours, row.note) and row.day - last.last == timedelta(days=1):
            found[-1] = Stretch(last.first, row.day, hours, row.note)
        else:
            found.append(Stretch(row.day, row.day, hours, row.note))
    return found
