"""Who links where: what an item's text points at, noted at each save, for link checks and the use of media."""

from collections.abc import Iterator

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from core.bases.models import Base
from core.content import richtext
from core.content.media.models import MediaFile
from core.content.models import ANNOUNCEMENT, PAGE, Item, Redirect, Reference, Revision, Section
from core.content.snapshots import Texts, public

ADDRESSES = {
    "content.page": PAGE,
    "content.portal_page": PAGE,
    "content.announcement": ANNOUNCEMENT,
    "content.consortium_announcement": ANNOUNCEMENT,
}
"""Endpoints at which items are read, and the type of what is there; those of plugin types name it in the address."""


def note(session: Session, item: Item, texts: Texts, *, live: bool) -> None:
    """Write down what texts of an item point at, in place of what was known of them.

    Args:
        session: the session of the open `db.write()`.
        item: whose texts they are.
        texts: what was saved.
        live: whether they stand in the item itself, or in its pending change.
    """
    forget(session, item, live=live)
    for role, target in _targets(session, texts):
        column = "media_id" if isinstance(target, MediaFile) else "item_id"
        session.add(Reference(source_id=item.id, role=role, live=live, **{column: target.id}))


def note_section(session: Session, section: Section) -> None:
    """Write down what the text of a section of the portal points at, in place of what was known of it."""
    session.execute(delete(Reference).where(Reference.section_id == section.id))
    for role, target in _targets(session, Texts(title="", body=section.body)):
        column = "media_id" if isinstance(target, MediaFile) else "item_id"
        session.add(Reference(section_id=section.id, role=role, live=True, **{column: target.id}))


def complete(session: Session) -> None:
    """Write down what the texts point at that an older release left, which noted nothing of it; run at upgrade."""
    imported = select(Item).join(Revision, Revision.item_id == Item.id).where(Revision.act == "import")
    for item in session.scalars(imported.where(Item.version == Revision.number, Item.trashed_at.is_(None))):
        note(session, item, public(item), live=True)


def forget(session: Session, item: Item, *, live: bool) -> None:
    """Drop what is known of an item's public text, or of its pending change."""
    session.execute(delete(Reference).where(Reference.source_id == item.id, Reference.live.is_(live)))


def media_in(session: Session, body: str) -> list[MediaFile]:
    """Return the files of the library that clean HTML shows or links to."""
    targets = _targets(session, Texts(title="", body=body))
    return [target for _role, target in targets if isinstance(target, MediaFile)]


def _targets(session: Session, texts: Texts) -> Iterator[tuple[str, Item | MediaFile]]:
    links, pictures = richtext.addresses(texts.body)
    for role, paths in (("link", links), ("image", pictures)):
        for path in sorted(paths):
            if (target := target_of(session, path)) is not None:
                yield role, target
    for media_id in dict.fromkeys(texts.attachments):
        if (media := session.get(MediaFile, media_id)) is not None:
            yield "attachment", media


def target_of(session: Session, path: str) -> Item | MediaFile | None:
    """Return the item or media file that is found at a path on this site, also at an address it had before."""
    try:
        endpoint, values = current_app.url_map.bind("localhost").match(path, method="GET")
    except HTTPException:
        return None
    if endpoint in {"media.file", "media.rendition"}:
        return session.get(MediaFile, values["id"])
    kind = ADDRESSES.get(endpoint) or (f"{values['base']}.{values['type']}" if endpoint == "content.typed" else "")
    return _item(session, kind, values.get("base"), values.get("path") or values.get("slug", "")) if kind else None


def _item(session: Session, kind: str, base: str | None, path: str) -> Item | None:
    base_id = session.scalar(select(Base.id).where(Base.slug == base)) if base else None
    here = Item.base_id.is_(None) if base_id is None else Item.base_id == base_id
    found = session.scalar(select(Item).where(Item.type == kind, here, Item.path == path, Item.trashed_at.is_(None)))
    if found is not None:
        return found
    owner = Redirect.base_id.is_(None) if base_id is None else Redirect.base_id == base_id
    return session.scalar(select(Item).join(Redirect).where(Redirect.type == kind, owner, Redirect.path == path))
