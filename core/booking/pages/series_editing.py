"""A series being changed: one date, that and the following, or all; the difference is shown before it is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import HiddenField, IntegerField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from core import clock, dates
from core.accounts.models import User
from core.accounts.roles import allows
from core.bases.models import Base
from core.booking import kinds, recurrence, series, series_changes, series_plans
from core.booking.models import Booking, Resource, Series
from core.booking.pages import asking, offers
from core.booking.pages.forms import refuse
from core.booking.pages.rule_fields import (
    RULE_FIELDS,
    clock_data,
    clock_fields,
    clock_names,
    clock_times,
    names_of,
    plain_rule,
    rule_data,
    rule_fields,
)
from core.booking.pages.series_words import LineRow, line_rows
from core.booking.series_changes import ALL, FOLLOWING, SCOPES, THIS, Difference, Wanted
from core.db import db
from core.errors import DomainError, Invalid, NotFound, StateChanged
from core.forms import Form, read_day
from core.plugins.declarations import BookingKind

SCOPE, DAY, UNITS, OVER, MARK, REASON = (
    f"series-{name}" for name in ("scope", "day", "units", "over", "mark", "reason")
)


@dataclass(kw_only=True)
class SeriesEdit:
    """A series being changed.

    Attributes:
        series, base, kind: what.
        scope, day: which dates.
        form: the whole form.
        resources: what can serve each leg, by position.
        owes_reason: whether the actor has to give one.
        ruled: whether the form has the fields of the rule.
        seen: what would be saved, once it has been looked at.
    """

    series: Series
    base: Base
    kind: BookingKind
    scope: str
    day: date | None
    form: Form
    before: Mapping[str, Any]
    resources: Mapping[int, Sequence[Resource]]
    owes_reason: bool
    ruled: bool
    seen: Difference | None = None

    @classmethod
    def open(cls, actor: User, series_id: int, given: Mapping[str, str]) -> "SeriesEdit":
        """Open the form for an actor.

        Args:
            given: the address's query: `scope` and `day`.

        Raises:
            NotFound: there is no such series or date, the actor may not change it, or it is not offered at present.
        """
        found = series.find(series_id)
        if not series_changes.may_change(actor, found):
            raise NotFound
        scope, day = given.get("scope", ALL), read_day(given.get("day"))
        booking = _booking(found, day) if scope in {THIS, FOLLOWING} else None
        if scope not in SCOPES or (scope != ALL and booking is None):
            raise NotFound
        kind = kinds.offered(found.base, found.kind.slug).kind
        resources = offers.serving(found.base, kind)
        rule = rule_data(recurrence.read(found.rule)) if scope == ALL else None
        owes = not allows(actor, "booking.make", organisation_id=found.organisation_id)
        before = _before(found, booking, kind) | (rule or {})
        fields = _fields(kind, found.base, resources, owes=owes) | (rule_fields() if rule else {})
        form: Form = type("SeriesEditForm", (Form,), fields)(data=before)
        return cls(
            series=found,
            base=found.base,
            kind=kind,
            scope=scope,
            day=day,
            form=form,
            before=before,
            resources=resources,
            owes_reason=owes,
            ruled=rule is not None,
        )

    def look(self, actor: User) -> None:
        """Look at what would be saved; what is wrong is shown at the fields."""
        names = [*clock_names(self.kind), *self.pick_names, *(RULE_FIELDS if self.ruled else ()), *self.unit_names]
        valid = [self.form[name].validate(self.form) for name in names]
        if not all(valid):
            return
        try:
            self.seen = series_changes.difference(actor=actor, series_id=self.series.id, wanted=self._wanted())
        except DomainError as error:
            self.refused(error)
            return
        self.form[MARK].data = self.seen.mark
        if not self.seen.lines or not (self.seen.changes or self.seen.of("clash", "keep")):
            refuse(self.form, {"": _("Nothing would change. Please choose another time or other dates.")})

    def save(self, actor: User) -> Difference:
        """Save what was looked at, from a form that has been validated; raises as `series_changes.change`."""
        return series_changes.change(
            actor=actor,
            series_id=self.series.id,
            wanted=self._wanted(),
            mark=self.form[MARK].data,
            reason=self.form[REASON].data or "",
        )

    def refused(self, error: DomainError) -> None:
        """Show why it was not saved."""
        if isinstance(error, Invalid):
            refuse(self.form, error.problems, {**names_of(self.kind), "units": UNITS, "reason": REASON})
        elif isinstance(error, StateChanged):
            refuse(self.form, {"": _("Something has changed since you looked. Please look at the dates again.")})
        else:
            refuse(self.form, {"": error.message})

    @property
    def title(self) -> str:
        """Which dates are changed."""
        day = dates.day(self.day) if self.day else ""
        texts: dict[str, str] = {
            THIS: _("Change %(day)s", day=day),
            FOLLOWING: _("Change %(day)s and all later dates", day=day),
            ALL: _("Change all dates"),
        }
        return texts[self.scope]

    @property
    def pick_names(self) -> list[str]:
        """The names of the fields that pick resources."""
        return [asking.pick_name(position) for position, leg in enumerate(self.kind.legs) if leg.pick]

    @property
    def unit_names(self) -> list[str]:
        """The name of the field that says how many, where the kind counts."""
        return [UNITS] if UNITS in self.form else []

    @property
    def rows(self) -> list[LineRow]:
        """The dates of the difference as people read them."""
        return line_rows(self.seen.lines) if self.seen else []

    @property
    def ticked(self) -> frozenset[date]:
        """The dates of exceptions that are to follow."""
        days = (read_day(text) for text in self.form[OVER].data or [])
        return frozenset(day for day in days if day is not None)

    @property
    def can_save(self) -> bool:
        """Whether what was looked at can be saved."""
        return self.seen is not None and self.seen.changes and not self.seen.of("clash")

    @property
    def clashes(self) -> int:
        """How many dates cannot be as wanted."""
        return len(self.seen.of("clash")) if self.seen else 0

    def _wanted(self) -> Wanted:
        """Return what the form wants; what was left as it was proposed stays as each date has it."""
        form = self.form
        timed = any(form[name].data != self.before[name] for name in clock_names(self.kind))
        starts, ends = clock_times(self.kind, form) if timed else (None, None)
        picked = asking.picks(self.kind, form)
        as_before = all(_same(form[name].data, self.before[name]) for name in self.pick_names)
        units = form[UNITS].data if UNITS in form else None
        return Wanted(
            scope=self.scope,
            day=self.day,
            overwrite=self.ticked,
            starts=starts,
            ends=ends,
            picks=None if as_before else picked,
            units=None if units == self.before.get(UNITS) else units,
            rule=self._rule(),
        )

    def _rule(self) -> Mapping[str, Any] | None:
        if not self.ruled:
            return None
        rule = plain_rule(self.form)
        resolved = series_plans.resolve(db.session(), rule)
        return None if resolved.as_json() == self.series.rule and not self.ticked else rule


def _booking(found: Series, day: date | None) -> Booking | None:
    return next((booking for booking in reversed(found.bookings) if booking.occurrence_on == day and day), None)


def _before(found: Series, booking: Booking | None, kind: BookingKind) -> dict[str, Any]:
    """Return what the form proposes: how the series is, or for some of its dates how the first of them is."""
    starts, ends, units, wish = found.starts, found.ends, found.units, found.wish
    if booking is not None:
        starts, ends = (clock.local(moment).time() for moment in (booking.start_at, booking.end_at))
        units, wish = booking.units, booking.wish
    data: dict[str, Any] = {**clock_data(kind, starts, ends), UNITS: units}
    for position, leg in enumerate(kind.legs):
        if leg.pick:
            ids = list(wish.get(str(position), []))
            data[asking.pick_name(position)] = ids if leg.count > 1 else (ids[0] if ids else None)
    return data


def _fields(
    kind: BookingKind, base: Base, resources: Mapping[int, Sequence[Resource]], *, owes: bool
) -> dict[str, Any]:
    fields: dict[str, Any] = {
        **clock_fields(kind, base),
        **asking.pick_fields(kind, resources),
        OVER: SelectMultipleField(validate_choice=False),
        MARK: HiddenField(),
        REASON: TextAreaField(
            _("Reason"),
            [DataRequired(_("Please say why.")) if owes else Optional(), Length(max=1000)],
            render_kw={"rows": 2},
        ),
    }
    if kind.units_field:
        fields[UNITS] = IntegerField(_("How many"), [Optional(), NumberRange(1, kind.most_units)])
    return fields


def _same(one: Any, other: Any) -> bool:
    return (one or None) == (other or None)
