"""Reading what programs ask for again and again, through the driver itself: a tenth of the cost of a session."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from flask import current_app
from sqlalchemy import Engine, PoolProxiedConnection

from core.db import bare


def engine() -> Engine:
    """Return the running application's engine for reading; each statement sees the database by itself."""
    found: Engine = current_app.extensions["jidi_front"].engine
    return found


def rows(statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Return all rows of a statement, as the driver has them: moments are seconds since 1970, booleans may be 0 and 1.

    Args:
        statement: SQL that both engines know, each value a `?`; no other `?` and no `%` in it.
        values: one for each `?`.

    Raises:
        OperationalError: the database does not answer.
    """
    connection = _connection.get()
    if connection is not None:
        return _run(connection, statement, values)
    return ask(engine(), statement, *values)


def ask(source: Engine, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Do as `rows` does where no application's context is open, through the engine that is given."""
    with bare(source) as connection:
        return _run(connection, statement, values)


def numbers(key: str = "") -> Mapping[str, int]:
    """Return the number of every topic (`versions.py`), and as that of "" a collection's change number.

    Args:
        key: of the collection.
    """
    return dict(rows(NUMBERS, key))


NUMBERS = "SELECT topic, value FROM site_version UNION ALL SELECT '', change FROM calendar_collection WHERE key = ?"


@contextmanager
def together() -> Iterator[None]:
    """Ask all that is asked inside through one connection: fetching one from the pool costs more than most questions.

    Each statement sees the database by itself all the same.
    """
    with bare(engine()) as connection:
        token = _connection.set(connection)
        try:
            yield
        finally:
            _connection.reset(token)


_connection: ContextVar[PoolProxiedConnection | None] = ContextVar("jidi_calendar_connection", default=None)


def _run(connection: PoolProxiedConnection, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
    cursor = connection.cursor()
    try:
        bare = connection.dbapi_connection
        cursor.execute(statement if isinstance(bare, sqlite3.Connection) else statement.replace("?", "%s"), values)
        return cast("list[tuple[Any, ...]]", cursor.fetchall())
    finally:
        cursor.close()
