"""What whoever decides looks at: the steps, what stands beside the booking, quotas, what the organisation did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from flask_babel import gettext as _

from core import clock, dates
from core.accounts.forms import ROLES
from core.accounts.models import User
from core.accounts.roles import Role
from core.bases.opening import LAST_MINUTE
from core.bases.queries import hours_on, is_open
from core.booking import approvals, deciding, quotas
from core.booking.availability import seats_left
from core.booking.models import Allocation, Approval, Booking
from core.booking.pages.words import listed
from core.booking.rules import Step
from core.booking.states import WAITING
from core.db import db
from core.errors import DomainError
from core.organisations.amounts import amount, quota_name


@dataclass(frozen=True)
class Stage:
    """A step of the chain: its title, who decides, who has approved; `place` is "", "now" or "next"."""

    title: str
    roles: str
    approved: list[tuple[str, datetime, str]]
    place: str


@dataclass(frozen=True)
class Beside:
    """What else takes one of the resources that day; `booking` where it is one. `overlaps`: at the same time."""

    span: tuple[datetime, datetime]
    resource: str
    what: str
    whom: str
    booking: Booking | None
    overlaps: bool


@dataclass(frozen=True)
class QuotaLine:
    """A quota as it stands: its name, what this booking uses, what is left and granted; whether that is enough."""

    label: str
    uses: str
    left: str
    granted: str
    enough: bool


@dataclass(frozen=True)
class Case:
    """Everything on one page.

    Attributes:
        stages: the chain, in order; empty where nobody decides.
        round: how often it was asked for a decision.
        last_day: the last day on which the present step is decided in time, or None.
        overdue: whether that has passed.
        instead_of: in whose place the reader would approve, "" in their own.
        why_not: why the reader's approval would not count, "" where it would or nobody has to decide.
        day: the days it is on, as text.
        hours: the base's hours on its first day.
        outside: whether it lies outside of them.
        seats: how many seats of its session are taken, "" where it is of none.
        beside: what else takes its resources on these days.
        quotas: the organisation's quotas it uses.
        record: what the organisation did in the last year.
        series: how many bookings of its series wait.
    """

    stages: list[Stage]
    round: int
    last_day: date | None
    overdue: bool
    instead_of: str
    why_not: str
    day: str
    hours: str
    outside: bool
    seats: str
    beside: list[Beside]
    quotas: list[QuotaLine]
    record: deciding.Record
    series: int


def case(reader: User, booking: Booking) -> Case:
    """Return what a booking's decision page shows to one reader."""
    first, last = (clock.local(moment).date() for moment in (booking.start_at, booking.end_at))
    instead_of, why_not = _standing(reader, booking)
    return Case(
        stages=stages(booking),
        round=booking.round,
        last_day=approvals.last_day(booking),
        overdue=approvals.is_overdue(booking),
        instead_of=instead_of,
        why_not=why_not,
        day=dates.day(first) if first == last else f"{dates.day(first)}–{dates.day(last)}",
        hours=listed(map(_hours, hours_on(booking.base, first))) or str(_("closed on that day")),
        outside=not is_open(booking.base, booking.start_at, booking.end_at),
        seats=_seats(booking),
        beside=[_beside(booking, entry) for entry in deciding.around(booking, first, last)],
        quotas=[_quota(entry) for entry in quotas.standing(booking)],
        record=deciding.record(booking),
        series=deciding.of_series(booking),
    )


def _hours(span: tuple[time, time]) -> str:
    opens, closes = span
    return f"{opens:%H:%M}–" + ("24:00" if closes >= LAST_MINUTE else f"{closes:%H:%M}")


def _seats(booking: Booking) -> str:
    if booking.session is None:
        return ""
    seats = seats_left([booking.session])[booking.session.id]
    return str(_("%(taken)s of %(total)s seats taken", taken=seats.total - seats.left, total=seats.total))


def stages(booking: Booking) -> list[Stage]:
    """Return the chain of a booking, with who has approved in the present round."""
    counted = [entry for entry in deciding.approvals_of(booking) if entry.round == booking.round]
    return [_stage(booking, number, step, counted) for number, step in enumerate(approvals.chain_of(booking))]


def _standing(reader: User, booking: Booking) -> tuple[str, str]:
    """Return in whose place a reader would approve, and why their approval would not count."""
    if booking.state not in WAITING:
        return "", ""
    try:
        vote = approvals.check(db.session(), reader, booking)
    except DomainError as error:
        return "", str(error)
    return vote.instead_of.name if vote.instead_of else "", ""


def _stage(booking: Booking, number: int, step: Step, counted: Sequence[Approval]) -> Stage:
    now = booking.state in WAITING and number == booking.step
    ahead = booking.state in WAITING | {"returned"} and (number > booking.step or booking.state == "returned")
    names = [str(ROLES[Role(role)]) for role in step.roles]
    together = _(" and ") if step.need == "all" else _(" or ")
    return Stage(
        step.name,
        together.join(names),
        [_approved(entry) for entry in counted if entry.step == number],
        "now" if now else "next" if ahead else "",
    )


def _approved(entry: Approval) -> tuple[str, datetime, str]:
    name = entry.user.name if entry.user else str(_("a deleted account"))
    if entry.instead_of is not None:
        name = str(_("%(name)s in place of %(giver)s", name=name, giver=entry.instead_of.name))
    return name, entry.at, entry.reason


def _beside(booking: Booking, entry: Allocation) -> Beside:
    if entry.booking is not None and entry.booking.base_id != booking.base_id:
        what, whom = entry.booking.base.short_name, str(_("another base"))  # whose it is, is that base's business
    elif entry.booking is not None:
        what, whom = entry.booking.kind.title, entry.booking.organisation.short_name
    elif entry.session is not None:
        what, whom = entry.session.title, str(_("Session"))
    else:
        what, whom = entry.closure.reason if entry.closure else "", str(_("Out of use"))
    mine = [own for own in booking.allocations if own.active and own.resource_id == entry.resource_id]
    overlaps = any(own.start_at < entry.end_at and entry.start_at < own.end_at for own in mine)
    here = entry.booking if entry.booking is not None and entry.booking.base_id == booking.base_id else None
    return Beside((entry.start_at, entry.end_at), entry.resource.name, what, whom, here, overlaps)


def _quota(entry: quotas.Standing) -> QuotaLine:
    unit = entry.quota.unit
    return QuotaLine(
        quota_name(entry.quota),
        amount(unit, entry.amount),
        amount(unit, max(0, entry.left_after)),
        amount(unit, entry.granted),
        entry.left_after >= 0,
    )
