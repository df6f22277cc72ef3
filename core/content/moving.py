"""Moving items: another address, another parent, another base; what stood at the old addresses leads on.

A redirect never hides what is there: whatever is public at an address wins (`queries.find_public`), and whoever comes
to own an address for good takes its redirect away (`redirects.py`).
"""

import re
from collections.abc import Iterator, Sequence

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, errors, events
from core.accounts import roles
from core.accounts.models import User
from core.bases.models import Base
from core.booking.models import TrainingSession
from core.content import claiming, redirects, writing
from core.content.events import ContentChanged
from core.content.models import LONGEST_PATH, PAGE, Item
from core.content.permissions import may_publish, may_write
from core.content.snapshots import working
from core.db import db

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SLUG = 70


def move(
    *, actor: User, item_id: int, version: int, slug: str, parent_id: int | None = None, base_id: int | None = None
) -> Item:
    """Give an item another address; the pages under it follow, and the old addresses of all lead to the new ones.

    Args:
        actor: who moves it; to another base only the office.
        item_id: the item.
        version: number of the version that was seen.
        slug: last part of its address: a-z, 0-9, hyphens.
        parent_id: the page it stands under; None: at the top.
        base_id: the base it belongs to from now on; None: the consortium.

    Raises:
        EditedMeanwhile: another version has been saved since.
        errors.Invalid: `slug`, `parent_id` or `base_id` does not fit.
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such item.
    """
    with claiming.guarded() as session:
        here = session.scalar(select(Item.base_id).where(Item.id == item_id))
        claiming.hold(session, here, base_id)
        item = writing.locked(session, item_id)
        if item.base_id != here:  # moved along with its parent, a moment ago
            raise errors.StateChanged
        _require_right(actor, item, base_id)
        writing.require_version(item, version)
        was = item.path, item.base_id
        _require_slug(slug)
        if base_id != item.base_id:
            _require_movable(session, item, base_id)
        parent = writing.parent_of(session, base_id, item.type, parent_id)
        _require_no_circle(session, item, parent)
        item.slug, item.parent_id = slug, parent_id
        moved = list(_carried(session, item, base_id, f"{parent.path}/{slug}" if parent else slug))
        _carry(session, moved, base_id)
        if was != (item.path, item.base_id):
            writing.record(session, item, working(item), act="move", actor_id=actor.id, reason=was[0][:200])
        for other, _path in moved[1:]:
            events.publish(session, ContentChanged(other, "move", actor.id, ""))
    return item


def free_slug(session: Session, item: Item, parent: Item | None) -> str:
    """Return a slug for an item that comes back under a page: its own, or with a number where that is taken."""
    prefix = f"{parent.path}/" if parent else ""
    number, slug = 1, item.slug
    while claiming.is_taken(session, item.base_id, item.type, prefix + slug, but={item.id}):
        number += 1
        slug = f"{item.slug}-{number}"
    return slug


def below(item: Item) -> Sequence[Item]:
    """Return the pages under a page that would move with it, those under them too."""
    if item.type != PAGE:
        return []
    return [row for row in _pages(item) if row.path.startswith(f"{item.path}/")]


def possible_parents(item: Item) -> Sequence[Item]:
    """Return the pages under which an item may stand in its base, in the order of their addresses."""
    if item.type != PAGE:
        return []
    return [row for row in _pages(item) if row.id != item.id and not row.path.startswith(f"{item.path}/")]


def _pages(item: Item) -> Sequence[Item]:
    owner = Item.base_id.is_(None) if item.base_id is None else Item.base_id == item.base_id
    chosen = select(Item).where(owner, Item.type == PAGE, Item.trashed_at.is_(None)).order_by(Item.path)
    return db.session.scalars(chosen).all()


def _require_right(actor: User, item: Item, base_id: int | None) -> None:
    allowed = may_write if item.state in {"draft", "in_review"} else may_publish
    if not allowed(actor, item.base_id):
        raise errors.Forbidden
    if base_id != item.base_id and not roles.allows(actor, "content.consortium"):
        raise errors.Forbidden


def _require_slug(slug: str) -> None:
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        raise errors.Invalid({"slug": _("Please use a-z, 0-9 and single hyphens, at most 70 characters.")})


def _require_movable(session: Session, item: Item, base_id: int | None) -> None:
    if item.declared is not None or "." in item.type:
        raise errors.Invalid({"base_id": _("This belongs to its base's own set and cannot go to another base.")})
    if base_id is not None and session.get(Base, base_id) is None:
        raise errors.Invalid({"base_id": _("There is no such base.")})
    training = session.get(TrainingSession, item.session_id) if item.session_id is not None else None
    if training is not None and base_id not in {None, training.base_id}:
        raise errors.Invalid({"base_id": _("It takes registrations for a session of its base. Please take that out.")})


def _require_no_circle(session: Session, item: Item, parent: Item | None) -> None:
    above = parent
    while above is not None:
        if above.id == item.id:
            raise errors.Invalid({"parent_id": _("A page cannot stand under itself or under a page below it.")})
        above = session.get(Item, above.parent_id) if above.parent_id is not None else None


def _carried(session: Session, item: Item, base_id: int | None, path: str) -> Iterator[tuple[Item, str]]:
    """Yield an item and all pages under it, each with its new path."""
    if len(path) > LONGEST_PATH:
        raise errors.Invalid({"slug": _("The address becomes too long. Please choose a shorter one.")})
    if item.base_id != base_id and item.declared is not None:
        raise errors.Invalid({"base_id": _("A page under it belongs to the base's own set and cannot be moved along.")})
    yield item, path
    for child in session.scalars(select(Item).where(Item.parent_id == item.id).order_by(Item.id)).all():
        yield from _carried(session, child, base_id, f"{path}/{child.slug}")


def _carry(session: Session, moved: list[tuple[Item, str]], base_id: int | None) -> None:
    ids = {item.id for item, _path in moved}
    for item, path in moved:
        if item.trashed_at is None and claiming.is_taken(session, base_id, item.type, path, but=ids):
            raise claiming.taken()
    places = [(item.base_id, item.type, item.path) for item, _path in moved if _was_public(item)]
    targets = [item.id for item, _path in moved if _was_public(item)]
    # Two steps: an address that one of them leaves may be one that another of them takes.
    for item, _path in moved:
        item.path, item.base_id = f"moving-{item.id}", base_id
    session.flush()
    for item, path in moved:
        item.path, item.changed_at = path, clock.now()
        item.places = [place for place in item.places if place.base_id != base_id]
    session.flush()
    for (old_base, kind, path), item_id in zip(places, targets, strict=True):
        redirects.lead(session, old_base, kind, path, to=item_id)
    for item, _path in moved:
        if _was_public(item):
            redirects.claim(session, item)


def _was_public(item: Item) -> bool:
    return item.state in {"published", "archived"} and item.trashed_at is None
