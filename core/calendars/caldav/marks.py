"""ETags and sync tokens: what a program keeps, to ask later only for what is new.

Both hold change numbers, which never come twice, also after the database was put back to an older state. Beside them
stands a mark of what changes every entry's bytes without a change number: the site's address.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID, uuid5

from flask import current_app

from core import identity
from core.calendars.caldav.refusals import Refused
from core.calendars.caldav.xml import DAV, element

FORM = 1
"""Raised when entries are written another way, so that every client fetches all of them anew."""

_TOKEN = re.compile(r"data:,([0-9a-f]{32})-(\d{1,18})(?:-(\d{1,18}))?")

BAD_TOKEN = element(f"{DAV}valid-sync-token")


@dataclass(frozen=True)
class Position:
    """How far a program has read a collection: all up to this number, and of it up to this entry (None: all)."""

    change: int
    entry_id: int | None


def site() -> str:
    """Return the site's address."""
    return str(current_app.extensions["jidi_settings"].base_url).rstrip("/")


def mark() -> str:
    """Return the mark of how entries are written now."""
    return _mark(identity.site(), site())


def moment(change: int) -> datetime:
    """Return when a change was made, to the second: its number is the microsecond of it (`models.Collection`)."""
    return datetime.fromtimestamp(change // 1_000_000, UTC)


def etag(change: int) -> str:
    """Return an entry's ETag as it stands in a header."""
    return f'"{change}-{mark()}"'


def name_of(key: str) -> str:
    """Return the UID of when a calendar is busy."""
    return str(identity.name_of(f"busy:{key}"))


def sync_token(key: str, change: int, entry_id: int | None = None) -> str:
    """Return the token that says how far a collection was read; a URI, as RFC 6578 6.2 asks."""
    end = "" if entry_id is None else f"-{entry_id}"
    return f"data:,{_of(key)}-{change}{end}"


def position(key: str, token: str) -> Position:
    """Return how far a token says a collection was read.

    Raises:
        Refused: 403, it is not one of this site and collection, or older than the way entries are written.
    """
    found = _TOKEN.fullmatch(token)
    if found is None or found[1] != _of(key):
        raise invalid()
    return Position(int(found[2]), int(found[3]) if found[3] else None)


def invalid() -> Refused:
    """Return the refusal of a token with which nothing can be said (RFC 6578, 3.2)."""
    return Refused(403, "the sync token is not valid: begin anew with an empty one", BAD_TOKEN)


def _of(key: str) -> str:
    return _name(identity.site(), site(), key)


@lru_cache(maxsize=10_000)
def _name(identity: UUID, site: str, key: str) -> str:
    return uuid5(identity, f"sync:{key}:{_mark(identity, site)}").hex


@lru_cache
def _mark(identity: UUID, site: str) -> str:
    return uuid5(identity, f"{site} {FORM}").hex[:8]
