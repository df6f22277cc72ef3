"""The draw of workstations: who starts where, decided by a seed that everybody knows.

The teams' references are put in the order of the SHA-256 digest of “seed:reference”. Nobody can steer it who does not
know all entries before naming the seed, and anybody can compute it again.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.plugin_api import (
    EventInfo,
    Invalid,
    SessionInfo,
    bookings_of_session,
    db,
    find_event,
    now,
    put_event,
    require,
    session_info,
    sessions_of,
    withdraw_event,
    write,
)
from core.plugin_api import gettext as _
from core.plugin_api import lazy_gettext as _l

from .models import Draw, Place
from .workstations import WORKSTATIONS, workstation_name

LASTS = timedelta(minutes=30)
"""How long a draw in public takes; an example."""

SHOWN = timedelta(days=90)
"""How long after an event its draw stays on the list."""


@dataclass(frozen=True)
class Start:
    """One row of the published order: the reference, its digest, heat (from 1), workstation, whether withdrawn."""

    ref: str
    digest: str
    heat: int
    workstation: object
    withdrawn: bool


@dataclass(frozen=True)
class Event:
    """A competition, its draw if it was made, and when the draw takes place in public, if that is set."""

    session: SessionInfo
    draw: Draw | None
    time: EventInfo | None


def digest(seed: str, ref: str) -> str:
    """Return the SHA-256 digest that places a team, hexadecimal."""
    return hashlib.sha256(f"{seed}:{ref}".encode()).hexdigest()


def order(seed: str, refs: Iterable[str]) -> list[str]:
    """Return references in the order that a seed gives them, whatever order they come in."""
    return sorted(refs, key=lambda ref: digest(seed, ref))


def starts(draw: Draw) -> list[Start]:
    """Return the order of a draw for its page: twelve workstations a heat."""
    rows = []
    for place in draw.places:
        heat, workstation = divmod(place.position - 1, WORKSTATIONS)
        rows.append(
            Start(
                ref=place.ref,
                digest=digest(draw.seed, place.ref),
                heat=heat + 1,
                workstation=workstation_name(workstation + 1),
                withdrawn=place.withdrawn_at is not None,
            )
        )
    return rows


def events() -> Sequence[Event]:
    """Return the competitions ahead and of the last `SHOWN`, with their draws."""
    sessions = sessions_of("competition", "entry", since=now() - SHOWN)
    found = db.session.scalars(select(Draw).where(Draw.session_id.in_([session.id for session in sessions])))
    draws = {draw.session_id: draw for draw in found}
    return [Event(session, draws.get(session.id), _time(session.id)) for session in sessions]


def event(session_id: int) -> Event:
    """Return one competition and its draw.

    Raises:
        NotFound: there is no such competition.
    """
    session = session_info("competition", session_id)
    found = db.session.scalar(select(Draw).where(Draw.session_id == session_id))
    return Event(session, found, _time(session_id))


def set_time(session_id: int, start: datetime | None) -> None:
    """Set when the draw takes place in public: it then stands in the base's calendar while its competition does.

    Args:
        session_id: the competition.
        start: an aware moment; None takes it back.

    Raises:
        Forbidden: the signed-in user may not manage the base's sessions.
        NotFound: there is no such competition.
        Invalid: it is past, or not before the competition.
    """
    with write() as session:
        require("session.manage", "competition")
        competition = session_info("competition", session_id)
        if start is None:
            withdraw_event(session, base="competition", name=_name(session_id))
            return
        if not now() < start <= competition.start - LASTS:
            raise Invalid({"start": _("Please choose a time that is still ahead and before the competition begins.")})
        put_event(
            session,
            base="competition",
            name=_name(session_id),
            title=_l("Workstation draw: %(event)s", event=competition.title),
            start=start,
            end=start + LASTS,
            text=_l("The seed is named in front of all; everybody can then verify the order."),
            path=f"/bases/competition/draws/{session_id}",
            session_id=session_id,
        )


def draw(session_id: int, seed: str) -> None:
    """Draw the workstations of an event among its confirmed teams, once and for all.

    Args:
        session_id: the competition.
        seed: what was named in public, at most 80 characters.

    Raises:
        Forbidden: the signed-in user may not manage the base's sessions.
        NotFound: there is no such competition.
        Invalid: nobody is confirmed, or the draw was already made.
    """
    try:
        with write() as session:
            require("session.manage", "competition")
            session_info("competition", session_id)
            teams = {team.ref: team.id for team in bookings_of_session(session_id)}
            _check(teams, drawn=session.scalar(select(Draw.id).where(Draw.session_id == session_id)) is not None)
            places = [
                Place(position=position, booking_id=teams[ref], ref=ref)
                for position, ref in enumerate(order(seed, teams), start=1)
            ]
            session.add(Draw(session_id=session_id, seed=seed, drawn_at=now(), places=places))
    except IntegrityError as error:  # two managers at the same moment: the second finds the draw made
        raise Invalid({"": _drawn()}) from error


def withdraw(booking_id: int) -> None:
    """Mark the place of a cancelled booking, where it has one; the others keep theirs."""
    if db.session.scalar(select(Place.id).where(Place.booking_id == booking_id)) is None:
        return
    with write() as session:
        for place in session.scalars(select(Place).where(Place.booking_id == booking_id)):
            place.withdrawn_at = now()


def _name(session_id: int) -> str:
    return f"draw-{session_id}"


def _time(session_id: int) -> EventInfo | None:
    return find_event("competition", _name(session_id))


def _check(teams: dict[str, int], *, drawn: bool) -> None:
    if drawn:
        raise Invalid({"": _drawn()})
    if not teams:
        raise Invalid({"": _("No team is confirmed yet. Confirm the entries first, then draw.")})


def _drawn() -> str:
    return str(_("This draw has been made already and stands. The order is below."))
