"""What publishers have handed in, waiting for those who publish."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from core.bases.models import Base
from core.content.history import Comparison, compare
from core.content.models import Item, Revision
from core.content.queries import owner
from core.content.snapshots import Texts, public, working
from core.db import db

EMPTY = Texts(title="", body="")


@dataclass(frozen=True)
class Waiting:
    """A text that waits: the item, who handed it in and when (`handed_in`), and what differs from what is public."""

    item: Item
    handed_in: Revision | None
    comparison: Comparison


def waiting(base: Base | None) -> Sequence[Item]:
    """Return what waits for review in a base or for the consortium, the longest waiting first."""
    chosen = select(Item).where(owner(base), _waits()).options(joinedload(Item.author), joinedload(Item.base))
    return db.session.scalars(chosen.order_by(Item.updated_at, Item.id)).all()


def count(base_id: int | None) -> int:
    """Return how much waits for review in a base, or for the consortium (None)."""
    here = Item.base_id.is_(None) if base_id is None else Item.base_id == base_id
    return db.session.scalar(select(func.count()).select_from(Item).where(here, _waits())) or 0


def in_review(item: Item) -> bool:
    """Say whether an item waits for review."""
    return item.trashed_at is None and (item.state == "in_review" or item.pending_review)


def look(item: Item) -> Waiting:
    """Return what a reviewer sees of an item: all of it where nothing is public yet, else what differs."""
    before = public(item) if item.pending is not None else EMPTY
    return Waiting(item, handed_in(item), compare(before, working(item), item.type))


def handed_in(item: Item) -> Revision | None:
    """Return the revision with which an item was handed in last, None when it never was."""
    chosen = select(Revision).where(Revision.item_id == item.id, Revision.act == "submit")
    chosen = chosen.options(joinedload(Revision.author)).order_by(Revision.number.desc())
    return db.session.scalars(chosen.limit(1)).first()


def sent_back(item: Item) -> Revision | None:
    """Return the revision with which a reviewer sent an item back, None once it was handed in again or published."""
    chosen = select(Revision).where(Revision.item_id == item.id, Revision.act.in_(("submit", "return", "publish")))
    chosen = chosen.options(joinedload(Revision.author)).order_by(Revision.number.desc())
    last = db.session.scalars(chosen.limit(1)).first()
    return last if last is not None and last.act == "return" else None


def _waits() -> ColumnElement[bool]:
    return and_(Item.trashed_at.is_(None), or_(Item.state == "in_review", Item.pending_review))
