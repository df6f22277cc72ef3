"""What quotas were used for, and what organisations have made of their bookings; read only."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from core import clock
from core.bases.models import Base
from core.booking.models import Booking, Charge, Kind
from core.db import db
from core.paging import Sheet, sheet

SHEET = 30

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Record:
    """What became of an organisation's bookings of the last twelve months, by the number of bookings."""

    completed: int
    no_show: int
    cancelled: int
    rejected: int


def charged(quota_id: int, number: int) -> Sheet[Charge]:
    """Return the charges that count against a quota, with their bookings, the latest booking first.

    Args:
        number: of the sheet, from 1.
    """
    wanted = (
        select(Charge)
        .join(Charge.booking)
        .where(Charge.quota_id == quota_id, Charge.given_back_at.is_(None))
        .options(
            joinedload(Charge.booking).joinedload(Booking.base),
            joinedload(Charge.booking).joinedload(Booking.kind),
            joinedload(Charge.booking).joinedload(Booking.session),
        )
        .order_by(Booking.start_at.desc(), Booking.id.desc())
    )
    return sheet(wanted, number, size=SHEET)


def record(organisation_id: int, base_id: int | None = None) -> Record:
    """Return what became of an organisation's bookings that began in the last twelve months.

    Args:
        base_id: at this base only; None: at all.
    """
    now = clock.now()
    wanted = select(Booking.state, func.count()).where(
        Booking.organisation_id == organisation_id, Booking.start_at > now - YEAR, Booking.start_at <= now
    )
    if base_id is not None:
        wanted = wanted.where(Booking.base_id == base_id)
    counts = dict(db.session.execute(wanted.group_by(Booking.state)).tuples().all())
    return Record(**{state: counts.get(state, 0) for state in ("completed", "no_show", "cancelled", "rejected")})


def kinds() -> list[Kind]:
    """Return all that can be booked at all bases that are not archived, with their bases, in the order of the bases."""
    wanted = (
        select(Kind)
        .join(Kind.base)
        .where(Kind.archived_at.is_(None), Base.archived_at.is_(None))
        .options(joinedload(Kind.base))
        .order_by(Base.position, Base.slug, Kind.position, Kind.id)
    )
    return list(db.session.scalars(wanted))
