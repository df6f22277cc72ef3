"""What an older release has put into people's calendars keeps its name there, and its tokens keep their purpose."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock
from core.accounts import api_tokens
from core.calendars import rebuild
from core.calendars.components import Facts, serialise
from core.calendars.models import Collection, Entry, Membership
from core.db import db
from tests.booking.shop import place_plugin
from tests.support.databases import Databases
from tests.support.older import upgraded

THEN = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
BEGIN = int(clock.now().timestamp()) // 3600 * 3600 + 14 * 24 * 3600
UID, GONE = "0b6e8f0e-5a0a-4d0c-9a56-2f1f6f1c7c11", "3f1f1d1e-9c56-4a6e-8f10-6a0c2b7d5e22"
OLD = Facts(summary="旧题", start=datetime.fromtimestamp(BEGIN, UTC), end=datetime.fromtimestamp(BEGIN + 3600, UTC))


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a published session with its entry, the entry of a closure that is no longer there, and a token."""
    yield "base", {"slug": "workshop", "position": 1, "declared": {"name": {"zh": "车间"}}, "contact": ""}
    person = {"email": "manager@example.com", "name": "管理员", "active": True, "demo": False, "session_version": 1}
    yield "user_account", person | {"created_at": THEN}
    token = {"user_id": 1, "label": "", "digest": sha256(b"jidi_old").hexdigest(), "created_at": THEN}
    yield "user_api_token", token
    kind = {"base_id": 1, "slug": "course", "position": 1, "declared": {"title": {"zh": "课"}}, "rules_set": {}}
    yield "booking_kind", kind
    told = {"base_id": 1, "kind_id": 1, "title": "示例场次", "text": "", "seats": 3, "state": "published", "reason": ""}
    when = {"start_at": BEGIN, "end_at": BEGIN + 3600}
    yield "session", told | when | {"uses": [], "created_at": THEN, "version": 1}
    yield "calendar_collection", {"key": "base:1", "change": 7, "changed_at": THEN}
    for number, (source, uid) in enumerate((("session:1", UID), ("closure:9", GONE)), start=1):
        entry = {"source": source, "audience": "public", "uid": uid, "sequence": 4, "cancelled": False, "path": ""}
        yield (
            "calendar_entry",
            entry | when | {"modified_at": THEN, "data": serialise(OLD, uid=uid, sequence=4, modified=THEN)},
        )
        yield "calendar_membership", {"collection_id": 1, "entry_id": number, "change": number, "deleted": False}


@pytest.fixture
def older(databases: Databases, keys: dict[str, str], tmp_path: Path) -> Iterator[Flask]:
    """The site of an older release, brought up to date."""
    place_plugin(tmp_path)
    with upgraded(databases, keys, tmp_path, ["core_0001", "core_0002"], rows()) as app:
        yield app


@pytest.mark.database
def test_entries_keep_their_names_and_stand_in_every_calendar_they_belong_to(older: Flask) -> None:
    entry = db.session.scalars(select(Entry).where(Entry.source == "session:1", Entry.audience == "public")).one()
    assert (entry.uid, entry.sequence) == (UID, 4), "nothing that clients count by has changed"
    assert "示例场次".encode() in entry.data
    keys = select(Collection.key).join(Membership, Membership.collection_id == Collection.id)
    found = set(db.session.scalars(keys.where(Membership.entry_id == entry.id, Membership.deleted.is_(False))))
    assert {"base:1", "kind:1", "desk:1", "portal"} <= found
    assert db.session.scalars(select(Collection.change).where(Collection.key == "base:1")).one() > 7
    assert list(rebuild.differences()) == []


def test_what_has_no_source_any_more_is_called_off(older: Flask) -> None:
    entry = db.session.scalar(select(Entry).where(Entry.uid == GONE))
    assert entry is None or entry.cancelled or _left(entry)


def _left(entry: Entry) -> bool:
    stands = select(Membership).where(Membership.entry_id == entry.id, Membership.deleted.is_(False))
    return db.session.scalar(stands) is None


def test_tokens_of_programs_open_no_calendar(older: Flask) -> None:
    assert api_tokens.find("jidi_old") is not None
    assert api_tokens.find("jidi_old", purpose="calendar") is None
