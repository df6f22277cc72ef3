"""What happens to an item as a whole: handed in, sent back, published, archived, reopened; each leaves a revision."""

from flask_babel import gettext as _

from core import clock, errors
from core.accounts.models import User
from core.content import references, writing
from core.content.models import Item
from core.content.permissions import may_publish, may_publish_item, may_write
from core.content.snapshots import public, working
from core.db import write


def submit(*, actor: User, item_id: int, version: int) -> Item:
    """Hand in a draft, or the pending change of a public item, for review.

    Raises:
        EditedMeanwhile: the text is no longer the one of this version.
        errors.StateChanged: there is nothing to hand in.
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such item.
    """
    with write() as session:
        item = writing.locked(session, item_id)
        if not may_write(actor, item.base_id):
            raise errors.Forbidden
        writing.require_version(item, version)
        if item.pending is not None and not item.pending_review:
            item.pending_review = True
        elif item.state == "draft":
            item.state = "in_review"
        else:
            raise errors.StateChanged
        writing.record(session, item, working(item), act="submit", actor_id=actor.id)
    return item


def give_back(*, actor: User, item_id: int, version: int, reason: str) -> Item:
    """Send what was handed in back to its writer.

    Args:
        actor: who reviews.
        item_id: the item.
        version: number of the version that was seen.
        reason: what is to be changed; the writer is told.

    Raises:
        errors.Invalid: no reason is given.
        EditedMeanwhile, errors.StateChanged, errors.Forbidden, errors.NotFound: as for `submit`.
    """
    if not reason.strip():
        raise errors.Invalid({"reason": _("Please write what is to be changed.")})
    with write() as session:
        item = writing.locked(session, item_id)
        if not may_publish_item(actor, item):
            raise errors.Forbidden
        writing.require_version(item, version)
        if item.pending_review:
            item.pending_review = False
        elif item.state == "in_review":
            item.state = "draft"
        else:
            raise errors.StateChanged
        writing.record(session, item, working(item), act="return", actor_id=actor.id, reason=reason.strip())
    return item


def publish(*, actor: User, item_id: int, version: int) -> Item:
    """Make public what the actor has seen: a draft, or the pending change of a public item.

    Raises:
        EditedMeanwhile: the text is no longer the one of this version.
        errors.StateChanged: there is nothing to publish.
        errors.Invalid: it would end before it begins.
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such item.
    """
    with write() as session:
        item = writing.locked(session, item_id)
        if not may_publish_item(actor, item):
            raise errors.Forbidden
        writing.require_version(item, version)
        if item.state not in {"draft", "in_review"} and item.pending is None:
            raise errors.StateChanged
        writing.make_public(session, actor, item, working(item), act="publish")
    return item


def discard(*, actor: User, item_id: int, version: int) -> Item:
    """Drop the pending change of a public item; its text stays in the history.

    Raises:
        EditedMeanwhile: another version has been saved since.
        errors.StateChanged: there is no pending change.
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such item.
    """
    with write() as session:
        item = writing.locked(session, item_id)
        if not may_write(actor, item.base_id):
            raise errors.Forbidden
        writing.require_version(item, version)
        if item.pending is None:
            raise errors.StateChanged
        item.pending, item.pending_review = None, False
        references.forget(session, item, live=False)
        writing.record(session, item, public(item), act="discard", actor_id=actor.id)
    return item


def archive(*, actor: User, item_id: int) -> Item:
    """Take a published item out of every public page; its address says that it is gone, its text stays.

    One that was still to appear becomes a draft again: it was never public, and its address must not tell of it.

    Raises:
        errors.StateChanged: it is not published.
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such item.
    """
    with write() as session:
        item = writing.locked(session, item_id)
        if not may_publish(actor, item.base_id):
            raise errors.Forbidden
        if item.state != "published":
            raise errors.StateChanged
        item.state = "draft" if item.standing == "scheduled" else "archived"
        item.pending, item.pending_review = None, False
        references.forget(session, item, live=False)
        writing.record(session, item, public(item), act="archive", actor_id=actor.id)
    return item


def reopen(*, actor: User, item_id: int) -> Item:
    """Make a draft of an archived item; its times are chosen anew when it is published again.

    Raises:
        errors.StateChanged: it is not archived.
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such item.
    """
    with write() as session:
        item = writing.locked(session, item_id)
        if not may_publish(actor, item.base_id):
            raise errors.Forbidden
        if item.state != "archived":
            raise errors.StateChanged
        item.state = "draft"
        item.publish_at = None
        if item.expire_at is not None and item.expire_at <= clock.now():
            item.expire_at = None
        writing.record(session, item, public(item), act="reopen", actor_id=actor.id)
    return item
