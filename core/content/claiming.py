"""Taking an address: no two items at one, no page under a page that is moved away at the same moment.

Whoever changes addresses or the tree of pages of a base holds them until the end of the transaction (`hold`), before
anything else is locked: a tree is many rows, and two who lock them one by one could wait for each other, or put two
pages under one another. The unique index of the table is the last guard (`guarded`).
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import errors
from core.content import redirects
from core.content.models import Item
from core.db import violated, write

_LOCK = 0x6A63  # "jc": these locks among all advisory ones of the database
_INDEX = "uq_content_item_address"


def hold(session: Session, *base_ids: int | None) -> None:
    """Let nobody else change the addresses of some bases (None: the consortium) until the transaction ends.

    SQLite lets one transaction write at a time as it is.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    for key in sorted({base_id or 0 for base_id in base_ids}):
        session.execute(select(func.pg_advisory_xact_lock(_LOCK, key)))


def hold_of(session: Session, item_id: int) -> int | None:
    """Hold the addresses of the base of an item, and return the base's id (None: the consortium, or no such item)."""
    base_id = session.scalar(select(Item.base_id).where(Item.id == item_id))
    hold(session, base_id)
    return base_id


def is_taken(session: Session, base_id: int | None, kind: str, path: str, *, but: Collection[int] = ()) -> bool:
    """Say whether an item that does not lie in the bin stands at an address; those of the ids `but` do not count."""
    there = select(Item.id).where(*redirects.at(Item, base_id, kind, path), Item.trashed_at.is_(None))
    return session.scalar(there.where(Item.id.not_in(but)).limit(1)) is not None


def taken() -> errors.Invalid:
    """Return the refusal of an address at which something stands."""
    return errors.Invalid({"slug": _("There is something at this address already. Please choose another.")})


@contextmanager
def guarded() -> Iterator[Session]:
    """Open a `db.write()` in which an address that the table's index refuses is refused in words.

    Raises:
        errors.Invalid: the address is taken.
    """
    try:
        with write() as session:
            yield session
    except IntegrityError as error:
        if _INDEX not in violated(error):
            raise
        raise taken() from None
