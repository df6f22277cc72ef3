"""Putting the corpus into a database."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import insert, select

from core import clock, db
from core.content.models import Item
from core.content.search import indexing
from tests.content.search.corpus import Page


def fill(pages: Sequence[Page]) -> dict[int, str]:
    """Write pages as public items of the consortium, in one transaction with their documents; return keys by id."""
    now = clock.now()
    rows = [
        {
            "type": page.type,
            "slug": f"corpus-{number}",
            "path": f"corpus-{number}",
            "title": page.title,
            "body": f"<p>{page.body}</p>",
            "state": "published",
            "publish_at": now - timedelta(days=page.days),
            "created_at": now,
            "updated_at": now,
        }
        for number, page in enumerate(pages)
    ]
    with db.write() as session:
        session.execute(insert(Item), rows)
        indexing.complete(session)
        found = session.execute(select(Item.id, Item.slug).where(Item.slug.startswith("corpus-")))
        return {item_id: pages[int(slug.rpartition("-")[2])].key for item_id, slug in found}
