"""Files as people send them, and the workshop's library that takes them."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from core.content.media import keeping
from core.content.media.models import MediaFile
from tests.booking.shop import Shop
from tests.content.conftest import announce, lent_shop, shop, shop_app, visit, workshop, writers
from tests.content.media.samples import picture

__all__ = ["announce", "lent_shop", "shop", "shop_app", "visit", "workshop", "writers"]

Keep = Callable[..., MediaFile]


def address(media: MediaFile, width: int | None = None) -> str:
    """Return the path at which a file, or a smaller picture of it, is fetched."""
    return f"/media/{media.id}/{f'w{width}/' if width else ''}{quote(media.name)}"


@pytest.fixture
def keep(writers: Shop) -> Keep:
    """Put a file into the base's library as its publisher: `keep("现场.png", content)`."""

    def keep(name: str = "现场.png", content: bytes | None = None, by: str = "publisher", **values: Any) -> MediaFile:
        base_id = values.pop("base_id", writers.base.id)
        content = picture() if content is None else content
        return keeping.add(actor=writers.user(by), base_id=base_id, name=name, content=content, **values)

    return keep
