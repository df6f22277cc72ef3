"""Lists as Word, WPS and Outlook paste them: paragraphs whose style names list and level, with the marker as text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.content.markup.blocks import Block, Box, Line
from core.content.markup.tree import Node

LEVEL = re.compile(r"mso-list:[^;]*?level(\d)")
MARKER = "mso-list:ignore"
NUMBERED = re.compile(r"[(（]?(\d+|[a-zA-Z]{1,4}|[一二三四五六七八九十]+|[①-⑳])[.)、．）]?")
"""A marker that counts; bullets are signs, and the letter o of Word's font for them alone."""

DEEPEST = 6
"""Levels of lists in one another; what Word indents further stands on the last."""


def level_of(node: Node) -> int:
    """Return the level at which a paragraph stands in a list, 0 when it stands in none."""
    found = LEVEL.search(node.style)
    return min(int(found[1]), DEEPEST) if found else 0


def marker_of(node: Node) -> str:
    """Return the marker that was put before a paragraph as text."""
    for child in node.children:
        if isinstance(child, Node):
            marker = child.text() if is_marker(child) else marker_of(child)
            if marker:
                return marker.strip(" \xa0\n\t")
    return ""


def is_marker(node: Node) -> bool:
    """Say whether an element holds nothing but a list's marker."""
    return MARKER in node.style


@dataclass
class _Open:
    level: int
    box: Box


def gather(blocks: Sequence[Block]) -> list[Block]:
    """Return blocks with lists in place of the lines in a row."""
    gathered: list[Block] = []
    opened: list[_Open] = []
    for block in blocks:
        if not isinstance(block, Line):
            opened.clear()
            gathered.append(block)
            continue
        while opened and (opened[-1].level > block.level or _differs(opened[-1], block)):
            opened.pop()
        if not opened or opened[-1].level < block.level:
            started = _started(block)
            (opened[-1].box.blocks[-1].blocks if opened else gathered).append(started)  # type: ignore[union-attr]
            opened.append(_Open(block.level, started))
        opened[-1].box.blocks.append(Box("li", block.blocks))
    return gathered


def _differs(opened: _Open, line: Line) -> bool:
    return opened.level == line.level and opened.box.tag != _tag(line)


def _tag(line: Line) -> str:
    return "ol" if line.marker != "o" and NUMBERED.fullmatch(line.marker) else "ul"


def _started(line: Line) -> Box:
    number = re.sub(r"\D", "", line.marker) if _tag(line) == "ol" else ""
    start = {"start": str(int(number))} if number and 1 < int(number) < 10_000 else {}
    return Box(_tag(line), [], start)
