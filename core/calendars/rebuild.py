"""Making all entries anew from their sources, and saying where they differ.

`SOURCES` lists all that stands in calendars. A feature whose rows have entries makes a `Source` in its own module (see
`sources.py`: kind, model, ids, wanted) and adds it here; it then needs nothing else to be rebuilt, compared and kept
right when names, bases or plugins change.

Everything is compared first, without holding anybody up; only what differs is written, in short transactions, after its
source was locked and read again.
"""

import logging
from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import jobs, versions
from core.calendars import announced, entries, events, projection, sources
from core.calendars.entries import Standing, Wanted
from core.calendars.models import Entry, Membership
from core.calendars.sources import Source
from core.calendars.window import begins, is_over, over
from core.db import db, write

SOURCES: tuple[Source, ...] = (
    projection.SESSIONS,
    projection.BOOKINGS,
    projection.CLOSURES,
    announced.ANNOUNCEMENTS,
    events.EVENTS,
)
"""All that stands in calendars."""

AT_ONCE = 200
"""Rows that are compared or written together."""

JOB = "calendars.rebuild"

log = logging.getLogger(__name__)

T = TypeVar("T")


def rebuild() -> int:
    """Bring every entry in line with its source, and return how many were written, moved or cancelled.

    Opens transactions of its own, of at most 200 sources each. Entries whose source is gone are cancelled, or leave the
    calendars. Running it again changes nothing.
    """
    written = 0
    for source in SOURCES:
        for ids in _batches(source):
            differing = sorted({_id(wanted.source) for wanted, _ in _differing(source, ids)})
            if differing:
                with write() as session:
                    written += sources.update(session, source, sources.locked(session, source, differing))
    return written + _remove_orphans()


def differences() -> Iterator[str]:
    """Yield a line for each entry that is not, byte for byte, what its source says, or stands in other calendars."""
    for source in SOURCES:
        for ids in _batches(source):
            for wanted, what in _differing(source, ids):
                yield f"{wanted.source} ({wanted.audience}): {what}"
    for orphans in _orphans():
        for entry in orphans:
            yield f"{entry.source} ({entry.audience}): its source is gone"


def count() -> int:
    """Return how many entries stand in calendars."""
    stand = select(Membership.entry_id).where(Membership.deleted.is_(False)).distinct().subquery()
    return db.session.query(stand).count()


@jobs.handler(JOB)
def do_job(task: jobs.Task) -> None:
    """Make all entries anew because names, bases or plugins have changed."""
    log.info("calendars: %s entries were brought up to date", rebuild())


def follow_names() -> None:
    """Queue a rebuild once after names, bases or plugins have changed; called by the worker.

    Whatever a name is changed by counts up the topic `site`, in the same transaction (`versions.py`).
    """
    number = versions.read(db.engine).get("site", 0)
    wish = f"{JOB}:{number}"
    if db.session.scalar(select(jobs.Job.id).where(jobs.Job.dedupe == wish)) is None:
        with write() as session:
            jobs.enqueue(session, JOB, {}, dedupe=wish)


def _batches(source: Source) -> Iterator[Sequence[int]]:
    """Yield the ids of all rows that may stand in calendars; the numbers alone are all that is held of them."""
    ids = sorted(db.session.scalars(source.ids(begins())))
    db.session.rollback()
    yield from _parts(ids)


def _parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[first : first + AT_ONCE] for first in range(0, len(rows), AT_ONCE))


def _differing(source: Source, ids: Sequence[int]) -> list[tuple[Wanted, str]]:
    """Return what of the entries of some rows is not as it should be, and how, all seen at one moment."""
    session = _at_one_moment()
    said = sources.said(session, source, ids)
    there = entries.standing(session, said)
    found = ((wanted, _difference(wanted, there.get(wanted.name))) for wanted in said)
    differing = [(wanted, what) for wanted, what in found if what]
    session.rollback()
    return differing


def _at_one_moment() -> Session:
    """Return the session for reading, in a transaction that sees the database as it is now until it ends."""
    session = db.session()
    session.rollback()
    if session.get_bind().dialect.name != "sqlite":  # which knows no other way
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return session


def _difference(wanted: Wanted, found: Standing | None) -> str:
    """Say in what an entry differs from what its source wants; "" when it does not."""
    facts = wanted.facts
    if found is None:
        there_never = facts is None or facts.cancelled or is_over(facts.end, cancelled=False)
        return "" if there_never else "is missing"
    if not entries.is_as(found.entry, wanted):
        return "says something else"
    due = entries.due(found, wanted)
    missing, surplus = sorted(due - found.keys), sorted(found.keys - due)
    return "; ".join(
        [f"is missing in {', '.join(missing)}"] * bool(missing) + [f"stands in {', '.join(surplus)}"] * bool(surplus)
    )


def _orphans() -> Iterator[list[Entry]]:
    """Yield the entries that stand somewhere though their source is gone, in batches."""
    stands = select(Membership.entry_id).where(Membership.entry_id == Entry.id, Membership.deleted.is_(False)).exists()
    chosen = select(Entry.id, Entry.source).where(stands, Entry.cancelled.is_(False), ~over()).order_by(Entry.id)
    rows = db.session.execute(chosen).all()
    db.session.rollback()
    by_kind = {source.kind: source for source in SOURCES}
    for batch in _parts(rows):
        gone = [number for number, name in batch if name.partition(":")[0] not in by_kind]
        for kind, source in by_kind.items():
            of_kind = {number: _id(name) for number, name in batch if name.partition(":")[0] == kind}
            column = source.model.__table__.c.id
            there = set(db.session.scalars(select(column).where(column.in_(set(of_kind.values())))))
            gone += [number for number, row in of_kind.items() if row not in there]
        if gone:
            yield list(db.session.scalars(select(Entry).where(Entry.id.in_(gone)).order_by(Entry.id)))
        db.session.rollback()


def _remove_orphans() -> int:
    withdrawn = {source.kind for source in SOURCES if source.withdrawn}
    removed = 0
    for orphans in _orphans():
        names = [(entry.id, entry.source, entry.audience) for entry in orphans]
        with write() as session:
            for number, source, audience in names:
                if source.partition(":")[0] in withdrawn:
                    entries.withdraw(session, source, audience=audience)
                else:
                    entries.cancel(session, session.get_one(Entry, number, with_for_update={"key_share": True}))
        removed += len(names)
    return removed


def _id(name: str) -> int:
    return int(name.partition(":")[2].partition("/")[0])
