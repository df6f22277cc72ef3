"""The newest announcements of several categories at once, for the portal."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Select, literal, select, union_all
from sqlalchemy.orm import joinedload, lazyload

from core.content.listing import first, of_category
from core.content.models import ANNOUNCEMENT, Item
from core.db import db


def latest_by_category(wanted: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], Sequence[Item]]:
    """Return the newest public announcements of the consortium and all visible bases in one query, pinned ones first.

    Args:
        wanted: category ("" for all) and how many of it.

    Returns:
        What was found, by what was asked for.
    """
    pairs = sorted(set(wanted))
    if not pairs:
        return {}
    chosen = union_all(*(_first(category, most, place) for place, (category, most) in enumerate(pairs))).subquery()
    rows = (
        select(chosen.c.place, Item)
        .join(Item, Item.id == chosen.c.id)
        .options(joinedload(Item.base), lazyload(Item.places))
    )
    found: dict[tuple[str, int], list[Item]] = {pair: [] for pair in pairs}
    for place, item in db.session.execute(rows):
        found[pairs[place]].append(item)
    return {pair: sorted(items, key=_rank) for pair, items in found.items()}


def _first(category: str, most: int, place: int) -> Select[tuple[int, int]]:
    listed = first(ANNOUNCEMENT, None, most, *of_category(category))
    return select(listed.c.id, literal(place).label("place"))


def _rank(item: Item) -> tuple[bool, float, int]:
    assert item.publish_at is not None  # it is public
    return not item.is_pinned, -item.publish_at.timestamp(), -item.id
