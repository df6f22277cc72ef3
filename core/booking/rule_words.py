"""The rules of a booking kind in sentences: for managers, for contacts, and for programs that show them to people."""

from collections.abc import Iterator
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core.booking.rules import Rules, Step

ROLES = {"manager": _l("the base's managers"), "office": _l("the consortium's office")}
"""Who decides, by role."""


def in_words(rules: Rules) -> list[str]:
    """Return what rules say, a sentence each, in the reader's language."""
    return [sentence for sentence in _sentences(rules) if sentence]


def length(span: timedelta) -> str:
    """Return how long a span is, in the largest unit that says it in whole numbers."""
    minutes = int(span.total_seconds()) // 60
    if minutes and minutes % 1440 == 0:
        return str(_("%(count)s days", count=minutes // 1440))
    if minutes and minutes % 60 == 0:
        return str(_("%(count)s hours", count=minutes // 60))
    return str(_("%(count)s minutes", count=minutes))


def step_in_words(step: Step) -> str:
    """Return who decides in a step of approval, and until when."""
    who = _(" and ") if step.need == "all" else _(" or ")
    roles = who.join(str(ROLES.get(role, role)) for role in step.roles)
    within = _("within %(count)s working days", count=step.workdays) if step.workdays else ""
    then = _("then also %(role)s", role=ROLES.get(step.escalate, step.escalate)) if step.escalate else ""
    details = _(", ").join(part for part in (roles, within, then) if part)
    return str(_("%(what)s (%(details)s)", what=step.name, details=details))


def _sentences(rules: Rules) -> Iterator[str]:
    if not rules.open:
        yield _("It cannot be booked at present.")
    if rules.chain:
        yield _("Decided by: %(steps)s.", steps=_("; then ").join(map(step_in_words, rules.chain)))
    else:
        yield _("Confirmed at once, without approval.")
    yield from _deadlines(rules)
    if rules.agreement:
        yield _("Only for organisations with an agreement that covers it on the day.")
    yield {
        "minutes": _("The booked hours count against the organisation's quota."),
        "person_times": _("The person-times count against the organisation's quota."),
    }.get(rules.charges, "")
    yield from _waiting(rules)
    if rules.hold_for:
        yield _("The place is kept for %(span)s while the form is filled in.", span=length(rules.hold_for))
    if rules.series:
        yield _("It can be booked as a series.")


def _deadlines(rules: Rules) -> Iterator[str]:
    if rules.notice:
        yield _("To be submitted %(span)s before the start at the latest.", span=length(rules.notice))
    if rules.notice_workdays:
        yield _("At least %(count)s whole working days lie between submission and start.", count=rules.notice_workdays)
    if rules.window is not None:
        yield _("It can be booked %(count)s days ahead at most.", count=rules.window.days)
    if rules.cancel_before:
        yield _("What is confirmed can be cancelled until %(span)s before the start.", span=length(rules.cancel_before))
    if rules.cancel_workdays:
        yield _(
            "What is confirmed can be cancelled as long as %(count)s whole working days lie before the start.",
            count=rules.cancel_workdays,
        )


def _waiting(rules: Rules) -> Iterator[str]:
    if not rules.waiting:
        return
    yield {
        "strict": _("When it is full there is a waiting list: places are offered strictly in order."),
        "first_fit": _("When it is full there is a waiting list: a place is offered to the first whom it fits."),
    }[rules.waiting]
    yield _("An offered place is kept for %(span)s.", span=length(rules.offer_for))
