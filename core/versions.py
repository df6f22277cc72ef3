"""Version counters of what the public pages show, so that every process knows at once when its copies are stale.

A model that public pages are made of names its topic in `__public__`. When a transaction has changed a row of it, the
topic's counter goes up just before the commit; a page that was kept for an older count is made anew.
"""

from collections.abc import Mapping

from flask_sqlalchemy.session import Session as RequestSession
from sqlalchemy import String, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column

from core.db import Model, db

_TOUCHED = "jidi_touched"


class SiteVersion(Model):
    """How often what belongs to a topic (`content`, `site`, `booking`) has changed."""

    __tablename__ = "site_version"

    topic: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int]


def listen() -> None:
    """Watch every session's changes; calling it again changes nothing."""
    for name, listener in LISTENERS.items():
        if not event.contains(RequestSession, name, listener):
            event.listen(RequestSession, name, listener)


def read() -> Mapping[str, int]:
    """Return every topic's count; a topic that never changed is missing."""
    return dict(db.session.execute(select(SiteVersion.topic, SiteVersion.value)).tuples())


def touch(session: Session, topic: str) -> None:
    """Count a change of a topic with the current transaction, once however often it is called."""
    session.info.setdefault(_TOUCHED, set()).add(topic)


def _note_rows(session: Session, context: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        _note(session, type(row))


def _note_statement(state: ORMExecuteState) -> None:
    if not state.is_select and state.bind_mapper is not None:
        _note(state.session, state.bind_mapper.class_)


def _note(session: Session, model: type) -> None:
    if topic := getattr(model, "__public__", None):
        touch(session, topic)


def _count(session: Session) -> None:
    """Raise the counters as the last thing before the commit, in one order, so that their rows are locked briefly."""
    if session.in_nested_transaction():
        return
    session.flush()
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    for topic in sorted(session.info.pop(_TOUCHED, ())):
        raise_by_one = {"value": SiteVersion.value + 1}
        session.execute(
            insert(SiteVersion)
            .values(topic=topic, value=1)
            .on_conflict_do_update(index_elements=[SiteVersion.topic], set_=raise_by_one)
        )


def _forget(session: Session) -> None:
    session.info.pop(_TOUCHED, None)


LISTENERS = {
    "after_flush": _note_rows,
    "do_orm_execute": _note_statement,
    "before_commit": _count,
    "after_rollback": _forget,
}
"""What hears of a session's events."""
