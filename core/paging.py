"""Long lists as sheets that are asked for by number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, func, select

from core.db import db

T = TypeVar("T")


@dataclass(frozen=True)
class Sheet(Generic[T]):
    """One page of a list: its rows, its number from 1, and the number of the last one.

    `more` tells that there may be others beyond the last, that were not counted.
    """

    rows: Sequence[T]
    number: int
    last: int
    more: bool = False


def sheet(chosen: Select[T], number: int, *, size: int) -> Sheet[T]:
    """Return a page of what is chosen.

    Args:
        chosen: the rows of the whole list, in an order that is the same each time.
        number: from 1; what is beyond either end means the page at that end.
        size: rows on a page.
    """
    count = db.session.scalar(select(func.count()).select_from(chosen.order_by(None).subquery())) or 0
    last = max(1, -(-count // size))
    number = min(max(1, number), last)
    rows = db.session.scalars(chosen.offset((number - 1) * size).limit(size)).all()
    return Sheet(rows, number, last)
