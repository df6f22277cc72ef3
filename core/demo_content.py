"""Loads the demo's announcements, pages and sections of the portal, through the services that people use."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import partial
from html import escape
from typing import Any

from sqlalchemy import select

from core import clock, demo_files
from core.accounts.models import User
from core.bases.models import Base
from core.bases.queries import visible_bases
from core.content import markdown, queries, sections, writing
from core.content.media import addresses, keeping
from core.content.media.models import MediaFile
from core.content.models import ANNOUNCEMENT, PAGE, Item
from core.content.snapshots import Texts
from core.db import db
from core.plugins.declarations import DemoAnnouncement

ACTS = {"published": writing.PUBLISH, "draft": writing.SAVE, "in_review": writing.SUBMIT}
PICTURE, DOCUMENT = "workplaces.png", "{slug}.pdf"
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
) -> None:
    """Write announcements of a base, or of the consortium (None), each when it says; what is there stays as it is.

    Args:
        base: whose they are.
        announcements: what to write.
        sessions: ids of the base's sessions, in the order in which its demo declares them.
        manager: e-mail address of who publishes.
        publisher: of who writes what is not published; the manager where there is nobody of that address.
    """
    base_id = base.id if base else None
    for entry in announcements:
        if _is_there(base, ANNOUNCEMENT, entry.slug):
            continue
        written = clock.now() - timedelta(days=max(entry.days_ago, 0))
        with clock.set_to(written):
            writer = _user(publisher if entry.state != "published" and _knows(publisher) else manager)
            texts = _texts(writer, base_id, entry, sessions)
            writing.create(actor=writer, base_id=base_id, slug=entry.slug, texts=texts, act=ACTS[entry.state])


def _texts(writer: User, base_id: int | None, entry: DemoAnnouncement, sessions: Sequence[int]) -> Texts:
    today = clock.real_today()
    end = partial(_days_from, today)
    return Texts()


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
