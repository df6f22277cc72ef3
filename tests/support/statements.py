"""Counting what a page asks the database."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy import Engine, event

from core.content import frame
from core.db import db


@contextmanager
def counting() -> Iterator[list[str]]:
    """Collect the statements that pages take which are made anew; needs an application context."""
    current_app.extensions["jidi_front"].forget()
    frame.around()  # which every process keeps until content changes
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement not in BOUNDS:
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def queries(deed: Callable[[], object]) -> int:
    """Return how many statements a deed sends to the database."""
    with counting() as statements:
        deed()
    return len(statements)


@contextmanager
def reaching(engine: Engine) -> Iterator[list[str]]:
    """Collect what an SQLite database is sent by whatever way, also by the bare driver."""
    statements: list[str] = []

    def watch(connection: sqlite3.Connection, *_rest: object) -> None:
        connection.set_trace_callback(lambda statement: None if statement in BOUNDS else statements.append(statement))

    def leave(connection: sqlite3.Connection, *_rest: object) -> None:
        connection.set_trace_callback(None)

    event.listen(engine, "checkout", watch)
    event.listen(engine, "checkin", leave)
    try:
        yield statements
    finally:
        event.remove(engine, "checkout", watch)
        event.remove(engine, "checkin", leave)


BOUNDS = frozenset({"BEGIN DEFERRED", "COMMIT", "ROLLBACK"})
"""What begins and ends a transaction."""
