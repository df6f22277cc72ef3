"""The form for a new secret address or app password."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

from core.calendars import tokens
from core.calendars.collections import Calendar
from core.forms import Form, option

PASSWORD = "password"  # noqa: S105 (what a form sends, and not a secret)


class NewSecret(Form):
    """Which calendar, and for what."""

    calendar = SelectField(_l("What to follow"), validate_choice=True)
    label = StringField(
        _l("What for"),
        validators=[DataRequired(_l("Fill in which device or program it is for.")), Length(max=80)],
        description=_l("Example: my phone. So you can tell later which one to revoke."),
    )

    def offer(self, calendars: Iterable[Calendar]) -> None:
        """Offer a user's private calendars, and an app password for all of them."""
        self.calendar.choices = [
            *(option(calendar.key, calendar.title) for calendar in calendars),
            option(PASSWORD, _("App password: all my calendars in a CalDAV program")),
        ]

    @property
    def key(self) -> str:
        """Key of the calendar that was chosen, or `tokens.ACCOUNT`."""
        chosen = str(self.calendar.data)
        return tokens.ACCOUNT if chosen == PASSWORD else chosen
