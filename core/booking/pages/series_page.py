"""A series as its page shows it: every date with what became of it, and what its reader may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from core import clock
from core.accounts.models import User
from core.accounts.roles import allows
from core.booking import approvals, recurrence, series
from core.booking.legs import INSTRUCTOR
from core.booking.models import Allocation, Booking, Resource, Series
from core.booking.pages.words import listed
from core.booking.series_changes import may_change
from core.booking.series_plans import Pattern
from core.booking.states import OPEN
from core.db import db
from core.errors import NotFound

ENDED = frozenset({"rejected", "cancelled", "expired"})


@dataclass(frozen=True)
class DateRow:
    """A date: its booking, or why there is none.

    Attributes:
        day: by which the series names it.
        booking: the one that stands, else the last one there was; None where it was skipped.
        reason: why it was skipped.
        resources: what it takes.
        moved: whether it lies on another day now.
        can_add, can_change: what the reader may do with it now.
    """

    day: date
    booking: Booking | None
    reason: str
    resources: str
    moved: bool
    can_add: bool
    can_change: bool


@dataclass(frozen=True)
class SeriesDetail:
    """A series with what its reader may see and do; `rule` is in words, `picked` names what was chosen.

    `own` and `manages` are False for who only stands in for somebody: they decide, and change nothing.
    """

    series: Series
    rule: str
    picked: str
    rows: Sequence[DateRow]
    own: bool
    manages: bool
    changes: bool

    @property
    def standing(self) -> int:
        """How many dates stand."""
        return sum(row.booking is not None and row.booking.state not in ENDED for row in self.rows)

    @property
    def open(self) -> bool:
        """Whether a date can still be changed."""
        return any(row.can_change for row in self.rows)

    @property
    def waiting(self) -> Booking | None:
        """The first date that waits for a decision."""
        return next((row.booking for row in self.rows if row.booking and row.booking.state == "submitted"), None)


def see(actor: User, series_id: int) -> SeriesDetail:
    """Return a series that the actor may read: a contact of its organisation, who decides at its base, or who stands
    in for one and may read one of its bookings.

    Raises:
        NotFound: there is none, or the actor may not know of it.
    """
    found = series.find(series_id)
    own = allows(actor, "booking.read_own", organisation_id=found.organisation_id)
    manages = allows(actor, "booking.decide", base_id=found.base_id)
    if not own and not manages and not _decides_on_one(actor, found):
        raise NotFound
    changes = may_change(actor, found)
    pattern = Pattern.of(found)
    ids = {number for picked in found.wish.values() for number in picked}
    names = db.session.scalars(select(Resource).where(Resource.id.in_(ids)).order_by(Resource.position)).all()
    return SeriesDetail(
        series=found,
        rule=recurrence.describe(pattern.rule),
        picked=listed(resource.name for resource in names),
        rows=_rows(found, pattern, changes=changes),
        own=own,
        manages=manages,
        changes=changes,
    )


def _decides_on_one(actor: User, found: Series) -> bool:
    session = db.session()
    return approvals.stands_in(session, actor, found.base_id) and any(
        approvals.may_read(session, actor, booking) for booking in found.bookings
    )


def _rows(found: Series, pattern: Pattern, *, changes: bool) -> list[DateRow]:
    bookings = db.session.scalars(
        select(Booking)
        .where(Booking.series_id == found.id, Booking.occurrence_on.is_not(None))
        .options(
            selectinload(Booking.allocations).joinedload(Allocation.resource),
            joinedload(Booking.base),
            joinedload(Booking.kind),
        )
        .order_by(Booking.id)
    ).all()
    last = {row.occurrence_on: row for row in bookings}
    by_day = last | {row.occurrence_on: row for row in bookings if row.state not in ENDED}
    skipped = {date.fromisoformat(text): why for text, why in found.skipped.items()}
    days = sorted({day for day in by_day if day is not None} | skipped.keys())
    return [_row(day, by_day.get(day), skipped.get(day, ""), pattern, changes=changes) for day in days]


def _row(day: date, booking: Booking | None, reason: str, pattern: Pattern, *, changes: bool) -> DateRow:
    gone = booking is None or booking.state in ENDED
    ahead = pattern.span(day)[0] > clock.now()
    taken = [] if booking is None or gone else [entry for entry in booking.allocations if _shown(entry)]
    return DateRow(
        day=day,
        booking=booking,
        reason=reason if booking is None else "",
        resources=listed(entry.resource.name for entry in taken),
        moved=booking is not None and clock.local(booking.start_at).date() != day,
        can_add=changes and gone and ahead,
        can_change=changes and booking is not None and booking.state in OPEN and booking.start_at > clock.now(),
    )


def _shown(entry: Allocation) -> bool:
    return entry.active and not entry.covering and entry.resource.kind != INSTRUCTOR
