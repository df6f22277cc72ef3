"""Entries and the collections they stand in: written together with their source, numbered just before the commit."""

import time
from collections.abc import Collection as Several
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import NullPool, case, create_engine, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import clock, db, events
from core.calendars.components import Facts, cancelled, serialise, significant
from core.calendars.models import Collection, Entry, Membership
from core.calendars.window import is_over

PUBLIC = "public"
FULL = "full"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a source wants to stand in calendars now.

    Attributes:
        source: its name, “session:4”.
        facts: what it says. None: nothing (any more): an entry that is there is cancelled in the collections of `keys`;
            where there are none, it leaves all of them as it is.
        keys: of the collections in which it stands, “base:3”; it leaves all others.
        keeps: how the keys of those begin which it does not leave, whatever `keys` say; "" for none.
        audience: `PUBLIC`, or `FULL` for what only those may read whom it concerns.
    """

    source: str
    facts: Facts | None
    keys: Several[str]
    keeps: str = ""
    audience: str = PUBLIC

    @property
    def name(self) -> tuple[str, str]:
        """The source and the form, by which an entry is found."""
        return self.source, self.audience


@dataclass(frozen=True)
class Standing:
    """An entry that is there, with its places by the key of the collection."""

    entry: Entry
    places: dict[str, Membership]

    @property
    def keys(self) -> set[str]:
        """The collections in which it stands."""
        return {key for key, place in self.places.items() if not place.deleted}


def put_all(session: Session, wanted: Sequence[Wanted]) -> int:
    """Bring the entries of sources up to date; writes nothing where nothing has changed.

    What is cancelled before it ever stood gets no entry. What has had its time (`window.py`) stands in no collection.

    Args:
        session: the session of the open `db.write()`.
        wanted: what the sources say now.

    Returns:
        How many entries were written or have come or gone somewhere.
    """
    there = standing(session, wanted, lock=True)
    ids = _collection_ids(session, {key for one in wanted for key in one.keys})
    changed: list[tuple[Standing, dict[str, int], bool]] = []
    for one in wanted:
        found = there.get(one.name)
        if found is None:
            if one.facts is None or one.facts.cancelled:
                continue
            found = Standing(_new(one, one.facts), {})
            session.add(found.entry)
            rewritten = True
        else:
            rewritten = _revise(found.entry, one)
        ids |= {key: place.collection_id for key, place in found.places.items()}
        changed.append((found, {key: ids[key] for key in due(found, one)}, rewritten))
    session.flush()
    count = sum([_place(session, *each) for each in changed])  # a list: each of them must be placed
    if count:
        session.flush()
        touched()
    return count


def standing(session: Session, wanted: Sequence[Wanted], *, lock: bool = False) -> dict[tuple[str, str], Standing]:
    """Return the entries there are of some sources, with their places, by source and form.

    Args:
        session: any; that of the open `db.write()` when they are locked.
        wanted: what names them.
        lock: whether nobody else may change them from now on.
    """
    chosen = select(Entry).where(Entry.source.in_({one.source for one in wanted})).order_by(Entry.id)
    # Places are read by a statement of their own: it sees what those did for whom the lock was waited.
    stands = select(Membership, Collection.key).join(Collection, Collection.id == Membership.collection_id)
    if lock:
        chosen = chosen.with_for_update(key_share=True).execution_options(populate_existing=True)
        stands = stands.execution_options(populate_existing=True)
    found = {entry.id: Standing(entry, {}) for entry in session.scalars(chosen)}
    if found:
        for membership, key in session.execute(stands.where(Membership.entry_id.in_(found))):
            found[membership.entry_id].places[key] = membership
    return {(one.entry.source, one.entry.audience): one for one in found.values()}


def is_as(entry: Entry, wanted: Wanted) -> bool:
    """Say whether an entry is, byte for byte, what its source wants."""
    if wanted.facts is None:
        # What was cancelled says what it said last.
        return not wanted.keys or (entry.cancelled and entry.data == _as_cancelled(entry))
    facts = wanted.facts
    same = serialise(facts, uid=entry.uid, sequence=entry.sequence, modified=entry.modified_at)
    return (entry.data, entry.path, entry.start_at, entry.end_at, entry.cancelled, entry.transparent) == (
        same,
        facts.path,
        facts.start,
        facts.end,
        facts.cancelled,
        facts.is_transparent,
    )


def due(found: Standing, wanted: Wanted) -> set[str]:
    """Return the keys of the collections in which an entry is to stand that is as it is wanted."""
    if is_over(found.entry.end_at, cancelled=found.entry.cancelled):
        return set()
    kept = {key for key in found.keys if key.startswith(wanted.keeps)} if wanted.keeps else set()
    return {*wanted.keys, *kept}


def cancel(session: Session, entry: Entry) -> None:
    """Mark an entry, locked, as cancelled in every collection in which it stands; its source has no more to say."""
    if entry.cancelled:
        return
    _cancel(entry)
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


def disown(session: Session, source: str) -> None:
    """Take the public entry of a source out of all calendars for good: whoever bears its name later is another."""
    withdraw(session, source)
    for entry in session.scalars(select(Entry).where(Entry.source == source, Entry.audience == PUBLIC)):
        entry.source = f"gone:{entry.id}"


def touched() -> None:
    """Ask for the changes of the open transaction to be numbered just before its commit."""
    events.just_before_commit("calendar changes", _number)


def _new(wanted: Wanted, facts: Facts) -> Entry:
    entry = Entry(source=wanted.source, audience=wanted.audience, uid=str(uuid4()), sequence=0)
    _write(entry, facts, modified=clock.now().replace(microsecond=0))  # what iCalendar can say
    return entry


def _write(entry: Entry, facts: Facts, *, modified: datetime) -> None:
    entry.modified_at = modified
    entry.start_at, entry.end_at, entry.path = facts.start, facts.end, facts.path
    entry.cancelled, entry.transparent = facts.cancelled, facts.is_transparent
    entry.data = serialise(facts, uid=entry.uid, sequence=entry.sequence, modified=modified)


def _revise(entry: Entry, wanted: Wanted) -> bool:
    """Rewrite an entry if it says something else now; say whether it was.

    SEQUENCE grows with start, end and status only (RFC 5546 2.1.4). An entry that was cancelled and stands again counts
    on.
    """
    if is_as(entry, wanted):
        return False
    if wanted.facts is None:
        _cancel(entry)
        return True
    was = significant(entry.data)
    modified = _next_revision(entry)
    _write(entry, wanted.facts, modified=modified)
    if significant(entry.data) != was:
        entry.sequence += 1
        _write(entry, wanted.facts, modified=modified)
    return True


def _cancel(entry: Entry) -> None:
    entry.sequence += 1
    entry.modified_at = _next_revision(entry)
    entry.cancelled = entry.transparent = True
    entry.data = _as_cancelled(entry)


def _as_cancelled(entry: Entry) -> bytes:
    return cancelled(entry.data, sequence=entry.sequence, modified=entry.modified_at)


def _next_revision(entry: Entry) -> datetime:
    """Return the time of an entry's next revision, later than its last: clients tell revisions apart by the second."""
    return max(clock.now().replace(microsecond=0), entry.modified_at + timedelta(seconds=1))


def _place(session: Session, found: Standing, wanted: Mapping[str, int], rewritten: bool) -> bool:
    """Bring an entry's places in line with the collections wanted; say whether any of them has heard of a change."""
    entry, touched = found.entry, False
    for key in sorted(wanted.keys() - found.places.keys()):
        session.add(Membership(collection_id=wanted[key], entry_id=entry.id, change=Membership.PENDING))
        touched = True
    for key, membership in found.places.items():
        gone = key not in wanted
        if membership.deleted != gone or (rewritten and not gone):
            membership.deleted = gone
            membership.change = Membership.PENDING
            touched = True
    return touched


def _collection_ids(session: Session, keys: Several[str]) -> dict[str, int]:
    """Return the ids of collections; one is made when it is first needed."""
    ids = _known_ids(session, keys)
    missing = sorted(set(keys) - ids.keys())
    if missing:
        _make(session, missing)
        ids |= _known_ids(session, missing)
    return ids


def _known_ids(session: Session, keys: Several[str]) -> dict[str, int]:
    if not keys:
        return {}
    rows = session.execute(select(Collection.key, Collection.id).where(Collection.key.in_(keys)))
    return dict(rows.all())


def _make(session: Session, keys: Sequence[str]) -> None:
    """Make collections that nobody else may have made meanwhile.

    Where several can write, by a connection of their own, which makes them at once: two that made the same ones in
    another order, and kept them to themselves until their ends, would wait for each other for ever. That connection is
    none of the pool's: all of those may be in the hands of writers who wait for one. A collection that is not used
    after all is an empty calendar.
    """
    rows = [{"key": key, "change": 0, "changed_at": clock.now()} for key in keys]
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sqlite.insert(Collection).values(rows).on_conflict_do_nothing())
        return
    alone = create_engine(db.db.engine.url, poolclass=NullPool, hide_parameters=True)
    with alone.begin() as connection:
        connection.execute(postgresql.insert(Collection).values(rows).on_conflict_do_nothing())


def _number(session: Session) -> None:
    """Give each changed collection its next number, and all that changed in it the same.

    They are locked in the order of their ids, so that no two writers block each other, and until the commit, so that
    numbers become visible in the order in which they were given: a client that knows one has missed none before it.
    """
    changed = select(Membership.collection_id).where(_IS_PENDING)
    ids = session.scalars(
        select(Collection.id).where(Collection.id.in_(changed)).order_by(Collection.id).with_for_update(key_share=True)
    ).all()
    # The real time, also for whoever stops the clock: only that no number comes twice matters.
    now = time.time_ns() // 1000
    number = case((Collection.change >= now, Collection.change + 1), else_=now)
    unseen: dict[str, Any] = {"synchronize_session": False}  # nothing is read through the session after this
    counted = update(Collection).where(Collection.id.in_(ids)).values(change=number, changed_at=clock.now())
    session.execute(counted, execution_options=unseen)
    own = select(Collection.change).where(Collection.id == Membership.collection_id).scalar_subquery()
    session.execute(update(Membership).where(_IS_PENDING).values(change=own), execution_options=unseen)


_IS_PENDING = text("calendar_membership.change < 0")
"""As the index has it: a number that is bound to a statement would not find it."""
