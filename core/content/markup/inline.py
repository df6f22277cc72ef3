"""Text with its marks: which words are strong, a link, code; the same text is always written the same."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

Marks = Mapping[str, str]
"""Marks of a piece of text: tag, and its opening tag as written."""

ORDER = ("a", "strong", "em", "s", "u", "sub", "sup", "code")
"""From the outermost mark to the innermost."""

BLANK = " \t\n\r\f"
EMPTY = BLANK + "\xa0\u200b\ufeff"
"""Characters that show nothing: a paragraph of these alone is a gap made with the return key."""

WIDE = "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
BROKEN = re.compile(rf"(?<=[{WIDE}])[{BLANK}]*[\r\n][{BLANK}]*(?=[{WIDE}])")
"""A line broken in the source between two Chinese characters, where nothing separates them."""


@dataclass(frozen=True)
class Piece:
    """A text, or a ready void tag (`<br>`, `<img …>`) in `tag`, with its marks."""

    text: str
    marks: Marks
    tag: str = ""


@dataclass
class Run:
    """The text of one block."""

    pieces: list[Piece] = field(default_factory=list)
    keeps_space: bool = False

    def is_empty(self) -> bool:
        """Say whether nothing of it would be seen."""
        return all(not piece.text.strip(EMPTY) and piece.tag in {"", "<br>"} for piece in self.pieces)

    def write(self) -> str:
        """Return it as HTML."""
        pieces = _preformatted(self.pieces) if self.keeps_space else _flowing(self.pieces)
        return _written(pieces)


def _preformatted(pieces: Sequence[Piece]) -> list[Piece]:
    kept = [Piece("\n" if piece.tag == "<br>" else piece.text, piece.marks) for piece in pieces]
    kept = [Piece(piece.text.replace("\r\n", "\n").replace("\r", "\n"), piece.marks) for piece in kept if piece.text]
    while kept and not kept[0].text.lstrip("\n"):
        kept.pop(0)
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        # A parser takes the first line break in <pre> for one of the source.
        kept[0] = Piece(kept[0].text.lstrip("\n"), kept[0].marks)
        kept[-1] = Piece(kept[-1].text.rstrip(), kept[-1].marks)
    return kept


def _flowing(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces with one space where there are several, and none at the ends of lines."""
    kept: list[Piece] = []
    open_space = False  # whether a space here would follow another, or begin a line
    at_start = True
    for piece in _joined(pieces):
        if piece.tag:
            if piece.tag == "<br>":
                _strip_end(kept)
            kept.append(piece)
            at_start, open_space = piece.tag == "<br>", False
            continue
        text = re.sub(rf"[{BLANK}]+", " ", BROKEN.sub("", piece.text))
        if at_start or open_space:
            text = text.lstrip(" ")
        if text:
            kept.append(Piece(text, piece.marks))
            at_start, open_space = False, text.endswith(" ")
    _strip_end(kept)
    while kept and kept[-1].tag == "<br>":
        kept.pop()
        _strip_end(kept)
    while kept and kept[0].tag == "<br>":
        kept.pop(0)
    return kept


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in pieces:
        if joined and not piece.tag and not joined[-1].tag and joined[-1].marks == piece.marks:
            joined[-1] = Piece(joined[-1].text + piece.text, piece.marks)
        else:
            joined.append(piece)
    return joined


def _strip_end(pieces: list[Piece]) -> None:
    while pieces and not pieces[-1].tag:
        text = pieces[-1].text.rstrip(" ")
        marks = pieces.pop().marks
        if text:
            pieces.append(Piece(text, marks))
            return


def _written(pieces: Sequence[Piece]) -> str:
    out: list[str] = []
    opened: list[tuple[str, str]] = []
    for piece in pieces:
        wanted = [(name, piece.marks[name]) for name in ORDER if name in piece.marks]
        same = 0
        while same < min(len(opened), len(wanted)) and opened[same] == wanted[same]:
            same += 1
        out += [f"</{name}>" for name, _tag in reversed(opened[same:])]
        out += [tag for _name, tag in wanted[same:]]
        opened = wanted
        out.append(piece.tag or escape(piece.text, quote=False))
    out += [f"</{name}>" for name, _tag in reversed(opened)]
    return "".join(out)
