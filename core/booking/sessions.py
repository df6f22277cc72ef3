"""场次: sessions from the draft to the end. Publishing makes the seats and takes what the session uses."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypedDict

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import audit, clock, db, errors, events
from core.accounts import roles
from core.accounts.models import User
from core.bases.models import Base
from core.booking import retries
from core.booking.allocation import Want, claim, lock, release
from core.booking.errors import TooLate
from core.booking.events import SessionChanged
from core.booking.legs import serves
from core.booking.machine import advance
from core.booking.models import SEATS_SLUG, Allocation, Booking, Kind, Resource, TrainingSession
from core.booking.states import OPEN, TAKING
from core.localised import freeze

MOST_COPIES = 30
"""How many copies of a session are made at once, at most."""


class Content(TypedDict):
    """What a session says: `start` and `end` are aware, `uses` ids of the rooms, machines and instructors it takes."""

    title: str
    text: str
    start: datetime
    end: datetime
    seats: int
    uses: Sequence[int]


def create(
    *,
    actor: User,
    base_id: int,
    kind_id: int,
    title: str,
    text: str,
    start: datetime,
    end: datetime,
    seats: int,
    uses: Sequence[int] = (),
    retry_key: str | None = None,
) -> TrainingSession:
    """Write a draft, which takes nothing yet.

    Args:
        actor: a manager of the base.
        kind_id: a booking kind of the base, of mode `session`.
        start, end: aware moments.
        seats: how many can be booked.
        uses: ids of the rooms, machines and instructors it takes when published.
        retry_key: makes sending twice safe; the second gets the session of the first.

    Raises:
        errors.Forbidden: the actor does not manage the base.
        errors.Invalid: something cannot be used, by field.
    """
    content = Content(title=title, text=text, start=start, end=end, seats=seats, uses=uses)
    route = f"session:{base_id}"
    mark = retries.fingerprint(content | {"kind": kind_id})
    with db.write() as session:
        roles.require(actor, "session.manage", base_id=base_id)
        if retry_key:
            known = retries.earlier(session, actor=actor, route=route, key=retry_key, mark=mark)
            if known is not None:
                return session.get_one(TrainingSession, known["session"])
        training = add_draft(session, actor=actor, base_id=base_id, kind_id=kind_id, content=content)
        if retry_key:
            answer = {"session": training.id}
            retries.remember(session, actor=actor, route=route, key=retry_key, mark=mark, answer=answer)
    return training


def add_draft(session: Session, *, actor: User, base_id: int, kind_id: int, content: Content) -> TrainingSession:
    """Write a draft in the open transaction; the actor's permission has been checked. See `create`."""
    kind = session.get(Kind, kind_id)
    if kind is None or kind.base_id != base_id or kind.mode != "session" or kind.archived_at is not None:
        raise errors.Invalid({"kind_id": _("Please choose what can be booked by session.")})
    training = TrainingSession(
        base_id=base_id,
        kind_id=kind_id,
        title=content["title"].strip(),
        text=content["text"].strip(),
        start_at=content["start"],
        end_at=content["end"],
        seats=content["seats"],
        uses=list(content["uses"]),
        created_by_id=actor.id,
        created_at=clock.now(),
    )
    _check(session, training)
    session.add(training)
    session.flush()
    _record(session, training, "create", actor)
    return training


def edit(
    *,
    actor: User,
    session_id: int,
    title: str,
    text: str,
    start: datetime,
    end: datetime,
    seats: int,
    uses: Sequence[int] = (),
    version: int | None = None,
) -> TrainingSession:
    """Change a draft or a published session; bookings of a published one move with it.

    Args are those of `create`; `version` is what the actor saw, None to skip the comparison.

    Raises:
        errors.NotFound, errors.Forbidden, errors.Invalid: as for `create`; fewer seats than are taken are refused.
        errors.StateChanged: somebody else changed it meanwhile, or it is cancelled.
        ResourceTaken: what it uses is not free at the new time; nothing was changed.
    """
    with db.write() as session:
        training = _locked(session, session_id, actor, uses=uses)
        if training.state == "cancelled" or (version is not None and training.version != version):
            raise errors.StateChanged
        changed = _changes(training, start=start, end=end, seats=seats, uses=uses)
        training.title, training.text = title.strip(), text.strip()
        training.start_at, training.end_at = start, end
        training.seats, training.uses = seats, list(uses)
        _check(session, training)
        if training.state == "published":
            _take_again(session, training)
        session.flush()
        _record(session, training, "edit", actor)
        if training.state == "published":
            event = SessionChanged(session=training, action="edit", actor_id=actor.id, changed=changed)
            events.publish(session, event)
    return training


def publish(*, actor: User, session_id: int) -> TrainingSession:
    """Publish a draft: its seats can be booked, and what it uses is taken.

    Raises:
        errors.NotFound, errors.Forbidden: there is none, or the actor does not manage its base.
        errors.StateChanged: it is no draft.
        TooLate: it is over.
        ResourceTaken: something it uses is not free.
    """
    with db.write() as session:
        training = _locked(session, session_id, actor)
        publish_draft(session, training, actor=actor)
    return training


def publish_draft(session: Session, training: TrainingSession, *, actor: User) -> None:
    """Publish a draft in the open transaction; what it uses is locked, the permission checked. See `publish`."""
    if training.state != "draft":
        raise errors.StateChanged
    if training.end_at <= clock.now():
        raise TooLate(_("This session lies in the past. Please change its time first."))
    seats = Resource(
        base_id=training.base_id,
        slug=f"{SEATS_SLUG}{training.id}",
        kind="seats",
        declared={"name": freeze(training.title)},
        capacity=training.seats,
    )
    session.add(seats)
    session.flush()
    training.seats_resource_id = seats.id
    training.state = "published"
    _claim_uses(session, training)
    session.flush()
    _record(session, training, "publish", actor)
    events.publish(session, SessionChanged(session=training, action="publish", actor_id=actor.id))


def copy(*, actor: User, session_id: int, days: Collection[date], retry_key: str | None = None) -> list[int]:
    """Copy a session as drafts to several days, all or none.

    Args:
        days: the days on which the copies begin, at the original's time of day.
        retry_key: makes sending twice safe; the second gets the copies of the first.

    Returns:
        The ids of the copies, in order of time.

    Raises:
        errors.NotFound, errors.Forbidden: there is none, or the actor does not manage its base.
        errors.Invalid: no day or too many, a copy would lie in the past, or what it uses is no longer there.
    """
    wanted = sorted(set(days))
    route = f"copy:{session_id}"
    mark = retries.fingerprint({"days": wanted})
    with db.write() as session:
        original = session.get(TrainingSession, session_id)
        if original is None:
            raise errors.NotFound
        roles.require(actor, "session.manage", base_id=original.base_id)
        if retry_key:
            known = retries.earlier(session, actor=actor, route=route, key=retry_key, mark=mark)
            if known is not None:
                return [int(number) for number in known["sessions"]]
        if not 0 < len(wanted) <= MOST_COPIES:
            message = _("Please choose the days of the copies, %(most)s at most.", most=MOST_COPIES)
            raise errors.Invalid({"days": message})
        copies = [
            add_draft(session, actor=actor, base_id=original.base_id, kind_id=original.kind_id, content=content)
            for content in (shifted(original, day) for day in wanted)
        ]
        made = [training.id for training in copies]
        if retry_key:
            answer = {"sessions": made}
            retries.remember(session, actor=actor, route=route, key=retry_key, mark=mark, answer=answer)
    return made


def shifted(training: TrainingSession, day: date) -> Content:
    """Return what a session says, moved so that it begins on another day at the same time."""
    shift = timedelta(days=(day - clock.local(training.start_at).date()).days)
    return Content(
        title=training.title,
        text=training.text,
        start=training.start_at + shift,
        end=training.end_at + shift,
        seats=training.seats,
        uses=training.uses,
    )


def wants(
    resources: Mapping[int, Resource], uses: Sequence[int], start: datetime, end: datetime, seats: int
) -> list[Want]:
    """Return what a session takes of what it uses: an exclusive thing, or as many units of a pool as it has seats."""
    used = [resources[number] for number in uses if number in resources]
    return [Want(resource.id, start, end, 1 if resource.capacity == 1 else seats) for resource in used]


def cancel(*, actor: User, session_id: int, reason: str) -> TrainingSession:
    """Cancel a session; every open booking of it is cancelled with the reason, and all it took is free.

    Raises:
        errors.NotFound, errors.Forbidden: there is none, or the actor does not manage its base.
        errors.Invalid: a published session is not cancelled without a reason.
        errors.StateChanged: it is cancelled already.
    """
    reason = reason.strip()
    with db.write() as session:
        training = _locked(session, session_id, actor)  # its seats too: nobody books while it is cancelled
        if training.state == "published" and not reason:
            raise errors.Invalid({"reason": _("Please give the reason: those who booked will read it.")})
        call_off(session, training, actor=actor, reason=reason)
    return training


def call_off(session: Session, training: TrainingSession, *, actor: User, reason: str) -> None:
    """Cancel a session in the open transaction; it and its seats are locked, the permission checked. See `cancel`."""
    if training.state == "cancelled":
        raise errors.StateChanged
    was_published = training.state == "published"
    training.state = "cancelled"
    training.reason = reason
    release(session, training=training)
    for booking in _bookings(session, training, OPEN - {"checked_in"}):  # who has come has come
        action = "expire" if booking.state == "held" else "cancel"
        advance(session, booking, action, actor_id=actor.id, reason=reason)
    session.flush()
    _record(session, training, "cancel", actor)
    if was_published:
        events.publish(session, SessionChanged(session=training, action="cancel", actor_id=actor.id))


def retake(session: Session, training: TrainingSession, *, uses: Sequence[int], actor: User) -> None:
    """Let a published session take other resources than those it used, which were given back, at the same time.

    Args:
        training: locked, with all it is to use; the permission has been checked.

    Raises:
        errors.StateChanged: it is not published any more.
        errors.Invalid, ResourceTaken: what it is to use is not there, or not free.
    """
    if training.state != "published":
        raise errors.StateChanged
    training.uses = list(uses)
    _check(session, training)
    _claim_uses(session, training)
    session.flush()
    _record(session, training, "edit", actor)
    changed = frozenset({"place"})
    events.publish(session, SessionChanged(session=training, action="edit", actor_id=actor.id, changed=changed))


def _locked(session: Session, session_id: int, actor: User, *, uses: Sequence[int] | None = None) -> TrainingSession:
    """Lock a session, and before it its seats and what it uses (is to use): resources come first, everywhere."""
    seen = session.get(TrainingSession, session_id)
    if seen is None:
        raise errors.NotFound
    roles.require(actor, "session.manage", base_id=seen.base_id)
    version = seen.version
    seats = () if seen.seats_resource_id is None else (seen.seats_resource_id,)
    wanted = {*(seen.uses if uses is None else uses), *seats}
    there = select(Resource.id).where(Resource.id.in_(wanted), Resource.archived_at.is_(None))
    lock(session, session.scalars(there).all())
    training = session.scalars(
        select(TrainingSession)
        .where(TrainingSession.id == session_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    if training.version != version:
        raise errors.StateChanged  # what it takes now may not be what is locked
    return training


def _changes(
    training: TrainingSession, *, start: datetime, end: datetime, seats: int, uses: Sequence[int]
) -> frozenset[str]:
    """Return what of a session those who have booked must hear of: `time`, `place`, `seats`."""
    differs = {
        "time": (training.start_at, training.end_at) != (start, end),
        "place": set(training.uses) != set(uses),
        "seats": training.seats != seats,
    }
    return frozenset(name for name, different in differs.items() if different)


def _check(session: Session, training: TrainingSession) -> None:
    problems: dict[str, object] = {}
    if not training.title:
        problems["title"] = _("Please give the session a title.")
    if training.end_at <= training.start_at:
        problems["end"] = _("The end must be later than the start.")
    elif training.end_at <= clock.now():
        problems["start"] = _("This time has passed.")
    if training.seats < 1:
        problems["seats"] = _("A session has at least one seat.")
    with session.no_autoflush:
        found = session.scalars(select(Resource).where(Resource.id.in_(training.uses), Resource.archived_at.is_(None)))
        base = session.get_one(Base, training.base_id)
    usable = {resource.id for resource in found if serves(resource, base)}
    if set(training.uses) - usable:
        problems["uses"] = _("One of the resources is no longer there. Please choose again.")
    if problems:
        raise errors.Invalid(problems)


def _take_again(session: Session, training: TrainingSession) -> None:
    seats = training.seats_resource_id
    if seats is None:
        raise RuntimeError("a published session owns its seats")
    resource = lock(session, [seats, *training.uses])[seats]
    moved = _bookings(
        session, training, OPEN | TAKING
    )  # before their allocations: who cancels one locks it first as well
    taken = session.scalar(
        select(func.coalesce(func.sum(Allocation.units), 0)).where(Allocation.resource_id == seats, Allocation.active)
    )
    if training.seats < (taken or 0):
        raise errors.Invalid({"seats": _("%(taken)s seats are taken already; there cannot be fewer.", taken=taken)})
    resource.capacity = training.seats
    resource.declared = {"name": freeze(training.title)}
    release(session, training=training)
    session.flush()
    session.execute(
        update(Allocation)
        .where(Allocation.resource_id == seats, Allocation.active)
        .values(start_at=training.start_at, end_at=training.end_at)
    )
    for booking in moved:
        booking.start_at, booking.end_at = training.start_at, training.end_at
        if booking.lapses_at is not None:
            booking.lapses_at = min(booking.lapses_at, training.start_at)
    _claim_uses(session, training)


def _claim_uses(session: Session, training: TrainingSession) -> None:
    resources = lock(session, training.uses)
    span = (training.start_at, training.end_at)
    claim(session, wants(resources, training.uses, *span, training.seats), training=training)


def _bookings(session: Session, training: TrainingSession, states: Collection[str]) -> Sequence[Booking]:
    return session.scalars(
        select(Booking)
        .where(Booking.session_id == training.id, Booking.state.in_(states))
        .order_by(Booking.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def _record(session: Session, training: TrainingSession, action: str, actor: User) -> None:
    audit.record(session, actor_id=actor.id, action=f"session.{action}", subject=f"session:{training.id}")
