"""Keeping calendar entries: serialised once, in the transaction that changes their source (DESIGN §4).

Everything here is public: sessions with their public text, closures with their reason, and what a booking takes as
“occupied”, without title, reference or organisation. Instructors are people: they stand in no public calendar.
Entries are in the site's first language: they are the same bytes for every reader.
"""

from collections.abc import Iterable, Sequence

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.booking.events import BookingChanged, ClosureChanged, SessionChanged
from core.booking.models import Allocation, Closure, Resource, TrainingSession
from core.calendars import entries
from core.calendars.components import CANCELLED, Facts
from core.calendars.models import Entry
from core.localised import LANGUAGES


def session_changed(session: Session, event: SessionChanged) -> None:
    """Bring a session's entry up to date; a draft has none."""
    training = event.session
    if training.state == "draft":
        return
    with force_locale(LANGUAGES[0]):
        used = _resources(session, training.uses)
        entries.put(session, f"session:{training.id}", _session(training, used), _collections(training.base_id, used))


def booking_changed(session: Session, event: BookingChanged) -> None:
    """Bring the entries of what a booking takes up to date.

    A booking of a session's seats has none: the session itself stands in the calendar. Neither has a place that is only
    kept while somebody fills in a form.
    """
    booking = event.booking
    if booking.session_id is not None:
        return
    taken = _taken(session, booking.id) if booking.takes_place and booking.state != "held" else {}
    with force_locale(LANGUAGES[0]):
        for resource, allocations in taken.items():
            source = f"booking:{booking.id}/resource:{resource.id}"
            entries.put(session, source, _occupied(resource, allocations), _collections(booking.base_id, [resource]))
        kept = {f"booking:{booking.id}/resource:{resource.id}" for resource in taken}
        _cancel_others(session, booking.id, kept)


def closure_changed(session: Session, event: ClosureChanged) -> None:
    """Bring a closure's entry up to date."""
    closure = event.closure
    resource = closure.resource
    if resource.base_id is None:
        return
    with force_locale(LANGUAGES[0]):
        entries.put(session, f"closure:{closure.id}", _closure(closure), _collections(resource.base_id, [resource]))


def _session(training: TrainingSession, used: Sequence[Resource]) -> Facts:
    return Facts(
        summary=training.title,
        description=training.text,
        start=training.start_at,
        end=training.end_at,
        status=CANCELLED if training.state == "cancelled" else "CONFIRMED",
        location="，".join([training.base.name, *(resource.name for resource in used)]),
        category=training.kind.title,
        path=f"/bases/{training.base.slug}/sessions/{training.id}",
    )


def _occupied(resource: Resource, allocations: Sequence[Allocation]) -> Facts:
    units = sum(allocation.units for allocation in allocations)
    summary = _("Occupied: %(name)s", name=resource.name)
    if resource.capacity > 1:
        of = _("%(units)s of %(capacity)s", units=units, capacity=resource.capacity)
        summary = f"{summary} ({of})"
    return Facts(
        summary=summary,
        start=min(allocation.start_at for allocation in allocations),
        end=max(allocation.end_at for allocation in allocations),
        location=resource.base.name if resource.base else "",
    )


def _closure(closure: Closure) -> Facts:
    """Return a closure; one that was lifted before its end is over from then on."""
    lifted = closure.lifted_at.replace(microsecond=0) if closure.lifted_at else None  # what iCalendar can say
    return Facts(
        summary=_("Out of use: %(name)s", name=closure.resource.name),
        description=closure.reason,
        start=closure.start_at,
        end=lifted if lifted and closure.start_at < lifted < closure.end_at else closure.end_at,
        status=CANCELLED if lifted is not None and lifted <= closure.start_at else "CONFIRMED",
        location=closure.resource.base.name if closure.resource.base else "",
    )


def _cancel_others(session: Session, booking_id: int, kept: set[str]) -> None:
    """Cancel the entries of what a booking no longer takes."""
    prefix = f"booking:{booking_id}/"
    chosen = select(Entry).where(Entry.source.startswith(prefix), Entry.cancelled.is_(False))
    for entry in session.scalars(chosen).all():
        if entry.source not in kept:
            entries.cancel(session, entry)


def _resources(session: Session, ids: Iterable[int]) -> Sequence[Resource]:
    """Return the resources of bases among the given ids, in their order at the base."""
    chosen = select(Resource).where(Resource.id.in_(list(ids)), Resource.base_id.is_not(None))
    return session.scalars(chosen.order_by(Resource.position, Resource.id)).all()


def _taken(session: Session, booking_id: int) -> dict[Resource, list[Allocation]]:
    """Return what a booking takes of the resources of bases."""
    chosen = (
        select(Allocation)
        .join(Allocation.resource)
        .where(Allocation.booking_id == booking_id, Allocation.active, Resource.base_id.is_not(None))
        .options(joinedload(Allocation.resource).joinedload(Resource.base))
        .order_by(Allocation.resource_id, Allocation.start_at)
        .execution_options(populate_existing=True)
    )
    taken: dict[Resource, list[Allocation]] = {}
    for allocation in session.scalars(chosen):
        taken.setdefault(allocation.resource, []).append(allocation)
    return taken


def _collections(base_id: int, resources: Sequence[Resource]) -> set[str]:
    return {f"base:{base_id}", *(f"resource:{resource.id}" for resource in resources)}
