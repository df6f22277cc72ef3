"""A term on one sheet: teaching weeks as rows, what is on day by day, holidays and make-up days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _

from core import clock
from core.bases import terms
from core.bases.coming import special_days, unknown_year
from core.bases.models import Base, Term
from core.bases.opening import Timetable, timetable
from core.bases.queries import visible_bases
from core.bases.workdays import Workdays, workdays
from core.calendars import shown
from core.calendars.narrowing import Narrowing
from core.calendars.weeks import Note, Week, weeks_of
from core.dates import WEEKDAYS

DAY = timedelta(days=1)
MOST = 8
"""Lines of a day's cell on paper; the rest is said to be in the calendar."""

CHOSEN = Narrowing(sorts=frozenset({"sessions", "events"}))


@dataclass(frozen=True)
class Sheet:
    """A term's overview.

    Attributes:
        term: None while no term has been entered.
        terms: all terms, to choose from.
        bases: whose sessions stand on it.
        unknown_year: a year in it whose holidays have not been announced.
    """

    term: Term | None
    terms: Sequence[Term]
    bases: Sequence[Base]
    weeks: Sequence[Week]
    unknown_year: int | None = None

    @property
    def cut(self) -> bool:
        """Whether a day has more than its cell can show."""
        return any(day.more for week in self.weeks for day in week.days)


def everywhere(wanted: str) -> Sheet:
    """Return the overview of all bases; `wanted` is a term's id, or "" for the present or coming one."""
    bases, every = visible_bases(), terms.terms()
    term = _chosen(every, wanted)
    if term is None:
        return Sheet(None, every, bases, [])
    found = shown.everywhere(bases, *_span(term), CHOSEN)
    known = workdays(term.first_day, term.last_day)
    weeks = weeks_of(term.first_day, term.last_day, found, _holidays(known), most=MOST)
    unknown = next((day.year for day in (term.first_day, term.last_day) if not known.is_published(day)), None)
    return Sheet(term, every, bases, weeks, unknown)


def at_base(base: Base, wanted: str) -> Sheet:
    """Return a base's overview; `wanted` as in `everywhere`."""
    every = terms.terms()
    term = _chosen(every, wanted)
    if term is None:
        return Sheet(None, every, [base], [])
    found = shown.at_base(base, *_span(term), CHOSEN)
    known = timetable(base, term.first_day, term.last_day)
    weeks = weeks_of(term.first_day, term.last_day, found, _special(known, term), most=MOST)
    return Sheet(term, every, [base], weeks, unknown_year(known, term.first_day, term.last_day))


def _chosen(every: Sequence[Term], wanted: str) -> Term | None:
    """Return the term that is named; else the one that runs, the next one, or the last."""
    named = next((term for term in every if str(term.id) == wanted), None)
    ahead = [term for term in every if term.last_day >= clock.today()]
    return named or (ahead[-1] if ahead else next(iter(every), None))


def _span(term: Term) -> tuple[datetime, datetime]:
    return clock.bounds(term.first_day)[0], clock.bounds(term.last_day)[1]


def _holidays(known: Workdays) -> Mapping[date, Note]:
    notes = {}
    for day, change in known.changed.items():
        weekday = known.weekday(day)
        if weekday is None:
            notes[day] = Note(change.name, off=True)
        elif weekday != day.weekday():
            notes[day] = Note(str(_("make-up day, as on %(weekday)s", weekday=WEEKDAYS[weekday])), off=False)
    return notes


def _special(known: Timetable, term: Term) -> Mapping[date, Note]:
    return {
        some.first + DAY * number: Note(some.title, off=not some.hours)
        for some in special_days(known, term.first_day, term.last_day)
        for number in range((some.last - some.first).days + 1)
    }
