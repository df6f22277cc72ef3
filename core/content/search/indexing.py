"""Keeping the search's documents in step with what they tell of, in the transaction that changes it.

A document holds what may become public: of an item the text that stands in it, never a change that is still pending.
Whether it is public now is asked of the thing itself when somebody searches, so nothing happens here when a moment of
publication or expiry passes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from core.booking.events import ResourceChanged, SessionChanged
from core.booking.legs import INSTRUCTOR
from core.booking.models import SEATS_SLUG, Resource, TrainingSession
from core.content import richtext, types
from core.content.events import ContentChanged, MediaChanged
from core.content.media.models import MediaFile
from core.content.models import Item
from core.content.search import words
from core.content.search.models import FILE, RESOURCE, SESSION, Document
from core.localised import LANGUAGES

BATCH = 500
"""Documents that are written with one statement when the index is built."""


@dataclass(frozen=True)
class Words:
    """What a thing can be found by: its title and text as they are shown, and what else is said of it.

    `dated_at` says how new it is; None: it does not grow old.
    """

    type: str
    base_id: int | None
    title: str
    text: str
    dated_at: datetime | None
    also_title: str = ""
    also_text: str = ""


def content_changed(session: Session, event: ContentChanged) -> None:
    """Write down the words of an item's public text."""
    _keep(session, Document.item_id, event.item.id, of_item(event.item))


def media_changed(session: Session, event: MediaChanged) -> None:
    """Write down the words of a file."""
    _keep(session, Document.media_id, event.media.id, of_file(event.media))


def session_changed(session: Session, event: SessionChanged) -> None:
    """Write down the words of a session."""
    _keep(session, Document.session_id, event.session.id, of_session(event.session))


def resource_changed(session: Session, event: ResourceChanged) -> None:
    """Write down the words of a piece of equipment; an instructor is a person, and not to be found."""
    if is_equipment(event.resource):
        _keep(session, Document.resource_id, event.resource.id, of_resource(event.resource))


def resources(session: Session) -> None:
    """Write down all equipment anew where its words have changed; run when the plugins' declarations were taken in."""
    known = {row.resource_id: row for row in session.scalars(select(Document).where(Document.type == RESOURCE))}
    for resource in session.scalars(select(Resource)):
        if is_equipment(resource):
            _write(session, known.get(resource.id) or Document(resource_id=resource.id), of_resource(resource))


def complete(session: Session) -> int:
    """Write the documents that are missing, a statement for each few hundred; return how many there were."""
    written = 0
    for column, chosen, number, words_of in SOURCES:
        missing = chosen.outerjoin(Document, column == number).where(Document.id.is_(None)).order_by(number)
        while things := session.scalars(missing.limit(BATCH)).all():
            session.execute(insert(Document), [{column.key: row.id, **_columns(words_of(row))} for row in things])
            written += len(things)
    return written


def rebuild(session: Session) -> int:
    """Write all documents anew, as after a change in how words are cut; return how many there are."""
    session.execute(delete(Document))
    return complete(session)


def of_item(item: Item) -> Words:
    """Return the words of an item: what a reader sees of it, in every language in which a plugin ships it."""
    shipped = item.declared if item.declared and not item.owned else {"title": {}, "body": {}}
    others = {
        side: [text for language, text in shipped[side].items() if language != LANGUAGES[0]]
        for side in ("title", "body")
    }
    schema = [types.words(item, language) for language in LANGUAGES] if item.fields else [""]
    return Words(
        type=item.type,
        base_id=item.base_id,
        title=item.title,
        text=" ".join(filter(None, [richtext.plain(item.body), item.reference, item.location, schema[0]])),
        dated_at=item.publish_at or item.updated_at,
        also_title=" ".join(others["title"]),
        also_text=" ".join([*map(richtext.plain, others["body"]), *schema[1:]]),
    )


def of_file(file: MediaFile) -> Words:
    """Return the words of a file: its name, what it shows, and what is written in it."""
    return Words(
        type=FILE,
        base_id=file.base_id,
        title=file.name,
        text=file.text or file.alt,
        dated_at=file.created_at,
        also_text=file.alt,
    )


def of_session(training: TrainingSession) -> Words:
    """Return the words of a session."""
    kind = " ".join(training.kind.declared["title"].values())
    return Words(SESSION, training.base_id, training.title, training.text, training.start_at, also_text=kind)


def of_resource(resource: Resource) -> Words:
    """Return the words of a piece of equipment: its name and facts, in every language."""
    names, facts = resource.declared["name"], resource.declared.get("facts", [])
    languages = {language for pair in facts for side in pair for language in side}
    told = {
        language: "；".join(
            f"{label.get(language, next(iter(label.values())))} {value.get(language, next(iter(value.values())))}"
            for label, value in facts
        )
        for language in sorted(languages)
    }
    return Words(
        type=RESOURCE,
        base_id=resource.base_id,
        title=resource.name_set or names.get("zh") or next(iter(names.values())),
        text=told.get("zh", ""),
        dated_at=None,
        also_title=" ".join(names.values()),
        also_text=" ".join(told.values()),
    )


def is_equipment(resource: Resource) -> bool:
    """Say whether a resource is a thing: no instructor, and no seats of a session."""
    return resource.kind != INSTRUCTOR and not resource.slug.startswith(SEATS_SLUG)


def _columns(found: Words) -> dict[str, Any]:
    """Return a document's columns; slow: about a millisecond for a page of text."""
    title = f"{found.title} {found.also_title}"
    text = found.text.replace("\0", "")
    return {
        "type": found.type,
        "base_id": found.base_id,
        "title": found.title[:200],
        "text": text,
        "title_words": " ".join([*words.cut(title), *words.characters(title)]),
        "text_words": " ".join(words.cut(f"{text} {found.also_text}")),
        "dated_at": found.dated_at,
    }


def _keep(session: Session, column: InstrumentedAttribute[int | None], number: int, found: Words) -> None:
    document = session.scalar(select(Document).where(column == number)) or Document(**{column.key: number})
    _write(session, document, found)


def _write(session: Session, document: Document, found: Words) -> None:
    for name, value in _columns(found).items():
        setattr(document, name, value)
    session.add(document)


SOURCES: tuple[tuple[InstrumentedAttribute[int | None], Select[Any], InstrumentedAttribute[int], Any], ...] = (
    (Document.item_id, select(Item), Item.id, of_item),
    (Document.media_id, select(MediaFile), MediaFile.id, of_file),
    (
        Document.session_id,
        select(TrainingSession).where(TrainingSession.state != "draft").options(joinedload(TrainingSession.kind)),
        TrainingSession.id,
        of_session,
    ),
    (
        Document.resource_id,
        select(Resource).where(Resource.kind != INSTRUCTOR, ~Resource.slug.startswith(SEATS_SLUG, autoescape=True)),
        Resource.id,
        of_resource,
    ),
)
"""What can be found: the document's column that names it, all there is of it, its id, and how its words are read."""
