"""Messages about content: a text waits for review; what became of one's text."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import outbox
from core.accounts.models import User
from core.accounts.roles import Role
from core.content.events import ContentChanged
from core.content.models import Item, Revision
from core.content.snapshots import working
from core.notify.messages import holders, in_language_of, paragraphs, reason_line, send

REVIEWED = frozenset({"return", "publish"})
"""Acts that answer what was handed in."""


def content_changed(session: Session, event: ContentChanged) -> None:
    """Tell those who publish what waits for them, and the writer what became of a text that was handed in."""
    if event.act == "submit":
        _ask_for_review(session, event)
    elif event.act in REVIEWED:
        _answer(session, event)


def _ask_for_review(session: Session, event: ContentChanged) -> None:
    item = event.item
    title = working(item).title
    link = outbox.path_to("content_desk.review_item", scope=item.base.slug if item.base else "consortium", id=item.id)
    author = session.get(User, event.actor_id) if event.actor_id is not None else None
    for user in _reviewers(session, item):
        if user.id == event.actor_id:
            continue
        with in_language_of(user):
            subject = _("To be reviewed: %(title)s", title=title)
            who = _("%(name)s has handed it in.", name=author.name) if author else ""
            body = paragraphs(_place(item), who, reason_line(event.reason), _("Please publish it or send it back."))
        send(session, user=user, subject=subject, body=body, link=link)


def _answer(session: Session, event: ContentChanged) -> None:
    item = event.item
    writer = _waiting_writer(session, item)
    if writer is None or writer.id == event.actor_id or not writer.active:
        return
    link = outbox.path_to("content_items.item", scope=item.base.slug if item.base else "consortium", id=item.id)
    with in_language_of(writer):
        title = working(item).title
        if event.act == "return":
            subject = _("Sent back: %(title)s", title=title)
            body = paragraphs(_place(item), reason_line(event.reason), _("Please change it and hand it in again."))
        else:
            subject = _("Published: %(title)s", title=title)
            body = paragraphs(_place(item), _("Your text is public, from the time that was chosen for it."))
    send(session, user=writer, subject=subject, body=body, link=link)


def _reviewers(session: Session, item: Item) -> list[User]:
    """Return the managers of the base; the office where a base has none, and for the consortium."""
    managers = holders(session, Role.MANAGER, base_id=item.base_id) if item.base_id is not None else []
    return list(managers or holders(session, Role.OFFICE))


def _waiting_writer(session: Session, item: Item) -> User | None:
    """Return who handed in what was just answered; None when nothing waited."""
    chosen = select(Revision).where(Revision.item_id == item.id, Revision.number < item.version)
    for revision in session.scalars(chosen.order_by(Revision.number.desc())):
        if revision.act == "submit":
            return revision.author
        if revision.act in {*REVIEWED, "archive", "discard"}:
            return None
    return None


def _place(item: Item) -> str:
    return item.base.name if item.base else str(_("Consortium"))
