"""Reading content. Visitors' pages use `find_public`, `published` and what stands on them; writers' pages `to_write`.

Publication and expiry are computed here, in the query, to the second: no job has to run for them.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, case, exists, literal, or_, select, tuple_
from sqlalchemy.orm import joinedload, lazyload

from core import clock, errors
from core.bases.models import Base
from core.bases.queries import is_visible
from core.content import types
from core.content.errors import Gone
from core.content.models import ANNOUNCEMENT, PAGE, Item, Place, Redirect
from core.db import UTCDateTime, db
from core.paging import Sheet, sheet

PER_PAGE = 20
PER_FEED = 50


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
    there = Redirect.base_id.is_(None) if base is None else Redirect.base_id == base.id
    moved = select(Redirect.item_id).where(there, Redirect.type == kind, Redirect.path == path)
    chosen = select(Item).where(or_(and_(*here), Item.id.in_(moved))).options(joinedload(Item.base))
    at_once = case((Item.trashed_at.is_(None) & (Item.path == path), 0), (Item.trashed_at.is_(None), 1), else_=2)
    return list(db.session.scalars(chosen.order_by(at_once, Item.trashed_at.desc(), Item.id.desc())))


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


def newest(base: Base | None, *, category: str = "", limit: int = PER_FEED) -> Sequence[Item]:
    """Return the newest public announcements shown at a base (None: all there are), whatever stands on top."""
    chosen = published(ANNOUNCEMENT).order_by(None).order_by(Item.publish_at.desc(), Item.id.desc())
    if base is not None:
        chosen = chosen.where(at(base))
    if category:
        chosen = chosen.where(Item.category == category)
    return db.session.scalars(chosen.limit(limit)).all()


def neighbours(item: Item, base: Base | None) -> tuple[Item | None, Item | None]:
    """Return the announcements that came just before and just after one, where both are shown (None: everywhere)."""
    place = tuple_(Item.publish_at, Item.id)
    here = tuple_(literal(item.publish_at, UTCDateTime), literal(item.id))
    chosen = select(Item).where(Item.type == item.type, is_shown()).options(joinedload(Item.base))
    if base is not None:
        chosen = chosen.where(at(base))
    before = chosen.where(place < here).order_by(Item.publish_at.desc(), Item.id.desc()).limit(1)
    after = chosen.where(place > here).order_by(Item.publish_at, Item.id).limit(1)
    return db.session.scalar(before), db.session.scalar(after)


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
