"""What agreements and quotas say to people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from core import clock
from core.booking import quota_queries
from core.booking.models import Booking, Charge
from core.booking.quotas import Standing, Use, outlook
from core.organisations.amounts import amount, quota_days, quota_name
from core.organisations.models import Agreement, Organisation, Quota
from core.paging import Sheet

ENDING = timedelta(days=30)
"""How long before its last day an agreement is said to end soon."""


@dataclass(frozen=True)
class QuotaLine:
    """A quota with its use in words; `share` is what is used, in hundredths of what is granted."""

    quota: Quota
    name: str
    days: str
    where: str
    granted: str
    used: str
    left: str
    share: float


@dataclass(frozen=True)
class AgreementCard:
    """An agreement as it stands today: a word and its mood, what it covers by name, its quotas."""

    agreement: Agreement
    word: str
    mood: str
    icon: str
    covers: Sequence[str]
    quotas: Sequence[QuotaLine]


@dataclass(frozen=True)
class StandingLine:
    """A quota beside what one booking uses of it, in words."""

    name: str
    where: str
    this: str
    left: str
    granted: str
    fits: bool


def card(agreement: Agreement, names: Mapping[str, str]) -> AgreementCard:
    """Return an agreement in words; `names` are those of `scope_names`."""
    covered = [names.get(entry, entry) for entry in agreement.scope] or [_("All bases and kinds")]
    quotas = sorted(agreement.quotas, key=_nearness)
    return AgreementCard(agreement, *_state(agreement), covered, [line(quota) for quota in quotas])


def line(quota: Quota) -> QuotaLine:
    """Return a quota in words."""
    return QuotaLine(
        quota,
        quota_name(quota),
        quota_days(quota),
        _where(quota),
        amount(quota.unit, quota.granted),
        amount(quota.unit, quota.used),
        amount(quota.unit, quota.granted - quota.used),
        100 * quota.used / quota.granted if quota.granted else 100,
    )


def standing_line(standing: Standing) -> StandingLine:
    """Return in words what a booking uses of a quota, and what is left after it (now, while its use is not known)."""
    unit = standing.quota.unit
    return StandingLine(
        quota_name(standing.quota),
        _where(standing.quota),
        amount(unit, standing.amount) if standing.amount else "",
        amount(unit, standing.left_after if standing.left_after >= 0 else standing.left),
        amount(unit, standing.granted),
        standing.left_after >= 0,
    )


@dataclass(frozen=True)
class Ahead:
    """How an organisation stands before it books: the quotas that count it, and why it would be refused, if so."""

    quotas: Sequence[StandingLine]
    refusal: str


def ahead(use: Use) -> Ahead | None:
    """Return how an organisation stands before it books, or None where no agreement and no quota has to do with it."""
    found = outlook(use)
    if not found.quotas and found.refusal is None:
        return None
    return Ahead([standing_line(entry) for entry in found.quotas], str(found.refusal or ""))


@dataclass(frozen=True)
class UseLine:
    """A booking that counts against a quota, and how much."""

    booking: Booking
    amount: str


def uses(charged: Sheet[Charge]) -> Sheet[UseLine]:
    """Return the charges of a quota in words."""
    lines = [UseLine(entry.booking, amount(entry.quota.unit, entry.amount)) for entry in charged.rows]
    return Sheet(lines, charged.number, charged.last)


def scope_names() -> dict[str, str]:
    """Return what an agreement can cover, by how its scope says it: each base, and below it its kinds."""
    names: dict[str, str] = {}
    for kind in quota_queries.kinds():
        base = kind.base
        names.setdefault(base.slug, _("%(base)s: everything", base=base.short_name))
        names[f"{base.slug}/{kind.slug}"] = _("%(base)s: %(kind)s", base=base.short_name, kind=kind.title)
    return names


def grouped(cards: Sequence[AgreementCard]) -> list[tuple[Organisation, list[AgreementCard]]]:
    """Return the agreements of each organisation, in the order given."""
    found: dict[int, tuple[Organisation, list[AgreementCard]]] = {}
    for entry in cards:
        organisation = entry.agreement.organisation
        found.setdefault(organisation.id, (organisation, []))[1].append(entry)
    return list(found.values())


def _nearness(quota: Quota) -> tuple[bool, date, int]:
    """Put what counts today first, then what comes, then what is over."""
    return quota.valid_until < clock.today(), quota.valid_from, quota.id


def _where(quota: Quota) -> str:
    return quota.base.short_name if quota.base else str(_("all bases together"))


def _state(agreement: Agreement) -> tuple[str, str, str]:
    today = clock.today()
    if agreement.ended_at is not None:
        return _("Ended early"), "bad", "slash-circle"
    if agreement.valid_until < today:
        return _("Expired"), "bad", "clock-history"
    if agreement.valid_from > today:
        return _("Not valid yet"), "info", "hourglass"
    if agreement.valid_until - today <= ENDING:
        return _("Ends soon"), "wait", "exclamation-triangle"
    return _("Valid"), "good", "check-circle"
