"""Reading bases and their opening hours."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, select

from core import clock, errors
from core.bases.models import Base, OpeningHours
from core.db import db
from core.plugins.facade import plugins

LAST_MINUTE = time(23, 59)
"""A span that closes then runs to midnight."""


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


def hours_on(base: Base, day: date) -> list[OpeningHours]:
    """Return the spans in which a base is open on a day, in order; none when it is closed."""
    return [span for span in in_force(base.hours) if span.weekday == day.weekday()]


def is_open(base: Base, start: datetime, end: datetime) -> bool:
    """Say whether a base is open from start to end (aware moments). A base without any hours is always open."""
    hours = in_force(base.hours)
    if not hours:
        return True
    reached = start
    while reached < end:
        closes = _closes(base, reached)
        if closes is None:
            return False
        reached = closes
    return True


def in_force(hours: Iterable[OpeningHours]) -> list[OpeningHours]:
    """Return a manager's own hours if there are any, else the declared ones."""
    spans = list(hours)
    own = [span for span in spans if not span.declared]
    return own or spans


def _closes(base: Base, moment: datetime) -> datetime | None:
    """Return when the span that is open at a moment ends; None when none is."""
    wall = clock.local(moment)
    for span in hours_on(base, wall.date()):
        to_midnight = span.closes >= LAST_MINUTE
        if span.opens <= wall.time() and (to_midnight or wall.time() < span.closes):
            return (
                clock.at(wall.date() + timedelta(days=1), time(0))
                if to_midnight
                else clock.at(wall.date(), span.closes)
            )
    return None
