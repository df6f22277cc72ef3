"""The form with which a manager sets what is particular to a base."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField, ValidationError
from wtforms.fields.core import Field
from wtforms.form import BaseForm
from wtforms.validators import Length

from core.bases import hours
from core.bases.models import Base
from core.bases.opening import in_force
from core.forms import Form
from core.localised import LANGUAGES

DAYS = tuple(map(_l, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))


def _readable(form: BaseForm, field: Field) -> None:
    try:
        hours.parse(field.data or "")
    except hours.Unreadable as error:
        raise ValidationError(str(error)) from error


def _day(number: int) -> StringField:
    return StringField(DAYS[number], validators=[Length(max=80), _readable])


class SettingsForm(Form):
    """A base's summary, contact and opening hours; a weekday's field left empty means closed."""

    summary = TextAreaField(
        _l("What happens at the base"),
        description=_l("A sentence or two. Leave empty to show the text that comes with the base."),
        validators=[Length(max=500, message=_l("At most %(max)d characters, please."))],
        render_kw={"rows": 3},
    )
    contact = StringField(
        _l("Contact"),
        description=_l("Public: telephone of the office, opening of the counter. No personal numbers, please."),
        validators=[Length(max=200, message=_l("At most %(max)d characters, please."))],
    )
    day0, day1, day2, day3, day4, day5, day6 = (_day(number) for number in hours.WEEK)

    def days(self) -> list[Field]:
        """Return the fields of the weekdays, Monday first."""
        return [self[f"day{number}"] for number in hours.WEEK]

    def spans(self) -> Sequence[hours.Spans]:
        """Return the spans of each weekday, Monday first."""
        return [hours.parse(field.data or "") for field in self.days()]

    @classmethod
    def of(cls, base: Base) -> "SettingsForm":
        """Return the form filled with what is in force at a base, or with what was just sent."""
        week = hours.by_day(in_force(base.hours))
        texts = {f"day{number}": hours.write(spans) for number, spans in enumerate(week)}
        summary = base.summary_set or base.declared["summary"][LANGUAGES[0]]
        return cls(data={"summary": summary, "contact": base.contact, **texts})
