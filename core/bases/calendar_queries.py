"""Reading the working calendar for the office's pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from core import clock
from core.bases.models import WorkingDay, WorkingYear
from core.bases.notices import shipped
from core.db import db
from core.errors import NotFound


@dataclass(frozen=True)
class Year:
    """A year of the working calendar.

    Attributes:
        year: its number.
        published: whether its holidays are entered; if not, Monday to Friday are taken for working days.
        source: the notice.
        ships: whether it comes with this version.
        months: its days that are no plain ones, in order, by month.
        off, worked, edited: how many of them are holidays, make-up days, the office's own.
    """

    year: int
    published: bool = False
    source: str = ""
    ships: bool = False
    months: Sequence[tuple[date, Sequence[WorkingDay]]] = ()
    off: int = 0
    worked: int = 0
    edited: int = 0


def years() -> list[Year]:
    """Return the years that are entered and, if it is not, this year and the next; the latest first."""
    rows = db.session.scalars(select(WorkingYear).options(selectinload(WorkingYear.days))).all()
    ships = {notice.year for notice in shipped()}
    this = clock.today().year
    missing = {this, this + 1} - {row.year for row in rows}
    found = [*(_year(row, ships=row.year in ships) for row in rows), *map(Year, missing)]
    return sorted(found, key=lambda entry: -entry.year)


def year(number: int) -> Year:
    """Return a year with its days.

    Raises:
        NotFound: it is not entered.
    """
    row = db.session.get(WorkingYear, number)
    if row is None:
        raise NotFound
    return _year(row, ships=number in {notice.year for notice in shipped()})


def day(wanted: date | None) -> WorkingDay | None:
    """Return the row of a day that is no plain one, or None."""
    return None if wanted is None else db.session.get(WorkingDay, wanted)


def _year(row: WorkingYear, *, ships: bool) -> Year:
    months = groupby(row.days, key=lambda entry: entry.day.replace(day=1))
    named = [entry for entry in row.days if entry.name]
    return Year(
        row.year,
        published=True,
        source=row.source,
        ships=ships,
        months=[(month, list(days)) for month, days in months],
        off=sum(not entry.works for entry in named),
        worked=sum(entry.works for entry in named),
        edited=sum(entry.edited for entry in row.days),
    )
