"""What plugins put into their bases' calendars beside sessions and bookings: a row each, public, and its entry."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import force_locale
from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.bases.models import Base
from core.bases.queries import is_visible
from core.booking.models import TrainingSession
from core.calendars import sources
from core.calendars.components import CANCELLED, Facts
from core.calendars.entries import Wanted
from core.calendars.models import Event
from core.calendars.sources import Source
from core.db import db
from core.localised import LANGUAGES

LENGTHS = {"name": 80, "title": 200, "location": 200, "path": 200}
"""Characters of each text, at most; the description may be longer."""

PUBLISHED = "published"
"""State of a session that takes place."""


def put_event(
    session: Session,
    *,
    base: str,
    name: str,
    title: object,
    start: datetime | date,
    end: datetime | date,
    text: object = "",
    location: object = "",
    path: str = "",
    session_id: int | None = None,
) -> None:
    """Put an event into a base's public calendar, or change the one of that name; one that was withdrawn stands again.

    Args:
        session: the session of the open `write()`.
        base: slug of the base.
        name: the plugin's own name for it, the same for ever: clients know the event by it.
        title: what it is, at most 200 characters; kept in the site's first language, as text and location are.
        start: an aware moment, or a day for an event of whole days.
        end: the moment at which it is over, or the last day.
        text: what else is to be known.
        location: where; "" is the base.
        path: of its page on this site, beginning with a slash, or "".
        session_id: the base's session it belongs to: it takes place only while that does. None: it stands by itself.

    Raises:
        ValueError: the times are not two aware moments or two days in this order, there is no such base or session of
            it, a text is too long or empty, or the path is none.
    """
    begins, ends, all_day = _times(start, end)
    with force_locale(LANGUAGES[0]):
        said = {"name": name, "title": str(title).strip(), "location": str(location).strip(), "path": path}
        description = str(text).strip()
    _check(said)
    if session_id is not None:
        _keep(session, base, session_id)
    row = _found(session, base, name)
    if row is None:
        row = Event(base_id=_base_id(session, base))
        session.add(row)
    row.name, row.title, row.location, row.path = said["name"], said["title"], said["location"], said["path"]
    row.text, row.start_at, row.end_at, row.all_day, row.cancelled = description, begins, ends, all_day, False
    row.session_id = session_id
    session.flush()
    sources.update(session, EVENTS, [row.id])


def withdraw_event(session: Session, *, base: str, name: str) -> None:
    """Say in the calendar that an event does not take place: it stays as cancelled for 30 days after its end.

    Does nothing where there is no event of that name.

    Args:
        session: the session of the open `write()`.
        base: slug of the base.
        name: the plugin's own name for it.
    """
    row = _found(session, base, name)
    if row is not None and not row.cancelled:
        row.cancelled = True
        session.flush()
        sources.update(session, EVENTS, [row.id])


def follow_session(session: Session, session_id: int) -> None:
    """Bring the events that belong to a session up to date with it."""
    of_it = select(Event.id).where(Event.session_id == session_id)
    sources.update(session, EVENTS, sources.locked(session, EVENTS, session.scalars(of_it).all()))


@dataclass(frozen=True, kw_only=True)
class EventInfo:
    """An event that stands in a base's calendar: `title`, `start`, `end` (aware, half-open), `all_day`, `path`."""

    title: str
    start: datetime
    end: datetime
    all_day: bool
    path: str


def find_event(base: str, name: str) -> EventInfo | None:
    """Return the event of a name that takes place; None where there is none, it was withdrawn, or its session was."""
    chosen = _taking_place().where(Base.slug == base, Event.name == name)
    row = db.session.scalar(chosen)
    if row is None:
        return None
    return EventInfo(title=row.title, start=row.start_at, end=row.end_at, all_day=row.all_day, path=row.path)


@dataclass(frozen=True, kw_only=True)
class Dated:
    """Something in the calendar that is neither session nor booking.

    Attributes:
        title: what it is.
        start, end: aware moments, half-open.
        all_day: whether it lasts whole days.
        base: whose it is; None: the consortium's.
        path: of its page on this site, "" for none.
    """

    title: str
    start: datetime
    end: datetime
    all_day: bool
    base: Base | None
    path: str


def between(base_ids: Collection[int], start: datetime, end: datetime) -> list[Dated]:
    """Return what plugins put into some bases' calendars and touches `[start, end)`, in order of time."""
    chosen = _taking_place().where(Event.base_id.in_(base_ids), is_visible())
    chosen = chosen.where(Event.start_at < end, Event.end_at > start).options(joinedload(Event.base))
    return list(map(_dated, db.session.scalars(chosen.order_by(Event.start_at, Event.end_at, Event.id))))


def _dated(event: Event) -> Dated:
    return Dated(
        title=event.title,
        start=event.start_at,
        end=event.end_at,
        all_day=event.all_day,
        base=event.base,
        path=event.path,
    )


def _taking_place() -> Select[Event]:
    called_off = and_(Event.session_id.is_not(None), TrainingSession.state != PUBLISHED)
    return select(Event).join(Event.base).outerjoin(Event.session).where(Event.cancelled.is_(False), ~called_off)


def _keep(session: Session, base: str, session_id: int) -> None:
    """Keep a session as it is until the event that is to belong to it is there for whoever cancels it."""
    chosen = select(TrainingSession.id).join(TrainingSession.base).where(Base.slug == base)
    chosen = chosen.where(TrainingSession.id == session_id)
    if session.scalar(chosen.with_for_update(of=TrainingSession, read=True)) is None:
        raise ValueError(f"{base!r} has no session {session_id}")


def _found(session: Session, base: str, name: str) -> Event | None:
    """Return an event, locked with its base: two that put the same one must not both find none."""
    session.scalar(select(Base.id).where(Base.slug == base).with_for_update(key_share=True))
    return session.scalar(select(Event).join(Event.base).where(Base.slug == base, Event.name == name))


def _base_id(session: Session, slug: str) -> int:
    number = session.scalar(select(Base.id).where(Base.slug == slug))
    if number is None:
        raise ValueError(f"there is no base {slug!r}")
    return number


def _times(start: datetime | date, end: datetime | date) -> tuple[datetime, datetime, bool]:
    """Return when an event begins, when it is over, and whether it lasts whole days."""
    moments = [value for value in (start, end) if isinstance(value, datetime)]
    if len(moments) == 1 or any(value.tzinfo is None for value in moments):
        raise ValueError("start and end are two aware moments, or two days")
    whole = not moments
    begins = start if isinstance(start, datetime) else clock.bounds(start)[0]
    ends = end if isinstance(end, datetime) else clock.bounds(end)[1]
    begins, ends = begins.replace(microsecond=0), ends.replace(microsecond=0)  # as they are kept: else each put differs
    if ends - begins < timedelta(seconds=1):
        raise ValueError("an event ends after it has begun")
    return begins, ends, whole


def _check(said: dict[str, str]) -> None:
    for name, most in LENGTHS.items():
        if len(said[name]) > most:
            raise ValueError(f"{name} has more than {most} characters")
    if not said["name"] or not said["title"]:
        raise ValueError("an event needs a name and a title")
    if said["path"] and not re.fullmatch(r"/(?!/)[!-~]*", said["path"]):
        raise ValueError(f"{said['path']!r} is no path on this site")


def _ids(since: datetime) -> Select[int]:
    return select(Event.id).where(Event.end_at >= since)


def _wanted(session: Session, ids: Sequence[int]) -> Iterator[Wanted]:
    related = (joinedload(Event.base), joinedload(Event.session))
    chosen = select(Event).where(Event.id.in_(ids)).options(*related).order_by(Event.id)
    rows = session.scalars(chosen).all()
    shown = set(session.scalars(select(Base.id).where(is_visible())))
    for row in rows:
        keys = {f"base:{row.base_id}", f"desk:{row.base_id}"} | ({"portal"} if row.base_id in shown else set())
        yield Wanted(source=f"event:{row.id}", facts=_facts(row), keys=keys)


def _facts(row: Event) -> Facts:
    """Return what an event's entry says; it takes nobody's time, for nobody has promised to come."""
    stands = not row.cancelled and (row.session is None or row.session.state == PUBLISHED)
    return Facts(
        summary=row.title,
        description=row.text,
        start=row.start_at,
        end=row.end_at,
        all_day=row.all_day,
        status="CONFIRMED" if stands else CANCELLED,
        transparent=True,
        location=row.location or row.base.name,
        path=row.path,
    )


EVENTS = Source("event", Event, _ids, _wanted)
