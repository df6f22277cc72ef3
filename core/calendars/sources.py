"""What stands in calendars, by the kind of its source: how its entries are made, kept, and made anew.

A feature with dated rows of its own makes one `Source` and puts it into `rebuild.SOURCES`. It then calls `update` in
each transaction that changes such a row, and `jidi upgrade`, `jidi check --calendars` and the worker see to the rest.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import force_locale
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.calendars import entries
from core.calendars.entries import Wanted
from core.db import Model
from core.localised import LANGUAGES
from core.plugins.facade import plugins


@dataclass(frozen=True)
class Source:
    """Rows of one kind that have entries.

    Attributes:
        kind: how the names of its sources begin, before the colon: `session` of “session:4”.
        model: the rows; after the colon stands the id of one, and what may follow it begins with a slash.
        ids: takes a moment, returns the query for the ids of all rows that may say anything after it.
        wanted: takes ids (and the session), returns what these rows say now: for *every* name that one of them has or
            may once have had, a `Wanted`, with `facts=None` where it says nothing any more. Called in the site's first
            language; for hundreds of ids at once, so it takes a fixed number of statements.
        withdrawn: whether the entry of a row that was deleted leaves the calendars; else it is cancelled in them.
    """

    kind: str
    model: type[Model]
    ids: Callable[[datetime], Select[int]]
    wanted: Callable[[Session, Sequence[int]], Iterable[Wanted]]
    withdrawn: bool = False


def update(session: Session, source: Source, ids: Sequence[int]) -> int:
    """Bring the entries of some rows up to date, and return how many were written or moved.

    Args:
        session: the session of the open `db.write()`.
        source: the kind of the rows.
        ids: those that were changed, locked.
    """
    return entries.put_all(session, said(session, source, ids))


def said(session: Session, source: Source, ids: Sequence[int]) -> list[Wanted]:
    """Return what some rows say now, in the site's first language: an entry is the same bytes for every reader."""
    with force_locale(LANGUAGES[0]), plugins().steady():
        return list(source.wanted(session, ids))


def locked(session: Session, source: Source, ids: Sequence[int]) -> list[int]:
    """Lock rows against whoever changes them, and return the ids of those that are there."""
    number = source.model.__table__.c.id
    chosen = select(source.model).where(number.in_(ids)).order_by(number)
    rows = session.scalars(chosen.with_for_update(key_share=True).execution_options(populate_existing=True))
    return [row.id for row in rows]  # type: ignore[attr-defined]
