"""Bringing the pages that plugins ship as Markdown files into items; run at upgrade."""

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.bases.models import Base
from core.content import files, markdown, writing
from core.content.models import PAGE, Item
from core.content.snapshots import public
from core.localised import LANGUAGES

if TYPE_CHECKING:
    from core.plugins.facade import Facade


def sync(session: Session, facade: "Facade") -> None:
    """Write every shipped page into its item and archive what is no longer shipped; what somebody owns stays.

    The pages of a base whose plugin is not loaded are left as they are: the base itself is archived.

    Raises:
        files.PageFileError: a shipped file does not keep to the format.
    """
    bases = {base.slug: base for base in session.scalars(select(Base).where(Base.archived_at.is_(None)))}
    for slug in facade.bases():
        folder = facade.pages_folder(slug)
        shipped = files.read(folder) if folder else []
        _sync_base(session, bases[slug], shipped)
    session.flush()


def _sync_base(session: Session, base: Base, shipped: list[files.ShippedPage]) -> None:
    known = select(Item).where(Item.base_id == base.id, Item.type == PAGE, Item.declared.is_not(None))
    rows = {item.declared["path"]: item for item in session.scalars(known) if item.declared}
    for source in shipped:
        _sync_page(session, base, rows.pop(source.path, None), source)
    for item in rows.values():
        if not item.owned and item.state == "published":
            item.state = "archived"
            writing.record(session, item, public(item), act="withdraw", actor_id=None)


def _sync_page(session: Session, base: Base, item: Item | None, source: files.ShippedPage) -> None:
    texts = {language: str(markdown.render(text)) for language, text in source.body.items()}
    declared = {
        "path": source.path,
        "position": source.position,
        "title": source.title,
        "body": texts,
    }
    if item is None:
        now = clock.now()
        item = Item(
            type=PAGE,
            base_id=base.id,
            slug=source.path.rpartition("/")[2],
            path=source.path,
            owned=False,
            version=0,
            publish_at=now,
            created_at=now,
            attachments=[],
            fields={},
        )
    elif item.declared == declared and (item.owned or item.state == "published"):
        return
    item.declared = declared
    if item.owned:
        return
    item.position = source.position
    item.title, item.body = source.title[LANGUAGES[0]], texts[LANGUAGES[0]]
    item.state = "published"
    writing.record(session, item, public(item), act="ship", actor_id=None)
