"""场次: sessions from the draft to the end. Publishing makes the seats and takes what the session uses."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import audit, clock, db, errors, events
from core.accounts import roles
from core.accounts.models import User
from core.bases.models import Base
from core.booking.allocation import Want, claim, lock, release
from core.booking.errors import TooLate
from core.booking.events import SessionChanged
from core.booking.legs import serves
from core.booking.machine import advance
from core.booking.models import SEATS_SLUG, Allocation, Booking, Kind, Resource, TrainingSession
from core.booking.states import OPEN, TAKING
from core.localised import freeze


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
) -> TrainingSession:
    """Write a draft, which takes nothing yet.

    Args:
        actor: a manager of the base.
        kind_id: a booking kind of the base, of mode `session`.
        start, end: aware moments.
        seats: how many can be booked.
        uses: ids of the rooms, machines and instructors it takes when published.

    Raises:
        errors.Forbidden: the actor does not manage the base.
        errors.Invalid: something cannot be used, by field.
    """
    with db.write() as session:
        roles.require(actor, "session.manage", base_id=base_id)
        kind = session.get(Kind, kind_id)
        if kind is None or kind.base_id != base_id or kind.mode != "session" or kind.archived_at is not None:
            raise errors.Invalid({"kind_id": _("Please choose what can be booked by session.")})
        training = TrainingSession(
            base_id=base_id,
            kind_id=kind_id,
            title=title.strip(),
            text=text.strip(),
            start_at=start,
            end_at=end,
            seats=seats,
            uses=list(uses),
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
        training = _locked(session, session_id, actor)
        if training.state == "cancelled" or (version is not None and training.version != version):
            raise errors.StateChanged
        training.title, training.text = title.strip(), text.strip()
        training.start_at, training.end_at = start, end
        training.seats, training.uses = seats, list(uses)
        _check(session, training)
        if training.state == "published":
            _take_again(session, training)
        session.flush()
        _record(session, training, "edit", actor)
        if training.state == "published":
            events.publish(session, SessionChanged(session=training, action="edit", actor_id=actor.id))
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
    return training


def copy(*, actor: User, session_id: int, days: int) -> TrainingSession:
    """Copy a session as a draft.

    Args:
        days: how many days later the copy takes place (7: the same weekday of the next week); may be negative.

    Raises:
        errors.NotFound, errors.Forbidden: there is none, or the actor does not manage its base.
        errors.Invalid: the copy would lie in the past, or what it uses is no longer there.
    """
    original = db.db.session.get(TrainingSession, session_id)
    if original is None:
        raise errors.NotFound
    shift = timedelta(days=days)
    return create(
        actor=actor,
        base_id=original.base_id,
        kind_id=original.kind_id,
        title=original.title,
        text=original.text,
        start=original.start_at + shift,
        end=original.end_at + shift,
        seats=original.seats,
        uses=original.uses,
    )


def cancel(*, actor: User, session_id: int, reason: str) -> TrainingSession:
    """Cancel a session; every open booking of it is cancelled with the reason, and all it took is free.

    Raises:
        errors.NotFound, errors.Forbidden: there is none, or the actor does not manage its base.
        errors.Invalid: a published session is not cancelled without a reason.
        errors.StateChanged: it is cancelled already.
    """
    reason = reason.strip()
    with db.write() as session:
        training = _locked(session, session_id, actor)
        if training.state == "cancelled":
            raise errors.StateChanged
        was_published = training.state == "published"
        if was_published and not reason:
            raise errors.Invalid({"reason": _("Please give the reason: those who booked will read it.")})
        if training.seats_resource_id is not None:
            lock(session, [training.seats_resource_id])  # nobody books while it is cancelled
        training.state = "cancelled"
        training.reason = reason
        release(session, training=training)
        for booking in _bookings(session, training, OPEN):
            advance(session, booking, "cancel", actor_id=actor.id, reason=reason)
        session.flush()
        _record(session, training, "cancel", actor)
        if was_published:
            events.publish(session, SessionChanged(session=training, action="cancel", actor_id=actor.id))
    return training


def _locked(session: Session, session_id: int, actor: User) -> TrainingSession:
    training = session.scalar(
        select(TrainingSession)
        .where(TrainingSession.id == session_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if training is None:
        raise errors.NotFound
    roles.require(actor, "session.manage", base_id=training.base_id)
    return training


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
    moved = _bookings(session, training, TAKING)  # before their allocations: who cancels one locks it first as well
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
    """Take what the session uses: an exclusive thing, or as many units of a pool as the session has seats."""
    resources = lock(session, training.uses)
    wants = [
        Want(resource.id, training.start_at, training.end_at, 1 if resource.capacity == 1 else training.seats)
        for resource in (resources[number] for number in training.uses)
    ]
    claim(session, wants, training=training)


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
