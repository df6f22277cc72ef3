"""What a manager sets instead of a kind's declared rules; bookings made already keep the rules of their time."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from core import audit, db, errors
from core.accounts import roles
from core.accounts.models import User
from core.booking.models import Kind
from core.booking.rules import DEFAULT_STEP, TERMS
from core.localised import freeze, pick

DECIDERS = ("manager", "office")
CHOICES: dict[str, tuple[object, ...]] = {
    "open": (True, False),
    "approval": (True, False),
    "agreement": (True, False),
    "series": (True, False),
    "charges": ("", "minutes", "person_times"),
    "waiting": ("", "strict", "first_fit"),
}
MOST_STEPS = 8
MOST_WORKDAYS = 60

DAY = int(timedelta(days=1).total_seconds())
HOUR = 3600
LIMITS = {
    "notice": (0, 365 * DAY),
    "notice_workdays": (0, MOST_WORKDAYS),
    "window": (DAY, 3660 * DAY),
    "cancel_before": (0, 365 * DAY),
    "cancel_workdays": (0, MOST_WORKDAYS),
    "offer_for": (HOUR, 30 * DAY),
    "hold_for": (60, 2 * HOUR),
}
"""The least and the most of what is a number: working days, or seconds."""


def set_rules(*, actor: User, kind_id: int, values: Mapping[str, Any]) -> Kind:
    """Set rules of a kind; those that are as declared follow the declaration, also when it changes.

    Args:
        values: rules as JSON values, as `Kind.declared["rules"]` has them; those that are missing stay as they are.

    Raises:
        errors.NotFound, errors.Forbidden: there is no such kind, or the actor does not manage its base.
        errors.Invalid: a value cannot be used, by rule; `chain_<n>` and `guests_<rule>` name the part.
    """
    with db.write() as session:
        kind = session.scalar(select(Kind).where(Kind.id == kind_id).with_for_update(key_share=True))
        if kind is None or kind.archived_at is not None:
            raise errors.NotFound
        roles.require(actor, "base.settings", base_id=kind.base_id)
        declared = kind.declared["rules"]
        known = {**declared, **kind.rules_set}
        wanted = {**known, **values}
        if not wanted["approval"]:
            wanted["chain"] = known["chain"]  # nobody asks for it now
        if set(wanted) != set(declared):
            raise errors.Invalid({"": _("There is no such rule.")})
        _check(kind, {name: value for name, value in wanted.items() if value != declared[name]}, wanted)
        if wanted["approval"]:
            wanted["chain"] = _as_declared(wanted["chain"], declared["chain"])
        before = kind.rules_set
        kind.rules_set = {name: value for name, value in wanted.items() if value != declared.get(name)}
        if kind.rules_set != before:
            changed = sorted(
                name for name in before.keys() | kind.rules_set if before.get(name) != kind.rules_set.get(name)
            )
            subject = f"kind:{kind.id}"
            audit.record(session, actor_id=actor.id, action="kind.rules", subject=subject, changed=changed)
    return kind


def _check(kind: Kind, changed: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse what cannot be used among the rules that are not as declared."""
    problems: dict[str, object] = {
        name: _("Please choose one of these.")
        for name, possible in CHOICES.items()
        if name in changed and (type(changed[name]) is not type(possible[0]) or changed[name] not in possible)
    }
    if changed.get("series") and kind.mode != "slot":
        problems["series"] = _("Seats of a session cannot be booked as a series.")
    for name in ("offer_for", "hold_for"):
        if name in changed:
            problems |= _check_number(name, changed[name], "")
    if set(TERMS) & set(changed):
        problems |= _check_terms(wanted, "")
    if changed.get("guests") is not None:
        problems |= _check_terms(changed["guests"], "guests_")
    if wanted["approval"] and "chain" in changed:
        problems |= _check_chain(changed["chain"])
    if problems:
        raise errors.Invalid(problems)


def _check_terms(terms: Mapping[str, Any], prefix: str) -> dict[str, object]:
    problems: dict[str, object] = {}
    for name in TERMS:
        if name not in LIMITS or (name == "window" and terms.get(name) is None):
            continue
        problems |= _check_number(name, terms.get(name), prefix)
    window = terms.get("window")
    if not problems and window is not None and terms["notice"] >= window:
        problems[f"{prefix}notice"] = _("This is longer than it can be booked ahead: nobody could book.")
    return problems


def _check_number(name: str, value: object, prefix: str) -> dict[str, object]:
    least, most = LIMITS[name]
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return {}
    if name.endswith("workdays"):
        message = _("Please give working days from 0 to %(most)s.", most=most)
    elif name == "window":
        message = _("Please give days from 1 to %(most)s.", most=most // DAY)
    elif name == "hold_for":
        message = _("Please give minutes from 1 to %(most)s.", most=most // 60)
    else:
        message = _("Please give hours from %(least)s to %(most)s.", least=least // HOUR, most=most // HOUR)
    return {f"{prefix}{name}": message}


def _check_chain(chain: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    problems: dict[str, object] = {}
    if not 0 <= len(chain) <= MOST_STEPS:
        problems["chain"] = _("%(most)s steps at most, please.", most=MOST_STEPS)
    for number, step in enumerate(chain):
        title = pick(step["title"]) if isinstance(step["title"], Mapping) else str(step["title"])
        if not 0 < len(title.strip()) <= 60:
            problems[f"chain_{number}"] = _("Please say what is decided, in 60 characters at most.")
        elif not step["roles"] or not set(step["roles"]) <= set(DECIDERS):
            problems[f"chain_{number}"] = _("Please choose who decides.")
        elif step["need"] not in {"any", "all"}:
            problems[f"chain_{number}"] = _("Please choose one of these.")
        elif not isinstance(step["workdays"], int) or not 0 <= step["workdays"] <= MOST_WORKDAYS:
            problems[f"chain_{number}"] = _("Please give working days from 0 to %(most)s.", most=MOST_WORKDAYS)
        elif step["escalate"] and (step["escalate"] not in DECIDERS or not step["workdays"]):
            problems[f"chain_{number}"] = _(
                "Somebody else decides as well once a deadline has passed: please give the working days."
            )
    return problems


def _as_declared(chain: Sequence[Mapping[str, Any]], declared: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a chain as rows keep it; what is the plugin's own is written as the plugin does, in every language."""
    known = [*declared, DEFAULT_STEP]
    steps = [_in_all_languages(step, known) for step in chain]
    return list(map(dict, declared)) if steps == [DEFAULT_STEP] and not declared else steps


def _in_all_languages(step: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    title = step["title"]
    if not isinstance(title, Mapping):
        text = str(title).strip()
        title = next((one["title"] for one in known if text in one["title"].values()), None) or freeze(text)
    roles = next((one["roles"] for one in known if set(one["roles"]) == set(step["roles"])), None)
    return {
        "title": dict(title),
        "roles": list(roles or [role for role in DECIDERS if role in step["roles"]]),
        "need": step["need"],
        "workdays": step["workdays"],
        "escalate": step["escalate"],
    }
