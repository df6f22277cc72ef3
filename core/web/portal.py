"""What the portal shows: the sections that the office has arranged, each filled from what stands in the system."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from flask import url_for

from core import clock
from core.bases.models import Base
from core.bases.queries import visible_bases
from core.booking.availability import Seats, seats_left
from core.booking.models import TrainingSession
from core.booking.session_queries import sessions_between, upcoming_sessions
from core.content.latest import latest_by_category
from core.content.media.pictures import responsive
from core.content.models import Item, Section
from core.content.sections import KINDS, arranged
from core.organisations.models import Organisation
from core.plugins.facade import plugins
from core.web.figures import Figure, figures, members

NEWS = ("announcements",)
"""Kinds that stand beside the sessions when they are arranged right below them."""


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
class Block:
    """A section as it is shown: its heading, and what its kind needs.

    Attributes:
        id: id of its heading in the page.
        kind, heading: of the section.
        beside: sections that stand beside it on a wide screen.
        news: announcements.
        category: slug of the only category of these; "" for all.
        rows: sessions with their seats.
        figures: numbers with their meaning.
        members: organisations by kind.
        body: clean HTML.
    """

    id: str
    kind: str
    heading: str
    beside: list["Block"] = field(default_factory=list)
    news: Sequence[Item] = ()
    category: str = ""
    rows: Sequence[tuple[TrainingSession, Seats]] = ()
    figures: Sequence[Figure] = ()
    members: Sequence[tuple[str, Sequence[Organisation]]] = ()
    body: str = ""


@dataclass(frozen=True)
class Portal:
    """Everything the portal's template needs."""

    days: Sequence[Day]
    cards: Sequence[Card]
    blocks: Sequence[Block]


def portal(sections: Sequence[Section] | None = None) -> Portal:
    """Collect the portal's content in a number of queries that does not grow with the number of rows or sections.

    Args:
        sections: to show in place of those that are saved, for a preview.
    """
    shown = [section for section in (arranged() if sections is None else sections) if section.shown]
    kinds = {section.kind for section in shown}
    bases = visible_bases()
    ids = [base.id for base in bases]
    monday = clock.today() - timedelta(days=clock.today().weekday())
    two_weeks = (_start(monday), _start(monday + timedelta(days=14)))
    fortnight = sessions_between(ids, *two_weeks) if kinds & {"fortnight", "bases"} else []
    upcoming = upcoming_sessions(ids, limit=_most(shown)) if kinds & {"sessions", "bases"} else []
    seats = seats_left(list({session.id: session for session in [*fortnight, *upcoming]}.values()))
    rows = [(session, seats[session.id]) for session in upcoming]
    return Portal(
        days=[_day(monday + timedelta(days=number), fortnight) for number in range(14)],
        cards=[_card(base, monday, fortnight, upcoming, seats) for base in bases],
        blocks=_side_by_side(_blocks(shown, rows, len(bases))),
    )


def _most(shown: Sequence[Section]) -> int:
    """Return the greatest number of sessions that a section shows; the cards look as far ahead as the default."""
    counts = [int(section.settings.get("count", 0)) for section in shown if section.kind == "sessions"]
    return max(int(KINDS["sessions"].settings["count"]), *counts, 0)


def _blocks(shown: Sequence[Section], rows: Sequence[tuple[TrainingSession, Seats]], bases: int) -> list[Block]:
    kinds = {section.kind for section in shown}
    wanted = [_of_announcements(section) for section in shown if section.kind == "announcements"]
    news = latest_by_category(wanted)
    counted = figures(bases) if "figures" in kinds else ()
    joined = members() if "partners" in kinds else ()
    blocks = []
    for number, section in enumerate(shown, start=1):
        category, count = _of_announcements(section)
        block = Block(
            id=f"{section.kind}-{number}",
            kind=section.kind,
            heading=section.title or str(KINDS[section.kind].heading),
            news=news[category, count] if section.kind == "announcements" else (),
            category=category,
            rows=rows[:count] if section.kind == "sessions" else (),
            figures=counted if section.kind == "figures" else (),
            members=joined if section.kind == "partners" else (),
            body=responsive(section.body),
        )
        blocks.append(block)
    return blocks


def _of_announcements(section: Section) -> tuple[str, int]:
    """Return category and number of rows that a section asks for; what it has no use for is ignored."""
    settings = dict(KINDS[section.kind].settings) | dict(section.settings)
    return settings.get("category", ""), settings.get("count", 0)


def _side_by_side(blocks: Sequence[Block]) -> list[Block]:
    """Put announcements that follow sessions beside them."""
    arranged: list[Block] = []
    for block in blocks:
        if block.kind in NEWS and arranged and arranged[-1].kind == "sessions":
            arranged[-1].beside.append(block)
        else:
            arranged.append(block)
    return arranged


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
