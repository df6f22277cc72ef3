"""The rules of a booking kind as they are in force: what its plugin declares, and what a manager has set instead.

Rules are JSON values (spans in seconds), so that a row keeps them, a manager can change one by one, and a booking takes
a copy of those it was made under.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any

from core.booking.models import Kind
from core.localised import freeze, pick
from core.organisations.models import Organisation
from core.plugins.declarations import BookingKind, Terms

TERMS = ("open", "notice", "notice_workdays", "window", "cancel_before", "cancel_workdays")
"""Rules that may differ for organisations that are no members."""


@dataclass(frozen=True)
class Step:
    """A step of the chain of approval; as `declarations.ApprovalStep`, its title frozen by language."""

    title: Mapping[str, str]
    roles: tuple[str, ...]
    need: str
    workdays: int
    escalate: str

    @property
    def name(self) -> str:
        """The title in the reader's language."""
        return pick(self.title)


@dataclass(frozen=True)
class Rules:
    """The rules of a kind for one organisation; each as in `declarations.BookingKind` and `Terms`.

    `chain` is empty where nobody decides.
    """

    open: bool
    notice: timedelta
    notice_workdays: int
    window: timedelta | None
    cancel_before: timedelta
    cancel_workdays: int
    chain: tuple[Step, ...]
    agreement: bool
    charges: str
    waiting: str
    offer_for: timedelta
    hold_for: timedelta
    series: bool

    @property
    def needs_approval(self) -> bool:
        """Whether somebody decides before the booking is confirmed."""
        return bool(self.chain)


def declared(kind: BookingKind) -> dict[str, Any]:
    """Return a kind's declared rules as JSON values; the terms of guests under `guests`."""
    chain = [asdict(step) | {"title": freeze(step.title)} for step in kind.chain]
    return {
        "approval": kind.approval,
        "chain": _plain(chain),
        "guests": None if kind.guests is None else _terms(kind.guests),
        "open": True,
        **{name: _plain(getattr(kind, name)) for name in TERMS if name != "open"},
        **{
            name: _plain(getattr(kind, name))
            for name in ("agreement", "charges", "waiting", "offer_for", "hold_for", "series")
        },
    }


def in_force(row: Kind) -> dict[str, Any]:
    """Return all rules of a kind as JSON values: those declared, and over them those set."""
    return {**row.declared["rules"], **row.rules_set}


def rules_of(row: Kind, organisation: Organisation | None = None) -> Rules:
    """Return the rules of a kind for an organisation; None: for members."""
    return _rules(in_force(row), guest=organisation is not None and not organisation.member)


def for_guests(row: Kind) -> Rules:
    """Return the rules of a kind for organisations that are not members."""
    return _rules(in_force(row), guest=True)


def made_under(snapshot: Mapping[str, Any]) -> Rules:
    """Return the rules that a booking keeps (`Booking.rules["kind"]`)."""
    return _rules(snapshot, guest=False)


def snapshot(rules: Rules) -> dict[str, Any]:
    """Return rules as a booking keeps them."""
    values = {field.name: _plain(getattr(rules, field.name)) for field in fields(rules)}
    return values | {
        "approval": rules.needs_approval,
        "guests": None,
        "chain": _plain([asdict(step) for step in rules.chain]),
    }


DEFAULT_STEP: dict[str, Any] = {
    "title": {"zh": "审核", "en": "Approval"},
    "roles": ["manager"],
    "need": "any",
    "workdays": 0,
    "escalate": "",
}
"""The chain of a kind that needs approval and names no steps."""


def _rules(values: Mapping[str, Any], *, guest: bool) -> Rules:
    terms = {**values, **(values["guests"] or {})} if guest else values
    chain = (values["chain"] or [DEFAULT_STEP]) if values["approval"] else []
    return Rules(
        open=values["open"] and terms["open"],
        notice=timedelta(seconds=terms["notice"]),
        notice_workdays=terms["notice_workdays"],
        window=None if terms["window"] is None else timedelta(seconds=terms["window"]),
        cancel_before=timedelta(seconds=terms["cancel_before"]),
        cancel_workdays=terms["cancel_workdays"],
        chain=tuple(Step(**{**step, "roles": tuple(step["roles"])}) for step in chain),
        agreement=values["agreement"],
        charges=values["charges"],
        waiting=values["waiting"],
        offer_for=timedelta(seconds=values["offer_for"]),
        hold_for=timedelta(seconds=values["hold_for"]),
        series=values["series"],
    )


def _terms(terms: Terms) -> dict[str, Any]:
    return {name: _plain(getattr(terms, name)) for name in TERMS}


def _plain(value: Any) -> Any:
    """Return a value as JSON: spans of time as whole seconds."""
    match value:
        case timedelta():
            return int(value.total_seconds())
        case dict():
            return {key: _plain(entry) for key, entry in value.items()}
        case list() | tuple():
            return [_plain(entry) for entry in value]
    return value
