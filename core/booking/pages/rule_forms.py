"""The form of a kind's rules: hours and minutes where the rules have seconds, and rows for the steps of approval."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import wtforms
from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, FormField, IntegerField, SelectField, StringField
from wtforms.fields.core import Field
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import TextInput

from core.booking.models import Kind
from core.booking.pages.forms import NEEDED
from core.booking.rule_setting import MOST_STEPS, MOST_WORKDAYS
from core.booking.rules import DEFAULT_STEP, in_force
from core.forms import Form, option
from core.localised import pick

HOUR, DAY = 3600, 86_400
BOTH, NONE = "both", "none"
"""What the form says for two roles together, and where a rule is empty."""

WHO = (option("manager", _l("The base's managers")), option("office", _l("The consortium's office")))


class HoursField(Field):
    """A span in hours, halves and quarters too; its data are seconds."""

    widget = TextInput()
    unit = _l("hours")

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data / HOUR:.2f}".rstrip("0").rstrip(".")

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read hours as whole minutes."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            hours = Decimal(valuelist[0].strip())
            if not 0 <= hours <= 100_000:
                raise InvalidOperation
        except InvalidOperation:
            raise ValueError(_("Please give hours, such as 24 or 1.5.")) from None
        self.data = round(hours * 60) * 60


def _workdays(label: Any) -> IntegerField:
    return IntegerField(
        label, [InputRequired(NEEDED), NumberRange(0, MOST_WORKDAYS)], render_kw={"inputmode": "numeric", "min": 0}
    )


class StepForm(wtforms.Form):
    """A step of approval."""

    title = StringField(_l("What is decided"), [InputRequired(NEEDED), Length(max=60)])
    who = SelectField(_l("Who decides"), choices=[*WHO, option(BOTH, _l("Managers and office"))])
    need = SelectField(
        _l("If both"),
        choices=[option("any", _l("one of them is enough")), option("all", _l("one of each has to agree"))],
    )
    workdays = IntegerField(
        _l("Working days for it (0: no deadline)"), [InputRequired(NEEDED), NumberRange(0, MOST_WORKDAYS)]
    )
    escalate = SelectField(_l("Then also"), choices=[option(NONE, _l("nobody")), *WHO])


class TermsFields(Form):
    """Until when and how far ahead something can be booked; once for members, once for others."""

    notice = HoursField(_l("Submit before the start, at the latest"), [InputRequired(NEEDED)])
    notice_workdays = _workdays(_l("Whole working days between submission and start"))
    window = IntegerField(_l("Days ahead it can be booked at most"), [Optional()], description=_l("Empty: no bound."))
    cancel_before = HoursField(_l("Cancel before the start, at the latest"), [InputRequired(NEEDED)])
    cancel_workdays = _workdays(_l("Whole working days between cancelling and start"))


class KindForm(TermsFields):
    """All rules of a kind."""

    open = BooleanField(_l("Can be booked"))
    approval = BooleanField(_l("Somebody decides before a booking is confirmed"))
    chain = FieldList(FormField(StepForm), max_entries=MOST_STEPS)
    guests = BooleanField(_l("Other terms for organisations that are not members"))
    guests_open = BooleanField(_l("They can book it"))
    guests_notice = HoursField(_l("Submit before the start, at the latest"))
    guests_notice_workdays = IntegerField(
        _l("Whole working days between submission and start"), [Optional(), NumberRange(0, MOST_WORKDAYS)]
    )
    guests_window = IntegerField(
        _l("Days ahead it can be booked at most"), [Optional()], description=_l("Empty: no bound.")
    )
    guests_cancel_before = HoursField(_l("Cancel before the start, at the latest"))
    guests_cancel_workdays = IntegerField(
        _l("Whole working days between cancelling and start"), [Optional(), NumberRange(0, MOST_WORKDAYS)]
    )
    agreement = BooleanField(_l("Only organisations with an agreement that covers it"))
    charges = SelectField(
        _l("Counts against the organisation's quota"),
        choices=[
            option(NONE, _l("not counted")),
            option("minutes", _l("hours booked")),
            option("person_times", _l("person-times")),
        ],
    )
    waiting = SelectField(
        _l("Waiting list when it is full"),
        choices=[
            option(NONE, _l("none")),
            option("strict", _l("strictly in order")),
            option("first_fit", _l("the first whom the free place fits")),
        ],
    )
    offer_for = HoursField(_l("An offered place is kept for"), [InputRequired(NEEDED)])
    hold_for = IntegerField(
        _l("Minutes a place is kept while the form is filled in"),
        [InputRequired(NEEDED)],
        render_kw={"inputmode": "numeric", "min": 1},
    )
    series = BooleanField(_l("Can be booked as a series"))

    def values(self) -> dict[str, Any]:
        """Return the rules that a valid form says, as `rule_setting.set_rules` takes them."""
        guests = _terms(self, "guests_") | {"open": self.guests_open.data} if self.guests.data else None
        return {
            **_terms(self, ""),
            "open": self.open.data,
            "approval": self.approval.data,
            "chain": [_step(entry.form.data) for entry in self.chain],
            "guests": guests,
            "agreement": self.agreement.data,
            "charges": _or_empty(self.charges.data),
            "waiting": _or_empty(self.waiting.data),
            "offer_for": self.offer_for.data,
            "hold_for": (self.hold_for.data or 0) * 60,
            **({"series": self.series.data} if "series" in self else {}),
        }


def kind_form(kind: Kind) -> KindForm:
    """Return the form of a kind's rules as they are in force, or as they were just sent."""
    sent = reshaped(request.form) if request.method == "POST" else None
    form = KindForm(formdata=sent, data=rules_data(in_force(kind)))
    if kind.mode != "slot":
        del form.series
    return form


def rules_data(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return rules as the data of the form."""
    guests = rules["guests"] or {name: rules[name] for name in ("open", *_TERMS)}
    chain = rules["chain"] or [DEFAULT_STEP]
    return {
        **{
            name: rules[name] for name in ("open", "approval", "agreement", "charges", "waiting", "offer_for", "series")
        },
        **_terms_data(rules, ""),
        **_terms_data(guests, "guests_"),
        "guests": rules["guests"] is not None,
        "guests_open": guests["open"],
        "hold_for": rules["hold_for"] // 60,
        "chain": [_step_data(step) for step in chain],
    }


_TERMS = ("notice", "notice_workdays", "window", "cancel_before", "cancel_workdays")


def _terms(form: Form, prefix: str) -> dict[str, Any]:
    values = {name: form[f"{prefix}{name}"].data or 0 for name in _TERMS}
    days = form[f"{prefix}window"].data
    return values | {"window": None if days is None else int(timedelta(days=min(max(days, 0), 10**5)).total_seconds())}


def _terms_data(terms: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    window = terms["window"]
    data = {f"{prefix}{name}": terms[name] for name in _TERMS}
    return data | {f"{prefix}window": None if window is None else -(-window // DAY)}


def _or_empty(chosen: str | None) -> str:
    return "" if chosen in {None, NONE} else str(chosen)


def _step(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": data["title"] or "",
        "roles": ["manager", "office"] if data["who"] == BOTH else [data["who"]],
        "need": data["need"],
        "workdays": data["workdays"],
        "escalate": _or_empty(data["escalate"]),
    }


def _step_data(step: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": pick(step["title"]),
        "who": BOTH if len(step["roles"]) > 1 else step["roles"][0],
        "need": step["need"],
        "workdays": step["workdays"],
        "escalate": step["escalate"] or NONE,
    }


def reshaped(sent: "MultiDict[str, str]") -> "MultiDict[str, str]":
    """Return a form as it was sent, with its steps as the pressed button wants them.

    The button is called `do`: `add`, `remove-<n>` or `up-<n>`; anything else changes nothing.
    """
    action, _dash, place = sent.get("do", "").partition("-")
    numbers = sorted({int(name.split("-")[1]) for name in sent if _is_of_step(name)})
    if action == "add" and len(numbers) < MOST_STEPS:
        numbers.append(-1)
    elif place.isdecimal() and len(place) < 3 and int(place) in numbers:
        at = numbers.index(int(place))
        if action == "remove":
            numbers.pop(at)
        elif action == "up" and at:
            numbers[at - 1], numbers[at] = numbers[at], numbers[at - 1]
    formed = MultiDict((name, value) for name, value in sent.items(multi=True) if not _is_of_step(name))
    for position, number in enumerate(numbers):
        for field, empty in _EMPTY_STEP.items():
            formed[f"chain-{position}-{field}"] = sent.get(f"chain-{number}-{field}", empty)
    return formed


_EMPTY_STEP = {"title": "", "who": "manager", "need": "any", "workdays": "0", "escalate": NONE}


def _is_of_step(name: str) -> bool:
    parts = name.split("-")
    return len(parts) == 3 and parts[0] == "chain" and parts[1].isdecimal() and len(parts[1]) < 3
