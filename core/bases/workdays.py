"""The Chinese working calendar: statutory holidays and make-up working days (调休), as data per year.

The State Council announces each year's holidays late in the year before; they cannot be computed. Beyond the years that
are known, Monday to Friday are taken for working days, and `Workdays.is_published` says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import SessionTransaction

from core import clock
from core.bases.models import WorkingDay, WorkingYear
from core.db import db

SATURDAY = 5
DAY = timedelta(days=1)

FARTHEST = 400
"""Days looked back for working days, at most; rows that say there are none must not make anybody wait for ever."""


class Change(NamedTuple):
    """What a day is that is no plain weekday or weekend day; as in `WorkingDay`."""

    works: bool
    name: str
    follows: int | None


@dataclass(frozen=True)
class Workdays:
    """The working calendar of some days; `changed` holds those that are no plain weekdays or weekends."""

    years: frozenset[int]
    changed: Mapping[date, Change]

    def is_published(self, day: date) -> bool:
        """Say whether the holidays of a day's year have been announced."""
        return day.year in self.years

    def works(self, day: date) -> bool:
        """Say whether a day is worked."""
        change = self.changed.get(day)
        return day.weekday() < SATURDAY if change is None else change.works

    def holiday(self, day: date) -> str:
        """Return the name of the statutory holiday on a day, or ""."""
        change = self.changed.get(day)
        return change.name if change is not None and not change.works else ""

    def weekday(self, day: date) -> int | None:
        """Return the weekday (Monday is 0) whose hours a day follows; None on a statutory holiday.

        A make-up day follows the weekday that somebody has set for it, Friday until then.
        """
        change = self.changed.get(day)
        if change is None:
            return day.weekday()
        if not change.works:
            return None
        return SATURDAY - 1 if change.follows is None else change.follows


class _Kept(NamedTuple):
    """What was read of the working calendar in a transaction."""

    transaction: SessionTransaction | None
    first: date
    last: date
    workdays: Workdays


def workdays(first: date, last: date) -> Workdays:
    """Return the working calendar from one day to another at least, in two queries.

    Within a transaction it is read once, and wide: lists ask for the deadline of each of their rows.
    """
    session = db.session()
    kept: _Kept | None = session.info.get(_Kept)
    if kept and kept.transaction is session.get_transaction() and kept.first <= first and last <= kept.last:
        return kept.workdays
    first, last = first - DAY * FARTHEST, last + DAY * FARTHEST
    years = session.scalars(select(WorkingYear.year)).all()
    rows = session.execute(
        select(WorkingDay.day, WorkingDay.works, WorkingDay.name, WorkingDay.follows).where(
            WorkingDay.day >= first, WorkingDay.day <= last, WorkingDay.name != ""
        )
    )
    known = Workdays(frozenset(years), {row.day: Change(row.works, row.name, row.follows) for row in rows})
    session.info[_Kept] = _Kept(session.get_transaction(), first, last, known)
    return known


def whole_before(moment: datetime, count: int) -> datetime:
    """Return the last moment that leaves a number of whole working days before a moment's own day.

    One working day before something on Wednesday: the end of Monday, if Tuesday is worked.
    """
    day = clock.local(moment).date()
    if count < 1:
        return moment
    known = workdays(day - DAY * FARTHEST, day)
    worked = (earlier for earlier in _back_from(day) if known.works(earlier))
    last = day
    for _number in range(count):
        last = next(worked, last)
    return clock.at(last, time())


def after(moment: datetime, count: int) -> datetime:
    """Return the end of the working day that is the n-th after a moment's own day; for deadlines."""
    day = clock.local(moment).date()
    known = workdays(day, day + DAY * FARTHEST)
    later = (day + DAY * number for number in range(1, FARTHEST))
    worked = (candidate for candidate in later if known.works(candidate))
    last = day
    for _number in range(count):
        last = next(worked, last)
    return clock.at(last + DAY, time())


def _back_from(day: date) -> Iterator[date]:
    return (day - DAY * number for number in range(1, FARTHEST))
