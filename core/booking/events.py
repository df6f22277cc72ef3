"""What booking tells the rest of the core, inside the transaction (`core/events.py`)."""

from dataclasses import dataclass

from core.booking.models import Booking, Closure, Delegation, Resource, TrainingSession


@dataclass(frozen=True)
class BookingChanged:
    """A booking was made or changed its state. `actor_id` is None when the system did it."""

    booking: Booking
    action: str
    actor_id: int | None
    reason: str = ""


@dataclass(frozen=True)
class SessionChanged:
    """A session was published, edited after publication, or cancelled.

    `changed` says what an edit has changed of what matters to those who have booked: `time`, `place`, `seats`.
    """

    session: TrainingSession
    action: str
    actor_id: int | None
    changed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ClosureChanged:
    """A closure was entered or lifted."""

    closure: Closure
    action: str
    actor_id: int | None


@dataclass(frozen=True)
class ResourceChanged:
    """A manager has added, changed or retired a resource of a base, or brought it back."""

    resource: Resource
    action: str
    actor_id: int


@dataclass(frozen=True)
class BookingOverdue:
    """The deadline for deciding on a booking has passed; published once for each step."""

    booking: Booking


@dataclass(frozen=True)
class DelegationChanged:
    """Somebody lets another account decide (`give`), or this has been ended early (`end`)."""

    delegation: Delegation
    action: str
    actor_id: int
