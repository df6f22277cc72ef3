"""What organisations tell the rest of the core, inside the transaction (`core/events.py`)."""

from dataclasses import dataclass

from core.organisations.models import AccountRequest


@dataclass(frozen=True)
class AccountRequested:
    """Somebody asks for an account for their organisation."""

    request: AccountRequest
