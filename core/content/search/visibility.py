"""Who may find what: asked of the thing itself at each search, so that it is right to the second."""

from sqlalchemy import ColumnElement, exists, or_, select

from core import clock
from core.bases.models import Base
from core.bases.queries import is_visible
from core.booking.models import Resource, TrainingSession
from core.content.media.access import is_open
from core.content.media.models import MediaFile
from core.content.models import Item, Place
from core.content.queries import is_shown
from core.content.search.models import Document


def for_visitors() -> ColumnElement[bool]:
    """Return the condition under which everybody may find a document now."""
    seen = select(Base.id).where(is_visible())
    return or_(
        exists().where(Item.id == Document.item_id, is_shown()),
        exists().where(MediaFile.id == Document.media_id, is_open()),
        exists().where(
            TrainingSession.id == Document.session_id,
            TrainingSession.state == "published",
            TrainingSession.end_at > clock.now(),
            TrainingSession.base_id.in_(seen),
        ),
        exists().where(Resource.id == Document.resource_id, Resource.archived_at.is_(None), Resource.base_id.in_(seen)),
    )


def at(base: Base | None) -> ColumnElement[bool]:
    """Return the condition that a document is of a base (None: of the consortium), or is shown there as well."""
    if base is None:
        return Document.base_id.is_(None)
    placed = exists().where(Place.item_id == Document.item_id, Place.base_id == base.id)
    return or_(Document.base_id == base.id, placed)
