"""Writing announcements: drafts, publication, archiving. Every change of an announcement goes through here."""

import secrets
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, clock, errors
from core.accounts import roles
from core.accounts.models import User
from core.content.errors import EditedMeanwhile
from core.content.models import Announcement
from core.db import write


def create(
    *,
    actor: User,
    base_id: int | None,
    title: str,
    body: str,
    pinned_until: datetime | None = None,
    publish: bool = False,
    slug: str | None = None,
) -> Announcement:
    """Write a new announcement as a draft, or publish it at once.

    Args:
        actor: who writes.
        base_id: the base it belongs to; None: the consortium.
        title, body: heading, and text as Markdown.
        pinned_until: until when it stands on top once published.
        publish: whether it is published at once; needs the right to publish.
        slug: last part of its address; made of the date and a short mark when None.

    Raises:
        errors.Forbidden: the actor may not write (or publish) there.
    """
    with write() as session:
        _require(actor, base_id, publishing=publish)
        now = clock.now()
        announcement = Announcement(
            base_id=base_id,
            slug=slug or _free_slug(session, base_id),
            title=title,
            body=body,
            pinned_until=pinned_until,
            author_id=actor.id,
            state="draft",
            created_at=now,
            updated_at=now,
        )
        session.add(announcement)
        session.flush()
        _record(session, actor, announcement, "create")
        if publish:
            _publish(session, actor, announcement)
    return announcement


def edit(
    *,
    actor: User,
    announcement_id: int,
    version: int,
    title: str,
    body: str,
    pinned_until: datetime | None,
    publish: bool = False,
) -> Announcement:
    """Save an announcement's text, and publish it with `publish`.

    What is already public may only be changed by those who may publish.

    Args:
        version: number of the version that the writer opened.

    Raises:
        EditedMeanwhile: another version has been saved since.
        errors.StateChanged: it is archived, or already published (with `publish`).
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such announcement.
    """
    with write() as session:
        announcement = _load(session, announcement_id)
        _require(actor, announcement.base_id, publishing=publish or announcement.state != "draft")
        if announcement.version != version:
            raise EditedMeanwhile(announcement)
        if announcement.state == "archived":
            raise errors.StateChanged(_l("This announcement is archived and can no longer be changed."))
        announcement.title = title
        announcement.body = body
        announcement.pinned_until = pinned_until
        announcement.updated_at = clock.now()
        _record(session, actor, announcement, "edit")
        if publish:
            _publish(session, actor, announcement)
    return announcement


def publish(*, actor: User, announcement_id: int, version: int) -> Announcement:
    """Make a draft public as the actor has seen it.

    Raises:
        EditedMeanwhile: the text is no longer the one of this version.
        errors.StateChanged: it is not a draft any more.
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such announcement.
    """
    with write() as session:
        announcement = _load(session, announcement_id)
        _require(actor, announcement.base_id, publishing=True)
        if announcement.version != version:
            raise EditedMeanwhile(announcement)
        _publish(session, actor, announcement)
    return announcement


def archive(*, actor: User, announcement_id: int) -> Announcement:
    """Take a published announcement out of every public page; it stays in the manage list.

    Raises:
        errors.StateChanged: it is not published.
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such announcement.
    """
    with write() as session:
        announcement = _load(session, announcement_id)
        _require(actor, announcement.base_id, publishing=True)
        if announcement.state != "published":
            raise errors.StateChanged
        announcement.state = "archived"
        announcement.updated_at = clock.now()
        _record(session, actor, announcement, "archive")
    return announcement


def may_write(actor: User | None, base_id: int | None) -> bool:
    """Say whether somebody may write announcements of a base, or of the consortium (None)."""
    return roles.allows(actor, "content.consortium" if base_id is None else "content.write", base_id=base_id)


def may_publish(actor: User | None, base_id: int | None) -> bool:
    """Say whether somebody may publish announcements of a base, or of the consortium (None)."""
    return roles.allows(actor, "content.consortium" if base_id is None else "content.publish", base_id=base_id)


def may_edit(actor: User | None, announcement: Announcement) -> bool:
    """Say whether somebody may change an announcement: a public one only who may publish, an archived one nobody."""
    if announcement.state == "draft":
        return may_write(actor, announcement.base_id)
    return announcement.state == "published" and may_publish(actor, announcement.base_id)


def _publish(session: Session, actor: User, announcement: Announcement) -> None:
    if announcement.state != "draft":
        raise errors.StateChanged
    announcement.state = "published"
    announcement.published_at = announcement.updated_at = clock.now()
    _record(session, actor, announcement, "publish")


def _load(session: Session, announcement_id: int) -> Announcement:
    announcement = session.get(Announcement, announcement_id, with_for_update=True)
    if announcement is None:
        raise errors.NotFound
    return announcement


def _require(actor: User, base_id: int | None, *, publishing: bool) -> None:
    allowed = may_publish if publishing else may_write
    if not allowed(actor, base_id):
        raise errors.Forbidden


def _record(session: Session, actor: User, announcement: Announcement, verb: str) -> None:
    audit.record(
        session,
        actor_id=actor.id,
        action=f"announcement.{verb}",
        subject=f"announcement:{announcement.id}",
        title=announcement.title,
    )


def _free_slug(session: Session, base_id: int | None) -> str:
    """Make an address of the date and four characters: a Chinese title gives none that can be read aloud."""
    day = clock.today().isoformat()
    owner = Announcement.base_id.is_(None) if base_id is None else Announcement.base_id == base_id
    while True:
        slug = f"{day}-{secrets.token_hex(2)}"
        if session.scalar(select(Announcement.id).where(owner, Announcement.slug == slug)) is None:
            return slug
