"""What the calendar in the page shows: published sessions; at a base also closures and what is occupied, busy-only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for
from flask_babel import gettext as _

from core import clock
from core.bases.coming import Special, special_days
from core.bases.models import Base
from core.bases.opening import timetable
from core.booking.availability import seats_left
from core.booking.models import TrainingSession
from core.booking.resource_queries import Busy, taken_between
from core.booking.session_queries import sessions_between


@dataclass(frozen=True)
class Shown:
    """One entry. `kind`: "" for a session, else `full`, `busy`, `closed` (a resource) or `rest` (days on which the base
    opens differently or not at all); `url` is "" where there is no page."""

    title: str
    start: datetime
    end: datetime
    base: Base
    kind: str
    url: str

    def as_json(self) -> dict[str, object]:
        """Return the entry as the script reads it: wall-clock times at the bases, without offset."""
        return {
            "title": self.title,
            "start": _wall(self.start),
            "end": _wall(self.end),
            "base": self.base.slug,
            "icon": self.base.icon,
            "kind": self.kind,
            "url": self.url,
        }


def everywhere(bases: Sequence[Base], start: datetime, end: datetime) -> list[Shown]:
    """Return the sessions of some bases that touch `[start, end)`."""
    sessions = sessions_between([base.id for base in bases], start, end)
    seats = seats_left(sessions)
    return [_session(session, full=seats[session.id].left == 0) for session in sessions]


def at_base(base: Base, start: datetime, end: datetime) -> list[Shown]:
    """Return a base's sessions, closures, special days and what is occupied in `[start, end)`, in order of time."""
    busy = [_busy(base, taken) for taken in taken_between(base.id, start, end) if taken.source != "session"]
    days = (clock.local(start).date(), clock.local(end - timedelta(microseconds=1)).date())
    special = [_special(base, days) for days in special_days(timetable(base, *days), *days)]
    return sorted([*everywhere([base], start, end), *busy, *special], key=lambda entry: (entry.start, entry.end))


def _special(base: Base, days: Special) -> Shown:
    start, end = clock.bounds(days.first)[0], clock.bounds(days.last)[1]
    return Shown(days.title, start, end, base, "rest", "")


def _session(session: TrainingSession, *, full: bool) -> Shown:
    page = url_for("booking.session", base=session.base.slug, id=session.id)
    return Shown(session.title, session.start_at, session.end_at, session.base, "full" if full else "", page)


def _busy(base: Base, taken: Busy) -> Shown:
    if taken.source == "closure":
        title = _("%(resource)s: %(reason)s", resource=taken.resource.name, reason=taken.reason)
        return Shown(title, taken.start, taken.end, base, "closed", "")
    return Shown(_("%(resource)s: occupied", resource=taken.resource.name), taken.start, taken.end, base, "busy", "")


def _wall(moment: datetime) -> str:
    return clock.local(moment).strftime("%Y-%m-%dT%H:%M")
