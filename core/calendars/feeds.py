"""Public feeds: ready entries joined to one iCalendar file, and the tag by which a client knows it already.

A feed holds what ended at most 13 months ago, and all that is ahead (`tidy.py` takes out what leaves this window).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from flask import current_app
from sqlalchemy import Row, select

from core import errors
from core.bases.models import Base
from core.booking.resource_queries import find_resource
from core.calendars.components import PRODUCT, TIMEZONE, fold, text, with_url
from core.calendars.models import Collection, Entry, Membership
from core.db import db
from core.localised import LANGUAGES
from core.plugins.facade import plugins

CONTENT_TYPE = "text/calendar; charset=utf-8"
TAIL = b"END:VCALENDAR\r\n"


@dataclass(frozen=True)
class Feed:
    """A feed before it is joined: its head, its tag, when it last changed (None: never), and its collection's key."""

    key: str
    head: bytes
    tag: str
    changed_at: datetime | None

    def body(self) -> bytes:
        """Join the feed; a query and a copy of ready bytes."""
        chosen = (
            select(Entry.data, Entry.path)
            .join(Membership, Membership.entry_id == Entry.id)
            .join(Collection, Collection.id == Membership.collection_id)
            .where(Collection.key == self.key, Membership.deleted.is_(False))
            .order_by(Entry.start_at, Entry.id)
        )
        return _joined(self.head, db.session.execute(chosen))


def of_base(base: Base) -> Feed:
    """Return the feed of a base: its sessions, closures, and what is occupied."""
    return _feed(f"base:{base.id}", base.declared["name"][LANGUAGES[0]], f"/bases/{base.slug}/calendar")


def of_resource(base: Base, slug: str) -> Feed:
    """Return the feed of one resource of a base.

    Raises:
        errors.NotFound: the base has no such resource, or it is archived.
    """
    resource = find_resource(base.id, slug)
    name = resource.name_set or resource.declared["name"][LANGUAGES[0]]
    title = f"{name}，{base.declared['short_name'][LANGUAGES[0]]}"
    return _feed(f"resource:{resource.id}", title, f"/bases/{base.slug}/calendar")


def of_session(base: Base, session_id: int) -> bytes:
    """Return one published (or since cancelled) session as a file of its own.

    Raises:
        errors.NotFound: the base has never published such a session.
    """
    chosen = (
        select(Entry.data, Entry.path)
        .join(Membership, Membership.entry_id == Entry.id)
        .join(Collection, Collection.id == Membership.collection_id)
        .where(Collection.key == f"base:{base.id}", Entry.source == f"session:{session_id}")
    )
    found = db.session.execute(chosen).all()
    if not found:
        raise errors.NotFound
    return _joined(_head("", ""), found)


def _feed(key: str, name: str, page: str) -> Feed:
    head = _head(name, page)
    row = db.session.execute(select(Collection.change, Collection.changed_at).where(Collection.key == key)).first()
    change, changed_at = row or (0, None)
    mark = sha256(head + _site().encode()).hexdigest()[:8]  # names and addresses, which change without a change number
    return Feed(key, head, f"{change}-{plugins().version()}-{mark}", changed_at)


def _head(name: str, page: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN"]
    if name:
        lines += [
            f"NAME:{text(name)}",
            f"X-WR-CALNAME:{text(name)}",
            f"URL:{_site()}{page}",
            "X-WR-TIMEZONE:Asia/Shanghai",
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
            "X-PUBLISHED-TTL:PT1H",
        ]
    return b"".join(map(fold, lines)) + TIMEZONE


def _joined(head: bytes, entries: Iterable[Row[bytes, str]]) -> bytes:
    site = _site()
    return b"".join([head, *(with_url(data, site + path) if path else data for data, path in entries), TAIL])


def _site() -> str:
    return str(current_app.extensions["jidi_settings"].base_url).rstrip("/")
