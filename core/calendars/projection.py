"""Keeping the entries of sessions, bookings and closures: written in the transaction that changes them (DESIGN §4).

The public learns the text of sessions, the reason of closures, and that something is occupied, without title,
reference or organisation. Instructors are people: they stand in no public calendar, and none is named in one. A
booking has a second entry, in full, for its organisation, whoever made it, its base's desk and its instructors.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from core.accounts.events import AccessChanged
from core.bases.models import Base
from core.booking.events import BookingChanged, ClosureChanged, SessionChanged
from core.booking.models import SEATS_SLUG, Allocation, Booking, Closure, Resource, TrainingSession
from core.calendars import access, events, saying, sources
from core.calendars.components import Facts
from core.calendars.decoration import About, decorated
from core.calendars.entries import Wanted
from core.calendars.sources import Source
from core.calendars.window import begins
from core.plugins.facade import plugins


def session_changed(session: Session, event: SessionChanged) -> None:
    """Bring the entries of a session, of its bookings and of what plugins have put beside it up to date."""
    training = event.session
    sources.update(session, SESSIONS, [training.id])
    of_it = select(Booking.id).where(Booking.session_id == training.id, Booking.state.in_(saying.STATUS))
    sources.update(session, BOOKINGS, sources.locked(session, BOOKINGS, session.scalars(of_it).all()))
    events.follow_session(session, training.id)


def booking_changed(session: Session, event: BookingChanged) -> None:
    """Bring the entries of a booking up to date."""
    sources.update(session, BOOKINGS, [event.booking.id])


def closure_changed(session: Session, event: ClosureChanged) -> None:
    """Bring a closure's entry up to date."""
    sources.update(session, CLOSURES, [event.closure.id])


def access_changed(session: Session, event: AccessChanged) -> None:
    """Take out of a user's own calendar the bookings they may no longer read, and put in those they may again."""
    user_id = event.user.id
    own = _booking_ids(begins()).where(or_(Booking.contact_id == user_id, Booking.made_by_id == user_id))
    if ids := session.scalars(own).all():
        sources.update(session, BOOKINGS, sources.locked(session, BOOKINGS, ids))


def _session_ids(since: datetime) -> Select[int]:
    return select(TrainingSession.id).where(TrainingSession.end_at >= since, TrainingSession.state != "draft")


def _sessions(session: Session, ids: Sequence[int]) -> Iterator[Wanted]:
    chosen = select(TrainingSession).where(TrainingSession.id.in_(ids))
    related = (joinedload(TrainingSession.base), joinedload(TrainingSession.kind))
    trainings = session.scalars(chosen.options(*related)).all()
    resources = _resources(session, {number for training in trainings for number in training.uses})
    shown = _Shown()
    for training in trainings:
        used = [resource for resource in resources if resource.id in training.uses]
        at_base = [resource for resource in used if resource.base_id is not None]
        keys = {f"kind:{training.kind_id}", f"desk:{training.base_id}"} | _public(training.base_id, at_base)
        keys |= {f"instructor:{resource.id}" for resource in used if resource.base_id is None}
        if training.base in shown:
            keys.add("portal")
        yield Wanted(source=f"session:{training.id}", facts=_session(training, at_base), keys=keys)


def _session(training: TrainingSession, used: Sequence[Resource]) -> Facts | None:
    if training.state == "draft":
        return None
    about = About(
        base=training.base.slug,
        source="session",
        audience="public",
        kind=training.kind.slug,
        resources=_slugs(used),
        id=training.id,
    )
    return decorated(saying.session(training, used), about)


def _booking_ids(since: datetime) -> Select[int]:
    return select(Booking.id).where(Booking.end_at >= since, Booking.state != "held")


def _bookings(session: Session, ids: Sequence[int]) -> Iterator[Wanted]:
    chosen = select(Booking).where(Booking.id.in_(ids)).order_by(Booking.id)
    related = (joinedload(Booking.base), joinedload(Booking.kind), joinedload(Booking.organisation))
    people = (joinedload(Booking.contact), joinedload(Booking.made_by))
    allocations = _allocations(session, ids)
    for booking in session.scalars(chosen.options(*related, joinedload(Booking.session), *people)):
        taken = allocations.get(booking.id, {})
        if booking.session_id is None:  # the session itself stands in the public calendar
            yield from _occupied(booking, taken)
        yield _full(booking, taken)


def _occupied(booking: Booking, taken: dict[Resource, list[Allocation]]) -> Iterator[Wanted]:
    """Yield what the public learns; a place that is only kept while somebody fills in a form has no entry."""
    for resource, allocations in taken.items():
        if resource.base_id is None:
            continue
        active = [allocation for allocation in allocations if allocation.active and booking.state != "held"]
        about = _about(booking, [resource], audience="public")
        yield Wanted(
            source=f"booking:{booking.id}/resource:{resource.id}",
            facts=decorated(saying.occupied(resource, active), about) if active else None,
            keys=_public(booking.base_id, [resource]),  # not its kind's: what it is for is nobody's business
        )


def _full(booking: Booking, taken: dict[Resource, list[Allocation]]) -> Wanted:
    """Return the entry for those whom a booking concerns; what has ended stays with the instructors it had last."""
    used = [resource for resource, given in taken.items() if any(_is_asked(allocation) for allocation in given)]
    keys = {f"organisation:{booking.organisation_id}", f"desk:{booking.base_id}"}
    keys |= {f"instructor:{resource.id}" for resource in used if resource.base_id is None}
    owner = booking.contact or booking.made_by
    if owner is not None and access.may_read_booking(owner, booking):
        keys.add(f"user:{owner.id}")
    at_base = [
        resource for resource in used if resource.base_id is not None and not resource.slug.startswith(SEATS_SLUG)
    ]
    facts = saying.booking(booking, at_base)
    if facts is not None:
        facts = decorated(facts, _about(booking, at_base, audience="full"))
    keeps = "instructor:" if facts is None else ""
    return Wanted(source=f"booking:{booking.id}", facts=facts, keys=keys, keeps=keeps, audience="full")


def _about(booking: Booking, used: Sequence[Resource], *, audience: Literal["public", "full"]) -> About:
    return About(
        base=booking.base.slug,
        source="booking",
        audience=audience,
        kind=booking.kind.slug,
        resources=_slugs(used),
        id=booking.id,
    )


def _is_asked(allocation: Allocation) -> bool:
    return allocation.active and not allocation.covering


def _closure_ids(since: datetime) -> Select[int]:
    return select(Closure.id).join(Closure.resource).where(Closure.end_at >= since, Resource.base_id.is_not(None))


def _closures(session: Session, ids: Sequence[int]) -> Iterator[Wanted]:
    chosen = select(Closure).where(Closure.id.in_(ids)).options(joinedload(Closure.resource).joinedload(Resource.base))
    for closure in session.scalars(chosen):
        base = closure.resource.base
        if base is not None:
            keys = _public(base.id, [closure.resource]) | {f"desk:{base.id}"}
            slugs = _slugs([closure.resource])
            about = About(base=base.slug, source="closure", audience="public", resources=slugs, id=closure.id)
            yield Wanted(source=f"closure:{closure.id}", facts=decorated(saying.closure(closure), about), keys=keys)


SESSIONS = Source("session", TrainingSession, _session_ids, _sessions)
BOOKINGS = Source("booking", Booking, _booking_ids, _bookings)
CLOSURES = Source("closure", Closure, _closure_ids, _closures)


class _Shown:
    """Which bases are to be seen now; each is asked for once."""

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}

    def __contains__(self, base: Base) -> bool:
        if base.id not in self._known:
            self._known[base.id] = base.archived_at is None and plugins().is_active(base.slug)
        return self._known[base.id]


def _resources(session: Session, ids: Iterable[int]) -> Sequence[Resource]:
    """Return resources in their order at the base."""
    chosen = select(Resource).where(Resource.id.in_(list(ids)))
    return session.scalars(chosen.order_by(Resource.position, Resource.id)).all()


def _allocations(session: Session, booking_ids: Sequence[int]) -> dict[int, dict[Resource, list[Allocation]]]:
    """Return what bookings take, and once took, by resource."""
    chosen = (
        select(Allocation)
        .where(Allocation.booking_id.in_(booking_ids))
        .options(joinedload(Allocation.resource).joinedload(Resource.base))
        .order_by(Allocation.booking_id, Allocation.resource_id, Allocation.start_at)
        .execution_options(populate_existing=True)
    )
    taken: dict[int, dict[Resource, list[Allocation]]] = defaultdict(dict)
    for allocation in session.scalars(chosen):
        assert allocation.booking_id is not None
        taken[allocation.booking_id].setdefault(allocation.resource, []).append(allocation)
    return taken


def _slugs(resources: Sequence[Resource]) -> tuple[str, ...]:
    return tuple(resource.slug for resource in resources)


def _public(base_id: int, resources: Sequence[Resource]) -> set[str]:
    return {f"base:{base_id}", *(f"resource:{resource.id}" for resource in resources)}
