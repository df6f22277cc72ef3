"""Reading pages and announcements. What is not published is found by `to_write` and `find_to_write` alone."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, case, or_, select
from sqlalchemy.orm import joinedload

from core import clock, errors
from core.bases.models import Base
from core.bases.queries import is_visible
from core.content.models import Announcement, Page
from core.db import db
from core.paging import Sheet, sheet

PER_PAGE = 20


def navigation(base: Base) -> Sequence[Page]:
    """Return the pages of a base, in the order of its navigation."""
    chosen = select(Page).where(Page.base_id == base.id, Page.archived_at.is_(None))
    return db.session.scalars(chosen.order_by(Page.position, Page.path)).all()


def find_page(base: Base, path: str) -> Page:
    """Return the page at a path of a base.

    Raises:
        errors.NotFound: there is none, or it is archived.
    """
    page = db.session.scalar(select(Page).where(Page.base_id == base.id, Page.path == path))
    if page is None or page.archived_at is not None:
        raise errors.NotFound
    return page


def find_page_to_edit(base: Base, page_id: int) -> Page:
    """Return a page of a base by its id.

    Raises:
        errors.NotFound: the base has no such page.
    """
    page = db.session.get(Page, page_id)
    if page is None or page.base_id != base.id or page.archived_at is not None:
        raise errors.NotFound
    return page


def latest(limit: int) -> Sequence[Announcement]:
    """Return the newest published announcements of the consortium and of all visible bases, pinned ones first."""
    return db.session.scalars(_published(_everywhere()).limit(limit)).all()


def latest_of(base: Base, limit: int) -> Sequence[Announcement]:
    """Return the newest published announcements of a base, pinned ones first."""
    return db.session.scalars(_published(Announcement.base_id == base.id).limit(limit)).all()


def published_everywhere(number: int) -> Sheet[Announcement]:
    """Return a page of all published announcements of the consortium and the visible bases, pinned ones first."""
    return sheet(_published(_everywhere()), number, size=PER_PAGE)


def published_of(base: Base, number: int) -> Sheet[Announcement]:
    """Return a page of a base's published announcements, pinned ones first."""
    return sheet(_published(Announcement.base_id == base.id), number, size=PER_PAGE)


def find_published(base: Base | None, slug: str) -> Announcement:
    """Return a published announcement of a base, or of the consortium when None.

    Raises:
        errors.NotFound: there is none, or it is a draft or archived.
    """
    owner = _owner(base.id if base else None)
    chosen = select(Announcement).where(owner, Announcement.slug == slug, Announcement.state == "published")
    announcement = db.session.scalar(chosen.options(joinedload(Announcement.base)))
    if announcement is None:
        raise errors.NotFound
    return announcement


def to_write(base: Base | None, state: str | None, number: int) -> Sheet[Announcement]:
    """Return a page of what those who write see: every state or one, the last changed first."""
    chosen = select(Announcement).where(_owner(base.id if base else None))
    if state:
        chosen = chosen.where(Announcement.state == state)
    chosen = chosen.options(joinedload(Announcement.author)).order_by(Announcement.updated_at.desc(), Announcement.id)
    return sheet(chosen, number, size=PER_PAGE)


def find_to_write(base: Base | None, announcement_id: int) -> Announcement:
    """Return an announcement in any state, of a base or of the consortium.

    Raises:
        errors.NotFound: there is none of this id there.
    """
    announcement = db.session.get(Announcement, announcement_id)
    if announcement is None or announcement.base_id != (base.id if base else None):
        raise errors.NotFound
    return announcement


def _owner(base_id: int | None) -> ColumnElement[bool]:
    return Announcement.base_id.is_(None) if base_id is None else Announcement.base_id == base_id


def _everywhere() -> ColumnElement[bool]:
    return or_(Announcement.base_id.is_(None), Announcement.base.has(is_visible()))


def _published(where: ColumnElement[bool]) -> Select[Announcement]:
    pinned = case((Announcement.pinned_until > clock.now(), 0), else_=1)
    return (
        select(Announcement)
        .where(where, Announcement.state == "published")
        .options(joinedload(Announcement.base))
        .order_by(pinned, Announcement.published_at.desc(), Announcement.id.desc())
    )
