"""Reading announcements for programs."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import joinedload, selectinload

from core import errors
from core.accounts.models import User
from core.bases.models import Base
from core.bases.queries import is_visible
from core.content.models import ANNOUNCEMENT, Item, Place
from core.content.permissions import may_write
from core.content.queries import at, is_shown
from core.db import db

LARGEST = 2**31 - 1
"""The largest number of a row."""


def announcements(
    actor: User | None, base: Base | None, *, category: str | None, before: int | None, limit: int
) -> Sequence[Item]:
    """Return announcements that somebody may read, the latest written first.

    Args:
        actor: who asks; None: a visitor.
        base: only what is shown there; None: everywhere.
        category: only of this category.
        before: number of the one after which to go on.
        limit: how many at most.
    """
    chosen = _readable(actor).order_by(Item.id.desc())
    if base is not None:
        chosen = chosen.where(at(base))
    if category is not None:
        chosen = chosen.where(Item.category == category)
    if before is not None:
        chosen = chosen.where(Item.id < min(before, LARGEST))
    return db.session.scalars(chosen.limit(limit)).all()


def announcement(actor: User | None, item_id: int) -> Item:
    """Return an announcement that somebody may read.

    Raises:
        errors.NotFound: there is none, or they may not know of it.
    """
    item = db.session.scalar(_readable(actor).where(Item.id == item_id)) if item_id <= LARGEST else None
    if item is None:
        raise errors.NotFound
    return item


def _readable(actor: User | None) -> Select[Item]:
    places = Item.places.and_(Place.base.has(is_visible()))
    return (
        select(Item)
        .where(Item.type == ANNOUNCEMENT, or_(is_shown(), _written_by(actor)))
        .options(joinedload(Item.base), selectinload(places).joinedload(Place.base))
    )


def _written_by(actor: User | None) -> ColumnElement[bool]:
    """Return the condition that somebody writes where an item belongs; the bin is not for programs."""
    if actor is None:
        return false()
    if may_write(actor, None):
        return Item.trashed_at.is_(None)
    bases = {grant.base_id for grant in actor.grants if grant.base_id is not None and may_write(actor, grant.base_id)}
    return and_(Item.trashed_at.is_(None), Item.base_id.in_(bases))
