"""What accounts tell the rest of the core, inside the transaction (`core/events.py`)."""

from dataclasses import dataclass

from core.accounts.models import User


@dataclass(frozen=True)
class AccessChanged:
    """A user was given or has lost a role, or may sign in again or no longer."""

    user: User
