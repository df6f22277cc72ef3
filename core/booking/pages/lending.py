"""The form with which somebody lets another account decide."""

from datetime import date
from typing import TypedDict

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, SelectField
from wtforms.validators import InputRequired, Length

from core.accounts.models import User
from core.accounts.roles import allows
from core.bases.queries import visible_bases
from core.booking.pages.forms import NEEDED
from core.forms import DayField, Form, Option, option


class Lent(TypedDict):
    """What the form says, as arguments of `delegations.give`."""

    email: str
    base_id: int | None
    first_day: date
    last_day: date


class DelegationForm(Form):
    """Who decides, where, from when to when; the bases to choose from are set by the view."""

    email = EmailField(
        _l("E-mail of who decides in your place"),
        [InputRequired(NEEDED), Length(max=254)],
        description=_l("This account has to exist. It approves, returns and refuses in your place, and nothing else."),
    )
    base = SelectField(_l("Where"), coerce=int)
    first_day = DayField(_l("First day"), [InputRequired(NEEDED)])
    last_day = DayField(_l("Last day"), [InputRequired(NEEDED)])

    def content(self) -> Lent:
        """Return what a valid form says."""
        return {
            "email": self.email.data or "",
            "base_id": self.base.data or None,
            "first_day": self.first_day.data,  # type: ignore[typeddict-item]
            "last_day": self.last_day.data,  # type: ignore[typeddict-item]
        }


def bases_to_lend(user: User) -> list[Option]:
    """Return the bases at which somebody can let another decide, and all of them together."""
    bases = [base for base in visible_bases() if allows(user, "booking.decide", base_id=base.id)]
    return [option(0, _l("Wherever I decide")), *(option(base.id, base.name) for base in bases)]
