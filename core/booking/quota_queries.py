"""What quotas were used for, and what agreements can cover; read only."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.bases.models import Base
from core.booking.models import Booking, Charge, Kind
from core.db import db
from core.paging import Sheet, sheet

SHEET = 30


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
