"""The days on which a base differs from its week, with the reason: for its visitors."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from core.bases.hours import write
from core.bases.opening import Timetable
from core.dates import WEEKDAYS

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Special:
    """Days that follow each other and differ from the week alike; `hours` is "" when the base is closed."""

    first: date
    last: date
    why: str
    hours: str

    @property
    def title(self) -> str:
        """What it is, in a few words: “国庆节：不开放”."""
        state = _("open %(hours)s", hours=self.hours) if self.hours else _("closed")
        return str(_("%(why)s: %(state)s", why=self.why, state=state) if self.why else state)


def special_days(known: Timetable, first: date, last: date) -> list[Special]:
    """Return the special days of a base from one day to another, in order; `known` holds for them all."""
    found: list[Special] = []
    for number in range((last - first).days + 1):
        day = first + DAY * number
        why = _why(known, day)
        if why is None:
            continue
        hours = write(known.on(day))
        before = found[-1] if found else None
        if before and (before.why, before.hours) == (why, hours) and day - before.last == DAY:
            found[-1] = Special(before.first, day, why, hours)
        else:
            found.append(Special(day, day, why, hours))
    return found


def unknown_year(known: Timetable, first: date, last: date) -> int | None:
    """Return the first year between two days whose holidays a base keeps and nobody has announced yet, or None."""
    calendar = known.calendar
    if calendar is None or known.week is None:
        return None
    return next((year for year in range(first.year, last.year + 1) if year not in calendar.years), None)


def _why(known: Timetable, day: date) -> str | None:
    """Return why a day differs from the week; None: it does not."""
    if day in known.special:
        return known.why(day)
    if known.calendar is None or known.week is None:
        return None
    weekday = known.calendar.weekday(day)
    if weekday is None:
        return known.calendar.holiday(day)
    if weekday == day.weekday():
        return None
    return str(_("make-up day, as on %(weekday)s", weekday=WEEKDAYS[weekday]))
