"""The fields that say on which days something repeats, and when; for a new series and for one that is changed."""

import re
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, StopValidation

from core import clock, dates
from core.bases.models import Base, Term
from core.bases.opening import LAST_MINUTE, week_of
from core.bases.terms import terms
from core.booking import recurrence
from core.booking.pages import asking
from core.booking.pages.asking import END, PERIOD, START
from core.booking.pages.forms import CheckboxesField, times
from core.booking.recurrence import WEEKDAYS, ByRRule, ByWeeks, Rule
from core.forms import DayField, option
from core.plugins.declarations import BookingKind

HOW, DAYS, TERM, WEEKS, PARITY, FIRST, EVERY, UNTIL, HOLIDAYS = (
    f"repeat-{name}" for name in ("how", "weekdays", "term", "weeks", "parity", "first", "every", "until", "holidays")
)
BY_TERM, BY_DATE = "term", "date"

NAMES = {
    "weekdays": DAYS,
    "term": TERM,
    "weeks": WEEKS,
    "first": FIRST,
    "rrule": UNTIL,
    "holidays": HOLIDAYS,
    "rule": HOW,
}
"""The form's names of what `recurrence.read` and the series' services name otherwise."""

RULE_FIELDS = (HOW, DAYS, TERM, WEEKS, PARITY, FIRST, EVERY, UNTIL, HOLIDAYS)


def rule_fields() -> dict[str, Any]:
    """Return the fields of a rule."""
    known = [term for term in terms() if term.end > clock.today()]
    ways = [option(BY_TERM, _("Teaching weeks of a term"))] if known else []
    return {
        HOW: RadioField(
            _("How it repeats"),
            [InputRequired(_("Please choose."))],
            choices=[*ways, option(BY_DATE, _("Until a day"))],
        ),
        DAYS: CheckboxesField(
            _("On which weekdays"),
            [InputRequired(_("Please choose at least one weekday."))],
            choices=[option(WEEKDAYS[number], name) for number, name in enumerate(dates.WEEKDAYS)],
        ),
        TERM: SelectField(
            _("Term"),
            [_needed_where(BY_TERM)],
            coerce=_number,
            choices=[option(term.id, _term(term)) for term in reversed(known)],
            validate_choice=False,  # the service looks for it, and the way by dates needs none
        ),
        WEEKS: StringField(
            _("In teaching weeks"),
            [_needed_where(BY_TERM), Length(max=100)],
            description=_("Such as 3-18, or 1-8,10-16."),
            render_kw={"maxlength": 100},
        ),
        PARITY: SelectField(
            _("Of these weeks"),
            choices=[option("", _("every one")), option("odd", _("odd ones")), option("even", _("even ones"))],
        ),
        FIRST: DayField(_("From which day"), [_needed_where(BY_DATE)]),
        EVERY: SelectField(
            _("How often"),
            coerce=_number,
            choices=[option(1, _("every week")), *(option(n, _("every %(count)s weeks", count=n)) for n in (2, 3, 4))],
        ),
        UNTIL: DayField(_("Until which day"), [_needed_where(BY_DATE)]),
        HOLIDAYS: RadioField(
            _("Holidays"),
            choices=[
                option("follow", _("Leave them out, and take the make-up day that follows this weekday")),
                option("skip", _("Leave them out")),
                option("ignore", _("Book them too")),
            ],
        ),
    }


def clock_fields(kind: BookingKind, base: Base) -> dict[str, Any]:
    """Return the fields that say from when to when, as the hours of the base's whole week allow."""
    if kind.periods:
        options = [option(one.slug, f"{one.label} {one.starts:%H:%M}–{one.ends:%H:%M}") for one in kind.periods]
        needed = InputRequired(_("Please choose a period."))
        return {PERIOD: RadioField(_("Period"), [needed], choices=options)}
    spans = [span for day in week_of(base.hours) or [[(time(), LAST_MINUTE)]] for span in day]
    closes = max((closes for _opens, closes in spans), default=LAST_MINUTE)
    opens = min((opens for opens, _closes in spans), default=time())
    marks = times(opens, None if closes >= LAST_MINUTE else closes, kind.step)
    starts = [option("", _("Please choose")), *(option(mark, mark) for mark in marks[:-1])]
    ends = [option("", _("Please choose")), *(option(mark, mark) for mark in marks[1:])]
    return {
        START: SelectField(_("From"), [InputRequired(_("Please choose when it begins."))], choices=starts),
        END: SelectField(_("To"), [InputRequired(_("Please choose when it ends.")), _later], choices=ends),
    }


def clock_names(kind: BookingKind) -> tuple[str, ...]:
    """Return the names of the fields of `clock_fields`."""
    return (PERIOD,) if kind.periods else (START, END)


def clock_times(kind: BookingKind, form: FlaskForm) -> tuple[time, time]:
    """Return from when to when, from fields that have been validated."""
    if kind.periods:
        chosen = next(one for one in kind.periods if one.slug == form[PERIOD].data)
        return chosen.starts, chosen.ends
    return _time(form[START].data), _time(form[END].data)


def clock_data(kind: BookingKind, starts: time, ends: time) -> dict[str, str]:
    """Return times as the data of `clock_fields`."""
    if kind.periods:
        chosen = next((one.slug for one in kind.periods if (one.starts, one.ends) == (starts, ends)), "")
        return {PERIOD: chosen}
    return {START: f"{starts:%H:%M}", END: "24:00" if ends == time() else f"{ends:%H:%M}"}


def plain_rule(form: FlaskForm) -> dict[str, Any]:
    """Return the rule that fields say, as `series.preview` takes it; what makes no sense is told by it."""
    days, holidays = list(form[DAYS].data or []), form[HOLIDAYS].data
    if form[HOW].data == BY_TERM:
        return {
            "term": form[TERM].data,
            "weekdays": days,
            "weeks": _of_parity(form[WEEKS].data or "", form[PARITY].data),
            "holidays": holidays,
        }
    first, until = form[FIRST].data, form[UNTIL].data
    parts = {"FREQ": "WEEKLY", "INTERVAL": form[EVERY].data, "BYDAY": ",".join(days)}
    parts |= {"UNTIL": f"{until:%Y%m%d}"} if until else {}
    rrule = ";".join(f"{name}={value}" for name, value in parts.items())
    return {"rrule": rrule, "first": first.isoformat() if first else "", "holidays": holidays}


def fresh_data(day: date) -> dict[str, Any]:
    """Return what a fresh form proposes: the weekday of a day, in the term that it lies in or that comes next."""
    coming = [term for term in reversed(terms()) if term.end > day]
    data: dict[str, Any] = {DAYS: [WEEKDAYS[day.weekday()]], FIRST: day, EVERY: 1, HOLIDAYS: "follow"}
    if not coming:
        return data | {HOW: BY_DATE}
    term = coming[0]
    week = max(1, (day - term.first_day).days // 7 + 1)
    return data | {HOW: BY_TERM, TERM: term.id, WEEKS: f"{week}-{term.weeks}" if week < term.weeks else str(term.weeks)}


def rule_data(rule: Rule) -> dict[str, Any] | None:
    """Return a rule as the data of `rule_fields`; None when they cannot say it."""
    if isinstance(rule, ByWeeks):
        return {
            HOW: BY_TERM,
            DAYS: [WEEKDAYS[number] for number in rule.weekdays],
            TERM: rule.term_id,
            WEEKS: recurrence.write_weeks(rule.weeks),
            FIRST: rule.first_day,
            EVERY: 1,
            HOLIDAYS: rule.holidays,
        }
    return _rrule_data(rule)


def _rrule_data(rule: ByRRule) -> dict[str, Any] | None:
    parts = dict(piece.split("=") for piece in rule.rrule.split(";"))
    every = int(parts.get("INTERVAL", "1"))
    if parts["FREQ"] != "WEEKLY" or every not in {1, 2, 3, 4}:
        return None
    return {
        HOW: BY_DATE,
        DAYS: parts.get("BYDAY", WEEKDAYS[rule.first.weekday()]).split(","),
        FIRST: rule.first,
        EVERY: every,
        UNTIL: rule.last(),
        HOLIDAYS: rule.holidays,
    }


def names_of(kind: BookingKind) -> Mapping[str, str]:
    """Return the form's names of all that the services of series name otherwise."""
    return asking.service_names(kind) | NAMES


def _of_parity(text: str, which: str) -> str:
    mark = {"odd": "单", "even": "双"}.get(which, "")
    parts = re.split(r"[,，、;；]", text)
    return ",".join(part + mark if part.strip() and not re.search("[单双]", part) else part for part in parts)


def _term(term: Term) -> str:
    last = term.end - timedelta(days=1)
    return f"{term.name}{_(': ')}{dates.short_day(term.first_day)}–{dates.short_day(last)}"


def _needed_where(way: str) -> Callable[[FlaskForm, Any], None]:
    """Return the check of a field that is needed only where this way to repeat is chosen."""

    def check(form: FlaskForm, field: Any) -> None:
        if form[HOW].data != way:
            field.errors = []
            raise StopValidation
        if not field.data and not field.errors:
            raise StopValidation(_("Please fill this in."))

    check.field_flags = {"required": True}  # type: ignore[attr-defined]
    return check


def _later(form: FlaskForm, field: Any) -> None:
    if form[START].data and field.data <= form[START].data:
        raise StopValidation(_("The end must be later than the start."))


def _time(mark: str) -> time:
    return time() if mark == "24:00" else time.fromisoformat(mark)


def _number(value: Any) -> int | None:
    return int(value) if str(value).isdecimal() and len(str(value)) < 10 else None
