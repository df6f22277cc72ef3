"""Loads the demo's announcements, pages and sections of the portal, through the services that people use."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from html import escape
from typing import Any

from sqlalchemy import select

from core import clock, demo_files
from core.accounts.models import User
from core.bases.models import Base
from core.bases.queries import visible_bases
from core.content import markdown, queries, sections, writing
from core.content.media import keeping
from core.content.media.models import MediaFile
from core.content.models import ANNOUNCEMENT, PAGE, Item
from core.content.snapshots import Happening, Texts
from core.db import db
from core.plugins.declarations import DemoAnnouncement

ACTS = {"published": writing.PUBLISH, "draft": writing.SAVE, "in_review": writing.SUBMIT}
PICTURE, FOLDER = "工位示意图（示例）.png", "示例"
EXAMPLE = "本文件为示例，由演示数据生成。"

MORNING = time(8)
"""When what lies ahead appears."""


def announce(
    base: Base | None,
    announcements: Sequence[DemoAnnouncement],
    sessions: Sequence[int] = (),
    *,
    manager: str,
    publisher: str = "",
    office: str = "",
) -> None:
    """Write announcements of a base, or of the consortium (None), each when it says; what is there stays as it is.

    Args:
        base: whose they are.
        announcements: what to write.
        sessions: ids of the base's sessions, in the order in which its demo declares them.
        manager: e-mail address of who publishes.
        publisher: of who writes what is not published; the manager where there is nobody of that address.
        office: of who publishes what is shown at several bases.
    """
    base_id, today = base.id if base else None, clock.today()
    for entry in announcements:
        if _is_there(base, ANNOUNCEMENT, entry.slug):
            continue
        texts = _texts(entry, today)
        with clock.set_to(clock.now() - timedelta(days=max(entry.days_ago, 0))):
            writer = _writer(entry, manager, publisher, office)
            texts = _with_files(texts, writer, base_id, entry)
            if entry.session is not None:
                texts = replace(texts, session_id=sessions[entry.session])
            writing.create(actor=writer, base_id=base_id, slug=entry.slug, texts=texts, act=ACTS[entry.state])


def _writer(entry: DemoAnnouncement, manager: str, publisher: str, office: str) -> User:
    if entry.places and office:
        return _user(office)
    return _user(publisher if entry.state != "published" and _knows(publisher) else manager)


def _texts(entry: DemoAnnouncement, today: date) -> Texts:
    """Return what an announcement says, and when it appears, leaves the top of the lists, and is over."""
    bases = {base.slug: base.id for base in visible_bases()}
    return Texts(
        title=entry.title,
        body=str(markdown.render(entry.body)),
        category=entry.category,
        reference=entry.reference,
        location=entry.location,
        event=_event(entry, today),
        publish_at=clock.at(today - timedelta(days=entry.days_ago), MORNING) if entry.days_ago < 0 else None,
        pinned_until=clock.now() + timedelta(days=entry.pinned_days) if entry.pinned_days else None,
        expire_at=clock.at(today + timedelta(days=entry.expires_days), time()) if entry.expires_days else None,
        places=frozenset(bases[slug] for slug in entry.places if slug in bases),
    )


def _event(entry: DemoAnnouncement, today: date) -> Happening | None:
    if entry.event_day is None:
        return None
    first = today - timedelta(days=today.weekday() - entry.event_day)
    last = first + timedelta(days=entry.event_days - 1)
    if entry.event_starts is None or entry.event_ends is None:
        return Happening(start=clock.bounds(first)[0], end=clock.bounds(last)[1], all_day=True)
    return Happening(start=clock.at(first, entry.event_starts), end=clock.at(last, entry.event_ends))


def _with_files(texts: Texts, writer: User, base_id: int | None, entry: DemoAnnouncement) -> Texts:
    if entry.picture:
        media = _file(writer, base_id, PICTURE, demo_files.picture(), alt=entry.picture)
        words = escape(entry.picture)
        image = f'<img src="/media/{media.id}/{media.name}" alt="{words}" width="960" height="540">'
        texts = replace(texts, body=f"{texts.body}<figure>{image}<figcaption>{words}</figcaption></figure>")
    if entry.document:
        made = _file(writer, base_id, f"{entry.document}.pdf", demo_files.document(entry.document, EXAMPLE))
        texts = replace(texts, attachments=(made.id,))
    return texts


def _file(writer: User, base_id: int | None, name: str, content: bytes, alt: str = "") -> MediaFile:
    """Return a file of the demo in a library, put there unless it is there."""
    there = MediaFile.base_id.is_(None) if base_id is None else MediaFile.base_id == base_id
    found = db.session.scalar(select(MediaFile).where(there, MediaFile.name == name).limit(1))
    return found or keeping.add(actor=writer, base_id=base_id, name=name, content=content, folder=FOLDER, alt=alt)


def write_pages(author: str, pages: Sequence[Mapping[str, Any]]) -> None:
    """Write pages of the portal, each under the page that it names."""
    for entry in pages:
        parent = _is_there(None, PAGE, entry.get("parent", ""))
        path = f"{parent.path}/{entry['slug']}" if parent else entry["slug"]
        if not _is_there(None, PAGE, path):
            writing.create(
                actor=_user(author),
                base_id=None,
                kind=PAGE,
                slug=entry["slug"],
                parent_id=parent.id if parent else None,
                texts=Texts(title=entry["title"], body=str(markdown.render(entry["body"]))),
                act=writing.PUBLISH,
            )


def arrange_portal(author: str, added: Sequence[str]) -> None:
    """Put further sections at the end of the front page, those that are there left out."""
    there = {section.kind for section in sections.arranged()}
    for kind in added:
        if kind not in there:
            sections.add(actor=_user(author), kind=kind)


def _is_there(base: Base | None, kind: str, path: str) -> Item | None:
    return db.session.scalar(select(Item).where(queries.owner(base), Item.type == kind, Item.path == path).limit(1))


def _knows(email: str) -> bool:
    return db.session.scalar(select(User.id).where(User.email == email)) is not None


def _user(email: str) -> User:
    return db.session.scalars(select(User).where(User.email == email)).one()
