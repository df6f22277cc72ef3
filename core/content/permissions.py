"""Who may write and publish where; the roles behind it stand in `core/accounts/roles.py`."""

from sqlalchemy import select

from core.accounts import roles
from core.accounts.models import User
from core.bases.models import Base
from core.content import types
from core.content.models import Item
from core.db import db


def may_write(actor: User | None, base_id: int | None) -> bool:
    """Say whether somebody may write content of a base, or of the consortium (None)."""
    return roles.allows(actor, "content.consortium" if base_id is None else "content.write", base_id=base_id)


def may_publish(actor: User | None, base_id: int | None, *, reviewed: bool = False) -> bool:
    """Say whether somebody may publish content of a base, or of the consortium (None).

    Where a base has chosen to do without review, whoever writes publishes, but for what is `reviewed` by its type.
    """
    if base_id is None:
        return may_write(actor, None)
    if roles.allows(actor, "content.publish", base_id=base_id):
        return True
    return not reviewed and may_write(actor, base_id) and not _reviews(base_id)


def may_publish_item(actor: User | None, item: Item) -> bool:
    """Say whether somebody may publish an item, by its base and its type."""
    return may_publish(actor, item.base_id, reviewed=types.is_reviewed(item.type))


def may_edit(actor: User | None, item: Item) -> bool:
    """Say whether somebody may change an item: writers all but what is archived or in the bin."""
    return item.trashed_at is None and item.state != "archived" and may_write(actor, item.base_id)


def _reviews(base_id: int) -> bool:
    return bool(db.session.scalar(select(Base.reviews_content).where(Base.id == base_id)))
