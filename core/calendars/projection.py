"""Keeping calendar entries: serialised once, in the transaction that changes their source (DESIGN §4)."""

from sqlalchemy.orm import Session

from core.booking.events import BookingChanged, ClosureChanged, SessionChanged


def session_changed(session: Session, event: SessionChanged) -> None:
    """Bring a session's entry up to date."""


def booking_changed(session: Session, event: BookingChanged) -> None:
    """Bring the entries of what a booking takes up to date."""


def closure_changed(session: Session, event: ClosureChanged) -> None:
    """Bring a closure's entry up to date."""
