"""Reading the media library: what lies in it, what can be picked from it, and where a file is used."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import joinedload

from core import errors
from core.accounts.models import User
from core.bases.models import Base
from core.content.media.models import MediaFile
from core.content.models import Item, Reference, Section
from core.content.permissions import may_write
from core.content.queries import is_shown
from core.db import db
from core.paging import Sheet, sheet

PER_PAGE = 24
PICKED = 60


@dataclass(frozen=True)
class Usage:
    """Where a file is used.

    Attributes:
        items: pages and announcements that the reader may know of.
        sections: sections of the portal.
        hidden: how many more items there are, unpublished ones of other bases.
    """

    items: Sequence[Item]
    sections: Sequence[Section]
    hidden: int

    @property
    def count(self) -> int:
        """In how many places it is used."""
        return len(self.items) + len(self.sections) + self.hidden


def find(base: Base | None, media_id: int) -> MediaFile:
    """Return a file of a base's library (None: the consortium's), in the bin or not.

    Raises:
        errors.NotFound: there is none of this id.
    """
    media = db.session.get(MediaFile, media_id)
    if media is None or media.base_id != (base.id if base else None):
        raise errors.NotFound
    return media


def listed(
    base: Base | None, number: int, *, words: str = "", folder: str | None = None, sort: str = "", trashed: bool = False
) -> Sheet[MediaFile]:
    """Return a page of a library, the newest first.

    Args:
        base: whose; None: the consortium's.
        number: which page.
        words: what name, alternative text or text contain.
        folder: only what lies in this folder; None: in any.
        sort: `pictures`, `files`, or "" for both.
        trashed: what lies in the bin instead.
    """
    chosen = select(MediaFile).where(_owner(base), MediaFile.trashed_at.is_not(None) == trashed, *_matching(words))
    if folder is not None:
        chosen = chosen.where(MediaFile.folder == folder)
    if sort:
        chosen = chosen.where(_is_picture() == (sort == "pictures"))
    return sheet(chosen.order_by(MediaFile.created_at.desc(), MediaFile.id.desc()), number, size=PER_PAGE)


def folders(base: Base | None) -> Sequence[tuple[str, int]]:
    """Return the folders of a library, "" for what lies in none, each with the number of its files."""
    chosen = select(MediaFile.folder, func.count()).where(_owner(base), MediaFile.trashed_at.is_(None))
    return [(name, count) for name, count in db.session.execute(chosen.group_by(MediaFile.folder).order_by("folder"))]


def to_pick(base: Base | None, words: str, *, pictures: bool) -> Sequence[MediaFile]:
    """Return the newest files that can be put into a text: of the base's library, then of the consortium's."""
    here = or_(_owner(base), MediaFile.base_id.is_(None))
    chosen = select(MediaFile).where(here, MediaFile.trashed_at.is_(None), *_matching(words))
    if pictures:
        chosen = chosen.where(_is_picture())
    own_first = MediaFile.base_id.is_(None)
    return db.session.scalars(
        chosen.order_by(own_first, MediaFile.created_at.desc(), MediaFile.id.desc()).limit(PICKED)
    ).all()


def usage(user: User, media: MediaFile) -> Usage:
    """Return where a file is used, what lies in the bin apart, as far as somebody may know of it."""
    uses = exists().where(Reference.source_id == Item.id, Reference.media_id == media.id)
    shown = is_shown()
    chosen = select(Item, shown.label("shown")).where(uses, Item.trashed_at.is_(None)).options(joinedload(Item.base))
    rows = db.session.execute(chosen.order_by(Item.title, Item.id)).all()
    known = [item for item, is_open in rows if is_open or may_write(user, item.base_id)]
    sections = select(Section).where(exists().where(Reference.section_id == Section.id, Reference.media_id == media.id))
    return Usage(known, db.session.scalars(sections).all(), len(rows) - len(known))


def use_counts(files: Sequence[MediaFile]) -> dict[int, int]:
    """Return in how many places each of some files is used, by id, in one query; what nothing uses is missing."""
    place = func.coalesce(Reference.source_id, -Reference.section_id)
    chosen = (
        select(Reference.media_id, func.count(place.distinct()))
        .outerjoin(Item, Reference.source_id == Item.id)
        .where(Reference.media_id.in_([media.id for media in files]), Item.trashed_at.is_(None))
        .group_by(Reference.media_id)
    )
    return {media_id: count for media_id, count in db.session.execute(chosen) if media_id is not None}


def taken(base: Base | None) -> int:
    """Return the bytes that a library takes, the bin included."""
    return db.session.scalar(select(func.coalesce(func.sum(MediaFile.size), 0)).where(_owner(base))) or 0


def _owner(base: Base | None) -> ColumnElement[bool]:
    return MediaFile.base_id.is_(None) if base is None else MediaFile.base_id == base.id


def _is_picture() -> ColumnElement[bool]:
    return MediaFile.width.is_not(None)


def _matching(words: str) -> list[ColumnElement[bool]]:
    """Return a condition for each of the words: some text of the file contains it, whatever its case."""
    texts = (MediaFile.name, MediaFile.alt, MediaFile.text)
    return [or_(*(text.icontains(word, autoescape=True) for text in texts)) for word in words.split()[:8]]
