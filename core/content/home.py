"""A base's home page: what is on, what can be booked, what is free today, what is new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import render_template
from flask_babel import gettext as _

from core import clock
from core.bases import hours, queries, views
from core.bases.coming import Special, special_days, unknown_year
from core.bases.models import Base
from core.bases.opening import LAST_MINUTE, Spans, in_force, timetable
from core.booking.availability import ResourceDay, Seats, day_plan, seats_left
from core.booking.models import Closure, Kind, TrainingSession
from core.booking.resource_queries import closures_of, kinds_of
from core.booking.session_queries import upcoming_sessions
from core.booking.spans import Span, profile
from core.caching import public_page
from core.content.listing import latest
from core.content.models import Item
from core.content.queries import navigation
from core.dates import WEEKDAYS, hour

SESSIONS = 6
NEWS = 4
SPECIAL = 6
AHEAD = timedelta(days=60)
"""How far ahead special days are shown."""


@dataclass(frozen=True)
class Equipment:
    """A resource as the overview shows it: its facts, and in a word whether it is free today (mood for its colour)."""

    id: int
    name: str
    slug: str
    capacity: int
    facts: Sequence[tuple[str, str]]
    today: str
    mood: str


@dataclass(frozen=True)
class Home:
    """Everything the home page's template needs."""

    open_today: str
    closed_why: str
    special: Sequence[Special]
    unknown_year: int | None
    week: Sequence[tuple[str, str]]
    kinds: Sequence[Kind]
    rows: Sequence[tuple[TrainingSession, Seats]]
    closures: Sequence[Closure]
    equipment: Sequence[Equipment]
    news: Sequence[Item]


bp = views.bp


@bp.get("/bases/<base>/")
@public_page("content", "booking", until="minute")
def home(base: str) -> str:
    """Show a base's home page."""
    row = queries.find_base(base)
    return render_template("bases/home.html", base=row, pages=navigation(row), home=_home(row))


def _home(base: Base) -> Home:
    """Collect the page's content in a number of queries that does not grow with the number of rows."""
    today = clock.today()
    ahead = (today, today + AHEAD)
    opening = timetable(base, *ahead)
    spans = opening.on(today)
    sessions = upcoming_sessions([base.id], limit=SESSIONS)
    seats = seats_left(sessions)
    return Home(
        open_today=hours.write(spans),
        closed_why="" if spans else opening.why(today),
        special=special_days(opening, *ahead)[:SPECIAL],
        unknown_year=unknown_year(opening, *ahead),
        week=hours.summary(in_force(base.hours), WEEKDAYS),
        kinds=kinds_of(base.id),
        rows=[(session, seats[session.id]) for session in sessions],
        closures=closures_of(base.id),
        equipment=[_equipment(plan, _bounds(today, spans)) for plan in day_plan(base.id, today)],
        news=latest(base, NEWS),
    )


def _equipment(plan: ResourceDay, opening: tuple[datetime, datetime] | None) -> Equipment:
    word, mood = _today(plan, opening)
    resource = plan.resource
    return Equipment(resource.id, resource.name, resource.slug, resource.capacity, resource.facts, word, mood)


def _today(plan: ResourceDay, opening: tuple[datetime, datetime] | None) -> tuple[str, str]:
    """Say what is left of a resource today, in a word and a mood; `opening` is when the base is open today."""
    if opening is None:
        return _("closed today"), ""
    opens, closes = max(opening[0], clock.now()), opening[1]
    if opens >= closes:
        return _("closed for today"), ""
    if any(span.closed and span.start <= opens < span.end for span in plan.spans):
        return _("out of use"), "wait"
    pieces = profile([Span(span.start, span.end, span.units) for span in plan.spans], opens, closes)
    left = [(piece.start, plan.resource.capacity - piece.units) for piece in pieces]
    return _pool(left) if plan.resource.capacity > 1 else _single(left)


def _pool(left: Sequence[tuple[datetime, int]]) -> tuple[str, str]:
    least = min(units for _start, units in left)
    return (_("at least %(count)s free", count=least), "good") if least > 0 else (_("busy at times"), "wait")


def _single(left: Sequence[tuple[datetime, int]]) -> tuple[str, str]:
    if all(units > 0 for _start, units in left):
        return _("free all day"), "good"
    free = next((start for start, units in left if units > 0), None)
    if free is None:
        return _("taken all day"), "wait"
    return (_("free now"), "good") if free == left[0][0] else (_("free from %(time)s", time=hour(free)), "good")


def _bounds(day: date, spans: Spans) -> tuple[datetime, datetime] | None:
    """Return from when to when a base is open on a day; None when it is closed."""
    if not spans:
        return None
    closes = spans[-1][1]
    return clock.at(day, spans[0][0]), clock.bounds(day)[1] if closes >= LAST_MINUTE else clock.at(day, closes)
