"""Pictures in a text, as pages show them: in the size that the reader's screen needs, and loaded when they come near.

Texts keep plain pictures; what is said here is added when a page is made, so that it is right for the file of the day.
"""

import re
from collections.abc import Mapping
from html import escape, unescape

from markupsafe import Markup
from sqlalchemy import select

from core.content.media import addresses, filetypes, renditions
from core.content.media.models import MediaFile
from core.db import db

PICTURE = re.compile(r'<img((?:\s+[a-z-]+="[^"]*")*)\s*/?>')
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
SOURCE = re.compile(r"/media/(\d+)/")
COLUMN = "(min-width: 48em) 40em, 100vw"
"""How wide pictures are shown: the text's column, or the whole phone."""


def responsive(html: str) -> Markup:
    """Return clean HTML with its pictures made ready: smaller ones to choose from, their size, loaded lazily.

    Costs one query where there are pictures.

    Args:
        html: from `richtext.clean()`.
    """
    ids = {int(number) for number in SOURCE.findall(html)}
    if not ids:
        return Markup(html)  # noqa: S704 - clean, as the caller says
    rows = db.session.scalars(select(MediaFile).where(MediaFile.id.in_(ids), MediaFile.trashed_at.is_(None)))
    known = {media.id: media for media in rows if media.is_picture}
    return Markup(PICTURE.sub(lambda match: _picture(match, known), html))  # noqa: S704 - values are escaped


def _picture(match: re.Match[str], known: Mapping[int, MediaFile]) -> str:
    attributes = {name: unescape(value) for name, value in ATTRIBUTE.findall(match[1])}
    source = SOURCE.match(attributes.get("src", ""))
    media = known.get(int(source[1])) if source else None
    if media is None or media.width is None or media.height is None:
        return match[0]
    chosen = int(attributes.get("width") or 0)
    shown = min(chosen or media.width, media.width)
    attributes |= {
        "src": addresses.url(media, renditions.WIDTHS[-1]),
        "alt": attributes.get("alt", ""),
        "width": str(shown),
        "height": str(max(1, round(shown * media.height / media.width))),
        "loading": "lazy",
        "decoding": "async",
    }
    if media.type != filetypes.GIF and media.width > renditions.WIDTHS[0]:
        attributes["srcset"] = ", ".join(
            f"{addresses.url(media, width)} {min(width, media.width)}w" for width in _widths(media.width)
        )
        attributes["sizes"] = f"(min-width: {shown}px) {shown}px, 100vw" if chosen else COLUMN
    return "<img " + " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items()) + ">"


def _widths(width: int) -> list[int]:
    """Return the widths worth offering: those below the picture's own, and the first that is not."""
    smaller = [each for each in renditions.WIDTHS if each < width]
    return [*smaller, *renditions.WIDTHS[len(smaller) : len(smaller) + 1]]
