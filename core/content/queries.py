"""Reading content. Visitors' pages use `find_public`, `published` and what stands on them; writers' pages `to_write`.

Publication and expiry are computed here, in the query, to the second: no job has to run for them.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal_column, or_, select, union
from sqlalchemy.orm import joinedload, lazyload

from core import clock, errors
from core.bases.models import Base
from core.bases.queries import is_visible
from core.content import types
from core.content.errors import Gone
from core.content.models import PAGE, Item, Place, Redirect
from core.db import db
from core.paging import Sheet, sheet

PER_PAGE = 20


def is_public() -> ColumnElement[bool]:
    """Return the condition under which visitors may read an item now, its base apart (`is_shown`).

    SQLite would take an index by `publish_at` for it, although almost all that is published has appeared long ago, and
    let the one lie that finds the few rows wanted: so the column is wrapped.
    """
    now = clock.now()
    appeared = func.coalesce(Item.publish_at, Item.publish_at) <= now
    return and_(
        Item.state == "published",
        Item.trashed_at.is_(None),
        appeared,
        or_(Item.expire_at.is_(None), Item.expire_at > now),
    )


def is_shown() -> ColumnElement[bool]:
    """Return the condition under which visitors may read an item now: public, of a type and a base that are there."""
    return and_(is_public(), Item.type.in_(types.names()), or_(Item.base_id.is_(None), Item.base.has(is_visible())))


def at(base: Base | None) -> ColumnElement[bool]:
    """Return the condition that an item belongs to a base (None: to the consortium) or is shown there as well."""
    if base is None:
        return Item.base_id.is_(None)
    return or_(Item.base_id == base.id, exists().where(Place.item_id == Item.id, Place.base_id == base.id))


def navigation(base: Base | None) -> Sequence[Item]:
    """Return the public pages of a base (None: of the portal) at the top of its tree, in the navigation's order."""
    chosen = select(Item).where(
        Item.type == PAGE, owner(base), Item.parent_id.is_(None), Item.in_navigation, is_public()
    )
    return db.session.scalars(chosen.order_by(Item.position, Item.path).options(lazyload(Item.places))).all()


def find_public(base: Base | None, kind: str, path: str) -> Item:
    """Return what visitors find at an address, also at one that it had before: then its `path` is another.

    Args:
        base: whose address it is; None: the portal's.
        kind: type of the item.
        path: last part of the address.

    Raises:
        Gone: it was public, and is no longer.
        errors.NotFound: there is nothing, or nothing that is public yet.
    """
    found = _at_address(base, kind, path)
    shown = next((item for item in found if item.is_public and _base_is_visible(item)), None)
    if shown is not None:
        return shown
    gone = next((item for item in found if item.was_public and _base_is_visible(item)), None)
    if gone is not None:
        raise Gone(gone)
    raise errors.NotFound


def _at_address(base: Base | None, kind: str, path: str) -> list[Item]:
    """Return what is or was at an address: the item there, what was moved away, what was thrown away last."""
    here = (Item.type == kind, owner(base), Item.path == path)
    there = func.coalesce(Redirect.base_id, literal_column("0")) == (base.id if base else 0)  # as its index says it
    moved = select(Redirect.item_id).where(there, Redirect.type == kind, Redirect.path == path)
    found = union(select(Item.id).where(*here), moved)  # with “or”, PostgreSQL would read every item
    chosen = select(Item).where(Item.id.in_(found)).options(joinedload(Item.base))
    at_once = case((Item.trashed_at.is_(None) & (Item.path == path), 0), (Item.trashed_at.is_(None), 1), else_=2)
    return list(db.session.scalars(chosen.order_by(at_once, Item.trashed_at.desc(), Item.id.desc())))


def _base_is_visible(item: Item) -> bool:
    if item.base_id is None:
        return True
    return bool(db.session.scalar(select(exists().where(Base.id == item.base_id, is_visible()))))


def published(kind: str) -> Select[Item]:
    """Return the selection of all items of a type that visitors may read now, pinned ones first, newest first."""
    return (
        select(Item)
        .where(Item.type == kind, is_shown())
        .options(joinedload(Item.base))
        .order_by(pinned_first(), Item.publish_at.desc(), Item.id.desc())
    )


def pinned_first() -> ColumnElement[int]:
    """Return what a list is ordered by first: those that stand on top now."""
    return case((Item.pinned_until > clock.now(), 0), else_=1)


def to_write(kind: str, base: Base | None, state: str | None, number: int) -> Sheet[Item]:
    """Return a page of what those who write see: every state or one, the last changed first, the bin apart."""
    chosen = select(Item).where(Item.type == kind, owner(base), Item.trashed_at.is_(None))
    if state:
        chosen = chosen.where(Item.state == state)
    chosen = chosen.options(joinedload(Item.author)).order_by(Item.updated_at.desc(), Item.id)
    return sheet(chosen, number, size=PER_PAGE)


def find_to_write(base: Base | None, item_id: int, kind: str | None = None) -> Item:
    """Return an item in any state, of a base or of the consortium, unless it lies in the bin.

    Raises:
        errors.NotFound: there is none of this id (and type) there.
    """
    item = db.session.get(Item, item_id)
    if item is None or item.base_id != (base.id if base else None) or item.trashed_at is not None:
        raise errors.NotFound
    if kind is not None and item.type != kind:
        raise errors.NotFound
    return item


def owner(base: Base | None) -> ColumnElement[bool]:
    """Return the condition that an item belongs to a base, or to the consortium (None)."""
    return Item.base_id.is_(None) if base is None else Item.base_id == base.id
