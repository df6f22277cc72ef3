"""What the consortium's office enters into the working calendar: a new year, and single days."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from core import audit, dates, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.models import WorkingDay, WorkingYear
from core.bases.notices import Holiday, rows_of, shipped
from core.bases.workdays import SATURDAY
from core.db import write

LONGEST = 20
"""Days of one holiday, at most: more is a slip of the pen."""

LONGEST_NAME = 60


def problems(year: int, holidays: Sequence[Holiday]) -> list[str]:
    """Return what is wrong with a year's holidays, in words; nothing when they can be entered."""
    found = [problem for holiday in holidays for problem in _problems(year, holiday)]
    named = Counter(row.day for row in rows_of(year, holidays)) if not found else Counter()
    twice = sorted(day for day, times in named.items() if times > 1)
    return [*found, *(_("%(day)s is named twice.", day=dates.day(day)) for day in twice)]


def enter_year(*, actor: User, year: int, source: str, holidays: Sequence[Holiday]) -> None:
    """Enter a year's holidays.

    Args:
        actor: somebody of the office.
        year: a year that is not there yet.
        source: title and number of the notice.
        holidays: all of them.

    Raises:
        errors.Forbidden: the actor may not.
        errors.Invalid: the year is there, or its days make no sense.
    """
    wrong = problems(year, holidays)
    if not holidays:
        wrong.append(_("No holiday was read. Please write each on a line of its own."))
    if wrong:
        raise errors.Invalid({"text": " ".join(wrong)})
    with write() as session:
        roles.require(actor, "calendar.manage")
        if session.get(WorkingYear, year) is not None:
            raise errors.Invalid({"year": _("%(year)s is entered already. Please change its days.", year=year)})
        session.add(WorkingYear(year=year, source=source.strip()))
        session.flush()
        for row in rows_of(year, holidays, edited=True):
            session.merge(row)
        _record(session, actor, "year", f"working_year:{year}")


def set_day(*, actor: User, day: date, works: bool, name: str, follows: int | None = None) -> None:
    """Make a day a holiday or a make-up day, or change what it is.

    Args:
        actor: somebody of the office.
        day: a day of a year that is there.
        works: whether it is a make-up working day.
        name: of the holiday, or of the one it is worked for.
        follows: (make-up day) the weekday whose hours it follows, Monday is 0; None: Friday's.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or the year is not there.
        errors.Invalid: there is no name, or a make-up day is no weekend day.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise errors.Invalid(
            {"name": _("Please give the holiday's name, at most %(max)d characters.", max=LONGEST_NAME)}
        )
    if works and day.weekday() < SATURDAY:
        raise errors.Invalid(
            {
                "day": _(
                    "%(day)s is a weekday, which is worked anyway. A make-up day lies on a weekend.", day=dates.day(day)
                )
            }
        )
    with write() as session:
        row = _row(session, actor, day)
        row.works, row.name, row.follows, row.edited = works, name, follows if works else None, True
        _record(session, actor, "set", f"working_day:{day}", works=works, name=name, follows=row.follows)


def make_plain(*, actor: User, day: date) -> None:
    """Make a day a plain weekday or weekend day again, and keep it so when a shipped notice names it.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or the year is not there.
    """
    named = any(day in {row.day for row in rows_of(notice.year, notice.holidays)} for notice in shipped())
    with write() as session:
        row = _row(session, actor, day)
        if named:
            row.works, row.name, row.follows, row.edited = day.weekday() < SATURDAY, "", None, True
        else:
            session.expunge(row) if row in session.new else session.delete(row)
        _record(session, actor, "plain", f"working_day:{day}")


def remove_year(*, actor: User, year: int) -> None:
    """Remove a year that the office entered; it counts as not published again.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or the year is not there.
        errors.Invalid: it ships with this version, and would come back at the next upgrade.
    """
    if year in {notice.year for notice in shipped()}:
        raise errors.Invalid({"": _("%(year)s comes with the software and stays. Please change its days.", year=year)})
    with write() as session:
        roles.require(actor, "calendar.manage")
        session.delete(_year(session, year))
        _record(session, actor, "remove", f"working_year:{year}")


def _row(session: Session, actor: User, day: date) -> WorkingDay:
    roles.require(actor, "calendar.manage")
    _year(session, day.year)
    row = session.get(WorkingDay, day, with_for_update=True)
    if row is None:
        row = WorkingDay(day=day, year=day.year)
        session.add(row)
    return row


def _year(session: Session, year: int) -> WorkingYear:
    row = session.get(WorkingYear, year)
    if row is None:
        raise errors.NotFound(_("The holidays of %(year)s are not entered yet.", year=year))
    return row


def _record(session: Session, actor: User, verb: str, subject: str, **details: object) -> None:
    audit.record(session, actor_id=actor.id, action=f"calendar.{verb}", subject=subject, **details)


def _problems(year: int, holiday: Holiday) -> Iterator[str]:
    name = holiday.name
    if len(name) > LONGEST_NAME:
        yield _("“%(name)s”: the name is too long.", name=name[:20])
    if holiday.last < holiday.first:
        yield _("“%(name)s”: the last day lies before the first.", name=name)
    elif (holiday.last - holiday.first).days >= LONGEST:
        yield _("“%(name)s”: more than %(count)s days off. Is it the right month?", name=name, count=LONGEST)
    # A notice may begin with the last days of the year before it, and never goes beyond its own year.
    for day in (holiday.first, holiday.last, *holiday.made_up):
        if (day.year, day.month) != (year - 1, 12) and day.year != year:
            yield _("“%(name)s”: %(day)s does not lie in %(year)s.", name=name, day=f"{day:%Y-%m-%d}", year=year)
    for day in holiday.made_up:
        if day.weekday() < SATURDAY:
            yield _(
                "“%(name)s”: %(day)s is no weekend day, so it cannot be a make-up day.", name=name, day=dates.day(day)
            )
