"""What the portal shows: the fortnight day by day, each base, the next sessions, the latest announcements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import url_for

from core import clock
from core.bases.models import Base
from core.bases.queries import visible_bases
from core.booking.availability import Seats, seats_left
from core.booking.models import TrainingSession
from core.booking.session_queries import sessions_between, upcoming_sessions
from core.content.models import Item
from core.content.queries import latest
from core.plugins.facade import plugins

ROWS = 6
NEWS = 5


@dataclass(frozen=True)
class Day:
    """A cell of the fortnight: how many sessions there are, at which bases (slugs), and where to read on."""

    date: date
    href: str
    count: int
    slugs: frozenset[str]


@dataclass(frozen=True)
class Card:
    """A base as the portal shows it: this week's number of sessions and free seats, and its next session.

    `announces` tells whether it has sessions at all, or is booked by the hour only.
    """

    base: Base
    announces: bool
    count: int
    left: int
    next: TrainingSession | None


@dataclass(frozen=True)
class Portal:
    """Everything the portal's template needs."""

    days: Sequence[Day]
    cards: Sequence[Card]
    rows: Sequence[tuple[TrainingSession, Seats]]
    news: Sequence[Item]


def portal() -> Portal:
    """Collect the portal's content in a number of queries that does not grow with the number of rows."""
    bases = visible_bases()
    ids = [base.id for base in bases]
    monday = clock.today() - timedelta(days=clock.today().weekday())
    fortnight = sessions_between(ids, _start(monday), _start(monday + timedelta(days=14)))
    upcoming = upcoming_sessions(ids, limit=ROWS)
    seats = seats_left(list({session.id: session for session in [*fortnight, *upcoming]}.values()))
    return Portal(
        days=[_day(monday + timedelta(days=number), fortnight) for number in range(14)],
        cards=[_card(base, monday, fortnight, upcoming, seats) for base in bases],
        rows=[(session, seats[session.id]) for session in upcoming],
        news=latest(NEWS),
    )


def _start(day: date) -> datetime:
    return clock.at(day, time())


def _day(day: date, sessions: Sequence[TrainingSession]) -> Day:
    on = [
        session
        for session in sessions
        if session.start_at < _start(day + timedelta(days=1)) and session.end_at > _start(day)
    ]
    return Day(
        day,
        url_for("calendars.portal", view="list", date=day.isoformat()),
        len(on),
        frozenset(session.base.slug for session in on),
    )


def _card(
    base: Base,
    monday: date,
    fortnight: Sequence[TrainingSession],
    upcoming: Sequence[TrainingSession],
    seats: dict[int, Seats],
) -> Card:
    own = [session for session in fortnight if session.base_id == base.id]
    week = [session for session in own if session.start_at < _start(monday + timedelta(days=7))]
    ahead = [session for session in week if session.start_at > clock.now()]
    later = [session for session in [*own, *upcoming] if session.base_id == base.id and session.start_at > clock.now()]
    return Card(
        base,
        announces=bool(own) or any(kind.mode == "session" for kind in plugins().kinds(base.slug)),
        count=len(week),
        left=sum(seats[session.id].left for session in ahead),
        next=min(later, key=lambda session: session.start_at, default=None),
    )
