"""The form of a booking that was returned for change: the intake form with what was filled in."""

from wtforms import IntegerField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from core.booking.errors import RuleBroken
from core.booking.models import Booking
from core.booking.pages.details import Detail
from core.booking.pages.forms import refuse
from core.errors import DomainError, Forbidden, Invalid, NotFound, StateChanged
from core.intake import answers
from core.intake.forms import IntakeForm, form_class, sent_to
from core.plugins.facade import plugins

SEEN = "seen-version"
"""Name of the field that carries the version of the booking the form was made from."""


def check(detail: Detail) -> None:
    """Refuse whoever cannot change the booking now.

    Raises:
        Forbidden: the reader is no contact of the organisation.
        StateChanged: it is not, or no longer, returned for change.
    """
    if not detail.own:
        raise Forbidden
    if "submit" not in detail.actions:
        raise StateChanged


def edit_form(booking: Booking) -> IntakeForm:
    """Return the form as it is declared now, filled with the answer or with what was sent.

    Raises:
        NotFound: the base does not offer this kind any more.
    """
    kind = plugins().kind(booking.base.slug, booking.kind.slug)
    if kind is None or booking.answer is None:
        raise NotFound
    sent = sent_to(kind.fields)
    version = IntegerField(validators=[Optional()], widget=HiddenInput(), default=booking.version)
    whole = type("EditForm", (form_class(kind.fields),), {SEEN: version})
    return whole(formdata=sent) if sent is not None else answers.fill(whole, booking.answer)


def refused(form: IntakeForm, error: DomainError) -> None:
    """Show at the fields why the booking could not be sent again."""
    if isinstance(error, Invalid):
        refuse(form, error.problems)
    elif isinstance(error, RuleBroken):
        for problem in error.problems:
            refuse(form, {problem.field: problem.message})
    else:
        refuse(form, {"": error.message})
