"""What somebody has to decide on, and what they look at for it: read only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from core import clock
from core.accounts.models import User
from core.accounts.roles import PERMISSIONS, allows
from core.booking import approvals, delegations
from core.booking.approvals import Vote
from core.booking.models import Allocation, Approval, Booking, Step
from core.booking.states import WAITING
from core.db import db
from core.errors import DomainError

MOST = 300
"""Bookings that are shown to one person, those whose deadline comes first."""

LOOKED_AT = 10 * MOST
"""Bookings that are looked at for one person, at most: most of them may wait for others."""

MOST_AROUND = 50
"""A pool of seats has many beside each other."""

LOOKED_BACK = timedelta(days=365)
"""How far back the history of an organisation counts."""

LAST = 5

LATE = timedelta(days=2)
"""What is cancelled later than this before its start leaves a gap that nobody fills."""


@dataclass(frozen=True)
class Waiting:
    """A booking that waits for somebody, and in which role and whose place they decide on it."""

    booking: Booking
    vote: Vote

    @property
    def overdue(self) -> bool:
        """Whether its deadline has passed."""
        return approvals.is_overdue(self.booking)

    @property
    def last_day(self) -> date | None:
        """The last day on which it is decided in time."""
        return approvals.last_day(self.booking)

    @property
    def step(self) -> str:
        """The title of the step that is due, where there are several."""
        step = approvals.present(self.booking)
        return step.name if step is not None and len(approvals.chain_of(self.booking)) > 1 else ""


@dataclass(frozen=True)
class Record:
    """What an organisation did with what it booked at a base in the last year.

    Attributes:
        completed, missed, late: how many took place, how many nobody came to, how many it cancelled late.
        last: its last bookings there.
    """

    completed: int
    missed: int
    late: int
    last: Sequence[Booking]


def waiting_for(user: User, *, base_id: int | None = None) -> list[Waiting]:
    """Return what waits for somebody, across bases, the first deadline first; without one by its start.

    No more than `MOST`.

    Args:
        base_id: of one base only.
    """
    given = delegations.standing_for(db.session(), user)
    where = or_(_decided_by(user), *(_lent(entry.giver, entry.base_id) for entry in given))
    wanted = (
        select(Booking)
        .where(Booking.state.in_(WAITING), where)
        .options(
            joinedload(Booking.base),
            joinedload(Booking.kind),
            joinedload(Booking.session),
            joinedload(Booking.organisation),
            selectinload(Booking.approvals),
        )
        .order_by(Booking.decide_by.is_(None), Booking.decide_by, Booking.start_at, Booking.id)
        .limit(LOOKED_AT)
        .execution_options(yield_per=MOST)
    )
    if base_id is not None:
        wanted = wanted.where(Booking.base_id == base_id)
    found: list[Waiting] = []
    rows = db.session.scalars(wanted)
    for booking in rows:
        givers = [entry.giver for entry in given if entry.base_id in {None, booking.base_id}]
        counted = [entry for entry in booking.approvals if entry.round == booking.round]
        try:
            vote = approvals.weigh(user, booking, givers=givers, approvals=counted)
        except DomainError:
            continue
        found.append(Waiting(booking, vote))
        if len(found) == MOST:
            rows.close()
            break
    return found


def approvals_of(booking: Booking) -> Sequence[Approval]:
    """Return every approval of a booking, of all rounds, with who gave it."""
    return db.session.scalars(
        select(Approval)
        .where(Approval.booking_id == booking.id)
        .options(joinedload(Approval.user), joinedload(Approval.instead_of))
        .order_by(Approval.id)
    ).all()


def around(booking: Booking, first: date, last: date) -> Sequence[Allocation]:
    """Return what else takes the resources of a booking from one day to another, in order of start.

    Other bookings of its session are left out: they sit beside it. So is what comes after the first `MOST_AROUND`.
    """
    start, end = clock.bounds(first)[0], clock.bounds(last)[1]
    seats = booking.session.seats_resource_id if booking.session else None
    resources = {entry.resource_id for entry in booking.allocations if entry.active} - {seats}
    return db.session.scalars(
        select(Allocation)
        .where(
            Allocation.resource_id.in_(resources),
            Allocation.active,
            Allocation.start_at < end,
            Allocation.end_at > start,
            or_(Allocation.booking_id.is_(None), Allocation.booking_id != booking.id),
        )
        .options(
            joinedload(Allocation.resource),
            joinedload(Allocation.booking).joinedload(Booking.organisation),
            joinedload(Allocation.booking).joinedload(Booking.kind),
            joinedload(Allocation.session),
            joinedload(Allocation.closure),
        )
        .order_by(Allocation.start_at, Allocation.id)
        .limit(MOST_AROUND)
    ).all()


def record(booking: Booking) -> Record:
    """Return what the organisation did at the booking's base in the last year, this booking left out."""
    since = clock.now() - LOOKED_BACK
    here = and_(
        Booking.organisation_id == booking.organisation_id, Booking.base_id == booking.base_id, Booking.id != booking.id
    )
    states: Counter[str] = Counter()
    ended = select(Booking.state, func.count()).where(
        here, Booking.start_at >= since, Booking.state.in_(("completed", "no_show"))
    )
    for state, number in db.session.execute(ended.group_by(Booking.state)):
        states[state] = number
    cancelled = db.session.execute(
        select(Step.at, Booking.start_at)
        .join(Booking, Step.booking_id == Booking.id)
        .join(User, Step.actor_id == User.id)
        .where(
            here,
            Booking.start_at >= since,
            Booking.state == "cancelled",
            Step.action == "cancel",
            User.grants.any(organisation_id=booking.organisation_id),
        )
    )
    late = sum(start - LATE <= at for at, start in cancelled)
    last = db.session.scalars(
        select(Booking)
        .where(here, Booking.state != "held")
        .options(joinedload(Booking.kind), joinedload(Booking.session))
        .order_by(Booking.start_at.desc(), Booking.id.desc())
        .limit(LAST)
    ).all()
    return Record(states["completed"], states["no_show"], late, last)


def of_series(booking: Booking) -> int:
    """Return how many bookings of the same series wait for a decision, this one included; 0 where it is of none."""
    if booking.series_id is None:
        return 0
    wanted = select(func.count()).where(Booking.series_id == booking.series_id, Booking.state.in_(WAITING))
    return db.session.scalar(wanted) or 0


def _decided_by(person: User) -> ColumnElement[bool]:
    """Return the condition under which a booking is at a base where somebody decides."""
    roles = PERMISSIONS["booking.decide"]
    if allows(person, "booking.decide"):
        return Booking.id.is_not(None)
    bases = {grant.base_id for grant in person.grants if grant.role in roles and grant.base_id is not None}
    return Booking.base_id.in_(bases) if bases and person.active else false()


def _lent(giver: User, base_id: int | None) -> ColumnElement[bool]:
    here = Booking.id.is_not(None) if base_id is None else Booking.base_id == base_id
    return and_(here, _decided_by(giver))
