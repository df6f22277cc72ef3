"""Messages: written in the transaction of what they tell, shown in the site, sent by mail from the outbox."""

from sqlalchemy.orm import Session

from core.booking.events import BookingChanged, SessionChanged


def booking_changed(session: Session, event: BookingChanged) -> None:
    """Tell those concerned that a booking was made or changed its state."""


def session_changed(session: Session, event: SessionChanged) -> None:
    """Tell those concerned that a session was changed or cancelled."""
