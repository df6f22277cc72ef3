"""Loads one base's demo through the services that people use, with the clock set to when they would have done it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from core import clock, demo_content
from core.accounts.models import User
from core.accounts.roles import Role
from core.bases import setting_hours
from core.bases.models import Base, SpecialDay
from core.bases.queries import is_open
from core.booking import closures, making, queue, series, sessions, waiting, workflow
from core.booking.legs import serving
from core.booking.models import Booking, Kind, TrainingSession
from core.booking.states import MOVES
from core.booking.times import period_span
from core.db import db
from core.demo_writing import announce
from core.intake.answers import from_values
from core.organisations.models import Organisation
from core.plugins.declarations import (
    BookingKind,
    DemoBooking,
    DemoClosure,
    DemoData,
    DemoDay,
    DemoSession,
)
from core.plugins.facade import plugins

PUBLISHED_BEFORE = timedelta(days=21)
"""How long before its start a session is published, unless that lies ahead: then it is published now."""

ASKED_BEFORE = timedelta(days=12)
"""How long before its start a booking is made, unless that lies ahead: then it is made now."""

ANSWERED_AFTER = timedelta(hours=5)
"""How long after that it is approved, confirmed or rejected; what is returned or cancelled is so now."""

CLOSED_AFTER = timedelta(hours=1)
"""How long after its end a booking is completed or missed; while its end lies ahead, neither is done."""

ENDS = frozenset({"complete", "miss"})


def load_base(slug: str, data: DemoData, *, manager: str, publisher: str) -> None:
    """Load what a base brings for the demo; what is there already is left as it is.

    Args:
        slug: the base.
        data: what its plugin declares.
        manager: e-mail address of its manager, who publishes and decides.
        publisher: e-mail address of who writes for it.
    """
    for special in data.special_days:
        _special_day(slug, special, manager)
    for closure in data.closures:
        _closure(slug, closure, manager)
    trainings = [_session(slug, entry, manager) for entry in data.sessions]
    made = []
    for position, entry in enumerate(data.bookings):
        training = trainings[entry.session] if entry.session is not None else None
        made.append((entry, *_book(slug, entry, f"demo-{slug}-{position}", training, manager)))
    for entry, asked, bookings in made:  # after all are made: who waits does so for what is cancelled now
        for booking in bookings:
            _decide(booking, entry, asked, manager)
    for line in queue.lines(db.session()):
        waiting.serve(line)
    announce(
        _base(slug),
        data.announcements,
        trainings,
        manager=manager,
        publisher=publisher,
        office=_office().email,
    )
    demo_content.publish(manager, slug, data.content)


def _special_day(slug: str, entry: DemoDay, manager: str) -> None:
    base, day = _base(slug), _day(entry.day)
    known = select(SpecialDay.id).where(SpecialDay.base_id == base.id, SpecialDay.day == day)
    if day < clock.today() or db.session.scalar(known) is not None:
        return
    spans = ((entry.opens, entry.closes),) if entry.opens and entry.closes else ()
    setting_hours.set_days(actor=_user(manager), base_id=base.id, first=day, last=day, spans=spans, note=entry.note)


def _closure(slug: str, entry: DemoClosure, manager: str) -> None:
    start, end = clock.at(_day(entry.day), entry.starts), clock.at(_day(entry.day), entry.ends)
    if end <= clock.now():
        return
    resources = {resource.slug: resource.id for resource in serving(db.session(), _base(slug))}
    closures.enter(
        actor=_user(manager), resource_id=resources[entry.resource], start=start, end=end, reason=entry.reason
    )


def _session(slug: str, entry: DemoSession, manager: str) -> int:
    """Create a session, publish it where it is no draft, and return its id."""
    base = _base(slug)
    start, end = clock.at(_day(entry.day), entry.starts), clock.at(_day(entry.day), entry.ends)
    same = (
        TrainingSession.base_id == base.id,
        TrainingSession.title == entry.title,
        TrainingSession.start_at == start,
    )
    training = db.session.scalar(select(TrainingSession).where(*same))
    kind_id = db.session.scalars(select(Kind.id).where(Kind.base_id == base.id, Kind.slug == entry.kind)).one()
    resources = {resource.slug: resource.id for resource in serving(db.session(), base)}
    with clock.set_to(min(clock.now(), start - PUBLISHED_BEFORE)):
        training = training or sessions.create(
            actor=_user(manager),
            base_id=base.id,
            kind_id=kind_id,
            title=entry.title,
            text=entry.text,
            start=start,
            end=end,
            seats=entry.seats,
            uses=[resources[used] for used in entry.uses],
        )
        if entry.published and training.state == "draft":
            training = sessions.publish(actor=_user(manager), session_id=training.id)
    return training.id


def _book(
    slug: str, entry: DemoBooking, key: str, training_id: int | None, manager: str
) -> tuple[datetime, Sequence[Booking]]:
    """Make a booking or series, by the organisation's contact where it has one, else by the manager for it.

    Returns:
        When it was asked for, and what was made.
    """
    base, kind = _base(slug), plugins().kind(slug, entry.kind)
    if kind is None:
        raise LookupError(f"the demo of {slug} books {entry.kind!r}, which is no booking kind of it")
    organisation = db.session.scalars(select(Organisation).where(Organisation.slug == entry.organisation)).one()
    start, end = _time(entry, kind, training_id)
    asked = min(clock.now(), start - ASKED_BEFORE)
    resources = {resource.slug: resource.id for resource in serving(db.session(), base)}
    # When the base is closed, on a holiday say, its manager books: opening hours do not bind a manager.
    contact = _contact(organisation.id) if entry.weeks > 1 or is_open(base, start, end) else None
    order: dict[str, Any] = {
        "actor": contact or _user(manager),
        "organisation_id": organisation.id,
        "base": base,
        "kind": kind,
        "cleaned": from_values(kind.fields, entry.answers),
        "picks": {leg: resources[picked] for leg, picked in entry.picks.items()},
        "retry_key": key,
    }
    with clock.set_to(asked):
        if entry.weeks > 1:
            return asked, _series(order, entry, start, end)
        if training_id is not None:
            return asked, [making.book(**order, training_id=training_id, waitlist=entry.wait)]
        return asked, [making.book(**order, start=start, end=end, waitlist=entry.wait)]


def _series(order: dict[str, Any], entry: DemoBooking, start: datetime, end: datetime) -> Sequence[Booking]:
    """Book a weekly series: holidays are left out, what does not fit is skipped."""
    first, last = clock.local(start), clock.local(end)
    rule = {"rrule": f"FREQ=WEEKLY;COUNT={entry.weeks}", "first": first.date().isoformat(), "holidays": "skip"}
    return series.create(**order, rule=rule, starts=first.time(), ends=last.time(), fitting=True).bookings


def _decide(booking: Booking, entry: DemoBooking, asked: datetime, manager: str) -> None:
    """Take the actions that follow; what an earlier run has taken already or is not due yet is left out."""
    for action in entry.then:
        due = _due(action, booking, asked)
        while _applies(booking, action) and due <= clock.now():
            office = booking.state == "in_review"  # the base's step is done; the next is the office's
            with clock.set_to(due):
                booking = workflow.move(
                    actor=_office() if office else _user(manager), ref=booking.ref, action=action, reason=entry.reason
                )


def _applies(booking: Booking, action: str) -> bool:
    """Say whether an action is still to be taken; `approve` decides on the first step only."""
    return booking.state == "submitted" if action == "approve" else (booking.state, action) in MOVES


def _due(action: str, booking: Booking, asked: datetime) -> datetime:
    """Return when an action of the demo is taken."""
    if action in ENDS:
        return booking.end_at + CLOSED_AFTER
    if action == "check_in":
        return booking.start_at
    if action in {"return", "cancel"}:  # what is offered to those who wait is kept for them from now on
        return clock.now()
    return min(clock.now(), asked + ANSWERED_AFTER)


def _time(entry: DemoBooking, kind: BookingKind, training_id: int | None) -> tuple[datetime, datetime]:
    if training_id is not None:
        training = db.session.get_one(TrainingSession, training_id)
        return training.start_at, training.end_at
    day = _day(entry.day or 0)
    for period in kind.periods:
        if period.slug == entry.period:
            return period_span(period, day)
    if entry.starts is None or entry.ends is None:
        raise LookupError(f"a booking of {kind.slug!r} in the demo has neither a period nor start and end")
    return clock.at(day, entry.starts), clock.at(day, entry.ends)


def _day(offset: int) -> date:
    """Return a day counted from the Monday of the current week."""
    today = clock.today()
    return today + timedelta(days=offset - today.weekday())


def _base(slug: str) -> Base:
    return db.session.scalars(select(Base).where(Base.slug == slug)).one()


def _user(email: str) -> User:
    return db.session.scalars(select(User).where(User.email == email)).one()


def _office() -> User:
    return db.session.scalars(select(User).where(User.grants.any(role=Role.OFFICE.value)).limit(1)).one()


def _contact(organisation_id: int) -> User | None:
    return db.session.scalar(
        select(User).where(User.grants.any(organisation_id=organisation_id, role=Role.CONTACT.value))
    )
