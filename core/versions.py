"""Version counters of what the public pages show, so that every process knows at once when its copies are stale.

A model that public pages are made of names its topic in `__public__`. When a transaction has changed a row of it, the
topic's counter goes up just before the commit; a page that was kept for an older count is made anew.

What is written with the session is seen: rows, and `update()`, `insert()` and `delete()` of a model. Statements on the
bare connection (migrations) are not.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from flask_sqlalchemy.session import Session as RequestSession
from sqlalchemy import BigInteger, Engine, String, case, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, SessionTransaction, mapped_column

from core.db import Model, bare

_TOUCHED = "jidi_touched"
_READ = "SELECT topic, value FROM site_version"


class SiteVersion(Model):
    """A number for all that belongs to a topic (`content`, `site`, `booking`); it grows with each change.

    It is the microsecond of the change where that is greater than the number before, so that a database that was put
    back to an older state never counts up to a number that meant something else.
    """

    __tablename__ = "site_version"

    topic: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


def listen() -> None:
    """Watch every session's changes; calling it again changes nothing."""
    for name, listener in LISTENERS.items():
        if not event.contains(RequestSession, name, listener):
            event.listen(RequestSession, name, listener)


def reading(engine: Engine, connections: int) -> Engine:
    """Return the engine with which to `read` the numbers of an engine's database.

    PostgreSQL gets connections for this alone, each statement of which is a transaction of its own: asked through the
    pages' own, each answer would cost four round trips (is it alive, begin, ask, end) in place of one.

    Args:
        engine: the pages' engine.
        connections: how many are asked at once at most.
    """
    if engine.dialect.name == "sqlite":
        return engine
    alone: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
    return create_engine(engine.url, pool_size=connections, hide_parameters=True, **alone)


def read(engine: Engine) -> Mapping[str, int]:
    """Return every topic's number; a topic that never changed is missing.

    Every public page asks this first, so it goes to the driver itself.

    Raises:
        OperationalError: the database does not answer, or has no such table.
    """
    with bare(engine) as connection:
        cursor = connection.cursor()
        cursor.execute(_READ)
        numbers = dict(cursor.fetchall())
        cursor.close()
        return numbers


def touch(session: Session, topic: str) -> None:
    """Count a change of a topic with the current transaction, once however often it is called."""
    session.info.setdefault(_TOUCHED, set()).add(topic)


def _note_rows(session: Session, context: object) -> None:
    changed = (row for row in session.dirty if session.is_modified(row))  # the others were set to what they are
    for row in (*session.new, *changed, *session.deleted):
        _note(session, type(row))


def _note_statement(state: ORMExecuteState) -> None:
    if not state.is_select and state.bind_mapper is not None:
        _note(state.session, state.bind_mapper.class_)


def _note(session: Session, model: type) -> None:
    if topic := getattr(model, "__public__", None):
        touch(session, topic)


def _count(session: Session) -> None:
    """Raise the counters as the last thing before the commit, in one order, so that their rows are locked briefly.

    Whatever else locks rows in an order of its own (`events.before_commit`) is over by then, and nothing follows: no
    two transactions can wait for each other here.
    """
    if session.in_nested_transaction():
        return
    session.flush()
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    for topic in sorted(session.info.pop(_TOUCHED, ())):
        # The real time, also for whoever stops the clock: only that no number comes twice matters.
        now = time.time_ns() // 1000
        greater = case((SiteVersion.value >= now, SiteVersion.value + 1), else_=now)
        session.execute(
            insert(SiteVersion)
            .values(topic=topic, value=now)
            .on_conflict_do_update(index_elements=[SiteVersion.topic], set_={"value": greater})
        )


def _forget(session: Session, ended: SessionTransaction) -> None:
    """Forget what was noted with a transaction that is rolled back; a savepoint alone takes nothing back but its own.

    What was noted inside the savepoint stays noted: a page is made anew once too often.
    """
    if not ended.nested:
        session.info.pop(_TOUCHED, None)


LISTENERS: Mapping[str, Callable[..., None]] = {
    "after_flush": _note_rows,
    "do_orm_execute": _note_statement,
    "before_commit": _count,
    "after_soft_rollback": _forget,
}
"""What hears of a session's events."""
