"""What sessions, bookings and closures say in calendars, in the language that is in force.

No person is named anywhere: who may see a booking finds them on its page.
"""

from collections.abc import Sequence

from flask_babel import gettext as _

from core.booking.models import Allocation, Booking, Closure, Resource, TrainingSession
from core.calendars.components import CANCELLED, Facts
from core.identity import name_of

CONFIRMED, TENTATIVE = "CONFIRMED", "TENTATIVE"

STATUS = {
    **dict.fromkeys(("submitted", "in_review", "returned", "offered"), TENTATIVE),
    **dict.fromkeys(("confirmed", "checked_in", "completed", "no_show"), CONFIRMED),
}
"""What the state of a booking is in calendars.

What is held or waits for a place is in none; what has ended is cancelled where it stood, and says what it said last.
"""


def session(training: TrainingSession, used: Sequence[Resource]) -> Facts:
    """Return the public text of a session.

    Args:
        training: published, or cancelled since.
        used: what it uses of its base: an instructor is a person.
    """
    return Facts(
        summary=training.title,
        description=training.text,
        start=training.start_at,
        end=training.end_at,
        status=CANCELLED if training.state == "cancelled" else CONFIRMED,
        location=_place(training.base.name, used),
        category=training.kind.title,
        path=f"/bases/{training.base.slug}/sessions/{training.id}",
    )


def occupied(resource: Resource, allocations: Sequence[Allocation]) -> Facts:
    """Return what the public learns of a booking: that a resource is taken, set-up and clean-up included."""
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


def booking(booking: Booking, used: Sequence[Resource]) -> Facts | None:
    """Return what those learn of a booking whom it concerns; None where its state is in no calendar.

    Args:
        booking: the booking.
        used: what it takes of its base: an instructor is a person.
    """
    status = STATUS.get(booking.state)
    if status is None:
        return None
    title = booking.session.title if booking.session is not None else booking.kind.title
    organisation = booking.organisation
    said = [
        _("Booking %(ref)s", ref=booking.ref),
        _("Organisation: %(name)s", name=organisation.name),
        _("Quantity: %(number)s", number=booking.units),
    ]
    return Facts(
        summary=_("%(title)s: %(organisation)s", title=title, organisation=organisation.short_name),
        description="\n".join(said),
        start=booking.start_at,
        end=booking.end_at,
        status=status,
        private=True,
        location=_place(booking.base.name, used),
        category=booking.kind.title,
        path=f"/bookings/{booking.ref}",
        related=str(name_of(f"series:{booking.series_id}")) if booking.series_id is not None else "",
    )


def closure(closure: Closure) -> Facts:
    """Return a closure; one that was lifted before its end is over from then on."""
    lifted = closure.lifted_at.replace(microsecond=0) if closure.lifted_at else None  # what iCalendar can say
    return Facts(
        summary=_("Out of use: %(name)s", name=closure.resource.name),
        description=closure.reason,
        start=closure.start_at,
        end=lifted if lifted and closure.start_at < lifted < closure.end_at else closure.end_at,
        status=CANCELLED if lifted is not None and lifted <= closure.start_at else CONFIRMED,
        location=closure.resource.base.name if closure.resource.base else "",
    )


def _place(base: str, used: Sequence[Resource]) -> str:
    return "，".join([base, *(resource.name for resource in used)])
