"""A base with very many calendar entries, for judges and measurements: written in bulk, as `entries.put` does."""

import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from core import clock, db
from core.bases.models import Base
from core.booking.models import Resource
from core.calendars.components import Facts, serialise
from core.calendars.models import Collection, Entry, Membership

SPAN = timedelta(days=730)
"""From a year ago to a year ahead: what ended earlier leaves a feed after 13 months."""

TEXT = "示例课程，先看安全规程；再分组上机，每组两人一台。"


def fill(app: Flask, number: int) -> str:
    """Add so many entries to the calendar of a site's first base and of its resources; return the base's slug.

    Every 50th is cancelled, every 20th lasts whole days. Their sources exist nowhere: a rebuild would cancel them.
    """
    with app.app_context(), db.write() as session:
        base = session.scalars(select(Base).order_by(Base.id)).first()
        assert base is not None
        resources = session.scalars(select(Resource.id).where(Resource.base_id == base.id).order_by(Resource.id)).all()
        places = [_collection(session, f"resource:{resource}") for resource in resources]
        whole = _collection(session, f"base:{base.id}")
        now = clock.now().replace(microsecond=0)
        rows = [_row(base, n, now, number) for n in range(number)]
        session.execute(insert(Entry), rows)
        found = select(Entry.source, Entry.id).where(Entry.source.startswith("example:"))
        ids = {row.source: row.id for row in session.execute(found)}
        change = time.time_ns() // 1000
        members = [
            {"entry_id": ids[row["source"]], "collection_id": place, "change": change, "deleted": False}
            for n, row in enumerate(rows)
            for place in (whole, *places[n % (len(places) + 1) :][:1])
        ]
        session.execute(insert(Membership), members)
        changed = update(Collection).where(Collection.id.in_([whole, *places]))
        session.execute(changed.values(change=change, changed_at=now))
        return base.slug


def _collection(session: Session, key: str) -> int:
    found = session.scalar(select(Collection.id).where(Collection.key == key))
    if found is not None:
        return found
    collection = Collection(key=key, changed_at=clock.now())
    session.add(collection)
    session.flush()
    return collection.id


def _row(base: Base, n: int, now: datetime, number: int) -> dict[str, Any]:
    all_day, cancelled = n % 20 == 7, n % 50 == 3
    day = now.astimezone(clock.ZONE).replace(hour=0, minute=0, second=0) - SPAN / 2 + SPAN * n // number
    start = day.replace(hour=0, minute=0, second=0) if all_day else day.replace(minute=15 * (n % 4), second=0)
    end = start + (timedelta(days=1) if all_day else timedelta(hours=1 + n % 3))
    path = f"/bases/{base.slug}/sessions/{100_000 + n}"
    facts = Facts(
        summary=f"示例课程{n}",
        start=start,
        end=end,
        all_day=all_day,
        status="CANCELLED" if cancelled else "CONFIRMED",
        description=TEXT * (1 + n % 3),
        location=f"示例基地，示例教室{n % 30}",
        category="示例",
        path=path,
    )
    uid = str(UUID(int=(5 << 112) + n))
    return {
        "source": f"example:{n}",
        "audience": "public",
        "uid": uid,
        "sequence": n % 3,
        "cancelled": facts.cancelled,
        "transparent": facts.is_transparent,
        "start_at": facts.start,
        "end_at": facts.end,
        "modified_at": now,
        "path": path,
        "data": serialise(facts, uid=uid, sequence=n % 3, modified=now),
    }
