"""Forms of agreements and quotas, as the office fills them in."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TypedDict

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DecimalField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from core.bases.models import Base, Term
from core.booking.pages.forms import NEEDED, CheckboxesField
from core.errors import Invalid
from core.forms import DayField, Form, option
from core.organisations.models import Organisation, Quota

UNITS = {"minutes": _l("Hours of booked time"), "person_times": _l("Person-times")}


class AgreementContent(TypedDict):
    """What an agreement's form says, as arguments of `agreements.create` and `agreements.edit`."""

    title: str
    number: str
    valid_from: date
    valid_until: date
    scope: list[str]


class QuotaContent(TypedDict):
    """What a quota's form says, as arguments of `agreements.add_quota` and `agreements.edit_quota`."""

    label: str
    valid_from: date
    valid_until: date
    granted: int


class AgreementForm(Form):
    """An agreement; the organisation is chosen where it is a new one."""

    organisation = SelectField(_l("Organisation"), coerce=int)
    title = StringField(_l("Title"), [DataRequired(NEEDED), Length(max=120)])
    number = StringField(
        _l("Agreement number"), [Optional(), Length(max=60)], description=_l("As it stands on the paper.")
    )
    valid_from = DayField(_l("Valid from"), [InputRequired(NEEDED)])
    valid_until = DayField(_l("Valid until"), [InputRequired(NEEDED)], description=_l("The last day, included."))
    scope = CheckboxesField(
        _l("What may be booked under it"), [Optional()], description=_l("Choose nothing to cover all bases.")
    )

    def offer(self, scope: Mapping[str, str], organisations: Sequence[Organisation]) -> None:
        """Set what can be covered, by name, and the organisations to choose from; none: it is not to be chosen."""
        # What an agreement covers stays to be chosen when the base or kind has gone.
        gone = {entry: entry for entry in self.scope.object_data or () if entry not in scope}
        self.scope.choices = [option(value, label) for value, label in ({**scope} | gone).items()]
        if organisations:
            self.organisation.choices = [option(entry.id, entry.name) for entry in organisations]
        else:
            del self.organisation

    def content(self) -> AgreementContent:
        """Return what a valid form says."""
        return {
            "title": self.title.data or "",
            "number": self.number.data or "",
            "valid_from": self.valid_from.data,  # type: ignore[typeddict-item]
            "valid_until": self.valid_until.data,  # type: ignore[typeddict-item]
            "scope": self.scope.data or [],
        }


class EndForm(Form):
    """Ending an agreement before its time."""

    reason = TextAreaField(_l("Reason"), [DataRequired(_l("Please say why.")), Length(max=500)], render_kw={"rows": 3})


class QuotaForm(Form):
    """A quota: how much, and for a term or days of its own."""

    granted = DecimalField(
        _l("Granted"),
        [InputRequired(_l("Please fill in a number.")), NumberRange(0, 1_000_000)],
        places=None,
        description=_l("Hours or person-times; half hours as 0.5."),
        render_kw={"inputmode": "decimal"},
    )
    term = SelectField(
        _l("Term"), description=_l("Its dates and its name are taken over. For other days, choose none.")
    )
    valid_from = DayField(_l("First day"), [Optional()])
    valid_until = DayField(_l("Last day"), [Optional()])
    label = StringField(
        _l("Name of the quota"),
        [Optional(), Length(max=80)],
        description=_l("Shown to the organisation; the term's where empty."),
    )

    def offer(self, terms: Sequence[Term]) -> None:
        """Set the terms to choose from."""
        self.term.choices = [option("", _("Days of its own"))]
        self.term.choices += [option(str(term.id), term.name) for term in terms]

    def content(self, unit: str, terms: Sequence[Term]) -> QuotaContent:
        """Return what a valid form says.

        Args:
            unit: in which `granted` is counted; hours are written for minutes.
            terms: those that were offered.

        Raises:
            Invalid: neither a term nor both days are given, or there are fractions of what cannot be divided.
        """
        term = next((entry for entry in terms if str(entry.id) == self.term.data), None)
        first, last = (term.first_day, last_day(term)) if term else (self.valid_from.data, self.valid_until.data)
        problems = {name: NEEDED for name, day in (("valid_from", first), ("valid_until", last)) if day is None}
        granted = self.granted.data or Decimal(0)
        if unit == "minutes":
            granted = Decimal(round(granted * 60))
        elif granted != int(granted):
            problems["granted"] = _l("There are no parts of a person-time. Please fill in a whole number.")
        if problems or first is None or last is None:
            raise Invalid(problems)
        return {
            "label": self.label.data or (term.name if term else ""),
            "valid_from": first,
            "valid_until": last,
            "granted": int(granted),
        }


class NewQuotaForm(QuotaForm):
    """A new quota, with what stays as it is: where and in which unit it counts."""

    base = SelectField(_l("Where"))
    unit = RadioField(_l("Counted in"), choices=[option(unit, label) for unit, label in UNITS.items()])

    def offer_bases(self, bases: Sequence[Base]) -> None:
        """Set the bases to choose from."""
        self.base.choices = [option("", _("All bases together"))]
        self.base.choices += [option(str(base.id), base.name) for base in bases]


def quota_data(quota: Quota) -> dict[str, object]:
    """Return a quota as the data of a `QuotaForm`."""
    granted = Decimal(quota.granted) / (60 if quota.unit == "minutes" else 1)
    return {
        "granted": int(granted) if granted == int(granted) else round(granted, 4).normalize(),
        "valid_from": quota.valid_from,
        "valid_until": quota.valid_until,
        "label": quota.label,
    }


def last_day(term: Term) -> date:
    """Return the last day of a term's last teaching week."""
    return term.first_day + timedelta(weeks=term.weeks, days=-1)
