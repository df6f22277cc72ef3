"""What can become of a booking or session that stands in the way of a closure: another resource, another time, an end.

Everything here happens in the open transaction of `closures.close`, under its locks: what is in the way has been
vacated and the closure taken, so that what is offered is what is really left.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import dates, errors
from core.accounts.models import User
from core.booking import alternatives, changing, families, kinds, legs, sessions
from core.booking.allocation import conflicts, taken_by
from core.booking.changing import Aim, Standing
from core.booking.errors import Alternative, Conflict, ResourceTaken
from core.booking.hours import timetables
from core.booking.machine import advance
from core.booking.models import Booking, Resource, TrainingSession
from core.booking.spans import Span
from core.booking.states import MOVES

MOST_OFFERED = 6
"""How many other resources are offered for one booking."""

Owner = Booking | TrainingSession


@dataclass(frozen=True)
class Remedy:
    """What is to become of one booking or session.

    Attributes:
        action: `relocate` (`instead`: the new resource by the one it stands in for), `reschedule` (`aim`) or `cancel`.
    """

    action: str
    instead: Mapping[int, int]
    aim: Aim

    @property
    def value(self) -> str:
        """The remedy as a form sends it; `read` understands it."""
        if self.action == "relocate":
            return "relocate|" + ",".join(f"{old}:{new}" for old, new in self.instead.items())
        if self.action == "reschedule" and self.aim.start and self.aim.end:
            picks = ",".join(
                f"{position}:{number}"
                for position, ids in (self.aim.picks or {}).items()
                for number in legs.ids_of(ids)
            )
            return f"reschedule|{self.aim.start.isoformat()}|{self.aim.end.isoformat()}|{picks}"
        return self.action


CANCEL = Remedy("cancel", {}, Aim())


@dataclass(frozen=True)
class Way:
    """A remedy that is open, in words."""

    remedy: Remedy
    text: str


@dataclass(frozen=True)
class Blocked:
    """A booking or session in the way, and what can become of it.

    Attributes:
        key: names it (`key_of`).
        title, whom: what, and for whom ("" for a session).
        ref, session_id: one of them.
        resources: what it has that is to be closed, as ids and names.
        ways: what is open; none where it can only be waited for.
        problem: why the remedy that was asked for cannot be had, or "".
    """

    key: str
    title: str
    whom: str
    ref: str | None
    session_id: int | None
    start: datetime
    end: datetime
    state: str
    resources: tuple[tuple[int, str], ...]
    ways: tuple[Way, ...]
    problem: str


class InTheWay(ResourceTaken):
    """Bookings or sessions stand in the way of a closure, and what is to become of them is not settled.

    Attributes:
        blocked: each of them, in order of time. Nothing was done.
    """

    def __init__(self, blocked: Sequence[Blocked]) -> None:
        super().__init__(
            [Conflict(number, name, entry.start, entry.end) for entry in blocked for number, name in entry.resources]
        )
        self.blocked = tuple(blocked)


def key_of(owner: Owner) -> str:
    """Return the name by which the remedy of a booking or session is given."""
    return owner.ref if isinstance(owner, Booking) else f"session-{owner.id}"


def read(text: str) -> Remedy:
    """Return the remedy that a form has sent.

    Raises:
        errors.Invalid: it makes no sense.
    """
    action, *rest = text.split("|")
    try:
        if action == "cancel":
            return CANCEL
        if action == "relocate":
            return Remedy(action, dict(_pairs(rest[0])), Aim())
        if action == "reschedule":
            start, end = (datetime.fromisoformat(moment) for moment in rest[:2])
            if start.tzinfo is None or end.tzinfo is None:
                raise ValueError
            picks: dict[int, tuple[int, ...]] = {}
            for position, number in _pairs(rest[2]):
                picks[position] = (*picks.get(position, ()), number)
            return Remedy(action, {}, Aim(start, end, picks=picks))
    except (ValueError, IndexError, OverflowError):
        pass
    raise errors.Invalid({"": _("Please choose what becomes of each booking.")})


def affected(session: Session, owner: Owner, remedy: Remedy | None) -> set[int]:
    """Return every resource to be locked before a remedy is carried out."""
    if isinstance(owner, Booking):
        new = set(remedy.instead.values()) if remedy else set()
        found = taken_by(session, owner) | new
        slot = remedy is not None and remedy.action == "reschedule" and owner.session_id is None
        return found | changing.affected(session, owner, remedy.aim) if slot and remedy else found
    mine = {*owner.uses, owner.seats_resource_id}
    there = session.scalars(select(Resource.id).where(Resource.id.in_(mine), Resource.archived_at.is_(None)))
    return {*there, *(remedy.instead.values() if remedy else ())}


def carry_out(session: Session, actor: User, vacated: Standing | TrainingSession, remedy: Remedy, reason: str) -> None:
    """Settle a booking or session that was vacated; what speaks against it raises as the move itself does."""
    if isinstance(vacated, TrainingSession):
        if remedy.action != "relocate":
            raise errors.Invalid({"": _("Please choose another resource for the session, or cancel it.")})
        uses = [remedy.instead.get(number, number) for number in vacated.uses]
        sessions.retake(session, vacated, uses=uses, actor=actor)
    elif remedy.action == "relocate":
        changing.resettle(session, actor, vacated, remedy.instead, reason=reason)
    else:
        changing.check_movable(actor, vacated.booking)
        changing.settle(session, actor, vacated, remedy.aim, reason=reason)


def give_up(session: Session, actor: User, owner: Owner, reason: str) -> None:
    """End a booking or session for the closure's sake.

    Raises:
        errors.StateChanged: it cannot be cancelled any more.
    """
    if isinstance(owner, TrainingSession):
        sessions.call_off(session, owner, actor=actor, reason=reason)
    else:
        advance(session, owner, "cancel", actor_id=actor.id, reason=reason)


def blocked(
    session: Session, owner: Owner, standing: Standing | None, closed: Mapping[int, Resource], problem: str
) -> Blocked:
    """Return what stands in the way, with what can become of it."""
    if isinstance(owner, TrainingSession):
        mine = [number for number in owner.uses if number in closed]
        title, whom, ways = owner.title, "", _session_ways(session, owner, mine)
    else:
        mine = [number for number in (standing.place["ids"] if standing else ()) if number in closed]
        title, whom = owner.kind.title, owner.organisation.short_name
        ways = _booking_ways(session, standing, mine) if standing else []
    if isinstance(owner, TrainingSession) or (owner.state, "cancel") in MOVES:
        ways.append(Way(CANCEL, _("Cancel it")))
    named = mine or list(closed)[:1]  # a part of what it has, or all of which that is a part
    return Blocked(
        key=key_of(owner),
        title=title,
        whom=whom,
        ref=owner.ref if isinstance(owner, Booking) else None,
        session_id=owner.id if isinstance(owner, TrainingSession) else None,
        start=owner.start_at,
        end=owner.end_at,
        state=owner.state,
        resources=tuple((number, closed[number].name) for number in named),
        ways=tuple(ways),
        problem=problem,
    )


def _booking_ways(session: Session, standing: Standing, mine: Sequence[int]) -> list[Way]:
    booking, ways = standing.booking, []
    try:
        if (booking.state, "relocate") in MOVES and mine:
            ways += [
                Way(Remedy("relocate", instead, Aim()), _("Move it to %(names)s", names=names))
                for instead, names in _stand_ins(session, standing, mine)
            ]
        if (booking.state, "reschedule") in MOVES:
            ways += [
                Way(
                    Remedy("reschedule", {}, Aim(other.start, other.end, picks=_picks(other))),
                    _(
                        "Move it to %(span)s, %(names)s",
                        span=dates.span(other.start, other.end),
                        names=" + ".join(other.resources),
                    ),
                )
                for other in _other_times(session, booking)
            ]
    except (errors.NotFound, errors.Forbidden):
        return ways  # the kind is not offered, or the organisation books no more: what is there can only be ended
    return ways


def _stand_ins(session: Session, standing: Standing, mine: Sequence[int]) -> Iterator[tuple[dict[int, int], str]]:
    """Yield what could stand in for all that is closed of a booking, with names."""
    free = [changing.stand_ins(session, standing, number) for number in mine]
    if len(mine) == 1:
        for one in islice(free[0], MOST_OFFERED):
            yield {mine[0]: one.id}, one.name
        return
    chosen: dict[int, Resource] = {}
    for number, there in zip(mine, free, strict=True):
        others = [one for one in there if one not in chosen.values()]
        if not others:
            return
        chosen[number] = others[0]
    yield {number: one.id for number, one in chosen.items()}, " + ".join(one.name for one in chosen.values())


def _other_times(session: Session, booking: Booking) -> list[Alternative]:
    offered = kinds.offered(booking.base, booking.kind.slug, session)
    every = legs.choices(session, booking.base, offered.kind)
    slot = Span(booking.start_at, booking.end_at, booking.units)
    around = alternatives.around(slot)
    search = alternatives.Search(
        booking.base,
        offered.rules(booking.organisation),
        every,
        every,
        known(session, every.all_ids()),
        timetables=timetables(every.all_ids(), around.start, around.end),
    )
    found = alternatives.slots(session, search, slot)
    return [other for other in found if (other.start, other.end) != (booking.start_at, booking.end_at)]


def _picks(other: Alternative) -> dict[int, tuple[int, ...]]:
    picks: dict[int, tuple[int, ...]] = {}
    for position, number in other.picks:
        picks[position] = (*picks.get(position, ()), number)
    return picks


def _session_ways(session: Session, training: TrainingSession, mine: Sequence[int]) -> list[Way]:
    """Return the other resources a session could use instead of the one that is closed; with several: none by name."""
    if len(mine) != 1:
        return []
    there = legs.serving(session, training.base)
    kind = next(resource.kind for resource in there if resource.id == mine[0])
    resources = known(session, {resource.id for resource in there})
    kept, span = [number for number in training.uses if number not in mine], (training.start_at, training.end_at)
    free = (
        one
        for one in there
        if one.kind == kind
        and one.id not in training.uses
        and not conflicts(session, resources, sessions.wants(resources, [*kept, one.id], *span, training.seats))
    )
    return [
        Way(Remedy("relocate", {mine[0]: one.id}, Aim()), _("Use %(name)s instead", name=one.name))
        for one in islice(free, MOST_OFFERED)
    ]


def known(session: Session, ids: Collection[int]) -> dict[int, Resource]:
    """Return resources with their families by id, not locked."""
    wanted = families.family(session, ids)
    rows = session.scalars(select(Resource).where(Resource.id.in_(wanted), Resource.archived_at.is_(None)))
    return {resource.id: resource for resource in rows}


def _pairs(text: str) -> list[tuple[int, int]]:
    pairs = [pair.split(":") for pair in text.split(",") if pair]
    return [(_id(first), _id(second)) for first, second in pairs]


def _id(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise ValueError(text)
    return int(text)
