"""Announcements with a date in the calendars: there as long as they are public, by themselves when their time comes.

What waits for its moment has its entry already, in no calendar yet; a job at the moment of its publication puts it
there, one at its end takes it out. It then leaves the calendars instead of being cancelled: what it told of may well
take place.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from core import clock, errors, jobs
from core.bases.models import Base
from core.bases.queries import is_visible
from core.calendars import entries, events, sources
from core.calendars.components import Facts, alone
from core.calendars.entries import Wanted
from core.calendars.events import Dated
from core.calendars.models import Entry
from core.calendars.sources import Source
from core.content import categories, queries
from core.content.addresses import absolute
from core.content.events import ContentChanged, ContentErased
from core.content.models import ANNOUNCEMENT, Item, Place
from core.content.richtext import plain
from core.db import db, write

TEXT = 500
"""Characters of an announcement's text, at most, that an entry carries."""

JOB = "calendars.announcement"


def content_changed(session: Session, event: ContentChanged) -> None:
    """Bring an announcement's entry up to date, and have that done again when it appears and when it expires."""
    item = event.item
    if item.type != ANNOUNCEMENT:
        return
    sources.update(session, ANNOUNCEMENTS, [item.id])
    if not _has_entry(item):
        return
    for moment in (item.publish_at, item.expire_at):
        if moment is not None and moment > clock.now():
            wish = f"{JOB}:{item.id}:{moment.isoformat()}"
            jobs.enqueue(session, JOB, {"item": item.id}, run_at=moment, dedupe=wish)


def content_erased(session: Session, event: ContentErased) -> None:
    """Let the entry of an announcement be nobody's, as SQLite gives its number to the next that is written."""
    entries.disown(session, f"announcement:{event.item_id}")


@jobs.handler(JOB)
def at_its_moment(task: jobs.Task) -> None:
    """Bring the entry of an announcement up to date that appears or expires now; one that is gone has none."""
    with write() as session:
        sources.update(session, ANNOUNCEMENTS, sources.locked(session, ANNOUNCEMENTS, [task.payload["item"]]))


def _ids(since: datetime) -> Select[int]:
    return select(Item.id).where(Item.type == ANNOUNCEMENT, Item.event_end >= since)


def _wanted(session: Session, ids: Sequence[int]) -> Iterator[Wanted]:
    chosen = select(Item).where(Item.id.in_(ids), Item.type == ANNOUNCEMENT).options(joinedload(Item.base))
    items = session.scalars(chosen.order_by(Item.id)).all()
    shown = set(session.scalars(select(Base.id).where(is_visible())))
    for item in items:
        says = facts(item) if _has_entry(item) else None
        yield Wanted(source=f"announcement:{item.id}", facts=says, keys=_collections(item, shown) if says else ())


ANNOUNCEMENTS = Source("announcement", Item, _ids, _wanted, withdrawn=True)


def facts(item: Item) -> Facts:
    """Return what an announcement's entry says; it takes nobody's time, for nobody has promised to come."""
    assert item.event_start is not None
    assert item.event_end is not None
    return Facts(
        summary=item.title,
        description=plain(item.body, TEXT),
        start=item.event_start,
        end=item.event_end,
        all_day=item.event_all_day,
        transparent=True,
        location=item.location or (item.base.name if item.base else ""),
        category=categories.label(item.category),
        path=_path(item),
    )


def file_of(base: Base | None, slug: str) -> bytes:
    """Return a public announcement's date as an iCalendar file of its own.

    Args:
        base: whose it is; None: the consortium's.
        slug: last part of its address, or of one that it had before.

    Raises:
        errors.NotFound: there is no such announcement, or it has no date.
        Gone: it was public, and is no longer.
    """
    item = queries.find_public(base, ANNOUNCEMENT, slug)
    found = db.session.execute(select(Entry.data, Entry.path).where(Entry.source == f"announcement:{item.id}")).first()
    if found is None or item.event_start is None:
        raise errors.NotFound
    return alone(found.data, absolute(found.path))


def between(base_ids: Collection[int], start: datetime, end: datetime, *, consortium: bool = False) -> list[Dated]:
    """Return what is announced for `[start, end)` and what plugins put there, in order of time.

    Args:
        base_ids: of the bases whose calendars are shown; also what others announce there.
        start, end: aware moments.
        consortium: whether the consortium's own announcements stand there as well.
    """
    there = or_(Item.base_id.in_(base_ids), exists().where(Place.item_id == Item.id, Place.base_id.in_(base_ids)))
    if consortium:
        there = or_(there, Item.base_id.is_(None))
    touching = and_(Item.event_start < end, Item.event_end > start)
    chosen = select(Item).where(Item.type == ANNOUNCEMENT, touching, queries.is_shown(), there)
    found = map(_dated, db.session.scalars(chosen.options(joinedload(Item.base))))
    return sorted(
        [*found, *events.between(base_ids, start, end)], key=lambda entry: (entry.start, entry.end, entry.title)
    )


def _has_entry(item: Item) -> bool:
    return item.event_end is not None and item.state == "published" and item.trashed_at is None


def _collections(item: Item, shown: Collection[int]) -> set[str]:
    """Return the keys of the calendars in which an announcement stands now: none while it is not public."""
    if not item.is_public or (item.base_id is not None and item.base_id not in shown):
        return set()
    bases = {place.base_id for place in item.places} | ({item.base_id} if item.base_id is not None else set())
    return {"portal", *(f"{kind}:{base_id}" for kind in ("base", "desk") for base_id in bases)}


def _path(item: Item) -> str:
    """Return the path of an announcement's page; by hand, as a worker knows no request to make it from."""
    return f"/bases/{item.base.slug}/announcements/{item.path}" if item.base else f"/announcements/{item.path}"


def _dated(item: Item) -> Dated:
    assert item.event_start is not None
    assert item.event_end is not None
    return Dated(
        title=item.title,
        start=item.event_start,
        end=item.event_end,
        all_day=item.event_all_day,
        base=item.base,
        path=_path(item),
    )
