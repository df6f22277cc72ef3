"""What a reader sees of each thing that was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.bases.models import Base
from core.booking.models import Resource, TrainingSession
from core.content import types
from core.content.addresses import address
from core.content.media import addresses
from core.content.media.models import MediaFile
from core.content.models import Item, Reference
from core.content.queries import is_shown
from core.content.richtext import plain
from core.content.search.highlighting import mark, snippet
from core.content.search.models import FILE, RESOURCE, SESSION, Document
from core.content.search.words import Question
from core.db import db

MOST_PAGES = 3
"""Pages that a file's hit names."""

ICONS = {FILE: "file-earmark-arrow-down", SESSION: "easel", RESOURCE: "box-seam"}


@dataclass(frozen=True)
class Hit:
    """One hit.

    Attributes:
        title, text: with what was looked for marked.
        href: where it is read.
        kind, icon: what it is.
        base: whose it is; None: the consortium's.
        day: of publication.
        starts: (a session) when it begins.
        used: (a file) titles and addresses of the pages that use it.
    """

    title: Markup
    text: Markup
    href: str
    kind: str
    icon: str
    base: Base | None
    day: datetime | None = None
    starts: datetime | None = None
    used: Sequence[tuple[str, str]] = ()


def label(kind: str) -> str:
    """Return what several things of a type are called; "" when there is no such type."""
    names = {FILE: _("Pictures and files"), SESSION: _("Sessions"), RESOURCE: _("Equipment")}
    found = types.find(kind)
    return names.get(kind) or (str(found.plural) if found else "")


def hits(documents: Sequence[Document], question: Question) -> list[Hit]:
    """Return what is shown of documents, each with what it tells of."""
    used = _used([document.media_id for document in documents if document.media_id])
    return [_hit(document, question, used) for document in documents]


def _hit(document: Document, question: Question, used: Mapping[int, Sequence[Item]]) -> Hit:
    if document.item is not None:
        return _of_item(document, document.item, question)
    if document.media is not None:
        return _of_file(document, document.media, question, used.get(document.media.id, ()))
    if document.session is not None:
        return _of_session(document.session, question)
    assert document.resource is not None  # a document tells of one thing
    return _of_resource(document.resource, question)


def _of_item(document: Document, item: Item, question: Question) -> Hit:
    kind = types.find(item.type)
    shipped = item.declared is not None and not item.owned
    return Hit(
        title=mark(item.shown_title, question),
        text=snippet(plain(item.shown_body) if shipped else document.text, question),
        href=address(item),
        kind=str(kind.title) if kind else "",
        icon=kind.icon if kind else "file-text",
        base=item.base,
        day=item.publish_at,
    )


def _of_file(document: Document, file: MediaFile, question: Question, used: Sequence[Item]) -> Hit:
    return Hit(
        title=mark(file.name, question),
        text=snippet(document.text, question),
        href=addresses.url(file),
        kind=_("File"),
        icon=ICONS[FILE],
        base=file.base,
        used=[(item.shown_title, address(item)) for item in used[:MOST_PAGES]],
    )


def _of_session(training: TrainingSession, question: Question) -> Hit:
    return Hit(
        title=mark(training.title, question),
        text=snippet(training.text, question),
        href=url_for("booking.session", base=training.base.slug, id=training.id),
        kind=training.kind.title,
        icon=ICONS[SESSION],
        base=training.base,
        starts=training.start_at,
    )


def _of_resource(resource: Resource, question: Question) -> Hit:
    assert resource.base is not None  # equipment belongs to a base; only instructors do not
    facts = "；".join(f"{name} {value}" for name, value in resource.facts)
    return Hit(
        title=mark(resource.name, question),
        text=snippet(facts, question),
        href=url_for("bases.home", base=resource.base.slug, _anchor="equipment"),
        kind=_("Equipment"),
        icon=ICONS[RESOURCE],
        base=resource.base,
    )


def _used(files: Sequence[int]) -> dict[int, list[Item]]:
    """Return the items that visitors may read now and that use files, by file, newest first."""
    if not files:
        return {}
    chosen = (
        select(Reference.media_id, Item)
        .join(Item, Reference.source_id == Item.id)
        .where(Reference.media_id.in_(files), Reference.live, is_shown())
        .options(joinedload(Item.base))
        .order_by(Item.publish_at.desc(), Item.id.desc())
    )
    found: dict[int, list[Item]] = {}
    for media_id, item in db.session.execute(chosen):
        if media_id is not None and item not in found.setdefault(media_id, []):
            found[media_id].append(item)
    return found
