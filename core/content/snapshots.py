"""What somebody writes, as one value: taken from an item, put into it, kept in a revision."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from core import clock
from core.content.models import Item, Place, Revision

MOMENTS = ("publish_at", "expire_at", "pinned_until")


@dataclass(frozen=True, kw_only=True)
class Happening:
    """When something that is announced takes place; one value, so that no two writers' halves of it are mixed.

    Attributes:
        start, end: aware moments, half-open; midnights at the bases when it lasts whole days.
        all_day: whether it does.
    """

    start: datetime
    end: datetime
    all_day: bool = False


@dataclass(frozen=True, kw_only=True)
class Texts:
    """Everything of an item that its writers set.

    Attributes:
        title, body: heading, and text as clean HTML.
        category, reference, location: slug of a category, number of the official document, place; "" for none.
        session_id: the session that readers can register for.
        event: when what it announces takes place; it stands in the calendars then.
        attachments: ids of media files, in order.
        fields: values of a plugin type's schema, JSON.
        publish_at: from when it is public; None: from the moment it is published.
        expire_at: until when; None: for ever.
        pinned_until: until when it stands on top of lists.
        places: ids of further bases at which it is shown.
    """

    title: str
    body: str
    category: str = ""
    reference: str = ""
    location: str = ""
    session_id: int | None = None
    event: Happening | None = None
    attachments: tuple[int, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    publish_at: datetime | None = None
    expire_at: datetime | None = None
    pinned_until: datetime | None = None
    places: frozenset[int] = frozenset()


def public(item: Item) -> Texts:
    """Return the texts that stand in the item itself: what is public, or will be."""
    return Texts(
        title=item.title,
        body=item.body,
        category=item.category,
        reference=item.reference,
        location=item.location,
        session_id=item.session_id,
        event=_happening(item),
        attachments=tuple(item.attachments),
        fields=dict(item.fields),
        publish_at=item.publish_at,
        expire_at=item.expire_at,
        pinned_until=item.pinned_until,
        places=frozenset(place.base_id for place in item.places),
    )


def working(item: Item) -> Texts:
    """Return the texts that writers go on with: the pending change of a public item, else the item's own."""
    return texts_of(item.pending) if item.pending is not None else public(item)


def put(item: Item, texts: Texts) -> None:
    """Write texts into the item."""
    for name in ("title", "body", "category", "reference", "location", "session_id", *MOMENTS):
        setattr(item, name, getattr(texts, name))
    event = texts.event
    item.event_start, item.event_end = (event.start, event.end) if event else (None, None)
    item.event_all_day = event is not None and event.all_day
    item.changed_at = clock.now()
    item.attachments = list(texts.attachments)
    item.fields = dict(texts.fields)
    wanted = {place.base_id: place for place in item.places}
    item.places = [wanted.get(base_id) or Place(base_id=base_id) for base_id in sorted(texts.places)]


def snapshot(item: Item, texts: Texts, *, pending: int | None) -> dict[str, Any]:
    """Return what a revision keeps: the texts, and how the item stands after the act, so that it can be put back.

    Args:
        item: after the act.
        texts: what was saved, or what the act was about.
        pending: number of the revision that holds the item's pending change.
    """
    return {
        "texts": to_json(texts),
        "public": to_json(public(item)),
        "state": item.state,
        "pending": pending,
        "pending_review": item.pending_review,
        "owned": item.owned,
        "trashed": item.trashed_at is not None,
        "path": item.path,
    }


def texts_then(revision: Revision) -> Texts:
    """Return what stood in the item itself after a revision's act."""
    return from_json(revision.snapshot.get("public") or revision.snapshot["texts"])


def texts_of(revision: Revision) -> Texts:
    """Return the texts that a revision keeps."""
    return from_json(revision.snapshot["texts"])


def to_json(texts: Texts) -> dict[str, Any]:
    """Return texts as JSON values."""
    values = asdict(texts)
    moments = {name: values[name].isoformat() if values[name] else None for name in MOMENTS}
    event = values["event"]
    if event is not None:
        event |= {"start": event["start"].isoformat(), "end": event["end"].isoformat()}
    return values | moments | {"attachments": list(texts.attachments), "places": sorted(texts.places)}


def from_json(values: Mapping[str, Any]) -> Texts:
    """Return the texts that `to_json` wrote; what an older release did not know has its default."""
    known = {name: value for name, value in values.items() if name in Texts.__dataclass_fields__}
    for name in MOMENTS:
        known[name] = datetime.fromisoformat(known[name]) if known.get(name) else None
    if event := known.get("event"):
        start, end = datetime.fromisoformat(event["start"]), datetime.fromisoformat(event["end"])
        known["event"] = Happening(start=start, end=end, all_day=event["all_day"])
    sets = {"attachments": tuple(known.get("attachments", ())), "places": frozenset(known.get("places", ()))}
    return Texts(**known | sets)


def _happening(item: Item) -> Happening | None:
    if item.event_start is None or item.event_end is None:
        return None
    return Happening(start=item.event_start, end=item.event_end, all_day=item.event_all_day)
