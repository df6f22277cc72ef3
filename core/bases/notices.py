"""The holiday notices that ship with this version, one file for each year, and how their days become rows.

The State Council's General Office announces a year's holidays late in the year before. `holidays/<year>.toml` writes
one notice out as data and cites it.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.bases.models import WorkingDay, WorkingYear

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Holiday:
    """A holiday: its days from first to last, and the weekend days that are worked for it."""

    name: str
    first: date
    last: date
    made_up: tuple[date, ...] = ()

    def days(self) -> Iterator[date]:
        """Yield the days off."""
        return (self.first + DAY * number for number in range((self.last - self.first).days + 1))


@dataclass(frozen=True)
class Notice:
    """A year's holidays, and the notice they are taken from: title, number and day of issue."""

    year: int
    source: str
    holidays: tuple[Holiday, ...]


def shipped() -> list[Notice]:
    """Return the notices that come with this version, oldest first."""
    folder = files("core.bases") / "holidays"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return [_read(int(entry.name.removesuffix(".toml")), entry.read_text("utf-8")) for entry in sorted(found, key=str)]


def sync(session: Session, notices: Sequence[Notice]) -> None:
    """Write notices into rows; run at upgrade with the shipped ones.

    What the office has entered or changed stays: an `edited` day, and the source of a year that is there. A shipped day
    that a corrected notice no longer names is taken away.

    Args:
        session: the session of the open `db.write()`.
        notices: as `shipped` returns them.
    """
    for notice in notices:
        if session.get(WorkingYear, notice.year) is None:
            session.add(WorkingYear(year=notice.year, source=notice.source))
            session.flush()
        rows = {row.day: row for row in session.scalars(select(WorkingDay).where(WorkingDay.year == notice.year))}
        wanted = {day.day: day for day in rows_of(notice.year, notice.holidays)}
        for day, row in rows.items():
            if day not in wanted and not row.edited:
                session.delete(row)
        for day, new in wanted.items():
            there = rows.get(day) or session.get(WorkingDay, day)
            if there is None:
                session.add(new)
            elif not there.edited:
                there.works, there.name = new.works, new.name
    session.flush()


def rows_of(year: int, holidays: Sequence[Holiday], *, edited: bool = False) -> list[WorkingDay]:
    """Return the rows of a year's holidays: each day off, and each make-up day under the name it is worked for."""
    off = ((day, False, holiday.name) for holiday in holidays for day in holiday.days())
    worked = ((day, True, holiday.name) for holiday in holidays for day in holiday.made_up)
    return [
        WorkingDay(day=day, year=year, works=works, name=name, edited=edited) for day, works, name in chain(off, worked)
    ]


def _read(year: int, text: str) -> Notice:
    table = tomllib.loads(text)
    return Notice(
        year=year,
        source=f"《{table['title']}》（{table['number']}，{table['issued']:%Y-%m-%d}）",
        holidays=tuple(Holiday(**{**entry, "made_up": tuple(entry["made_up"])}) for entry in table["holidays"]),
    )
