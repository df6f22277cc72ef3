"""What happens to content, told to other features inside the transaction (`core/events.py`)."""

from dataclasses import dataclass

from core.content.media.models import MediaFile
from core.content.models import Item


@dataclass(frozen=True)
class ContentChanged:
    """An item was saved, submitted, returned, published, archived, thrown away, …: `act` is that of its revision."""

    item: Item
    act: str
    actor_id: int | None
    reason: str


@dataclass(frozen=True)
class ContentErased:
    """An item was removed for good; its number may be given again."""

    item_id: int


@dataclass(frozen=True)
class MediaChanged:
    """A media file came, was replaced, renamed or thrown away."""

    media: MediaFile
    actor_id: int | None
