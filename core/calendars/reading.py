"""Reading what programs ask for again and again, through the driver itself: a tenth of the cost of a session."""

from collections.abc import Mapping
from typing import Any, cast

from flask import current_app
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from core import versions


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
        OperationalError: the database does not answer. All idle connections are given up, so that the next try has a
            new one.
    """
    return ask(engine(), statement, *values)


def ask(source: Engine, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Do as `rows` does where no application's context is open, through the engine that is given."""
    connection = source.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(statement if source.dialect.name == "sqlite" else statement.replace("?", "%s"), values)
        found = cast("list[tuple[Any, ...]]", cursor.fetchall())
        cursor.close()
    except source.dialect.loaded_dbapi.Error as error:
        connection.invalidate()
        source.dispose()
        raise OperationalError(statement, None, error) from error
    else:
        return found
    finally:
        connection.close()


def numbers() -> Mapping[str, int]:
    """Return the number of every topic (`versions.py`)."""
    return versions.read(engine())
