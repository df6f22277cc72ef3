"""What the calendar in the page shows: published sessions, dated announcements and plugins' events; at a base also
closures and what is occupied, busy-only."""

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
from core.booking.models import Resource, TrainingSession
from core.booking.resource_queries import Busy, taken_between
from core.booking.session_queries import sessions_between
from core.calendars import announced
from core.calendars.narrowing import NOTHING, Narrowing

MOST_LISTED = 300
"""How many entries a page lists for readers without script, at most."""

MOST_SENT = 2000
"""How many entries or bars are sent to the script of the page, at most."""


@dataclass(frozen=True)
class Shown:
    """One entry.

    Attributes:
        base: None for what is the consortium's.
        kind: "" for a session, else `full`, `event`, `busy`, `closed` (a resource) or `rest` (days on which the base
            opens differently or not at all).
        url: "" where there is no page.
    """

    title: str
    start: datetime
    end: datetime
    base: Base | None
    kind: str
    url: str

    def as_json(self) -> dict[str, object]:
        """Return the entry as the script reads it: wall-clock times at the bases, without offset."""
        return {
            "title": self.title,
            "start": wall(self.start),
            "end": wall(self.end),
            "base": self.base.slug if self.base else "",
            "icon": self.base.icon if self.base else "",
            "kind": self.kind,
            "url": self.url,
        }


@dataclass(frozen=True)
class Bar:
    """What takes a resource for a time, busy-only. `kind` as in `Shown`."""

    resource: Resource
    shown: Shown

    def as_json(self) -> dict[str, object]:
        """Return the bar as the script reads it."""
        return {**self.shown.as_json(), "resource": self.resource.id}


@dataclass(frozen=True)
class Listed:
    """Entries of a page, and whether there are more than it can show."""

    entries: Sequence[Shown]
    cut: bool


def listed(found: Sequence[Shown], most: int = MOST_LISTED) -> Listed:
    """Return as many entries as a page lists."""
    return Listed(found[:most], len(found) > most)


def everywhere(bases: Sequence[Base], start: datetime, end: datetime, chosen: Narrowing = NOTHING) -> list[Shown]:
    """Return sessions and events of some bases that touch `[start, end)`, and the consortium's, in order of time."""
    wanted = [base for base in bases if not chosen.bases or base.slug in chosen.bases]
    sessions = [shown for _training, shown in _sessions(wanted, start, end, chosen)]
    return _in_order([*sessions, *_events(wanted, start, end, chosen, consortium=not chosen.bases)])


def at_base(base: Base, start: datetime, end: datetime, chosen: Narrowing = NOTHING) -> list[Shown]:
    """Return a base's sessions, events, closures, and what is occupied in `[start, end)`, in order of time.

    Where a kind is chosen, only sessions of it are shown of what takes resources: what is occupied has no kind to tell.
    """
    asked = chosen.resource or chosen.shows("occupied") or chosen.shows("closures")
    taken = _taken(base, start, end, chosen) if asked else []
    using = {one.source_id for one in taken if one.source == "session"}
    sessions = _sessions([base], start, end, chosen)
    found = [shown for training, shown in sessions if not chosen.resource or training.id in using]
    found += _events([base], start, end, chosen)
    found += [_busy(base, one) for one in taken if _wanted(one, chosen)]
    if chosen.shows("closures"):
        days = (clock.local(start).date(), clock.local(end - timedelta(microseconds=1)).date())
        found += [_special(base, some) for some in special_days(timetable(base, *days), *days)]
    return _in_order(found)


def bars(base: Base, start: datetime, end: datetime, chosen: Narrowing = NOTHING) -> list[Bar]:
    """Return what takes a base's resources in `[start, end)`, resource by resource, in order of time."""
    titled = {training.id: shown for training, shown in _sessions([base], start, end, chosen)}
    found = []
    for one in _taken(base, start, end, chosen):
        if one.source == "session" and one.source_id in titled:
            session = titled[one.source_id]
            found.append(Bar(one.resource, Shown(session.title, one.start, one.end, base, session.kind, session.url)))
        elif _wanted(one, chosen):
            found.append(Bar(one.resource, _plain(base, one)))
    return found


def by_resource(resources: Sequence[Resource], found: Sequence[Bar]) -> list[tuple[Resource, list[Shown]]]:
    """Return resources in the order shown, each with what takes it."""
    rows: dict[int, list[Shown]] = {resource.id: [] for resource in resources}
    for bar in found:
        if bar.resource.id in rows:
            rows[bar.resource.id].append(bar.shown)
    return [(resource, rows[resource.id]) for resource in resources]


def wall(moment: datetime) -> str:
    """Return a moment as the wall clock of the bases shows it, without a zone."""
    return clock.local(moment).strftime("%Y-%m-%dT%H:%M")


def _sessions(
    bases: Sequence[Base], start: datetime, end: datetime, chosen: Narrowing
) -> list[tuple[TrainingSession, Shown]]:
    """Return the sessions that are wanted, each with what is shown of it."""
    if not chosen.shows("sessions"):
        return []
    sessions = sessions_between([base.id for base in bases], start, end)
    if chosen.kind:
        sessions = [training for training in sessions if training.kind.slug == chosen.kind]
    seats = seats_left(sessions)
    return [
        (training, _session(training, full=seats[training.id].left == 0))
        for training in sessions
        if not chosen.free or seats[training.id].left
    ]


def _events(
    bases: Sequence[Base], start: datetime, end: datetime, chosen: Narrowing, *, consortium: bool = False
) -> list[Shown]:
    if not chosen.shows("events"):
        return []
    found = announced.between([base.id for base in bases], start, end, consortium=consortium)
    return [Shown(one.title, one.start, one.end, one.base, "event", one.path) for one in found]


def _taken(base: Base, start: datetime, end: datetime, chosen: Narrowing) -> list[Busy]:
    """Return what is taken, each once: a whole is taken once for each of its parts."""
    taken = taken_between(base.id, start, end)
    return list(dict.fromkeys(one for one in taken if chosen.resource in {"", one.resource.slug}))


def _wanted(one: Busy, chosen: Narrowing) -> bool:
    """Say whether something that is taken, sessions aside, is among what is chosen."""
    if one.source == "session" or chosen.kind:
        return False
    return chosen.shows("closures" if one.source == "closure" else "occupied")


def _special(base: Base, days: Special) -> Shown:
    start, end = clock.bounds(days.first)[0], clock.bounds(days.last)[1]
    return Shown(days.title, start, end, base, "rest", "")


def _session(training: TrainingSession, *, full: bool) -> Shown:
    page = url_for("booking.session", base=training.base.slug, id=training.id)
    return Shown(training.title, training.start_at, training.end_at, training.base, "full" if full else "", page)


def _busy(base: Base, taken: Busy) -> Shown:
    if taken.source == "closure":
        title = _("%(resource)s: %(reason)s", resource=taken.resource.name, reason=taken.reason)
        return Shown(title, taken.start, taken.end, base, "closed", "")
    return Shown(_("%(resource)s: occupied", resource=taken.resource.name), taken.start, taken.end, base, "busy", "")


def _plain(base: Base, taken: Busy) -> Shown:
    """Return the same for the row of the resource, which is not named again."""
    if taken.source == "closure":
        return Shown(taken.reason, taken.start, taken.end, base, "closed", "")
    return Shown(_("occupied"), taken.start, taken.end, base, "busy", "")


def _in_order(found: list[Shown]) -> list[Shown]:
    return sorted(found, key=lambda entry: (entry.start, entry.end))
