"""What booking tells the rest of the core, inside the transaction (`core/events.py`)."""

from dataclasses import dataclass

from core.booking.models import Booking, Closure, TrainingSession


@dataclass(frozen=True)
class BookingChanged:
    """A booking was made or changed its state. `actor_id` is None when the system did it."""

    booking: Booking
    action: str
    actor_id: int | None
    reason: str = ""


@dataclass(frozen=True)
class SessionChanged:
    """A session was published, edited after publication, or cancelled."""

    session: TrainingSession
    action: str
    actor_id: int | None


@dataclass(frozen=True)
class ClosureChanged:
    """A closure was entered or lifted."""

    closure: Closure
    action: str
    actor_id: int | None
