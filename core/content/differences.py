"""What differs between two texts, shown in the text itself: blocks are paired first, then their words.

Chinese is cut into words (rjieba), so that a changed word is marked as one. What a reader does not see as words counts
too: where a link leads, which picture stands there.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html.parser import HTMLParser

import rjieba

SAME, GONE, NEW = "same", "gone", "new"

BLOCKS = frozenset({"p", "h2", "h3", "h4", "li", "tr", "pre", "blockquote", "figcaption", "caption", "hr", "figure"})
CELLS = frozenset({"td", "th"})
CONTEXT = 1
"""Unchanged blocks shown before and after a change."""

ALIKE = 0.3
"""From which likeness on two blocks count as one that was changed; below it one is gone and another is new."""


@dataclass(frozen=True)
class Piece:
    """A run of words: `same`, `gone` or `new`."""

    kind: str
    text: str


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, list entry or table row (`tag`); `kind` is `same`, `gone`, `new` or `changed`."""

    tag: str
    kind: str
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class Skipped:
    """A run of unchanged blocks that is not shown."""

    count: int


def words(old: str, new: str) -> Sequence[Piece]:
    """Return what differs between two lines of text, word by word."""
    before, after = _cut(old), _cut(new)
    pieces: list[Piece] = []
    for act, one, two, three, four in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if act == "equal":
            pieces.append(Piece(SAME, "".join(before[one:two])))
            continue
        pieces += [Piece(GONE, "".join(before[one:two]))] if two > one else []
        pieces += [Piece(NEW, "".join(after[three:four]))] if four > three else []
    return pieces


def blocks(old: str, new: str) -> Sequence[Block | Skipped]:
    """Return what differs between two texts of clean HTML; long runs that are the same are left out."""
    before, after = _blocks(old), _blocks(new)
    found: list[Block] = []
    for act, one, two, three, four in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if act == "equal":
            found += [Block(tag, SAME, [Piece(SAME, text)]) for tag, text in before[one:two]]
        else:
            found += _changed(before[one:two], after[three:four])
    return list(_short(found))


def _changed(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> Iterator[Block]:
    """Pair the blocks of a run in order, as far as they are alike."""
    rest = list(after)
    for tag, text in before:
        place = next((at for at, (_tag, other) in enumerate(rest) if _alike(text, other)), None)
        if place is None:
            yield Block(tag, GONE, [Piece(GONE, text)])
            continue
        yield from (Block(other, NEW, [Piece(NEW, added)]) for other, added in rest[:place])
        yield Block(rest[place][0], "changed", words(text, rest[place][1]))
        del rest[: place + 1]
    yield from (Block(other, NEW, [Piece(NEW, added)]) for other, added in rest)


def _alike(one: str, other: str) -> bool:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _short(found: Sequence[Block]) -> Iterator[Block | Skipped]:
    shown = [
        any(block.kind != SAME for block in found[max(0, at - CONTEXT) : at + CONTEXT + 1]) for at in range(len(found))
    ]
    skipped = 0
    for block, is_shown in zip(found, shown, strict=True):
        if not is_shown:
            skipped += 1
            continue
        if skipped:
            yield Skipped(skipped)
        skipped = 0
        yield block
    if skipped:
        yield Skipped(skipped)


def _cut(text: str) -> list[str]:
    return [word for run in re.split(r"(\s+)", text) if run for word in _words(run)]


def _words(run: str) -> Iterable[str]:
    return [run] if run.isspace() else rjieba.cut(run)


def _blocks(html: str) -> list[tuple[str, str]]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end()
    return reader.found


class _Reader(HTMLParser):
    """Takes clean HTML apart into blocks of words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self.tag = "p"
        self.words: list[str] = []
        self.links: list[str] = []

    def end(self) -> None:
        """Finish the block that is open."""
        text = re.sub(r"\s+", " ", "".join(self.words)).strip()
        if text:
            self.found.append((self.tag, text))
        self.words = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in BLOCKS:
            if not (tag == "p" and self.tag == "li" and not self.words):  # a paragraph that fills a list entry
                self.end()
                self.tag = tag
        elif tag in CELLS and self.words:
            self.words.append(" | ")
        elif tag == "br":
            self.words.append(" ")
        elif tag == "img":
            self.words.append(f" [{values.get('alt') or ''} {values.get('src') or ''}] ")
        elif tag == "a":
            self.links.append(values.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.links:
            self.words.append(f" ({self.links.pop()}) ")
        elif tag in BLOCKS:
            self.end()
            self.tag = "p"
