"""Taking out of the calendars what nobody needs there any more; called by the worker."""

from sqlalchemy import Select, select, tuple_, update

from core.calendars import entries
from core.calendars.models import Entry, Membership
from core.calendars.window import over
from core.db import db, write

AT_ONCE = 500


def tidy() -> int:
    """Take entries out that left the window, or were cancelled and are over for 30 days; return how many places.

    Takes at most 500 at once, so that no writer waits long; they count as changes of their collections. Writes nothing
    when there is nothing to do.
    """
    if not db.session.execute(_over(1)).first():
        return 0
    with write() as session:
        # Passes over what somebody writes at this moment, so that it never waits with places in its hands.
        places = session.execute(
            _over(AT_ONCE).with_for_update(of=(Entry, Membership), key_share=True, skip_locked=True)
        ).all()
        session.execute(
            update(Membership)
            .where(tuple_(Membership.collection_id, Membership.entry_id).in_(places))
            .values(deleted=True, change=Membership.PENDING),
            execution_options={"synchronize_session": False},
        )
        entries.touched()
    return len(places)


def _over(limit: int) -> Select[int, int]:
    """Return the query for places of entries that have had their time."""
    return (
        select(Membership.collection_id, Membership.entry_id)
        .join(Entry, Entry.id == Membership.entry_id)
        .where(Membership.deleted.is_(False), over())
        .limit(limit)
    )
