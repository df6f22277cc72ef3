"""Announcements in the API: what is public for everybody, all states for those who write."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Dict, Integer, List, Nested, String
from apiflask.validators import Length, OneOf
from flask import url_for
from flask_login import current_user

from core import errors
from core.accounts.models import User
from core.api_schemas import STRANGE, PageQuery, moment_field, read_cursor, write_cursor
from core.bases.queries import find_base
from core.content import api_queries, permissions
from core.content.addresses import address
from core.content.attachments import Attachment, attached
from core.content.categories import CATEGORIES
from core.content.models import Item
from core.content.richtext import plain

bp = APIBlueprint("content_api", __name__, url_prefix="/api/v1/announcements", tag="Announcements")


class AttachmentOut(Schema):
    """A file to be fetched."""

    name = String(required=True)
    url = String(required=True)
    type = String(required=True)
    size = Integer(required=True, metadata={"description": "Bytes."})


class EventOut(Schema):
    """When what is announced takes place."""

    start = moment_field(required=True)
    end = moment_field(required=True, metadata={"description": "The moment at which it is over."})
    all_day = Boolean(required=True, metadata={"description": "Whether it lasts whole days, at the base."})


class AnnouncementOut(Schema):
    """An announcement. What only those who write are told is null for everybody else."""

    id = Integer(required=True)
    base = String(required=True, allow_none=True, metadata={"description": "Slug of the base; null: the consortium."})
    places = List(String(), required=True, metadata={"description": "Slugs of further bases that show it."})
    slug = String(required=True)
    title = String(required=True)
    html = String(
        required=True, metadata={"description": "The text as HTML of a few safe tags; links on this site are paths."}
    )
    text = String(required=True, metadata={"description": "The text as one line."})
    category = String(required=True, allow_none=True)
    reference = String(required=True, metadata={"description": "Number of the official document, or empty."})
    location = String(required=True)
    event = Nested(EventOut, required=True, allow_none=True, metadata={"description": "Null: it has no date."})
    published_at = moment_field(required=True, allow_none=True)
    updated_at = moment_field(required=True, metadata={"description": "When what is (or will be) public changed."})
    expires_at = moment_field(required=True, allow_none=True)
    pinned = Boolean(required=True)
    attachments = List(Nested(AttachmentOut), required=True)
    session = Integer(required=True, allow_none=True, metadata={"description": "The session one can register for."})
    state = String(
        required=True,
        allow_none=True,
        metadata={"description": "For those who write: draft, in_review, published or archived."},
    )
    standing = String(
        required=True, allow_none=True, metadata={"description": "For those who write: also scheduled and expired."}
    )
    pending = Boolean(
        required=True, allow_none=True, metadata={"description": "For those who write: a change is not public yet."}
    )
    links = Dict(keys=String(), values=String(), required=True)


class AnnouncementsOut(Schema):
    """A page of announcements."""

    items = List(Nested(AnnouncementOut), required=True)
    next = String(required=True, allow_none=True)


class AnnouncementsQuery(PageQuery):
    """Which announcements."""

    base = String(load_default=None, validate=Length(min=1, max=60))
    category = String(load_default=None, validate=OneOf(list(CATEGORIES)))


@bp.get("")
@bp.input(AnnouncementsQuery, location="query", arg_name="asked")
@bp.output(AnnouncementsOut)
@bp.doc(responses=[404, 422])
def several(asked: dict[str, Any]) -> dict[str, Any]:
    """List announcements, the latest first: public ones; with a token of somebody who writes, all states of theirs."""
    base = find_base(asked["base"]) if asked["base"] else None
    rows = api_queries.announcements(
        _actor(), base, category=asked["category"], before=_before(asked["cursor"]), limit=asked["limit"] + 1
    )
    page = rows[: asked["limit"]]
    files = attached(page)
    return {
        "items": [_shown(item, files.get(item.id, [])) for item in page],
        "next": write_cursor([page[-1].id]) if len(rows) > len(page) else None,
    }


@bp.get("/<int:id>")
@bp.output(AnnouncementOut)
@bp.doc(responses=[404])
def one(id: int) -> dict[str, Any]:  # noqa: A002
    """Show an announcement."""
    item = api_queries.announcement(_actor(), id)
    return _shown(item, attached([item]).get(item.id, []))


def _before(cursor: str | None) -> int | None:
    """Return the number of the last announcement that a cursor's page told of."""
    place = read_cursor(cursor)
    if place is None:
        return None
    if [type(part) for part in place] != [int]:
        raise errors.Invalid({"cursor": STRANGE})
    return int(place[0])


def _actor() -> User | None:
    return current_user if current_user.is_authenticated else None


def _shown(item: Item, files: list[Attachment]) -> dict[str, Any]:
    writes = permissions.may_write(_actor(), item.base_id)
    return {
        "id": item.id,
        "base": item.base.slug if item.base else None,
        "places": sorted(place.base.slug for place in item.places),
        "slug": item.slug,
        "title": item.title,
        "html": item.body,
        "text": plain(item.body),
        "category": item.category or None,
        "reference": item.reference,
        "location": item.location,
        "event": _event(item),
        "published_at": item.publish_at,
        "updated_at": item.public_since if item.is_public else item.changed_at,
        "expires_at": item.expire_at,
        "pinned": item.is_pinned,
        "attachments": [{"name": file.name, "url": file.url, "type": file.type, "size": file.size} for file in files],
        "session": item.session_id,
        "state": item.state if writes else None,
        "standing": item.standing if writes else None,
        "pending": item.pending_id is not None if writes else None,
        "links": _links(item),
    }


def _event(item: Item) -> dict[str, Any] | None:
    if item.event_start is None:
        return None
    return {"start": item.event_start, "end": item.event_end, "all_day": item.event_all_day}


def _links(item: Item) -> dict[str, str]:
    links = {"self": url_for("content_api.one", id=item.id)}
    if item.is_public:
        links["page"] = address(item)
    return links
