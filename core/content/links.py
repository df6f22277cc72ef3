"""What a writer can link to, found by its title while they type."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, select
from sqlalchemy.orm import joinedload

from core.content.addresses import address
from core.content.models import Item
from core.content.queries import is_shown
from core.db import db

SHOWN = 12
LONGEST = 60


@dataclass(frozen=True)
class Target:
    """Something public: its title, address, type, and the short name of its base ("": of the consortium)."""

    title: str
    url: str
    type: str
    base: str


def find(words: str) -> Sequence[Target]:
    """Return public items whose title has all the words, pages first; the newest when nothing is typed."""
    chosen = select(Item).where(is_shown()).options(joinedload(Item.base))
    for word in words[:LONGEST].split():
        chosen = chosen.where(Item.title.icontains(word, autoescape=True))
    pages_first = case((Item.type == "page", 0), else_=1)
    rows = db.session.scalars(chosen.order_by(pages_first, Item.publish_at.desc(), Item.id).limit(SHOWN)).all()
    return [Target(row.shown_title, address(row), row.type, row.base.short_name if row.base else "") for row in rows]
