"""Entries and the collections they stand in: written together with their source, numbered just before the commit."""

import time
from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from sqlalchemy import case, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import clock, events
from core.calendars.components import Facts, cancelled, serialise
from core.calendars.models import Collection, Entry, Membership

PUBLIC = "public"
FULL = "full"


def put(session: Session, source: str, facts: Facts, collections: Iterable[str], *, audience: str = PUBLIC) -> Entry:
    """Bring the entry of a source up to date, and return it; writes nothing when nothing has changed.

    Args:
        session: the session of the open `db.write()`.
        source: name of the source, “session:4”.
        facts: what it says now.
        collections: keys of all the collections in which it stands, “base:3”.
        audience: `PUBLIC`, or `FULL` for what only those may read whom it concerns.
    """
    entry = session.scalar(select(Entry).where(Entry.source == source, Entry.audience == audience))
    if entry is None:
        entry = Entry(source=source, audience=audience, uid=str(uuid4()), sequence=0)
        session.add(entry)
        changed = True
        _write(entry, facts)
    else:
        changed = _revise(entry, facts)
    session.flush()
    if _place(session, entry, sorted(collections), changed=changed):
        touched()
    return entry


def cancel(session: Session, entry: Entry) -> None:
    """Mark an entry as cancelled in every collection in which it stands, when its source has nothing more to say."""
    entry.sequence += 1
    entry.modified_at = _revised_at()
    entry.cancelled = entry.transparent = True
    entry.data = cancelled(entry.data, sequence=entry.sequence, modified=entry.modified_at)
    stands = update(Membership).where(Membership.entry_id == entry.id, Membership.deleted.is_(False))
    session.execute(stands.values(change=Membership.PENDING))
    touched()


def withdraw(session: Session, source: str, *, audience: str = PUBLIC) -> None:
    """Take the entry of a source out of every collection, uncancelled; it keeps its UID in case it comes back."""
    entry_id = select(Entry.id).where(Entry.source == source, Entry.audience == audience).scalar_subquery()
    stands = update(Membership).where(Membership.entry_id == entry_id, Membership.deleted.is_(False))
    left = session.scalars(
        stands.values(deleted=True, change=Membership.PENDING).returning(Membership.entry_id),
        execution_options={"synchronize_session": "fetch"},
    )
    if left.all():
        touched()


def touched() -> None:
    """Ask for the changes of the open transaction to be numbered just before its commit."""
    events.just_before_commit("calendar changes", _number)


def _write(entry: Entry, facts: Facts) -> None:
    entry.modified_at = _revised_at()
    entry.start_at, entry.end_at, entry.path = facts.start, facts.end, facts.path
    entry.cancelled, entry.transparent = facts.cancelled, facts.is_transparent
    entry.data = serialise(facts, uid=entry.uid, sequence=entry.sequence, modified=entry.modified_at)


def _revised_at() -> datetime:
    return clock.now().replace(microsecond=0)  # what iCalendar can say


def _revise(entry: Entry, facts: Facts) -> bool:
    """Rewrite an entry if it says something else now. SEQUENCE grows with times and status only (RFC 5546 2.1.4)."""
    same = serialise(facts, uid=entry.uid, sequence=entry.sequence, modified=entry.modified_at)
    if entry.data == same and entry.path == facts.path:
        return False
    if (entry.start_at, entry.end_at, entry.cancelled) != (facts.start, facts.end, facts.cancelled):
        entry.sequence += 1
    _write(entry, facts)
    return True


def _place(session: Session, entry: Entry, keys: list[str], *, changed: bool) -> bool:
    """Bring an entry's memberships in line with the keys of its collections; say whether any was touched."""
    wanted = {_collection_id(session, key) for key in keys}
    found = session.scalars(select(Membership).where(Membership.entry_id == entry.id))
    memberships = {membership.collection_id: membership for membership in found}
    touched = False
    for collection_id in wanted - memberships.keys():
        session.add(Membership(collection_id=collection_id, entry_id=entry.id, change=Membership.PENDING))
        touched = True
    for collection_id, membership in memberships.items():
        gone = collection_id not in wanted
        if membership.deleted != gone or (changed and not gone):
            membership.deleted = gone
            membership.change = Membership.PENDING
            touched = True
    session.flush()
    return touched


def _collection_id(session: Session, key: str) -> int:
    """Return the id of a collection, which is made when it is first needed."""
    chosen = select(Collection.id).where(Collection.key == key)
    found = session.scalar(chosen)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            collection = Collection(key=key, changed_at=clock.now())
            session.add(collection)
            session.flush()
            return collection.id
    except IntegrityError:  # another transaction has made it a moment ago
        return session.scalars(chosen).one()


def _number(session: Session) -> None:
    """Give each changed collection its next number; in the order of ids, so that no two writers block each other."""
    pending = select(Membership.collection_id).where(text("change < 0")).distinct().order_by(Membership.collection_id)
    for collection_id in session.scalars(pending).all():
        # The real time, also for whoever stops the clock: only that no number comes twice matters.
        now = time.time_ns() // 1000
        change = session.scalar(
            update(Collection)
            .where(Collection.id == collection_id)
            .values(change=case((Collection.change >= now, Collection.change + 1), else_=now), changed_at=clock.now())
            .returning(Collection.change)
        )
        session.execute(
            update(Membership)
            .where(Membership.collection_id == collection_id, text("change < 0"))
            .values(change=change)
        )
