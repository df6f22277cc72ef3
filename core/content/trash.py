"""The recycle bin: what was thrown away lies there for 30 days and can be recovered; then it is erased."""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from core import audit, clock, errors, events
from core.accounts.models import User
from core.bases.models import Base
from core.content import claiming, moving, writing
from core.content.events import ContentErased
from core.content.models import LONGEST_PATH, Item
from core.content.permissions import may_publish, may_write
from core.content.queries import PER_PAGE, owner
from core.content.snapshots import working
from core.db import db, write
from core.paging import Sheet, sheet

KEPT = timedelta(days=30)
"""How long what was thrown away can be recovered (issue 4, “recycle bin with 30 days”)."""


def throw_away(*, actor: User, item_id: int) -> Item:
    """Put an item into the recycle bin: it is gone from every page at once, and can be recovered for 30 days.

    Raises:
        errors.Invalid: other pages stand under it, or it is shipped with its base.
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such item.
    """
    with write() as session:
        claiming.hold_of(session, item_id)  # nobody puts a page under it meanwhile
        item = writing.locked(session, item_id)
        require_right(actor, item)
        if item.declared is not None and "withdrawn" not in item.declared:
            raise errors.Invalid({"": _("This page comes with the base. Please archive it instead.")})
        below = select(func.count()).where(Item.parent_id == item.id, Item.trashed_at.is_(None))
        if session.scalar(below):
            raise errors.Invalid({"": _("Other pages stand under this one. Please move or delete them first.")})
        item.trashed_at = clock.now()
        writing.record(session, item, working(item), act="trash", actor_id=actor.id)
    return item


def recover(*, actor: User, item_id: int) -> Item:
    """Take an item out of the recycle bin, as it was; where its address is taken by now, with another one.

    Raises:
        errors.StateChanged: it does not lie in the bin.
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such item.
    """
    with claiming.guarded() as session:
        claiming.hold_of(session, item_id)
        item = writing.locked(session, item_id, trashed=True)
        require_right(actor, item)
        if item.trashed_at is None:
            raise errors.StateChanged
        put_back(session, item)
        writing.record(session, item, working(item), act="recover", actor_id=actor.id)
    return item


def put_back(session: Session, item: Item) -> None:
    """Take an item out of the bin in the current transaction, to its address or to the nearest one that is free."""
    parent = session.get(Item, item.parent_id) if item.parent_id is not None else None
    if parent is not None and (parent.trashed_at is not None or len(parent.path) + len(item.slug) > LONGEST_PATH - 5):
        parent = None
    item.parent_id = parent.id if parent else None
    item.slug = moving.free_slug(session, item, parent)
    item.path = f"{parent.path}/{item.slug}" if parent else item.slug
    item.trashed_at = None
    item.changed_at = clock.now()


def require_right(actor: User, item: Item) -> None:
    """Refuse whoever may not throw an item away: who writes may a draft, who publishes also what was public.

    Raises:
        errors.Forbidden: the actor may not.
    """
    allowed = may_write if item.state in {"draft", "in_review"} else may_publish
    if not allowed(actor, item.base_id):
        raise errors.Forbidden


def find(base: Base | None, item_id: int) -> Item:
    """Return an item of a base or of the consortium, in the bin or not.

    Raises:
        errors.NotFound: there is none of this id there.
    """
    item = db.session.get(Item, item_id)
    if item is None or item.base_id != (base.id if base else None):
        raise errors.NotFound
    return item


def in_bin(base: Base | None, number: int) -> Sheet[Item]:
    """Return a page of what lies in the bin of a base or of the consortium, the last thrown away first."""
    there = select(Item).where(owner(base), Item.trashed_at.is_not(None)).options(joinedload(Item.author))
    return sheet(there.order_by(Item.trashed_at.desc(), Item.id), number, size=PER_PAGE)


def erased_at(item: Item) -> datetime | None:
    """Return when an item in the bin will be erased; None: it does not lie there."""
    return item.trashed_at + KEPT if item.trashed_at is not None else None


def erase_old() -> None:
    """Erase what has lain in the bin for 30 days, with its history and all that it refers to; run by the worker."""
    with write() as session:
        old = select(Item.id).where(Item.trashed_at <= clock.now() - KEPT).order_by(Item.id)
        for item_id in session.scalars(old.with_for_update()).all():  # else one could be recovered meanwhile
            audit.record(session, actor_id=None, action="content.erase", subject=f"content:{item_id}")
            session.execute(delete(Item).where(Item.id == item_id))
            events.publish(session, ContentErased(item_id))
