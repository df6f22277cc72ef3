"""Names of files, as they may be shown, sent and stand in an address; Chinese names stay Chinese."""

import unicodedata
from pathlib import PurePosixPath

from core.content.media.filetypes import ENDINGS

LONGEST = 120
LONGEST_FOLDER = 80
ALL_ENDINGS = frozenset(ending for endings in ENDINGS.values() for ending in endings)
AWKWARD = dict.fromkeys(map(ord, '/\\:*?"<>|#%'), "-")
"""What file systems or addresses have other uses for."""


def safe(name: str, kind: str) -> str:
    """Return a file's name without folders, invisible characters and awkward signs, with the ending of its type.

    Args:
        name: as somebody sent or typed it.
        kind: the file's media type.
    """
    last = visible(name.replace("\\", "/").rpartition("/")[2]).translate(AWKWARD).strip(" .-")
    stem, ending = PurePosixPath(last).stem, PurePosixPath(last).suffix[1:].lower()
    if ending not in ENDINGS[kind]:
        stem = stem if ending in ALL_ENDINGS else last
        ending = ENDINGS[kind][0]
    stem = stem[: LONGEST - len(ending) - 1].strip(" .-") or "file"
    return f"{stem}.{ending}"


def folder(name: str) -> str:
    """Return the name of a folder, "" for none."""
    return visible(name).translate(AWKWARD)[:LONGEST_FOLDER].strip()


def visible(text: str) -> str:
    """Return a line of text without what cannot be seen: control characters, marks that turn its direction, …."""
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(sign for sign in spaced if unicodedata.category(sign)[0] != "C")
