"""The whole booking form of a kind: for whom, which session or when and with what, and the intake form, in one.

Fields that are not the intake form's own have names with a hyphen, which a declared field cannot have.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional, StopValidation

from core import clock
from core.bases.models import Base
from core.bases.opening import LAST_MINUTE, timetable
from core.bases.queries import hours_on
from core.booking.legs import ids_of
from core.booking.models import Resource
from core.booking.pages.forms import CheckboxesField, moment, times
from core.booking.rules import Rules
from core.booking.times import book_until, period_span
from core.forms import DayField, option, read_day
from core.intake.forms import IntakeForm, form_class
from core.organisations.models import Organisation
from core.plugins.declarations import BookingKind, Leg

ORGANISATION, RETRY = "for-organisation", "retry-key"
LOOKED_AHEAD = 21
"""Days after which nobody looks further for the first one that is open."""

DAY, START, END, PERIOD = "on-day", "on-start", "on-end", "on-period"
"""Names of the fields beside the intake form's."""


def pick_name(position: int) -> str:
    """Return the name of the field that picks the resource of a leg."""
    return f"pick-{position}"


@dataclass(frozen=True)
class Wish:
    """When a slot booking is wanted, as far as it has been chosen."""

    day: date
    start: datetime | None
    end: datetime | None


def booking_form(
    kind: BookingKind,
    base: Base,
    rules: Rules,
    *,
    organisations: Sequence[Organisation],
    choices: Mapping[int, Sequence[Resource]],
    sent: MultiDict[str, Any] | None,
    given: Mapping[str, str],
) -> IntakeForm:
    """Build the form of a kind, filled with what was sent.

    Args:
        kind, rules: the declaration, and the rules in force.
        base: where it is.
        organisations: those one may book for.
        choices: (slot) the resources of each leg that can be picked, by position.
        sent: what was sent (files included), or None for a fresh form.
        given: the address's query, which fills a fresh form (`date`, `start`, `end`, `resource`).
    """
    extra: dict[str, Any] = {
        ORGANISATION: _organisation_field(organisations),
        RETRY: HiddenField(default=lambda: secrets.token_urlsafe(16)),
    }
    filled: dict[str, Any] = {}
    if kind.mode == "slot":
        day = read_day(sent.get(DAY) if sent else None) or read_day(given.get("date")) or first_day(rules, base)
        extra |= slot_fields(kind, base, day, choices)
        filled = {DAY: day, START: given.get("start", ""), END: given.get("end", ""), **_picked(kind, choices, given)}
    whole = type("BookingForm", (form_class(kind.fields),), extra)
    form: IntakeForm = whole(formdata=sent, data=filled)
    return form


def slot_fields(kind: BookingKind, base: Base, day: date, choices: Mapping[int, Sequence[Resource]]) -> dict[str, Any]:
    """Return the fields that say when and with what, as the times of a day allow; `choices` as for `booking_form`."""
    return _time_fields(kind, base, day) | pick_fields(kind, choices)


def wish(kind: BookingKind, form: FlaskForm) -> Wish:
    """Return when a slot booking is wanted, from a filled form; while its day cannot be read, at no time."""
    day = form[DAY].data
    if day is None:
        return Wish(clock.today(), None, None)
    if kind.periods:
        period = next((period for period in kind.periods if period.slug == form[PERIOD].data), None)
        return Wish(day, *(period_span(period, day) if period else (None, None)))
    return Wish(day, *(_chosen_time(form[name], day) for name in (START, END)))


def _chosen_time(field: Any, day: date) -> datetime | None:
    offered = {choice.value for choice in field.choices}
    return moment(day, field.data) if field.data and field.data in offered else None


def picks(kind: BookingKind, form: FlaskForm) -> dict[int, tuple[int, ...]]:
    """Return the resources picked, by position of the leg."""
    chosen = {position: form[pick_name(position)].data for position, leg in enumerate(kind.legs) if leg.pick}
    return {position: ids_of(picked) for position, picked in chosen.items() if picked}


def opening(base: Base, day: date) -> list[tuple[time, time | None]]:
    """Return the spans of wall-clock time in which a base is open on a day; None as the end is midnight."""
    return [(opens, None if closes >= LAST_MINUTE else closes) for opens, closes in hours_on(base, day)]


def first_day(rules: Rules, base: Base) -> date:
    """Return the first day on which a booking can begin: notice kept, the base open."""
    day = clock.local(clock.now() + rules.notice).date() + timedelta(days=1)
    days = [day + timedelta(days=n) for n in range(LOOKED_AHEAD)]
    known = timetable(base, days[0], days[-1])
    opened = (candidate for candidate in days if known.on(candidate))
    return next((open_ for open_ in opened if book_until(rules, clock.at(open_, time())) >= clock.now()), day)


def any_free(leg: Leg) -> str:
    """Return what a leg is called while no resource is picked for it."""
    if leg.count > 1:
        what = str(leg.label) or _("Resources")
        return str(_("%(what)s: any %(count)s that are free", what=what, count=leg.count))
    return str(_("%(what)s: any that is free", what=leg.label) if str(leg.label) else _("Any that is free"))


def _organisation_field(organisations: Sequence[Organisation]) -> Any:
    pairs = [option(organisation.id, organisation.name) for organisation in organisations]
    if len(pairs) != 1:
        pairs.insert(0, option("", _("Please choose")))
    needed = InputRequired(_("Please choose the organisation."))
    return SelectField(_("Organisation"), [needed], coerce=_option_number, choices=pairs)


def _time_fields(kind: BookingKind, base: Base, day: date) -> dict[str, Any]:
    day_field = DayField(_("Day"), [InputRequired(_("Please choose a day."))])
    if kind.periods:
        options = [
            option(period.slug, f"{period.label} {period.starts:%H:%M}–{period.ends:%H:%M}") for period in kind.periods
        ]
        needed = InputRequired(_("Please choose a period."))
        return {DAY: day_field, PERIOD: RadioField(_("Period"), [needed], choices=options)}
    starts, ends = [option("", _("Please choose"))], [option("", _("Please choose"))]
    for opens, closes in opening(base, day):
        marks = times(opens, closes, kind.step)
        starts += [option(mark, mark) for mark in marks[:-1]]
        ends += [option(mark, mark) for mark in marks[1:]]
    return {
        DAY: day_field,
        START: SelectField(_("From"), [InputRequired(_("Please choose when it begins."))], choices=starts),
        END: SelectField(_("To"), [InputRequired(_("Please choose when it ends.")), _later], choices=ends),
    }


def _later(form: FlaskForm, field: Any) -> None:
    if form[START].data and field.data <= form[START].data:
        raise StopValidation(_("The end must be later than the start."))


def pick_fields(kind: BookingKind, choices: Mapping[int, Sequence[Resource]]) -> dict[str, Any]:
    """Return the fields that pick the resource of each leg; `choices` as for `booking_form`."""
    fields = {}
    for position, leg in enumerate(kind.legs):
        if leg.pick:
            fields[pick_name(position)] = _pick_field(leg, choices[position])
    return fields


def _pick_field(leg: Leg, resources: Sequence[Resource]) -> Any:
    label = str(leg.label) or _("Resource")
    pairs = [option(resource.id, resource.name) for resource in resources]
    if leg.count == 1:
        return SelectField(label, [Optional()], coerce=_option_number, choices=[option("", any_free(leg)), *pairs])
    hint = _("%(count)s are taken: those you choose, and any free ones for the rest.", count=leg.count)
    return CheckboxesField(label, [Optional()], coerce=int, choices=pairs, description=hint)


def _picked(
    kind: BookingKind, choices: Mapping[int, Sequence[Resource]], given: Mapping[str, str]
) -> dict[str, int | list[int]]:
    """Return the picks that an address asks for by slug (`?resource=`)."""
    wanted = given.get("resource")
    return {
        pick_name(position): resource.id if kind.legs[position].count == 1 else [resource.id]
        for position, resources in choices.items()
        for resource in resources
        if resource.slug == wanted
    }


def service_names(kind: BookingKind) -> dict[str, str]:
    """Return the form's names of the fields that `making.book` names otherwise."""
    names = {f"leg_{position}": pick_name(position) for position in range(len(kind.legs))}
    if kind.mode == "slot":
        names |= {"start": PERIOD, "end": PERIOD} if kind.periods else {"start": START, "end": END}
    return names


def _option_number(value: Any) -> int | None:
    """Read the value of an option that is a number, or "" for none of them."""
    return None if value in ("", None) else int(value)


def read_number(text: Any) -> int | None:
    """Return the number a text says, or None."""
    return int(text) if str(text).isdecimal() and len(str(text)) < 10 else None
