"""Reading pages and announcements. What is not published is found by `to_write` and `find_to_write` alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import joinedload

from core import clock, errors
from core.bases.models import Base
from core.bases.queries import is_visible
from core.content.models import Announcement, Page
from core.db import db

PER_PAGE = 20


@dataclass(frozen=True)
class Listed:
    """One page of a list of announcements: the rows, its number from 1, and the number of the last page."""

    rows: Sequence[Announcement]
    number: int
    last: int


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


def published_everywhere(number: int) -> Listed:
    """Return a page of all published announcements of the consortium and the visible bases, pinned ones first."""
    return _listed(_published(_everywhere()), number)


def published_of(base: Base, number: int) -> Listed:
    """Return a page of a base's published announcements, pinned ones first."""
    return _listed(_published(Announcement.base_id == base.id), number)


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


def to_write(base: Base | None, state: str | None, number: int) -> Listed:
    """Return a page of what those who write see: every state or one, the last changed first."""
    chosen = select(Announcement).where(_owner(base.id if base else None))
    if state:
        chosen = chosen.where(Announcement.state == state)
    chosen = chosen.options(joinedload(Announcement.author)).order_by(Announcement.updated_at.desc(), Announcement.id)
    return _listed(chosen, number)


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


def _listed(chosen: Select[Announcement], number: int) -> Listed:
    count = select(func.count()).select_from(chosen.options().order_by(None).subquery())
    last = max(1, ceil((db.session.scalar(count) or 0) / PER_PAGE))
    number = min(max(number, 1), last)
    rows = db.session.scalars(chosen.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return Listed(rows, number, last)
