"""An announcement to which one can register: it books from the base's own calendar, and closes itself."""

from core.booking.pages.offers import SessionOffer, session_offer
from core.content.models import Item
from core.errors import NotFound


def offer(item: Item) -> SessionOffer | None:
    """Return the session that an item invites to, with its seats as they are now; None when there is none to see."""
    if item.session is None:
        return None
    try:
        return session_offer(item.session.base, item.session.id)
    except NotFound:  # a draft again
        return None
