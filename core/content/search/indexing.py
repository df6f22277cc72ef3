"""Keeping the search's documents in step with what they tell of, in the transaction that changes it."""

import rjieba
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.content import richtext
from core.content.events import ContentChanged
from core.content.search.models import Document


def content_changed(session: Session, event: ContentChanged) -> None:
    """Write down the words of an item's public text."""
    item = event.item
    document = session.scalar(select(Document).where(Document.item_id == item.id)) or Document(item_id=item.id)
    document.base_id, document.type, document.title = item.base_id, item.type, item.title
    document.text = richtext.plain(item.body)
    document.title_words, document.text_words = words(document.title), words(document.text)
    document.updated_at = clock.now()
    session.add(document)


def words(text: str) -> str:
    """Return a text cut into words, joined by blanks."""
    return " ".join(rjieba.cut_for_search(text))
