"""Reading bases and their opening hours."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, select

from core import errors
from core.bases.models import Base
from core.bases.opening import Spans, timetable
from core.db import db
from core.plugins.facade import plugins


def find_base(slug: str) -> Base:
    """Return a base that is to be seen.

    Raises:
        errors.NotFound: there is none of this slug, it is archived, or its plugin is not active.
    """
    base = any_base(slug)
    if base.archived_at is not None or not plugins().is_active(slug):
        raise errors.NotFound
    return base


def any_base(slug: str) -> Base:
    """Return a base even when it is archived or its plugin inactive: its past stays readable.

    Raises:
        errors.NotFound: there never was one of this slug.
    """
    base = db.session.scalar(select(Base).where(Base.slug == slug))
    if base is None:
        raise errors.NotFound
    return base


def visible_bases() -> list[Base]:
    """Return the bases to be seen now, in the plugins' order."""
    return list(db.session.scalars(select(Base).where(is_visible()).order_by(Base.position, Base.slug)))


def is_visible() -> ColumnElement[bool]:
    """Return the condition under which a base is to be seen now, for queries over what belongs to bases."""
    facade = plugins()
    active = [slug for slug in facade.bases() if facade.is_active(slug)]
    return and_(Base.archived_at.is_(None), Base.slug.in_(active))


def hours_on(base: Base, day: date) -> Spans:
    """Return the spans in which a base is open on a day, in order; none when it is closed."""
    return timetable(base, day, day).on(day)


def is_open(base: Base, start: datetime, end: datetime) -> bool:
    """Say whether a base is open from start to end (aware moments). A base without any hours is always open."""
    return timetable(base, start, end).is_open(start, end)
