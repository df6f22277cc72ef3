"""The files that hang on items, as pages, feeds and programs show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from core import errors
from core.accounts.models import User
from core.content.media import keeping
from core.content.media.addresses import url
from core.content.media.models import MediaFile
from core.content.media.renditions import WIDTHS
from core.content.models import Item
from core.db import db

KINDS = (
    ("application/pdf", "PDF", "file-earmark-pdf"),
    ("application/msword", "Word", "file-earmark-word"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml", "Word", "file-earmark-word"),
    ("application/vnd.ms-excel", "Excel", "file-earmark-excel"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml", "Excel", "file-earmark-excel"),
    ("application/vnd.ms-powerpoint", "PowerPoint", "file-earmark-ppt"),
    ("application/vnd.openxmlformats-officedocument.presentationml", "PowerPoint", "file-earmark-ppt"),
    ("application/zip", "ZIP", "file-earmark-zip"),
    ("image/", "", "file-earmark-image"),
    ("text/", "", "file-earmark-text"),
)
"""Beginning of the media type, what people call it ("": by the name's ending), and the icon."""


@dataclass(frozen=True)
class Attachment:
    """A file to be fetched: its address and media type, its size in bytes and in words, what sort it is, its icon."""

    id: int
    name: str
    url: str
    type: str
    size: int
    size_words: str
    sort: str
    icon: str


def attached(items: Iterable[Item]) -> dict[int, list[Attachment]]:
    """Return the files of items in their order, by id of the item, in one query; what lies in the bin is left out."""
    items = list(items)
    wanted = {number for item in items for number in item.attachments}
    if not wanted:
        return {}
    files = _files(wanted)
    return {item.id: [files[number] for number in item.attachments if number in files] for item in items}


@dataclass(frozen=True)
class Picture:
    """A picture to be shown: addresses of the whole and of two sizes, what it shows, its width and height in pixels."""

    id: int
    url: str
    large: str
    small: str
    alt: str
    width: int | None
    height: int | None


def pictures(item: Item) -> list[Picture]:
    """Return the pictures among an item's files, in their order."""
    found = select(MediaFile).where(
        MediaFile.id.in_(item.attachments), MediaFile.trashed_at.is_(None), MediaFile.width.is_not(None)
    )
    by_id = {media.id: _picture(media) for media in db.session.scalars(found)} if item.attachments else {}
    return [by_id[number] for number in item.attachments if number in by_id]


def _picture(media: MediaFile) -> Picture:
    return Picture(
        media.id, url(media), url(media, WIDTHS[-1]), url(media, WIDTHS[0]), media.alt, media.width, media.height
    )


def chosen(numbers: Sequence[int]) -> list[Attachment]:
    """Return files by their ids, in this order; what lies in the bin is left out."""
    files = _files(set(numbers))
    return [files[number] for number in numbers if number in files]


def keep(actor: User, base_id: int | None, sent: Iterable[FileStorage]) -> tuple[list[int], list[str]]:
    """Put files into a library; return the ids of those that are kept, and why the others are not.

    Args:
        actor: who sends them.
        base_id: whose library; None: the consortium's.
        sent: the files.
    """
    kept: list[int] = []
    refused: list[str] = []
    for file in sent:
        name = file.filename or ""
        try:
            kept.append(keeping.add(actor=actor, base_id=base_id, name=name, content=file.stream.read()).id)
        except errors.Invalid as error:
            refused.append(_("%(name)s: %(why)s", name=name, why=str(error)))
    return kept, refused


def _files(wanted: set[int]) -> dict[int, Attachment]:
    found = select(MediaFile).where(MediaFile.id.in_(wanted), MediaFile.trashed_at.is_(None))
    return {media.id: _shown(media) for media in db.session.scalars(found)}


def _shown(media: MediaFile) -> Attachment:
    sort, icon = _sort(media)
    return Attachment(media.id, media.name, url(media), media.type, media.size, size_words(media.size), sort, icon)


def _sort(media: MediaFile) -> tuple[str, str]:
    ending = media.name.rpartition(".")[2].upper()
    matching: Sequence[tuple[str, str]] = [(sort, icon) for start, sort, icon in KINDS if media.type.startswith(start)]
    sort, icon = matching[0] if matching else ("", "file-earmark")
    return sort or ending, icon


def size_words(size: int) -> str:
    """Return a number of bytes as people read it: 340 KB, 1.2 MB."""
    if size < 1024 * 1000:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024**2:.1f} MB"
