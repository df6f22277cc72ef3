"""Who links to an item: shown before it leaves the public pages or gets another address."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.accounts.models import User
from core.content.models import Item, Reference, Section
from core.content.permissions import may_write
from core.db import db


@dataclass(frozen=True)
class Link:
    """Something that points at an item.

    Attributes:
        title: its title; "" when the reader may not know it.
        item: the item that links; None: a section of the portal's front page.
        pending: whether only a change that is not public yet links.
        theirs: whether the reader may change it.
    """

    title: str
    item: Item | None
    pending: bool
    theirs: bool


def links_to(reader: User, item: Item) -> Sequence[Link]:
    """Return what points at an item, what is public first; what lies in the bin is left out, and the item itself.

    Another base's unpublished text is counted, not named: its title is nobody else's business.

    Args:
        reader: who is shown them.
        item: the item.
    """
    return [*_items(reader, item), *_sections(reader, item)]


def _items(reader: User, item: Item) -> list[Link]:
    chosen = (
        select(Item, Reference.live)
        .join(Reference, Reference.source_id == Item.id)
        .where(Reference.item_id == item.id, Item.id != item.id, Item.trashed_at.is_(None), Item.state != "archived")
        .options(joinedload(Item.base))
        .order_by(Reference.live.desc(), Item.title, Item.id)
    )
    found: dict[int, Link] = {}
    for source, live in db.session.execute(chosen).unique():
        theirs = may_write(reader, source.base_id)
        title = source.title if theirs or (live and source.is_public) else ""
        found.setdefault(source.id, Link(title, source, pending=not live, theirs=theirs))
    return list(found.values())


def _sections(reader: User, item: Item) -> list[Link]:
    theirs = may_write(reader, None)
    chosen = select(Section).join(Reference, Reference.section_id == Section.id).where(Reference.item_id == item.id)
    rows = db.session.scalars(chosen.order_by(Section.position, Section.id)).unique()
    return [Link(row.title, None, pending=not row.shown, theirs=theirs) for row in rows]
