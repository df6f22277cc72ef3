"""Smaller pictures of what is in the library, made when they are first asked for and kept beside the bytes."""

from core import files
from core.content.media import drawing
from core.content.media.models import MediaFile

WIDTHS = (320, 640, 1280)
"""In pixels. No others are made: they would fill the storage at a visitor's wish."""

TYPE = "image/webp"


def has(media: MediaFile) -> bool:
    """Say whether smaller pictures are made of a file."""
    return media.type in drawing.DRAWABLE


def made(media: MediaFile, width: int) -> str:
    """Return the key of a smaller picture, and make it if it is not there yet.

    Several may ask for the same at once: each makes it, and all find a whole one.

    Args:
        media: a file that `has` them.
        width: one of `WIDTHS`; a picture that is narrower stays as wide as it is.

    Raises:
        FileNotFoundError: the file's bytes are gone.
        errors.Invalid: no picture can be made of it.
    """
    key = _key(media.key, width)
    if files.exists(key):
        return key
    content = files.read(media.key)
    draw = drawing.shrunk if media.is_picture else drawing.first_page
    files.put(key, draw(content, width))
    if not files.exists(media.key):  # replaced in the meantime: nobody will ask for this any more
        files.remove(key)
        raise FileNotFoundError(media.key)
    return key


def remove(key: str) -> None:
    """Delete a file's bytes, and every smaller picture made of them."""
    files.remove(key)
    for width in WIDTHS:
        files.remove(_key(key, width))


def _key(key: str, width: int) -> str:
    return f"{key}-w{width}"
