"""Pictures, drawn anew: what is kept is made here from the pixels, so nothing else that was in the file survives."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pypdfium2
from flask_babel import gettext as _
from PIL import ExifTags, Image, ImageOps

from core import errors
from core.content.media.filetypes import GIF, JPEG, PDF, PNG, WEBP

log = logging.getLogger(__name__)

MOST_PIXELS = 50_000_000
"""Of a picture; a phone's largest has 50 million. Decoded they take 200 MB."""

MOST_FRAMES_PIXELS = 200_000_000
"""Of all the frames of a moving picture."""

FORMATS = {JPEG: "JPEG", PNG: "PNG", GIF: "GIF", WEBP: "WEBP"}
SAVING: dict[str, dict[str, Any]] = {
    JPEG: {"optimize": True, "comment": b""},
    PNG: {"optimize": False},
    GIF: {"comment": b""},
    WEBP: {"quality": 90, "method": 4, "exif": b"", "xmp": b""},
}

_few = threading.BoundedSemaphore(2)
"""How many pictures a process draws at once: each may need hundreds of megabytes."""

pdfium = threading.Lock()
"""PDFium serves one thread at a time."""


@dataclass(frozen=True)
class Picture:
    """A picture's bytes and its size in pixels."""

    content: bytes
    width: int
    height: int


def redrawn(content: bytes, kind: str) -> Picture:
    """Return a picture upright and without anything beside its pixels and colours: no place, camera or comment.

    Raises:
        errors.Invalid: it cannot be read, or has more than `MOST_PIXELS`.
    """
    with _few, _understood(), Image.open(BytesIO(content), formats=(FORMATS[kind],)) as image:
        _require_bounds(image)
        return _anew(image, kind)


def shrunk(content: bytes, width: int) -> bytes:
    """Return a kept picture as WebP, at most `width` pixels wide.

    Raises:
        errors.Invalid: it cannot be read.
    """
    with _few, _understood(), Image.open(BytesIO(content), formats=tuple(FORMATS.values())) as image:
        _require_bounds(image)
        image.draft("RGB", (width, width))
        return _webp(image, width)


def first_page(content: bytes, width: int) -> bytes:
    """Return the first page of a PDF as a WebP picture of a width in pixels.

    Raises:
        errors.Invalid: there is no page that can be drawn.
    """
    with _few, _understood():
        with pdfium, pypdfium2.PdfDocument(content) as document:
            page = document[0]
            breadth, height = page.get_size()
            scale = width / breadth
            if width * height * scale > MOST_PIXELS:
                raise ValueError("a page out of all proportion")
            image = page.render(scale=scale).to_pil()
        return _webp(image, width)


@contextmanager
def _understood() -> Iterator[None]:
    """Turn whatever a decoder stumbles over into a sentence for the person who sent the file."""
    try:
        yield
    except errors.Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except Exception as error:  # decoders raise whatever a broken file leads them to
        log.info("media: a picture could not be read", exc_info=True)
        raise errors.Invalid(
            {"file": _("This picture is damaged and cannot be read. Please save or take it again.")}
        ) from error


def _require_bounds(image: Image.Image) -> None:
    pixels = image.width * image.height
    if pixels > MOST_PIXELS or pixels * getattr(image, "n_frames", 1) > MOST_FRAMES_PIXELS:
        raise _too_large()


def _too_large() -> errors.Invalid:
    return errors.Invalid(
        {
            "file": _(
                "This picture has more than %(most)s million pixels. Please make it smaller first.",
                most=MOST_PIXELS // 1_000_000,
            )
        }
    )


def _anew(image: Image.Image, kind: str) -> Picture:
    saving = dict(SAVING[kind])
    turned = image.getexif().get(ExifTags.Base.Orientation, 1) != 1
    if getattr(image, "is_animated", False) and kind in {GIF, WEBP}:
        saving["save_all"] = True
    elif turned:
        profile = image.info.get("icc_profile")
        image = ImageOps.exif_transpose(image)
        saving |= {"icc_profile": profile} if profile and kind != GIF else {}
    if kind == JPEG:
        saving["quality"] = "keep" if image.format == "JPEG" else 92
    else:
        image.load()
    out = BytesIO()
    image.save(out, FORMATS[kind], **saving)
    return Picture(out.getvalue(), image.width, image.height)


def _webp(image: Image.Image, width: int) -> bytes:
    height = max(1, round(image.height * width / image.width))
    mode = "RGBA" if image.has_transparency_data else "RGB"
    small = image if image.mode == mode else image.convert(mode)  # a copy of a large one takes 200 MB more
    if width < image.width:
        small = small.resize((width, height), Image.Resampling.LANCZOS)
    out = BytesIO()
    small.save(out, "WEBP", quality=80, method=4, icc_profile=image.info.get("icc_profile", b""))
    return out.getvalue()


DRAWABLE = frozenset({*FORMATS, PDF}) - {GIF}
"""Of what smaller pictures are made; moving pictures are sent as they are."""
