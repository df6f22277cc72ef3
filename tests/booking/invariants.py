"""Asks the whole database whether bookings are in order."""

from core import db
from core.booking.invariants import snapshot, violations


def in_order() -> None:
    """Fail with what is wrong."""
    db.db.session.rollback()
    with snapshot() as connection:
        assert list(violations(connection)) == []
