"""What the manage pages show: a base's day, its bookings by state, its sessions with their seats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _

from core import clock
from core.accounts.models import User
from core.bases.models import Base
from core.bases.queries import hours_on
from core.booking import deciding, queries, resource_queries, session_queries
from core.booking.availability import Seats, seats_left
from core.booking.models import Booking, Closure, TrainingSession
from core.booking.pages.forms import span_data
from core.booking.pages.words import listed
from core.booking.states import STATES
from core.forms import Option, option

SHOWN_WAITING = 8


@dataclass(frozen=True)
class Line:
    """A line of the day sheet: a time, a resource, what happens there, for whom.

    `booking` or `session` is what takes it; both None: a closure, and `what` its reason. `units`: how many of a pool.
    """

    start: datetime
    end: datetime
    resource: str
    what: str
    whom: str
    state: str
    booking: Booking | None = None
    session: TrainingSession | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    units: int = 1

    @property
    def wider(self) -> bool:
        """Whether set-up or clean-up lies around what is booked (`begins` to `ends`)."""
        return (self.begins, self.ends) not in {(None, None), (self.start, self.end)}

    @property
    def is_now(self) -> bool:
        """Whether it is going on."""
        return self.start <= clock.now() < self.end


@dataclass(frozen=True)
class Today:
    """A manager's day: what waits, what has ended and is not closed yet, and the day's lines."""

    day: date
    waiting: list[Booking]
    waiting_count: int
    unclosed: list[Booking]
    lines: list[Line]


@dataclass(frozen=True)
class DaySheet:
    """The day sheet: the lines of each resource that is used on a day, and the names of those that are free."""

    day: date
    used: list[tuple[str, list[Line]]]
    free: str

    @property
    def before(self) -> date:
        """The day before."""
        return self.day - timedelta(days=1)

    @property
    def after(self) -> date:
        """The day after."""
        return self.day + timedelta(days=1)


@dataclass(frozen=True)
class BookingPage:
    """Bookings of a base in one state; `next` is the cursor of the following ones."""

    state: str
    counts: Mapping[str, int]
    bookings: Sequence[Booking]
    next: str | None


@dataclass(frozen=True)
class SessionRow:
    """A session in the manager's list, with its seats."""

    session: TrainingSession
    seats: Seats


def today(base: Base, reader: User) -> Today:
    """Return a manager's day."""
    day = clock.today()
    waiting = [entry.booking for entry in deciding.waiting_for(reader, base_id=base.id)]
    return Today(
        day=day,
        waiting=waiting[:SHOWN_WAITING],
        waiting_count=len(waiting),
        unclosed=queries.unclosed(base.id, limit=SHOWN_WAITING),
        lines=_day_lines(base, day),
    )


def day_sheet(base: Base, day: date) -> DaySheet:
    """Return the day sheet of every resource of a base, and of the instructors who serve it; set-up included."""
    found = queries.today(base.id, day)
    resources = resource_queries.resources_of(base.id) + resource_queries.instructors_for(base.id)
    lines: dict[int, list[Line]] = {resource.id: [] for resource in resources}
    for booking in found.bookings:
        for allocation in booking.allocations:
            if allocation.active and not allocation.covering and allocation.resource_id in lines:
                span = (allocation.start_at, allocation.end_at)
                line = _booking_line(booking, allocation.resource.name, span)
                lines[allocation.resource_id].append(replace(line, units=allocation.units))
    names = {resource.id: resource.name for resource in resources}
    for training in found.sessions:
        for resource_id in training.uses:
            if resource_id in lines:
                lines[resource_id].append(_session_line(training, names[resource_id], ""))
    for closure in found.closures:
        if closure.resource_id in lines:
            lines[closure.resource_id].append(_closure_line(closure))
    used = [(names[number], sorted(rows, key=_by_time)) for number, rows in lines.items() if rows]
    return DaySheet(day, used, listed(names[number] for number, rows in lines.items() if not rows))


def bookings(base: Base, *, state: str, cursor: str | None) -> BookingPage:
    """Return a page of a base's bookings in one state; an unknown state counts as `submitted`."""
    state = state if state in STATES else "submitted"
    found = queries.bookings_at(base.id, state=state, cursor=cursor)
    return BookingPage(state, queries.counts_at(base.id), found.items, found.next)


def sessions(base: Base, *, past: bool) -> list[SessionRow]:
    """Return a base's sessions ahead, or those gone by, with their seats."""
    found = session_queries.managed_sessions(base.id, past=past)
    seats = seats_left(found)
    return [SessionRow(session, seats[session.id]) for session in found]


def _day_lines(base: Base, day: date) -> list[Line]:
    found = queries.today(base.id, day)
    seats = seats_left(found.sessions)
    names = (
        {resource.id: resource.name for resource in resource_queries.resources_of(base.id)} if found.sessions else {}
    )
    lines = [_booking_line(booking, _resources(booking)) for booking in found.bookings if booking.session_id is None]
    for training in found.sessions:
        used = listed(names[number] for number in training.uses if number in names)
        taken = seats[training.id].total - seats[training.id].left
        whom = _("%(taken)s of %(total)s seats taken", taken=taken, total=seats[training.id].total)
        lines.append(_session_line(training, used, whom))
    lines += [_closure_line(closure) for closure in found.closures]
    return sorted(lines, key=_by_time)


def _by_time(line: Line) -> tuple[datetime, datetime]:
    return line.start, line.end


def _resources(booking: Booking) -> str:
    return listed(allocation.resource.name for allocation in booking.allocations if allocation.active)


def _booking_line(booking: Booking, resource: str, span: tuple[datetime, datetime] | None = None) -> Line:
    start, end = span or (booking.start_at, booking.end_at)
    return Line(
        start,
        end,
        resource,
        booking.kind.title,
        booking.organisation.short_name,
        booking.state,
        booking=booking,
        begins=booking.start_at,
        ends=booking.end_at,
    )


def _session_line(training: TrainingSession, resource: str, whom: str) -> Line:
    return Line(training.start_at, training.end_at, resource, training.title, whom, training.state, session=training)


def _closure_line(closure: Closure) -> Line:
    return Line(closure.start_at, closure.end_at, closure.resource.name, closure.reason, _("Out of use"), "closed")


def session_row(session: TrainingSession) -> SessionRow:
    """Return a session with its seats."""
    return SessionRow(session, seats_left([session])[session.id])


def new_session_data(base: Base) -> dict[str, object]:
    """Return what the form of a new session begins with: in a week, at the base's opening hours."""
    day = clock.today() + timedelta(days=7)
    spans = hours_on(base, day)
    opens, closes = (spans[0][0], spans[-1][1]) if spans else (time(9), time(17))
    return {"first_day": day, "starts": opens, "last_day": day, "ends": closes, "seats": 20}


def session_data(session: TrainingSession) -> dict[str, object]:
    """Return a session as the data of its form."""
    plain = {name: getattr(session, name) for name in ("title", "text", "seats", "uses", "version")}
    return plain | span_data(session.start_at, session.end_at)


def session_choices(base: Base, session: TrainingSession | None) -> tuple[list[Option], list[Option]]:
    """Return the kinds a session can be of, and the resources it can use (also one it uses that is archived)."""
    kinds = [option(kind.id, kind.title) for kind in resource_queries.kinds_of(base.id) if kind.mode == "session"]
    there = {resource.id: resource.name for resource in resource_queries.resources_of(base.id)}
    there |= {resource.id: resource.name for resource in resource_queries.instructors_for(base.id)}
    used = session_queries.resources_used(session) if session else []
    every = there | {resource.id: resource.name for resource in used}
    return kinds, [option(number, name) for number, name in every.items()]
