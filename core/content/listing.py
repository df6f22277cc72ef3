"""Lists of what visitors read, newest first: their cost grows with what is shown, not with the archive behind it.

An order by “pinned or not”, or a base's own together with what others show there, would have all rows read and sorted.
So each is chosen by itself: it follows an index and stops when it has enough. Lists are counted no further than
`COUNTED`, or one row beyond the page that is asked for.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal, or_, select, true, tuple_, union
from sqlalchemy.orm import joinedload

from core import clock
from core.bases.models import Base
from core.content.models import ANNOUNCEMENT, Item, Place
from core.content.queries import PER_PAGE, is_shown
from core.db import UTCDateTime, db
from core.paging import Sheet

PER_FEED = 50

COUNTED = 10 * PER_PAGE
"""Rows up to which a list says how many pages it has."""

DEEPEST = 100_000
"""Number beyond which no page is looked for."""


def listed(kind: str, base: Base | None, number: int, *conditions: ColumnElement[bool]) -> Sheet[Item]:
    """Return a page of the public items of a type, pinned ones first.

    Args:
        kind: the type.
        base: where they are shown; None: all there are.
        number: which page.
        conditions: what they have to be beside that.
    """
    number = min(max(1, number), DEEPEST)
    most = max(COUNTED, number * PER_PAGE + 1)
    count = db.session.scalar(select(func.count()).select_from(first(kind, base, most, *conditions))) or 0
    last = max(1, -(-count // PER_PAGE))
    number = min(number, last)
    chosen = items(first(kind, base, number * PER_PAGE, *conditions)).offset((number - 1) * PER_PAGE)
    return Sheet(db.session.scalars(chosen).all(), number, last, more=count == most)


def latest(base: Base | None, limit: int) -> Sequence[Item]:
    """Return the newest public announcements shown at a base (None: all there are), pinned ones first."""
    return db.session.scalars(items(first(ANNOUNCEMENT, base, limit))).all()


def newest(base: Base | None, *, category: str = "", limit: int = PER_FEED) -> Sequence[Item]:
    """Return the newest public announcements shown at a base (None: all there are), whatever stands on top."""
    chosen = first(ANNOUNCEMENT, base, limit, *of_category(category), pins=False)
    return db.session.scalars(items(chosen)).all()


def neighbours(item: Item, base: Base | None) -> tuple[Item | None, Item | None]:
    """Return the items that came just before and just after one, where both are shown (None: everywhere)."""
    place = tuple_(Item.publish_at, Item.id)
    here = tuple_(literal(item.publish_at, UTCDateTime), literal(item.id))
    before = first(item.type, base, 1, place < here, pins=False)
    after = first(item.type, base, 1, place > here, pins=False, rising=True)
    return db.session.scalar(items(before)), db.session.scalar(items(after))


def of_category(category: str) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that narrow to a category; none for ""."""
    return (Item.category == category,) if category else ()


def first(
    kind: str,
    base: Base | None,
    most: int,
    *conditions: ColumnElement[bool],
    pins: bool = True,
    rising: bool = False,
) -> Subquery:
    """Return the first rows of a list: `id`, `publish_at`, and `later`, which is 0 for what stands on top.

    Args:
        kind: type of the items.
        base: where they are shown; None: all there are.
        most: how many rows at most.
        conditions: what they have to be beside that.
        pins: whether pinned items stand on top.
        rising: whether the oldest come first.
    """
    split = ((0, is_pinned()), (1, or_(Item.pinned_until.is_(None), ~is_pinned()))) if pins else ((1, true()),)
    parts = [
        chosen.order_by(*_by_age(Item.publish_at, Item.id, rising)).limit(most).subquery()
        for later, pinned in split
        for chosen in _shown_at(base, later, Item.type == kind, is_shown(), pinned, *conditions)
    ]
    found = union(*(select(part) for part in parts)).subquery()
    order = (found.c.later, *_by_age(found.c.publish_at, found.c.id, rising))
    return select(found).order_by(*order).limit(most).subquery()


def items(chosen: Subquery) -> Select[Item]:
    """Return the selection of the items whose rows `first` gave, in their order."""
    order = (chosen.c.later, *_by_age(chosen.c.publish_at, chosen.c.id, False))
    return select(Item).join(chosen, chosen.c.id == Item.id).options(joinedload(Item.base)).order_by(*order)


def is_pinned() -> ColumnElement[bool]:
    """Return the condition that an item stands on top of lists now."""
    return Item.pinned_until > clock.now()


def _by_age(published: Any, number: Any, rising: bool) -> Sequence[ColumnElement[Any]]:
    return (published.asc(), number.asc()) if rising else (published.desc(), number.desc())


def _shown_at(
    base: Base | None, later: int, *conditions: ColumnElement[bool]
) -> Iterator[Select[int, datetime | None, int]]:
    """Return what is chosen of a base's own, and of what others show there; of everything, where there is no base."""
    columns = select(Item.id, Item.publish_at, literal(later).label("later"))
    if base is None:
        yield columns.where(*conditions)
        return
    yield columns.where(Item.base_id == base.id, *conditions)
    # The outer join has SQLite begin with the few places; it would walk through all items and ask each for its place.
    placed = columns.select_from(Place).outerjoin(Item, and_(Item.id == Place.item_id, *conditions))
    yield placed.where(Place.base_id == base.id, func.coalesce(Item.id, 0) > 0)
