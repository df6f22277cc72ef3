"""What kinds of files the library takes. The kind is found in the bytes; a name may say what it likes."""

import re
from dataclasses import dataclass
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from flask_babel import gettext as _

from core import errors

JPEG, PNG, GIF, WEBP, PDF = "image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"
OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX = f"{OFFICE}wordprocessingml.document", f"{OFFICE}spreadsheetml.sheet"
PPTX = f"{OFFICE}presentationml.presentation"
DOC, XLS, PPT = "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"
PLAIN, CSV = "text/plain", "text/csv"

ENDINGS = {
    JPEG: ("jpg", "jpeg"),
    PNG: ("png",),
    GIF: ("gif",),
    WEBP: ("webp",),
    PDF: ("pdf",),
    DOCX: ("docx",),
    XLSX: ("xlsx",),
    PPTX: ("pptx",),
    DOC: ("doc", "wps"),
    XLS: ("xls", "et"),
    PPT: ("ppt", "dps"),
    PLAIN: ("txt",),
    CSV: ("csv",),
}
"""The endings that a name of each type may have; the first is given to one that has another."""

PICTURES = frozenset({JPEG, PNG, GIF, WEBP})
SHOWN = PICTURES | {PDF}
"""What browsers show in place; all else is sent to be saved."""

ACCEPTED = ",".join(f".{ending}" for endings in ENDINGS.values() for ending in endings)
"""What a file field offers to choose from."""

OPEN_XML = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STREAMS = {"WordDocument": DOC, "Workbook": XLS, "Book": XLS, "PowerPoint Document": PPT}
HEIC = re.compile(rb"....ftyp(heic|heix|hevc|heim|heis|mif1|msf1|avif)", re.DOTALL)
MARKUP = re.compile(r"\s*<(!doctype|!--|\?xml|html|head|body|script|svg|math|[a-z]+[\s>])", re.IGNORECASE)
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class _Start:
    bytes: bytes
    type: str


STARTS = (
    _Start(b"\xff\xd8\xff", JPEG),
    _Start(b"\x89PNG\r\n\x1a\n", PNG),
    _Start(b"GIF87a", GIF),
    _Start(b"GIF89a", GIF),
    _Start(b"%PDF-", PDF),
)


def found(content: bytes, name: str) -> str:
    """Return the media type of a file.

    Args:
        content: its bytes, which decide.
        name: as it was sent; tells CSV from other text, and text from what is no text for reading.

    Raises:
        errors.Invalid: the library does not take such files; says which it takes, and what to do.
    """
    for start in STARTS:
        if content.startswith(start.bytes):
            return start.type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if HEIC.match(content[:12]):
        raise _refused(
            _(
                "This picture is in Apple's HEIC format, which many browsers cannot show. On the iPhone choose"
                " Settings – Camera – Formats – Most Compatible, or send it to yourself as a JPEG."
            )
        )
    kind = _open_xml(content) or _compound(content) or _text(content, name)
    if kind is None:
        raise _refused(
            _(
                "This kind of file cannot be kept here. Please use a picture (JPEG, PNG, GIF, WebP), PDF, Word, Excel,"
                " PowerPoint, TXT or CSV."
            )
        )
    return kind


def _open_xml(content: bytes) -> str | None:
    if not content.startswith(b"PK\x03\x04"):
        return None
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    return next((kind for part, kind in OPEN_XML.items() if part in names), None)


def _compound(content: bytes) -> str | None:
    """Return which older office file (also of WPS) it is, by the name of its main stream."""
    if not content.startswith(COMPOUND):
        return None
    kinds = (kind for name, kind in STREAMS.items() if f"{name}\0".encode("utf-16-le") in content)
    return next(kinds, None)


def _text(content: bytes, name: str) -> str | None:
    ending = name.rpartition(".")[2].lower()
    kind = next((kind for kind in (PLAIN, CSV) if ending in ENDINGS[kind]), None)
    text = decoded(content) if kind else None
    return None if text is None or CONTROLS.search(text) or MARKUP.match(text) else kind


def decoded(content: bytes) -> str | None:
    """Return the text of a text file, in UTF-8 or as Chinese Windows writes it; None for what is neither."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _refused(message: str) -> errors.Invalid:
    return errors.Invalid({"file": message})
