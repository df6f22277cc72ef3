"""An announcement to which one can register: it books from the base's own calendar, and closes itself."""

from core.booking.models import TrainingSession
from core.booking.pages.offers import SessionOffer, session_offer
from core.content.models import Item
from core.db import db
from core.errors import NotFound


def offer(item: Item) -> SessionOffer | None:
    """Return the session that an item invites to, with its seats as they are now; None when there is none to see."""
    return offer_of(item.session_id)


def offer_of(session_id: int | None) -> SessionOffer | None:
    """Return a session as `offer` does, by its id."""
    session = db.session.get(TrainingSession, session_id) if session_id is not None else None
    if session is None:
        return None
    try:
        return session_offer(session.base, session.id)
    except NotFound:  # a draft again
        return None
