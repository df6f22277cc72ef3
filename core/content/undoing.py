"""Taking back what one has just done to an item: for ten minutes, instead of a question before (issue 4, Build 3)."""

from dataclasses import replace
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, errors
from core.accounts.models import User
from core.content import claiming, references, trash, writing
from core.content.models import Item, Revision
from core.content.permissions import may_publish, may_write
from core.content.snapshots import Texts, public, put, texts_of, texts_then, working
from core.db import db

MINUTES = 10
"""How long one may change one's mind."""

ACTS = frozenset({"save", "submit", "publish", "archive", "reopen", "discard", "trash"})
"""What can be taken back."""

RESTRICTED = frozenset({"publish", "archive", "reopen"})
"""Acts of those who publish."""


def can_undo(actor: User, item: Item) -> bool:
    """Say whether the last thing that was done to an item is the actor's own and may still be taken back."""
    return _find(db.session(), actor, item) is not None


def undo(*, actor: User, item_id: int, version: int) -> Item:
    """Take back the last thing that was done to an item; nothing that was typed is lost.

    A publication is taken back, not its text: that becomes a draft again, or what is pending over the text that was
    public before. All else puts the item back as it was; what was saved stays in the history.

    Args:
        actor: who did it, no longer than ten minutes ago.
        item_id: the item, in the bin or not.
        version: number of the version that was seen.

    Raises:
        errors.StateChanged: it was somebody else, it is too late, or there is nothing to go back to.
        errors.Forbidden, errors.NotFound: the actor may not write here, or there is no such item.
    """
    with claiming.guarded() as session:
        claiming.hold_of(session, item_id)
        item = writing.locked(session, item_id, trashed=True)
        if not may_write(actor, item.base_id):
            raise errors.Forbidden
        found = _find(session, actor, item)
        if found is None or item.version != version:
            raise errors.StateChanged(_l("This can no longer be undone. Every version is kept in the history."))
        last, before = found
        if last.act == "publish":
            _take_back(session, actor, item, last, before)
        elif before is not None:
            _put_back(session, actor, item, last, before)
    return item


def _find(session: Session, actor: User, item: Item) -> tuple[Revision, Revision | None] | None:
    """Return the revision that can be taken back and the one before it."""
    newest = select(Revision).where(Revision.item_id == item.id, Revision.number >= item.version - 1)
    rows = {row.number: row for row in session.scalars(newest)}
    last, before = rows.get(item.version), rows.get(item.version - 1)
    if last is None or last.act not in ACTS or last.author_id != actor.id:
        return None
    if last.at <= clock.now() - timedelta(minutes=MINUTES) or (before is None and last.act != "publish"):
        return None
    allowed = may_publish if last.act in RESTRICTED else may_write
    return (last, before) if allowed(actor, item.base_id) else None


def _take_back(session: Session, actor: User, item: Item, last: Revision, before: Revision | None) -> None:
    typed = _as_typed(item, last)
    was = before.snapshot["state"] if before is not None else "draft"
    if before is None or was != "published":
        put(item, typed)
        item.state = was
        _record(session, actor, item, last)
        return
    put(item, texts_then(before))
    item.owned = before.snapshot.get("owned", True)
    pending = _pending(session, before)
    if pending is not None and _same(texts_of(pending), typed):
        item.pending, item.pending_review = pending, before.snapshot.get("pending_review", False)
        _record(session, actor, item, last)
        return
    _record(session, actor, item, last, kept=typed)


def _put_back(session: Session, actor: User, item: Item, last: Revision, before: Revision) -> None:
    put(item, texts_then(before))
    item.state = before.snapshot["state"]
    item.owned = before.snapshot.get("owned", True)
    item.pending = _pending(session, before)
    item.pending_review = item.pending is not None and before.snapshot.get("pending_review", False)
    if item.trashed_at is not None:
        trash.put_back(session, item)
    _record(session, actor, item, last)


def _record(session: Session, actor: User, item: Item, last: Revision, *, kept: Texts | None = None) -> None:
    """Write down what was taken back; `kept` are texts that are pending from now on."""
    item.changed_at = clock.now()
    texts = kept or working(item)
    writing.record(
        session, item, texts, act="undo", actor_id=actor.id, reason=last.act, pending=kept is not None, review=False
    )
    references.note(session, item, public(item), live=True)
    references.forget(session, item, live=False)
    if item.pending is not None:
        references.note(session, item, texts, live=False)


def _as_typed(item: Item, last: Revision) -> Texts:
    """Return the texts of a publication, without the moment that was set because none had been chosen."""
    texts = public(item)
    chosen = texts.publish_at is not None and texts.publish_at > last.at
    return texts if chosen else replace(texts, publish_at=None)


def _same(one: Texts, other: Texts) -> bool:
    return replace(one, publish_at=None) == replace(other, publish_at=None)


def _pending(session: Session, before: Revision) -> Revision | None:
    number = before.snapshot.get("pending")
    chosen = select(Revision).where(Revision.item_id == before.item_id, Revision.number == number)
    return session.scalar(chosen) if number is not None else None
