"""Writing content: every save of an item goes through here, and each leaves a revision.

What is public is changed by whoever may publish; others leave a pending change, which waits for review.
"""

import secrets
from dataclasses import replace

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, clock, errors, events
from core.accounts.models import User
from core.booking.models import TrainingSession
from core.content import claiming, redirects, references, richtext, types
from core.content.errors import EditedMeanwhile
from core.content.events import ContentChanged
from core.content.media.models import MediaFile
from core.content.models import ANNOUNCEMENT, PAGE, Item, Reference, Revision
from core.content.permissions import may_publish, may_publish_item, may_write
from core.content.snapshots import Texts, public, put, snapshot
from core.db import write

SAVE, SUBMIT, PUBLISH = "save", "submit", "publish"


def create(
    *,
    actor: User,
    base_id: int | None,
    texts: Texts,
    kind: str = ANNOUNCEMENT,
    act: str = SAVE,
    slug: str | None = None,
    parent_id: int | None = None,
    reason: str = "",
) -> Item:
    """Write a new item.

    Args:
        actor: who writes.
        base_id: the base it belongs to; None: the consortium.
        texts: what it says; cleaned here.
        kind: its type.
        act: `save` leaves a draft, `submit` hands it in for review, `publish` makes it public at `texts.publish_at`.
        slug: last part of its address; made of the date and a short mark when None.
        parent_id: the page it stands under.
        reason: why, for its history.

    Raises:
        errors.Forbidden: the actor may not write (or publish) there.
        errors.NotFound: there is no such type, or its plugin is not active.
        errors.Invalid: something it names does not fit: address, file, session, times.
    """
    texts = cleaned(texts)
    with claiming.guarded() as session:
        if types.find(kind) is None:
            raise errors.NotFound
        claiming.hold(session, base_id)
        now = clock.now()
        parent = parent_of(session, base_id, kind, parent_id)
        above = f"{parent.path}/" if parent else ""
        slug = slug or _free_slug(session, base_id, kind, above)
        item = Item(
            type=kind,
            base_id=base_id,
            parent_id=parent_id,
            slug=slug,
            path=above + slug,
            author_id=actor.id,
            state="draft",
            version=0,
            created_at=now,
            updated_at=now,
            title="",
            body="",
        )
        if claiming.is_taken(session, base_id, kind, item.path):
            raise claiming.taken()
        _store(session, actor, item, texts, act=act, reason=reason)
    return item


def _free_slug(session: Session, base_id: int | None, kind: str, above: str) -> str:
    """Return an address nobody chose: the day and a short mark, tried until it is free (of 300 a day two meet)."""
    while True:
        slug = f"{clock.today().isoformat()}-{secrets.token_hex(2)}"
        if not claiming.is_taken(session, base_id, kind, above + slug):
            return slug


def save(*, actor: User, item_id: int, version: int, texts: Texts, act: str = SAVE, reason: str = "") -> Item:
    """Save an item's texts; `act` as for `create`.

    A published item keeps what is public until somebody who may publish does so: saved or submitted texts are pending.

    Args:
        actor: who writes.
        item_id: the item.
        version: number of the version that the writer opened.
        texts: what it is to say; cleaned here.
        act: `save`, `submit` or `publish`.
        reason: why, for its history.

    Raises:
        EditedMeanwhile: another version has been saved since.
        errors.StateChanged: it is archived, or in the bin.
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such item.
        errors.Invalid: as for `create`.
    """
    texts = cleaned(texts)
    with write() as session:
        item = locked(session, item_id)
        require_version(item, version)
        if item.state == "archived":
            raise errors.StateChanged(_l("This is archived and can no longer be changed."))
        _store(session, actor, item, texts, act=act, reason=reason)
    return item


def cleaned(texts: Texts) -> Texts:
    """Return texts with safe HTML and tidy words; slow, so it is done before the transaction."""
    return replace(
        texts,
        title=" ".join(texts.title.split()),
        body=richtext.clean(texts.body),
        reference=texts.reference.strip(),
        location=texts.location.strip(),
    )


def locked(session: Session, item_id: int, *, trashed: bool = False) -> Item:
    """Return an item that is locked until the end of the transaction.

    Args:
        session: the session of the open `db.write()`.
        item_id: the item.
        trashed: whether one that lies in the bin will do as well.

    Raises:
        errors.NotFound: there is none, or it lies in the bin.
    """
    # Not FOR UPDATE, which references to it would wait for: two texts that link to each other may be saved at once.
    item = session.get(Item, item_id, with_for_update={"of": Item, "key_share": True})
    if item is None or (item.trashed_at is not None and not trashed):
        raise errors.NotFound
    return item


def require_version(item: Item, version: int) -> None:
    """Refuse to act on another version than the one that was seen.

    Raises:
        EditedMeanwhile: another version has been saved since.
    """
    if item.version != version:
        raise EditedMeanwhile(item)


def record(
    session: Session,
    item: Item,
    texts: Texts,
    *,
    act: str,
    actor_id: int | None,
    reason: str = "",
    pending: bool = False,
    review: bool = False,
) -> None:
    """Add a revision that says what was done to an item, and tell the listeners.

    Args:
        session: the session of the open `db.write()`.
        item: after the act.
        texts: what was saved, or what the act was about.
        act: what was done.
        actor_id: who did it; None: the site itself.
        reason: why.
        pending: whether `texts` are from now on the item's pending change.
        review: whether that is handed in for review.
    """
    item.version += 1
    item.updated_at = clock.now()
    session.add(item)
    session.flush()
    revision = Revision(
        item_id=item.id,
        number=item.version,
        act=act,
        reason=reason[:200],
        author_id=actor_id,
        at=clock.now(),
        snapshot={},
    )
    session.add(revision)
    if pending:
        item.pending, item.pending_review = revision, review
    revision.snapshot = snapshot(item, texts, pending=item.pending.number if item.pending is not None else None)
    session.flush()
    audit.record(session, actor_id=actor_id, action=f"content.{act}", subject=f"content:{item.id}", type=item.type)
    events.publish(session, ContentChanged(item, act, actor_id, reason))


def make_public(session: Session, actor: User, item: Item, texts: Texts, *, act: str, reason: str = "") -> None:
    """Put texts into an item and publish it, at `texts.publish_at` or now; a pending change is done with."""
    if not may_publish_item(actor, item):
        raise errors.Forbidden
    opened = item.publish_at if item.state == "published" else None
    put(item, replace(texts, publish_at=texts.publish_at or opened or clock.now()))
    if item.expire_at is not None and item.publish_at is not None and item.expire_at <= item.publish_at:
        raise errors.Invalid({"expire_at": _("It would end before it begins. Please choose a later end.")})
    item.state = "published"
    item.pending, item.pending_review = None, False
    item.owned = True
    redirects.claim(session, item)
    record(session, item, public(item), act=act, actor_id=actor.id, reason=reason)
    references.forget(session, item, live=False)
    references.note(session, item, texts, live=True)


def _store(session: Session, actor: User, item: Item, texts: Texts, *, act: str, reason: str) -> None:
    if not may_write(actor, item.base_id):
        raise errors.Forbidden
    texts = types.fitting(item.type, texts)
    _check(session, actor, item, texts)
    if act == PUBLISH:
        make_public(session, actor, item, texts, act=act, reason=reason)
    elif item.state == "published":
        record(session, item, texts, act=act, actor_id=actor.id, reason=reason, pending=True, review=act == SUBMIT)
        references.note(session, item, texts, live=False)
    else:
        put(item, texts)
        item.state = "in_review" if act == SUBMIT else item.state
        record(session, item, texts, act=act, actor_id=actor.id, reason=reason)
        references.note(session, item, texts, live=True)


def _check(session: Session, actor: User, item: Item, texts: Texts) -> None:
    """Refuse what texts name but may not: other bases, files of other libraries, sessions of other bases."""
    # Already in a draft: who reviews it publishes for the item's own base alone, and would not look at the others.
    if not all(may_publish(actor, base_id) for base_id in texts.places - {place.base_id for place in item.places}):
        raise errors.Invalid({"places": _("You may not publish at one of these bases. Please take it out.")})
    _check_files(session, actor, item, texts)
    if texts.session_id is not None:
        training = session.get(TrainingSession, texts.session_id)
        if training is None or item.base_id not in {None, training.base_id}:
            raise errors.Invalid({"session_id": _("There is no such session here. Please choose another.")})
    if texts.event is not None and texts.event.end <= texts.event.start:
        raise errors.Invalid({"event": _("It would end before it begins. Please choose a later end.")})
    if texts.publish_at and texts.expire_at and texts.expire_at <= texts.publish_at:
        raise errors.Invalid({"expire_at": _("It would end before it begins. Please choose a later end.")})


def _check_files(session: Session, actor: User, item: Item, texts: Texts) -> None:
    """Refuse files of libraries in which the actor has no part: what a public text uses, everybody can fetch.

    What the item uses already stays, also when the item has come from another base.
    """
    chosen = select(Reference.media_id).where(Reference.source_id == item.id, Reference.media_id.is_not(None))
    used = set(session.scalars(chosen)) if item.id is not None else set()

    def is_usable(row: MediaFile) -> bool:
        return row.id in used or row.base_id in {None, item.base_id} or may_write(actor, row.base_id)

    found = select(MediaFile).where(MediaFile.id.in_(texts.attachments), MediaFile.trashed_at.is_(None))
    if sum(is_usable(row) for row in session.scalars(found)) < len(texts.attachments):
        raise errors.Invalid({"attachments": _("A file is no longer in the library. Please choose it again.")})
    if not all(is_usable(row) for row in references.media_in(session, texts.body)):
        raise errors.Invalid(
            {"body": _("A picture or file in the text belongs to another base. Please link to its page instead.")}
        )


def parent_of(session: Session, base_id: int | None, kind: str, parent_id: int | None) -> Item | None:
    """Return the page that an item is to stand under, None for none.

    Raises:
        errors.Invalid: there is no such page there, or the item is no page.
    """
    if parent_id is None:
        return None
    parent = session.get(Item, parent_id)
    if parent is None or kind != PAGE or (parent.type, parent.base_id, parent.trashed_at) != (PAGE, base_id, None):
        raise errors.Invalid({"parent_id": _("There is no such page to put it under.")})
    return parent
