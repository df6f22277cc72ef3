"""Addresses that are keys themselves, as they may stand in a log."""

import re

KEYS = re.compile(r"(/(?:calendars|preview|account/invitation|account/reset)/)[^/?#]+")
"""What comes after these is a secret: of a private calendar, a preview, an invitation, a new password."""


def hushed(address: str) -> str:
    """Return an address, or a path, without the secret it may hold."""
    return KEYS.sub(r"\1…", address)
