"""Reading content. Visitors' pages use `find_public`, `published` and what stands on them; writers' pages `to_write`.

Publication and expiry are computed here, in the query, to the second: no job has to run for them.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select
from sqlalchemy.orm import joinedload

from core import clock, errors
from core.bases.models import Base
from core.bases.queries import is_visible
from core.content.errors import Gone
from core.content.models import ANNOUNCEMENT, PAGE, Item, Place, Redirect
from core.db import db
from core.paging import Sheet, sheet

PER_PAGE = 20


def is_public() -> ColumnElement[bool]:
    """Return the condition under which visitors may read an item now, its base apart (`is_shown`)."""
    now = clock.now()
    return and_(
        Item.state == "published",
        Item.trashed_at.is_(None),
        Item.publish_at <= now,
        or_(Item.expire_at.is_(None), Item.expire_at > now),
    )


def is_shown() -> ColumnElement[bool]:
    """Return the condition under which visitors may read an item now: public, and of a base that is to be seen."""
    return and_(is_public(), or_(Item.base_id.is_(None), Item.base.has(is_visible())))


def at(base: Base | None) -> ColumnElement[bool]:
    """Return the condition that an item belongs to a base (None: to the consortium) or is shown there as well."""
    if base is None:
        return Item.base_id.is_(None)
    return or_(Item.base_id == base.id, exists().where(Place.item_id == Item.id, Place.base_id == base.id))


def navigation(base: Base | None) -> Sequence[Item]:
    """Return the public pages of a base (None: of the portal), in the order of its navigation."""
    chosen = select(Item).where(Item.type == PAGE, _owner(base), is_public())
    return db.session.scalars(chosen.order_by(Item.position, Item.path)).all()


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
    item = _find(base, kind, path)
    if item is None:
        raise errors.NotFound
    if item.is_public and _base_is_visible(item):
        return item
    if item.state == "archived" or item.standing == "expired":
        raise Gone(item)
    raise errors.NotFound


def _find(base: Base | None, kind: str, path: str) -> Item | None:
    here = (Item.type == kind, _owner(base), Item.path == path, Item.trashed_at.is_(None))
    item = db.session.scalar(select(Item).where(*here).options(joinedload(Item.base)))
    if item is not None:
        return item
    owner = Redirect.base_id.is_(None) if base is None else Redirect.base_id == base.id
    moved = select(Item).join(Redirect).where(owner, Redirect.type == kind, Redirect.path == path)
    return db.session.scalar(moved.where(Item.trashed_at.is_(None)).options(joinedload(Item.base)))


def _base_is_visible(item: Item) -> bool:
    if item.base_id is None:
        return True
    return bool(db.session.scalar(select(exists().where(Base.id == item.base_id, is_visible()))))


def latest(limit: int) -> Sequence[Item]:
    """Return the newest public announcements of the consortium and of all visible bases, pinned ones first."""
    return db.session.scalars(published(ANNOUNCEMENT).limit(limit)).all()


def latest_of(base: Base, limit: int) -> Sequence[Item]:
    """Return the newest public announcements of a base, pinned ones first."""
    return db.session.scalars(published(ANNOUNCEMENT).where(at(base)).limit(limit)).all()


def listed(kind: str, base: Base | None, number: int, *, category: str = "", everywhere: bool = False) -> Sheet[Item]:
    """Return a page of the public items of a type, pinned ones first.

    Args:
        kind: the type.
        base: where they are shown; None: the consortium's own, or those of all bases as well with `everywhere`.
        number: which page.
        category: slug of the only category wanted.
        everywhere: whether those of all bases are meant.
    """
    chosen = published(kind) if everywhere else published(kind).where(at(base))
    if category:
        chosen = chosen.where(Item.category == category)
    return sheet(chosen, number, size=PER_PAGE)


def published(kind: str) -> Select[Item]:
    """Return the selection of all items of a type that visitors may read now, pinned ones first, newest first."""
    pinned = case((Item.pinned_until > clock.now(), 0), else_=1)
    return (
        select(Item)
        .where(Item.type == kind, is_shown())
        .options(joinedload(Item.base))
        .order_by(pinned, Item.publish_at.desc(), Item.id.desc())
    )


def to_write(kind: str, base: Base | None, state: str | None, number: int) -> Sheet[Item]:
    """Return a page of what those who write see: every state or one, the last changed first, the bin apart."""
    chosen = select(Item).where(Item.type == kind, _owner(base), Item.trashed_at.is_(None))
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


def _owner(base: Base | None) -> ColumnElement[bool]:
    return Item.base_id.is_(None) if base is None else Item.base_id == base.id
