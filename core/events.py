"""Domain events: what happened, told to the core's listeners inside the transaction and to plugins after it.

Features lower in the house know nothing of calendars or messages: they publish an event, and the listeners that
`core/app.py` lists, in that order, act in the same transaction. What they do is committed or rolled back with the
change itself.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

Listener = Callable[[Session, Any], None]


@dataclass
class _Collected:
    after: list[Callable[[], None]] = field(default_factory=list)
    before: dict[str, Callable[[Session], None]] = field(default_factory=dict)


_collected: ContextVar[_Collected | None] = ContextVar("jidi_collected", default=None)


def init_app(app: Flask, listeners: Sequence[tuple[type, Listener]]) -> None:
    """Register the listeners, each with the type of event it hears; their order is the order of calls."""
    app.extensions["jidi_listeners"] = tuple(listeners)


def publish(session: Session, event: object) -> None:
    """Call every listener of the event's type, in order, inside the current transaction."""
    session.flush()
    for kind, listener in current_app.extensions["jidi_listeners"]:
        if isinstance(event, kind):
            listener(session, event)


def after_commit(job: Callable[[], None]) -> None:
    """Run a job once the current write transaction has committed; dropped when it rolls back."""
    _current().after.append(job)


def just_before_commit(name: str, job: Callable[[Session], None]) -> None:
    """Run a job at the very end of the current transaction; the same name again replaces the job."""
    _current().before[name] = job


def pending(name: str) -> Callable[[Session], None] | None:
    """Return the job of this name that waits for the end of the current transaction."""
    return _current().before.get(name)


def before_commit(session: Session) -> None:
    """Run what `just_before_commit` collected, in order of the names; called by `db.write()` only.

    The order keeps transactions from waiting for each other in a circle: each job locks rows of its own.
    """
    jobs = _current().before
    for name in sorted(jobs):
        jobs[name](session)


def taken() -> list[Callable[[], None]]:
    """Return the jobs collected by `after_commit`; called by `db.write()` only."""
    return _current().after


@contextmanager
def collect() -> Iterator[None]:
    """Open a collection for one write transaction; called by `db.write()` only."""
    token = _collected.set(_Collected())
    try:
        yield
    finally:
        _collected.reset(token)


def _current() -> _Collected:
    collected = _collected.get()
    if collected is None:
        raise RuntimeError("events belong to a transaction: open db.write() first")
    return collected
