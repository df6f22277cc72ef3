"""A series being written: the booking form with a rule instead of a day, and what stands against each date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from wtforms import RadioField

from core.accounts.models import User
from core.accounts.roles import allows
from core.bases.models import Base
from core.booking import kinds, series
from core.booking.errors import RuleBroken
from core.booking.models import Resource
from core.booking.pages import asking, offers
from core.booking.pages.forms import refuse
from core.booking.pages.rule_fields import (
    RULE_FIELDS,
    clock_fields,
    clock_names,
    clock_times,
    fresh_data,
    names_of,
    plain_rule,
    rule_fields,
)
from core.booking.pages.series_words import OccurrenceRow, occurrence_rows
from core.booking.series import Made, Occurrence, SeriesClash
from core.errors import DomainError, Invalid, NotFound
from core.forms import option, read_day
from core.intake import answers
from core.intake.answers import Cleaned
from core.intake.controls import UploadField
from core.intake.forms import IntakeForm
from core.organisations.models import Organisation
from core.plugins.declarations import BookingKind

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

FITTING = "repeat-fitting"
ALL, THOSE = "all", "fitting"


@dataclass(kw_only=True)
class SeriesDraft:
    """One person's series before it is booked.

    Attributes:
        base, kind: what, and where.
        organisations, on_behalf: as for `draft.Draft`.
        form: the whole form.
        resources: what can serve each leg, by position.
        occurrences: every date with what stands against it, once they have been looked at.
    """

    base: Base
    kind: BookingKind
    organisations: Sequence[Organisation]
    on_behalf: bool
    needs_approval: bool
    form: IntakeForm
    resources: Mapping[int, Sequence[Resource]]
    occurrences: Sequence[Occurrence] = ()

    @classmethod
    def open(
        cls, actor: User, base: Base, kind: BookingKind, *, given: Mapping[str, str], sent: "MultiDict[str, Any] | None"
    ) -> "SeriesDraft":
        """Open the form for an actor.

        Args:
            given: the address's query.
            sent: what was sent, files included; None for a fresh form. What the form of one booking sends is taken
                over.

        Raises:
            Forbidden: the actor may book for nobody here.
            NotFound: this cannot be booked as a series.
        """
        organisations = offers.may_book_for(actor, base)
        rules = kinds.offered(base, kind.slug).rules(organisations[0] if len(organisations) == 1 else None)
        if kind.mode != "slot" or not rules.series:
            raise NotFound
        resources = offers.serving(base, kind)
        if sent is not None and asking.DAY in sent:
            _take_over(sent)
        plain = asking.booking_form(
            kind, base, rules, organisations=organisations, choices=resources, sent=None, given=given
        )
        fields = rule_fields() | clock_fields(kind, base) | {FITTING: _fitting_field()}
        whole = type("SeriesForm", (type(plain),), fields | {asking.DAY: None})
        day = read_day(given.get("date")) or asking.first_day(rules, base)
        filled = {name: plain[name].data for name in plain._fields if name.startswith(("pick-", "on-"))}
        form: IntakeForm = whole(formdata=sent, data=filled | fresh_data(day) | {FITTING: ALL})
        return cls(
            base=base,
            kind=kind,
            organisations=organisations,
            on_behalf=allows(actor, "booking.on_behalf", base_id=base.id),
            needs_approval=rules.needs_approval,
            form=form,
            resources=resources,
        )

    def look(self, actor: User) -> None:
        """Look at every date; what is wrong is shown at the fields. The intake form need not be filled in yet."""
        names = [asking.ORGANISATION, *RULE_FIELDS, *clock_names(self.kind), *self.pick_names]
        valid = [self.form[name].validate(self.form) for name in names]
        if not all(valid):
            return
        cleaned = self._cleaned()
        try:
            self.occurrences = series.preview(
                **self._asked(actor), cleaned=cleaned, units=None if cleaned else self._units()
            )
        except DomainError as error:
            self.refused(error)

    def submit(self, actor: User) -> Made:
        """Book the series from a form that has been validated; raises as `series.create`."""
        return series.create(
            **self._asked(actor),
            cleaned=answers.clean(self.form),
            fitting=self.form[FITTING].data == THOSE,
            retry_key=self.form[asking.RETRY].data,
        )

    def refused(self, error: DomainError) -> None:
        """Show why the series was not booked."""
        if isinstance(error, SeriesClash):
            self.occurrences = error.occurrences
            refuse(self.form, {"": error.message})
        elif isinstance(error, Invalid):
            refuse(self.form, error.problems, names_of(self.kind))
        elif isinstance(error, RuleBroken):
            refuse(self.form, {problem.field: problem.message for problem in error.problems})
        else:
            refuse(self.form, {"": error.message})

    @property
    def has_files(self) -> bool:
        """Whether the form has a file to upload."""
        return any(isinstance(entry, UploadField) for entry in self.form)

    @property
    def pick_names(self) -> list[str]:
        """The names of the fields that pick resources."""
        return [asking.pick_name(position) for position, leg in enumerate(self.kind.legs) if leg.pick]

    @property
    def rows(self) -> list[OccurrenceRow]:
        """The dates as people read them."""
        return occurrence_rows(self.occurrences)

    @property
    def fitting(self) -> int:
        """How many dates can be booked."""
        return sum(entry.fits for entry in self.occurrences)

    @property
    def hindered(self) -> int:
        """How many dates cannot be booked though the rule names them."""
        return sum(entry.hinders for entry in self.occurrences)

    @property
    def unpublished(self) -> bool:
        """Whether a date lies in a year whose holidays are not known yet."""
        return any(not entry.published for entry in self.occurrences)

    @property
    def afterwards(self) -> str:
        """What happens after it is sent."""
        if self.needs_approval:
            return str(
                _("The base's manager decides on each date, and you get messages. The places are kept from now on.")
            )
        return str(_("All dates are confirmed at once, if everything is still free."))

    def _asked(self, actor: User) -> dict[str, Any]:
        starts, ends = clock_times(self.kind, self.form)
        return {
            "actor": actor,
            "organisation_id": self.form[asking.ORGANISATION].data,
            "base": self.base,
            "kind": self.kind,
            "rule": plain_rule(self.form),
            "starts": starts,
            "ends": ends,
            "picks": asking.picks(self.kind, self.form),
        }

    def _cleaned(self) -> Cleaned | None:
        """Return what is filled in so far if it is all there; a form with files is judged when it is sent."""
        if self.has_files:
            return None
        probe: IntakeForm = type(self.form)()
        return answers.clean(probe) if probe.validate() else None

    def _units(self) -> int:
        given = self.form[self.kind.units_field].data if self.kind.units_field else 1
        if isinstance(given, list):
            given = sum(any(row.values()) for row in given)
        return min(max(1, given), self.kind.most_units) if isinstance(given, int) else 1


def _take_over(sent: "MultiDict[str, Any]") -> None:
    """Let the day of a single booking's form say where the series begins, and on which weekday."""
    day = read_day(sent.get(asking.DAY))
    sent.poplist(asking.DAY)
    for name, value in (fresh_data(day) if day else {}).items():
        if name not in sent:
            sent.setlist(name, [str(item) for item in (value if isinstance(value, list) else [value])])
    sent.setdefault(FITTING, ALL)


def _fitting_field() -> RadioField:
    return RadioField(
        _("If a date cannot be booked"),
        choices=[
            option(ALL, _("Book only if every date can be booked")),
            option(THOSE, _("Book the dates that can be booked")),
        ],
    )
