"""What stands in a collection, read past all feeds, and putting an entry there past all sources."""

from collections.abc import Iterable

from icalendar import Event
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.calendars import entries
from core.calendars.components import Facts
from core.calendars.models import Collection, Entry, Membership
from core.db import db


def rows(key: str) -> list[Entry]:
    """Return the entries that stand in a collection, in order of time."""
    db.session.rollback()
    chosen = select(Entry).join(Membership).join(Collection, Collection.id == Membership.collection_id)
    chosen = chosen.where(Collection.key == key, Membership.deleted.is_(False))
    return list(db.session.scalars(chosen.order_by(Entry.start_at, Entry.id)))


def kept(key: str) -> list[Event]:
    """Return the same as components."""
    return [read(entry.data) for entry in rows(key)]


def sequence(event: Event) -> int:
    """Return the number of an entry's revision."""
    return int(str(event["SEQUENCE"]))


def read(data: bytes) -> Event:
    """Return a VEVENT."""
    event = Event.from_ical(data)
    assert isinstance(event, Event)
    return event


def keys_of(source: str, audience: str) -> set[str]:
    """Return the keys of the collections in which an entry stands."""
    db.session.rollback()
    chosen = select(Collection.key).join(Membership).join(Entry, Entry.id == Membership.entry_id)
    chosen = chosen.where(Entry.source == source, Entry.audience == audience, Membership.deleted.is_(False))
    return set(db.session.scalars(chosen))


def put(session: Session, source: str, facts: Facts, keys: Iterable[str], *, audience: str = entries.PUBLIC) -> None:
    """Let a source of this name say something in some collections."""
    wanted = entries.Wanted(source=source, facts=facts, keys=frozenset(keys), audience=audience)
    entries.put_all(session, [wanted])
