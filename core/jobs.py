"""Work to be done later and never lost: a table of jobs, written in the transaction that wants them (the outbox).

A worker claims a job by a lease; one killed half-way lets the lease run out and another does it again. So a job runs
at least once, and its handler must bear being run twice.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, Index, Select, String, Text, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.db import Model, UTCDateTime, db, write

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""How long a worker may take for one job before another may think it dead."""

FIRST_DELAY = timedelta(minutes=1)
"""Wait after the first failure; doubled after each further one."""

MOST_TRIES = 10
"""After so many tries (about 8 hours) a job has failed for good, until somebody queues it again."""

KEPT = timedelta(days=30)
"""How long a job that is done stays to be looked at."""


class Job(Model):
    """One piece of work. `kind` names its handler; `dedupe` keeps the same wish from being queued twice."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due", "state", "run_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    dedupe: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="todo")  # todo, done, failed
    run_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class WorkerBeat(Model):
    """A worker that runs, and when it last said so."""

    __tablename__ = "job_worker"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)  # host and process
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)


class GiveUp(Exception):
    """A handler's word that trying again is of no use; the text is kept with the job."""


@dataclass(frozen=True)
class Task:
    """A claimed job, as its handler sees it. `due` is when it was to run, `tries` counts this one."""

    id: int
    kind: str
    payload: dict[str, Any]
    due: datetime
    tries: int


@dataclass(frozen=True)
class _Handler:
    run: Callable[[Task], None]
    ready: Callable[[], bool]


_handlers: dict[str, _Handler] = {}


def handler(
    kind: str, *, ready: Callable[[], bool] = lambda: True
) -> Callable[[Callable[[Task], None]], Callable[[Task], None]]:
    """Register the decorated function for a kind of job.

    It is called outside any transaction and opens `db.write()` itself where it must. It may be called again for a job
    that was done already. What it raises is kept, and the job is tried again later; `GiveUp` ends it at once.

    Args:
        kind: feature and verb, joined by a dot.
        ready: whether jobs of this kind can be done at all now; else they wait.
    """

    def register(run: Callable[[Task], None]) -> Callable[[Task], None]:
        _handlers[kind] = _Handler(run, ready)
        return run

    return register


def enqueue(
    session: Session, kind: str, payload: dict[str, Any], *, run_at: datetime | None = None, dedupe: str | None = None
) -> int | None:
    """Queue a job in the current transaction and return its id, or None when one with this `dedupe` is known already.

    Args:
        session: the session of the open `db.write()`.
        kind: name of a registered handler.
        payload: JSON values; personal data only encrypted.
        run_at: the earliest moment; now when None.
        dedupe: names the wish; kept for 30 days after it was fulfilled.
    """
    # The dialect's own INSERT: a second wish must neither fail the transaction nor wait for a race to be lost.
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    now = clock.now()
    values = {"kind": kind, "payload": payload, "dedupe": dedupe, "run_at": run_at or now, "created_at": now}
    statement = insert(Job).values(state="todo", tries=0, error="", **values)
    return session.scalar(statement.on_conflict_do_nothing(index_elements=[Job.dedupe]).returning(Job.id))


def run_due(limit: int = 100) -> int:
    """Do jobs that are due, one after the other, and return how many were tried; needs an application context."""
    tried = 0
    while tried < limit and (task := _claim()):
        _run(task)
        tried += 1
    return tried


def do(job_id: int) -> None:
    """Do one job at once, unless a worker has it already; if it fails it is tried again as any other.

    For what should happen right after the commit that queued it, whether or not a worker runs.
    """
    task = _claim(Job.id == job_id)
    if task is not None:
        _run(task)


def _due(now: datetime) -> Select[int]:
    kinds = [kind for kind, known in _handlers.items() if known.ready()]
    return (
        select(Job.id)
        .where(Job.state == "todo", Job.run_at <= now, Job.kind.in_(kinds))
        .where(or_(Job.lease_until.is_(None), Job.lease_until <= now))
        .order_by(Job.run_at, Job.id)
        .limit(1)
    )


def _claim(*which: ColumnElement[bool]) -> Task | None:
    """Take a lease on the job that is due first (of those meant); two workers never get the same one."""
    now = clock.now()
    if db.session.scalar(_due(now).where(*which)) is None:  # an idle worker takes no write lock
        db.session.rollback()
        return None
    free = _due(now).where(*which).with_for_update(skip_locked=True).scalar_subquery()
    claim = update(Job).where(Job.id == free).values(lease_until=now + LEASE, tries=Job.tries + 1)
    with write() as session:
        row = session.execute(
            claim.returning(Job.id, Job.kind, Job.payload, Job.run_at, Job.tries),
            execution_options={"synchronize_session": False},
        ).one_or_none()
        return Task(*row) if row else None


def _run(task: Task) -> None:
    if task.tries > MOST_TRIES:  # each try ended with the death of its worker
        _finish(task, state="failed", error="no worker came to the end of it")
        return
    try:
        _handlers[task.kind].run(task)
    except GiveUp as reason:
        _finish(task, state="failed", error=str(reason))
    except Exception as error:
        db.session.rollback()
        log.warning("job %s (%s), try %s: %s", task.id, task.kind, task.tries, error, exc_info=True)
        _postpone(task, f"{type(error).__name__}: {error}"[:500])
    else:
        _finish(task, state="done", done_at=clock.now(), error="")


def _postpone(task: Task, error: str) -> None:
    if task.tries >= MOST_TRIES:
        _finish(task, state="failed", error=error)
    else:
        _finish(task, error=error, run_at=clock.now() + FIRST_DELAY * 2 ** (task.tries - 1))


def _finish(task: Task, **values: Any) -> None:
    """Note how it went, unless the lease ran out and another worker has the job now."""
    mine = (Job.id == task.id, Job.state == "todo", Job.tries == task.tries)
    with write() as session:
        session.execute(update(Job).where(*mine).values(lease_until=None, **values))


def requeue(session: Session, job_id: int) -> bool:
    """Queue a failed job again, with all its tries, and say whether there was one."""
    fresh = {"state": "todo", "tries": 0, "error": "", "run_at": clock.now(), "lease_until": None}
    failed = (Job.id == job_id, Job.state == "failed")
    return session.scalar(update(Job).where(*failed).values(**fresh).returning(Job.id)) is not None


def clean(session: Session) -> None:
    """Remove jobs that were done long ago, and workers that are gone."""
    now = clock.now()
    session.execute(delete(Job).where(Job.state == "done", Job.done_at < now - KEPT))
    session.execute(delete(WorkerBeat).where(WorkerBeat.seen_at < now - timedelta(days=1)))


def beat(name: str) -> None:
    """Say that a worker is alive.

    Args:
        name: host and process.
    """
    with write() as session:
        session.merge(WorkerBeat(name=name, seen_at=clock.now()))


def last_beat() -> datetime | None:
    """Return when any worker last said that it is alive, or None when there never was one."""
    return db.session.scalar(select(func.max(WorkerBeat.seen_at)))
