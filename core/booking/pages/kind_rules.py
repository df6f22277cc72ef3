"""A kind's rules as its manager reads them: in sentences, and rule by rule as declared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from core.booking.models import Kind
from core.booking.pages.rule_forms import KindForm
from core.booking.rule_words import in_words, length, step_in_words
from core.booking.rules import DEFAULT_STEP, Rules, for_guests, made_under, rules_of

TOGETHER = {"approval": ("approval", "chain")}
"""Rules that are set in one place and go back together."""


@dataclass(frozen=True)
class Listed:
    """A kind with its rules in sentences; those for organisations that are no members where they differ."""

    kind: Kind

    @property
    def rules(self) -> Rules:
        """The rules for members."""
        return rules_of(self.kind)

    @property
    def sentences(self) -> list[str]:
        """The rules for members."""
        return in_words(self.rules)

    @property
    def for_guests(self) -> list[str]:
        """What is different for others."""
        return [sentence for sentence in in_words(for_guests(self.kind)) if sentence not in self.sentences]

    @property
    def changed(self) -> bool:
        """Whether any rule is not as declared."""
        return bool(self.kind.rules_set)


def belonging(rule: str) -> tuple[str, ...]:
    """Return the rules that are set together with one."""
    return TOGETHER.get(rule, (rule,))


def as_declared(kind: Kind) -> dict[str, str]:
    """Return what each rule that a manager has changed says as declared, by the name of its field."""
    declared, changed = kind.declared["rules"], kind.rules_set
    said = {name: _plain(name, declared) for name in changed if name not in {"approval", "chain", "guests"}}
    if {"approval", "chain"} & changed.keys():
        rules = made_under({**declared, "chain": declared["chain"] or [DEFAULT_STEP]})
        said["approval"] = _("; then ").join(map(step_in_words, rules.chain)) or _("no approval")
    if "guests" in changed:
        said["guests"] = _("the same for all") if declared["guests"] is None else _("terms of their own")
    return said


def at_rows(form: KindForm, problems: Mapping[str, object]) -> dict[str, object]:
    """Return what a service found wrong, with the steps' messages on top, each with the number of its step."""
    placed: dict[str, object] = {}
    for name, message in problems.items():
        number = name.removeprefix("chain_")
        if name != number:
            told = _("Step %(number)s: %(message)s", number=int(number) + 1, message=message)
            placed["chain"] = f"{placed['chain']} {told}" if "chain" in placed else told
        else:
            placed[name] = message
    return placed


def _plain(name: str, declared: Mapping[str, Any]) -> str:
    value = declared[name]
    words: dict[str, dict[object, str]] = {
        "charges": {"": _("not counted"), "minutes": _("hours booked"), "person_times": _("person-times")},
        "waiting": {
            "": _("none"),
            "strict": _("strictly in order"),
            "first_fit": _("the first whom the free place fits"),
        },
    }
    if name in words:
        return words[name].get(value, str(value))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if value is None:
        return str(_("no bound"))
    return str(value) if name.endswith("workdays") else length(timedelta(seconds=value))
