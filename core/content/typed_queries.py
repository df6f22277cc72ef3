"""Lists of items of the plugins' types: in the type's order, by the choices of its schema."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, asc, desc, select
from sqlalchemy.orm import joinedload

from core.bases.models import Base
from core.booking.models import Resource
from core.booking.resource_queries import find_resource
from core.content import listing, queries, types
from core.content.models import Item
from core.content.types import Type
from core.db import db
from core.errors import NotFound
from core.paging import Sheet, sheet
from core.plugins.fields import Choice, Day, Whole


def listed(kind: Type, base: Base, number: int, only: Mapping[str, str]) -> Sheet[Item]:
    """Return a page of what visitors may read of a type at a base, in the type's order, pinned items first.

    Args:
        kind: the type.
        base: the base.
        number: which page.
        only: values by name of the `Choice` fields by which the list is narrowed.
    """
    wanted = [Item.fields[name].as_string() == value for name, value in only.items()]
    if kind.order == "newest":
        return listing.listed(kind.name, base, number, *wanted)
    chosen = queries.published(kind.name).where(queries.at(base), *wanted)
    order = (queries.pinned_first(), _key(kind), Item.publish_at.desc(), Item.id.desc())
    return sheet(chosen.order_by(None).order_by(*order), number, size=queries.PER_PAGE)


def _key(kind: Type) -> Any:
    if kind.order == "title":
        return asc(Item.title)
    value, field = Item.fields[kind.order], kind.field(kind.order)
    if isinstance(field, Whole):
        return asc(value.as_integer())
    return desc(value.as_string()) if isinstance(field, Day) else asc(value.as_string())


def resource_of(kind: Type, item: Item) -> Resource | None:
    """Return the resource an item is about; None where it is about none, or that is no longer there."""
    slug = item.fields.get(kind.resource) if kind.resource else None
    if item.base_id is None or not isinstance(slug, str):
        return None
    try:
        return find_resource(item.base_id, slug)
    except NotFound:
        return None


def narrowing(kind: Type, asked: str) -> dict[str, str]:
    """Return how an address narrows a list: `kind:software,side:supply`; what the schema does not know is left out."""
    pairs = (part.partition(":") for part in asked.split(","))
    options = {
        field.name: {value for value, _label in field.options} for field in kind.fields if isinstance(field, Choice)
    }
    return {name: value for name, _colon, value in pairs if value in options.get(name, set())}


def left(number: int) -> Sheet[Item]:
    """Return a page of the items whose type no active plugin declares, the last changed first."""
    chosen = select(Item).where(_is_left()).options(joinedload(Item.base))
    return sheet(chosen.order_by(Item.updated_at.desc(), Item.id), number, size=queries.PER_PAGE)


def find_left(item_id: int) -> Item:
    """Return one of the items that `left` lists.

    Raises:
        NotFound: there is none of this id among them.
    """
    item = db.session.scalar(select(Item).where(Item.id == item_id, _is_left()))
    if item is None:
        raise NotFound
    return item


def _is_left() -> ColumnElement[bool]:
    return and_(Item.type.not_in(types.names()), Item.trashed_at.is_(None))
