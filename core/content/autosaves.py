"""What somebody is typing, kept as they type: nothing is lost with a closed tab or an ended session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from core import clock, errors
from core.accounts.models import User
from core.content.models import Autosave, Item
from core.db import db, write

KEPT = timedelta(days=30)
"""How long it is kept when nobody comes back to it."""

LARGEST = 500_000
"""Characters that are kept of a form."""


@dataclass(frozen=True)
class Desk:
    """What is being written: an item, or a new one of a type, at a base or (None) for the consortium."""

    type: str
    base_id: int | None
    item_id: int | None = None


def keep(*, actor: User, key: str, desk: Desk, version: int, values: Mapping[str, list[str]]) -> Autosave:
    """Keep what is in a form now, over what was kept under the same key.

    Args:
        actor: who types; nobody else gets to see it.
        key: of the open page.
        desk: what is being written.
        version: number of the version that was opened.
        values: the form's fields as sent.

    Raises:
        errors.NotFound: the key is somebody else's.
        errors.Invalid: it is more than is kept.
    """
    if sum(len(text) for texts in values.values() for text in texts) > LARGEST:
        raise errors.Invalid({"": "too large"})
    try:
        return _kept(actor, key, desk, version, values)
    except IntegrityError:  # the same page has sent twice at once, and the other was first
        return _kept(actor, key, desk, version, values)


def _kept(actor: User, key: str, desk: Desk, version: int, values: Mapping[str, list[str]]) -> Autosave:
    with write() as session:
        row = session.scalar(select(Autosave).where(Autosave.key == key).with_for_update())
        if row is None:
            row = Autosave(key=key, user_id=actor.id)
            session.add(row)
        elif row.user_id != actor.id:
            raise errors.NotFound
        row.type, row.base_id, row.item_id = desk.type, desk.base_id, desk.item_id
        row.version, row.values, row.saved_at = version, dict(values), clock.now()
    return row


def waiting(actor: User, desk: Desk) -> Sequence[Autosave]:
    """Return what somebody has begun to write there and not saved, the last first."""
    owner = Autosave.base_id.is_(None) if desk.base_id is None else Autosave.base_id == desk.base_id
    thing = Autosave.item_id.is_(None) if desk.item_id is None else Autosave.item_id == desk.item_id
    mine = select(Autosave).where(Autosave.user_id == actor.id, Autosave.type == desk.type, owner, thing)
    return db.session.scalars(mine.order_by(Autosave.saved_at.desc()).limit(5)).all()


def find(actor: User, key: str) -> Autosave | None:
    """Return what somebody was typing, by its key; None when it is gone or not theirs."""
    return db.session.scalar(select(Autosave).where(Autosave.key == key, Autosave.user_id == actor.id))


def drop(actor: User, key: str) -> None:
    """Forget what was typed: it has been saved, or is not wanted. A key that is unknown does no harm."""
    with write() as session:
        session.execute(delete(Autosave).where(Autosave.key == key, Autosave.user_id == actor.id))


def desk_of(item: Item) -> Desk:
    """Return the desk on which an item lies."""
    return Desk(item.type, item.base_id, item.id)


def forget() -> None:
    """Remove what nobody has come back to. The worker calls it."""
    with write() as session:
        session.execute(delete(Autosave).where(Autosave.saved_at < clock.now() - KEPT))
