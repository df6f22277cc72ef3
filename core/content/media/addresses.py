"""Addresses of media files: they name the row, so a replaced file keeps its own; a mark tells versions apart."""

from flask import url_for

from core.content.media import renditions
from core.content.media.models import MediaFile


def plain(media: MediaFile) -> str:
    """Return the address to be written into texts: it never changes while the file keeps its name."""
    return url_for("media.file", id=media.id, name=media.name)


def url(media: MediaFile, width: int | None = None) -> str:
    """Return an address for a page that is made now, with a mark that changes when the file is replaced.

    Args:
        media: the file.
        width: of the smaller picture that is wanted, one of `renditions.WIDTHS`; ignored where there are none.
    """
    if width is None or not renditions.has(media):
        return url_for("media.file", id=media.id, name=media.name, v=media.version)
    return url_for("media.rendition", id=media.id, width=width, name=media.name, v=media.version)


def thumbnail(media: MediaFile) -> str:
    """Return the address of a picture that stands for a file in lists, "" where there is none."""
    return url(media, renditions.WIDTHS[0]) if media.is_picture or renditions.has(media) else ""
