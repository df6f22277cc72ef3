"""Forms of booking's pages; the intake form itself is built by `core/intake/forms.py`."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from core import clock
from core.booking.sessions import MOST_COPIES, Content
from core.forms import DayField, Form

NEEDED = _l("Please fill this in.")


def times(opens: time = time(0), closes: time | None = None, step: timedelta = timedelta(minutes=30)) -> list[str]:
    """Return the wall-clock times of a day from opening to closing (None: midnight), `HH:MM`, 24:00 at the end."""
    first = opens.hour * 60 + opens.minute
    last = closes.hour * 60 + closes.minute if closes else 24 * 60
    every = int(step.total_seconds()) // 60
    first = -(-first // every) * every
    return [f"{minute // 60:02}:{minute % 60:02}" for minute in range(first, last + 1, every)]


def moment(day: date, text: str) -> datetime:
    """Return the moment of a wall-clock time `HH:MM` (24:00 is midnight) on a day at the bases."""
    hours, minutes = map(int, text.split(":"))
    return clock.at(day, time(0)) + timedelta(hours=hours, minutes=minutes)


class MoveForm(Form):
    """A move made on the booking as it was seen (`version`)."""

    version = IntegerField(validators=[Optional()], widget=HiddenInput())


class ApproveForm(MoveForm):
    """Approving a booking, or all of its series that waits."""

    series = BooleanField(_l("The whole series"))


class ReasonForm(MoveForm):
    """A move that wants a reason."""

    reason = TextAreaField(_l("Reason"), [DataRequired(_l("Please say why.")), Length(max=1000)], render_kw={"rows": 3})


class CancelForm(ReasonForm):
    """Cancelling; who decides may let it count against the organisation's quotas all the same."""

    keep_charges = BooleanField(_l("It still counts against the organisation's quota (cancelled too late)"))


class RejectForm(ReasonForm):
    """Refusing a booking, or all of its series that waits."""

    series = BooleanField(_l("The whole series"))


class ReturnForm(ReasonForm):
    """Returning a booking: what is to be changed, and until when."""

    deadline = DayField(_l("To be changed by the end of"), [InputRequired(NEEDED)])


MOVE_FORMS: dict[str, type[MoveForm]] = {
    "approve": ApproveForm,
    "confirm": ApproveForm,
    "check_in": MoveForm,
    "complete": MoveForm,
    "miss": MoveForm,
    "reject": RejectForm,
    "cancel": CancelForm,
    "return": ReturnForm,
}


def move_form(action: str, *, version: int | None = None, deadline: date | None = None) -> MoveForm:
    """Return the form of a move; several stand in one page, so the names of their fields begin with the move's.

    Args:
        action: the move.
        version: the version of the booking that is shown.
        deadline: the day proposed for `return`.
    """
    return MOVE_FORMS[action](prefix=f"{action}-", data={"version": version, "deadline": deadline})


def refuse(form: Form, problems: Mapping[str, object], names: Mapping[str, str] | None = None) -> None:
    """Show what a service found wrong at the fields of a form; what belongs to none stands on top.

    Args:
        form: a form that has been validated.
        problems: message by name, as `errors.Invalid` has them.
        names: the form's name of a field where it differs from the service's.
    """
    for name, message in problems.items():
        field = (names or {}).get(name, name)
        if field in form:
            form[field].errors = [*form[field].errors, str(message)]
        else:
            form.form_errors.append(str(message))


class CheckboxesField(SelectMultipleField):
    """Any of several options, as boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SpanForm(Form):
    """From one wall-clock moment to another, at the bases."""

    first_day = DayField(_l("First day"), [InputRequired(NEEDED)])
    starts = TimeField(_l("Begins at"), [InputRequired(NEEDED)])
    last_day = DayField(_l("Last day"), [InputRequired(NEEDED)])
    ends = TimeField(_l("Ends at"), [InputRequired(NEEDED)])

    def span(self) -> tuple[datetime, datetime]:
        """Return start and end of a valid form as aware moments."""
        return (
            clock.at(self.first_day.data, self.starts.data),  # type: ignore[arg-type]
            clock.at(self.last_day.data, self.ends.data),  # type: ignore[arg-type]
        )


SPAN_NAMES = {"start": "first_day", "end": "last_day"}
"""Fields of `SpanForm` for what services call start and end."""


def span_data(start: datetime, end: datetime) -> dict[str, object]:
    """Return two aware moments as the data of a `SpanForm`."""
    first, last = clock.local(start), clock.local(end)
    return {"first_day": first.date(), "starts": first.time(), "last_day": last.date(), "ends": last.time()}


class SessionForm(SpanForm):
    """A session as its manager writes it; kinds and resources to choose from are set by the view."""

    kind = SelectField(_l("What is booked"), coerce=int)
    title = StringField(_l("Title"), [DataRequired(NEEDED), Length(max=120)])
    text = TextAreaField(_l("Description"), [Optional(), Length(max=5000)], render_kw={"rows": 5})
    seats = IntegerField(
        _l("Seats"), [InputRequired(NEEDED), NumberRange(1, 10000)], render_kw={"inputmode": "numeric"}
    )
    uses = CheckboxesField(_l("Rooms, machines and instructors it uses"), [Optional()], coerce=int)
    version = IntegerField(validators=[Optional()], widget=HiddenInput())
    retry_key = HiddenField(validators=[Optional()])

    def content(self) -> Content:
        """Return what a valid form says, as arguments of `sessions.create` and `sessions.edit`."""
        start, end = self.span()
        return {
            "title": self.title.data or "",
            "text": self.text.data or "",
            "start": start,
            "end": end,
            "seats": self.seats.data or 0,
            "uses": self.uses.data or [],
        }


class CopyForm(Form):
    """Copying a session: the day on which the copy begins, and how many more copies follow, a week apart."""

    first_day = DayField(_l("First day of the copy"), [InputRequired(NEEDED)])
    weeks = IntegerField(
        _l("Copies, a week apart"),
        [InputRequired(NEEDED), NumberRange(1, MOST_COPIES)],
        render_kw={"min": 1, "max": MOST_COPIES},
    )

    def days(self) -> list[date]:
        """Return the days on which the copies of a valid form begin."""
        first: date = self.first_day.data  # type: ignore[assignment]
        return [first + timedelta(days=7 * number) for number in range(self.weeks.data or 0)]


class CopyDaysForm(Form):
    """The days chosen from the preview of copies; those to choose from are set by the view."""

    days = CheckboxesField(_l("Days of the copies"), [DataRequired(_l("Please choose one day at least."))])
    retry_key = HiddenField(validators=[Optional()])


class ClosureForm(SpanForm):
    """Resources out of use for a time; the resources to choose from are set by the view."""

    resources = CheckboxesField(_l("Resources"), [DataRequired(_l("Please choose what is closed."))], coerce=int)
    reason = StringField(_l("Reason (public)"), [DataRequired(NEEDED), Length(max=200)])
