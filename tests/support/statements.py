"""Counting what a page asks the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event

from core.db import db


@contextmanager
def counting() -> Iterator[list[str]]:
    """Collect the statements that reach the database; needs an application context."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
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
