"""What a page says of itself to whoever passes its address on: description, canonical address, Open Graph."""

import re
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from core.bases.models import Base
from core.content import richtext
from core.content.addresses import absolute, address
from core.content.categories import label
from core.content.models import ANNOUNCEMENT, Item
from core.content.types import Type

DESCRIPTION = 150
"""Characters of a description, at most: what search engines and messengers show of it."""

PICTURE = re.compile(r'<img [^<]*?\bsrc="([^"]+)"')


@dataclass(frozen=True)
class Sharing:
    """What the head of a public page says: https://ogp.me.

    Attributes:
        title, description: plain text.
        url: the page's one whole address.
        kind: `article` or `website`.
        image: whole address of a picture, or "".
        published, modified: when an article came, and became what it is.
    """

    title: str
    description: str
    url: str
    kind: str = "website"
    image: str = ""
    published: datetime | None = None
    modified: datetime | None = None


def of_item(item: Item) -> Sharing:
    """Return what an item's page says of itself; the item must be public."""
    body = item.shown_body
    article = item.type == ANNOUNCEMENT
    return Sharing(
        title=item.shown_title,
        description=richtext.plain(body, DESCRIPTION),
        url=absolute(address(item)),
        kind="article" if article else "website",
        image=_picture(body),
        published=item.publish_at if article else None,
        modified=item.public_since if article else None,
    )


def of_announcements(base: Base | None, category: str) -> Sharing:
    """Return what a list of announcements says of itself (None: of all bases), all or those of a category."""
    kind = label(category) or _("Announcements")
    only: dict[str, Any] = {"category": category} if category else {}
    if base is None:
        text = _("What the bases of the consortium announce: training, exams, results, closures.")
        return Sharing(kind, text, absolute(url_for("content.all_announcements", **only)))
    title = f"{kind} · {base.short_name}"
    text = _("What is announced at %(base)s.", base=base.name)
    return Sharing(title, text, absolute(url_for("content.announcements", base=base.slug, **only)))


def of_type(base: Base, kind: Type) -> Sharing:
    """Return what the list of a plugin's type says of itself."""
    address = url_for("content.typed_list", base=base.slug, type=kind.slug)
    return Sharing(f"{kind.plural} · {base.short_name}", str(kind.summary), absolute(address))


def _picture(body: str) -> str:
    """Return the first picture of a text. What a public text shows, visitors may fetch."""
    found = PICTURE.search(body)
    return absolute(unescape(found[1])) if found else ""
