"""The forms with which a manager sets what is particular to a base, or to a resource: texts, hours, special days."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.core import Field
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, Length, Optional

from core.bases import hours
from core.bases.models import Base
from core.bases.opening import in_force
from core.dates import WEEKDAYS_LONG
from core.forms import DayField, Form, option
from core.localised import LANGUAGES

TOO_LONG = _l("At most %(max)d characters, please.")
NEEDED = _l("Please fill this in.")


class SettingsForm(Form):
    """A base's summary and contact."""

    summary = TextAreaField(
        _l("What happens at the base"),
        description=_l("A sentence or two. Leave empty to show the text that comes with the base."),
        validators=[Length(max=500, message=TOO_LONG)],
        render_kw={"rows": 3},
    )
    contact = StringField(
        _l("Contact"),
        description=_l("Public: telephone of the office, opening of the counter. No personal numbers, please."),
        validators=[Length(max=200, message=TOO_LONG)],
    )
    reviews_content = BooleanField(
        _l("Publishers' texts need review"),
        description=_l("A manager publishes what publishers hand in. Without this, publishers publish by themselves."),
    )

    @classmethod
    def of(cls, base: Base) -> "SettingsForm":
        """Return the form filled with what is in force at a base, or with what was just sent."""
        return cls(
            data={
                "summary": base.summary_set or base.declared["summary"][LANGUAGES[0]],
                "contact": base.contact,
                "reviews_content": base.reviews_content,
            }
        )


def _readable(form: BaseForm, field: Field) -> None:
    try:
        hours.parse(field.data or "")
    except hours.Unreadable as error:
        raise ValidationError(str(error)) from error


def _day(number: int) -> StringField:
    return StringField(WEEKDAYS_LONG[number], validators=[Length(max=80), _readable])


class WeekForm(Form):
    """Hours of a week; a weekday's field left empty means closed."""

    day0, day1, day2, day3, day4, day5, day6 = (_day(number) for number in hours.WEEK)

    def days(self) -> list[Field]:
        """Return the fields of the weekdays, Monday first."""
        return [self[f"day{number}"] for number in hours.WEEK]

    def spans(self) -> Sequence[hours.Spans]:
        """Return the spans of each weekday, Monday first."""
        return [hours.parse(field.data or "") for field in self.days()]

    @classmethod
    def of(cls, rows: Iterable[Any], *, fresh: bool = False, **more: object) -> Self:
        """Return the form filled with rows of hours, or (unless it is to be `fresh`) with what was just sent."""
        week = hours.by_day(in_force(rows))
        data = {f"day{number}": hours.write(spans) for number, spans in enumerate(week)} | more
        return cls(data=data, formdata=None) if fresh else cls(data=data)


class BaseWeekForm(WeekForm):
    """The hours of a base, and whether it keeps to the working calendar."""

    holidays = SelectField(
        _l("Statutory holidays"),
        choices=[
            option("1", _l("Closed on holidays, open on make-up days")),
            option("0", _l("Open by the week all year round")),
        ],
    )


CLOSED, OPEN = "closed", "open"


class SpecialDaysForm(Form):
    """Days on which something opens differently, or not at all."""

    first_day = DayField(_l("First day"), [InputRequired(NEEDED)])
    last_day = DayField(_l("Last day"), [Optional()], description=_l("Leave empty for one day."))
    sort = SelectField(
        _l("On these days"), choices=[option(CLOSED, _l("Not open at all")), option(OPEN, _l("Open at other hours"))]
    )
    times = StringField(
        _l("Open from – to"),
        [Length(max=80, message=TOO_LONG), _readable],
        description=_l("Only for other hours, such as 08:30–12:00，13:30–17:00."),
    )
    note = StringField(
        _l("Reason (public)"), [Length(max=120, message=TOO_LONG)], description=_l("Such as: yearly inspection.")
    )

    def validate_times(self, field: Field) -> None:
        """Ask for hours where the days are not closed."""
        if self.sort.data == OPEN and not (field.data or "").strip():
            raise ValidationError(_("Please write the hours, or choose “closed”."))

    def spans(self) -> hours.Spans:
        """Return when it is open; nothing when it is closed."""
        return hours.parse(self.times.data or "") if self.sort.data == OPEN else ()
