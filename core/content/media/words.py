"""The words in a file, for the search. What cannot be read has none: that is no reason to refuse a file."""

import logging
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from zipfile import ZipFile

import docx
import pypdfium2

from core.content.media.drawing import pdfium
from core.content.media.filetypes import CSV, DOCX, PDF, PLAIN, decoded

log = logging.getLogger(__name__)

LONGEST = 200_000
"""Characters that are kept."""

SECONDS = 10.0
MOST_UNPACKED = 40 * 1024 * 1024
"""Bytes that a DOCX may unpack to; what is packed tighter is taken for a bomb."""


def extracted(content: bytes, kind: str) -> str:
    """Return the text of a PDF, DOCX or text file, else "": at most `LONGEST` characters, within about ten seconds."""
    reader = READERS.get(kind)
    if reader is None:
        return ""
    pieces: list[str] = []
    length, end = 0, time.monotonic() + SECONDS
    try:
        for piece in reader(content):
            pieces.append(piece)
            length += len(piece)
            if length > LONGEST or time.monotonic() > end:
                break
    except Exception:  # readers raise whatever a broken file leads them to
        log.info("media: the text of a file could not be read", exc_info=True)
    return " ".join(" ".join(pieces).replace("\0", " ").split())[:LONGEST]


def _pdf(content: bytes) -> Iterator[str]:
    with pdfium, pypdfium2.PdfDocument(content) as document:
        for number in range(len(document)):
            yield document[number].get_textpage().get_text_bounded()


def _docx(content: bytes) -> Iterator[str]:
    with ZipFile(BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
            raise ValueError("unpacks to too much")
    body = docx.Document(BytesIO(content)).element.body
    for paragraph in body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p"):
        yield "".join(paragraph.itertext("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"))


def _text(content: bytes) -> Iterator[str]:
    yield decoded(content[: LONGEST * 4]) or decoded(content) or ""


READERS: dict[str, Callable[[bytes], Iterator[str]]] = {PDF: _pdf, DOCX: _docx, PLAIN: _text, CSV: _text}
