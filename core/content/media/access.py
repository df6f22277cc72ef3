"""Who may fetch a media file: anybody while something public uses it, else those who write with it."""

from sqlalchemy import ColumnElement, and_, exists, or_, select

from core.accounts.models import User
from core.content.media.models import MediaFile
from core.content.models import Item, Reference, Section
from core.content.permissions import may_write
from core.content.queries import is_shown
from core.db import db


def is_open() -> ColumnElement[bool]:
    """Return the condition under which visitors may fetch a `MediaFile` now.

    Something that they may read at this moment uses it: an item's public text, or a section of the portal.
    """
    of_item = exists().where(Reference.media_id == MediaFile.id, Reference.live, Reference.source_id == Item.id)
    of_section = exists().where(Reference.media_id == MediaFile.id, Reference.live, Reference.section_id == Section.id)
    return and_(
        MediaFile.trashed_at.is_(None),
        or_(of_item.where(is_shown()), of_section.where(Section.shown)),
    )


def may_visit(media: MediaFile) -> bool:
    """Say whether anybody at all may fetch a file now."""
    return bool(db.session.scalar(select(exists().where(MediaFile.id == media.id, is_open()))))


def may_read(user: User | None, media: MediaFile) -> bool:
    """Say whether somebody may fetch a file now.

    Whoever writes for its base may; a file of the consortium's library may be used, and so seen, by all who write.
    """
    return may_visit(media) or may_use(user, media)


def may_use(user: User | None, media: MediaFile) -> bool:
    """Say whether somebody may put a file into what they write."""
    if may_write(user, media.base_id):
        return True
    if media.base_id is not None or media.trashed_at is not None or user is None or not user.is_authenticated:
        return False
    return any(may_write(user, grant.base_id) for grant in user.grants)
