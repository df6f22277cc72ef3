"""Forms of the office's working calendar and of the terms."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from core.bases.forms import NEEDED, TOO_LONG
from core.bases.terms import WEEKS
from core.dates import WEEKDAYS_LONG
from core.forms import YEARS, DayField, Form, option

HOLIDAY, MADE_UP = "holiday", "made_up"


class YearForm(Form):
    """A whole year's holidays, as text."""

    year = IntegerField(
        _l("Year"),
        [
            InputRequired(NEEDED),
            NumberRange(YEARS[0], YEARS[-1], message=_l("Please write the year with four digits, such as 2027.")),
        ],
    )
    source = StringField(
        _l("Notice"),
        [InputRequired(NEEDED), Length(max=200, message=TOO_LONG)],
        description=_l("Title and number of the State Council's notice, so that anybody can look it up."),
    )
    text = TextAreaField(
        _l("Holidays"),
        [InputRequired(NEEDED), Length(max=5000, message=TOO_LONG)],
        description=_l(
            "Paste the paragraphs of the notice, or write a line for each holiday: its name, first and last day, then "
            "the weekend days that are worked for it. For instance: 春节：2月15日至23日；2月14日、2月28日上班"
        ),
        render_kw={"rows": 9},
    )


class WorkingDayForm(Form):
    """One day that is no plain weekday or weekend day."""

    day = DayField(_l("Day"), [InputRequired(NEEDED)])
    sort = SelectField(
        _l("What it is"),
        choices=[option(HOLIDAY, _l("Holiday: closed")), option(MADE_UP, _l("Make-up day: worked"))],
        description=_l("A make-up day is a Saturday or Sunday that is worked for a holiday."),
    )
    name = StringField(_l("Holiday"), [InputRequired(NEEDED), Length(max=60, message=TOO_LONG)])
    follows = SelectField(
        _l("A make-up day follows the hours of"),
        choices=[
            option("", _l("Friday, as long as nothing is laid down")),
            *(option(n, d) for n, d in enumerate(WEEKDAYS_LONG)),
        ],
    )

    def following(self) -> int | None:
        """Return the weekday that a make-up day follows, Monday is 0; None: not laid down."""
        return int(self.follows.data) if self.follows.data else None


class TermForm(Form):
    """A term of the schools."""

    name = StringField(
        _l("Name of the term"),
        [InputRequired(NEEDED), Length(max=80, message=TOO_LONG)],
        description=_l("Such as 2026年秋季学期."),
    )
    first_day = DayField(_l("Monday of teaching week 1"), [InputRequired(NEEDED)])
    weeks = IntegerField(
        _l("Teaching weeks"),
        [
            InputRequired(NEEDED),
            NumberRange(WEEKS[0], WEEKS[-1], message=_l("A term has %(min)d to %(max)d weeks.")),
        ],
        default=18,
    )
