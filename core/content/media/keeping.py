"""Keeping the media library: files come in, are renamed, replaced, thrown away, taken back, and erased.

Bytes are checked, drawn anew and stored before the transaction; what it leaves behind is removed after it.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from core import audit, clock, errors, events, files
from core.accounts.models import User
from core.content.events import MediaChanged
from core.content.media import drawing, filetypes, names, renditions, words
from core.content.media.models import MediaFile
from core.content.models import Item, Reference
from core.content.permissions import may_write
from core.db import write

LARGEST = 30 * 1024 * 1024
"""Bytes of a file; the application takes requests of 32 MB, and what is sent around a file needs some."""

LARGEST_LIBRARY = 2 * 1024**3
"""Bytes that the files of one library may take, the bin included."""

KEPT_IN_BIN = timedelta(days=30)
LONGEST_ALT = 300


class InUse(errors.DomainError):
    """A file that is to be thrown away stands in pages or announcements."""

    code = "in_use"

    def __init__(self) -> None:
        super().__init__(_("This file is in use. Please look where first; visitors would miss it there."))


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: its type, its bytes as they will be stored, and what was found in them."""

    type: str
    content: bytes
    width: int | None
    height: int | None
    text: str


def checked(name: str, content: bytes) -> Checked:
    """Return a file as it is to be kept. Slow (pictures are drawn anew): not inside a transaction.

    Raises:
        errors.Invalid: it cannot be kept; says why, and what to do.
    """
    if not content:
        raise errors.Invalid({"file": _("This file is empty. Please choose it again.")})
    if len(content) > LARGEST:
        raise errors.Invalid(
            {"file": _("This file is larger than %(most)s MB. Please make it smaller first.", most=LARGEST // 1024**2)}
        )
    kind = filetypes.found(content, name)
    if kind in filetypes.PICTURES:
        picture = drawing.redrawn(content, kind)
        return Checked(kind, picture.content, picture.width, picture.height, "")
    return Checked(kind, content, None, None, words.extracted(content, kind))


def add(*, actor: User, base_id: int | None, name: str, content: bytes, folder: str = "", alt: str = "") -> MediaFile:
    """Put a file into a library.

    Args:
        actor: who uploads it.
        base_id: whose library; None: the consortium's.
        name: as it was sent; made safe here.
        content: its bytes.
        folder: name of a folder, "" for none.
        alt: what a picture shows.

    Raises:
        errors.Invalid: the file cannot be kept, or the library is full.
        errors.Forbidden: the actor does not write there.
    """
    file = checked(name, content)
    key = files.store(file.content)
    try:
        with write() as session:
            _require_writer(actor, base_id)
            _require_room(session, base_id, len(file.content))
            now = clock.now()
            media = MediaFile(
                base_id=base_id,
                name=names.safe(name, file.type),
                folder=names.folder(folder),
                alt=names.visible(alt)[:LONGEST_ALT],
                uploaded_by_id=actor.id,
                created_at=now,
                updated_at=now,
                version=0,
            )
            _put(media, key, file)
            session.add(media)
            _record(session, actor, media, "add")
    except BaseException:
        files.remove(key)
        raise
    return media


def replace(*, actor: User, media_id: int, name: str, content: bytes) -> MediaFile:
    """Put another file in the place of one, at the same address; a picture stays a picture.

    Args:
        actor: who replaces it.
        media_id: the file that is replaced.
        name: of the new file, as it was sent; the old name stays but for the ending.
        content: its bytes.

    Raises:
        errors.Invalid: the file cannot be kept here, or the library is full.
        errors.NotFound, errors.Forbidden: there is no such file, or the actor does not write there.
    """
    file = checked(name, content)
    key = files.store(file.content)
    try:
        with write() as session:
            media = _locked(session, actor, media_id)
            if media.is_picture != (file.width is not None):
                raise errors.Invalid({"file": _("A picture can only be replaced by a picture, a file by a file.")})
            _require_room(session, media.base_id, len(file.content) - media.size)
            events.after_commit(partial(renditions.remove, media.key))
            media.name = names.safe(media.name, file.type)
            _put(media, key, file)
            _record(session, actor, media, "replace")
    except BaseException:
        files.remove(key)
        raise
    return media


def describe(*, actor: User, media_id: int, name: str, folder: str, alt: str) -> MediaFile:
    """Rename a file, lay it into a folder, say what a picture shows. Its old address leads to the new one.

    Raises:
        errors.NotFound, errors.Forbidden: there is no such file, or the actor does not write there.
    """
    with write() as session:
        media = _locked(session, actor, media_id)
        media.name = names.safe(name, media.type)
        media.folder = names.folder(folder)
        media.alt = names.visible(alt)[:LONGEST_ALT]
        _record(session, actor, media, "describe")
    return media


def throw_away(*, actor: User, media_id: int, knowing: bool = False) -> MediaFile:
    """Put a file into the bin, where it stays for `KEPT_IN_BIN`; nobody but writers can fetch it from then on.

    Args:
        actor: who throws it away.
        media_id: the file.
        knowing: whether the actor has been told where it is used.

    Raises:
        InUse: something that is not in the bin uses it, and the actor does not know.
        errors.NotFound, errors.Forbidden: there is no such file, or the actor does not write there.
    """
    with write() as session:
        media = _locked(session, actor, media_id)
        if not knowing and session.scalar(select(is_used(media_id))):
            raise InUse
        media.trashed_at = clock.now()
        _record(session, actor, media, "trash")
    return media


def take_back(*, actor: User, media_id: int) -> MediaFile:
    """Take a file out of the bin.

    Raises:
        errors.NotFound, errors.Forbidden: it is not in the bin, or the actor does not write there.
    """
    with write() as session:
        media = _locked(session, actor, media_id, trashed=True)
        media.trashed_at = None
        _record(session, actor, media, "restore")
    return media


def erase_old() -> int:
    """Erase what has lain in the bin for `KEPT_IN_BIN`, rows and bytes; return how many. The worker calls it."""
    with write() as session:
        old = session.scalars(select(MediaFile).where(MediaFile.trashed_at < clock.now() - KEPT_IN_BIN)).all()
        for media in old:
            events.after_commit(partial(renditions.remove, media.key))
            audit.record(session, actor_id=None, action="media.erase", subject=f"media:{media.id}")
            session.delete(media)
    return len(old)


def is_used(media_id: int) -> ColumnElement[bool]:
    """Return the condition that something which is not in the bin, public or not, uses a file."""
    kept = exists().where(Item.id == Reference.source_id, Item.trashed_at.is_(None))
    return exists().where(Reference.media_id == media_id, Reference.section_id.is_not(None) | kept)


def _put(media: MediaFile, key: str, file: Checked) -> None:
    media.key, media.type, media.size = key, file.type, len(file.content)
    media.width, media.height, media.text = file.width, file.height, file.text
    media.version += 1


def _locked(session: Session, actor: User, media_id: int, *, trashed: bool = False) -> MediaFile:
    media = session.get(MediaFile, media_id, with_for_update={"of": MediaFile})
    if media is None or (media.trashed_at is not None) != trashed:
        raise errors.NotFound
    _require_writer(actor, media.base_id)
    return media


def _require_writer(actor: User, base_id: int | None) -> None:
    if not may_write(actor, base_id):
        raise errors.Forbidden


def _require_room(session: Session, base_id: int | None, more: int) -> None:
    here = MediaFile.base_id.is_(None) if base_id is None else MediaFile.base_id == base_id
    taken = session.scalar(select(func.coalesce(func.sum(MediaFile.size), 0)).where(here)) or 0
    if taken + more > LARGEST_LIBRARY:
        message = _(
            "The library is full: it holds %(most)s GB. Please throw away what is no longer used.",
            most=LARGEST_LIBRARY // 1024**3,
        )
        raise errors.Invalid({"file": message})


def _record(session: Session, actor: User, media: MediaFile, act: str) -> None:
    media.updated_at = clock.now()
    session.flush()
    audit.record(session, actor_id=actor.id, action=f"media.{act}", subject=f"media:{media.id}")
    events.publish(session, MediaChanged(media, actor.id))
