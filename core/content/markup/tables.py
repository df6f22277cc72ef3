"""Tables put right: a head, a body, cells that neither overlap nor reach beyond their part."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.content.markup.blocks import Block, Box
from core.content.markup.tree import Node

WIDEST = 200
"""Columns of a table; cells beyond them count one column each."""

LONGEST_SPAN = 50
SCOPES = frozenset({"row", "col", "rowgroup", "colgroup"})
WHITE = frozenset({"", "white", "#fff", "#ffffff", "transparent", "none", "auto", "inherit", "initial", "windowtext"})
SHADE = re.compile(r"(?:^|;)background(?:-color)?:([^;]*)")

Fill = Callable[[Node], list[Block]]
"""Returns what stands in a cell."""


@dataclass
class _Row:
    cells: list[Node]
    headed: bool


def table(node: Node, fill: Fill, caption: Callable[[Node], list[Block]]) -> list[Block]:
    """Return a table as one block, none when it has no cells.

    Args:
        node: the table as read.
        fill: returns the blocks of a cell.
        caption: returns the text of the caption.
    """
    rows = [row for row in _rows(node) if row.cells]
    if not rows:
        return []
    head = _head(rows)
    parts: list[Block] = []
    title = next((child for child in node.children if isinstance(child, Node) and child.tag == "caption"), None)
    if title is not None:
        parts += caption(title)
    if head:
        parts.append(Box("thead", _placed(rows[:head], fill, head=True)))
    if rows[head:]:
        parts.append(Box("tbody", _placed(rows[head:], fill, head=False)))
    return [Box("table", parts)]


def _rows(node: Node, *, headed: bool = False) -> list[_Row]:
    rows = []
    for child in node.children:
        if not isinstance(child, Node):
            continue
        if child.tag in {"thead", "tbody", "tfoot"}:
            rows += _rows(child, headed=child.tag == "thead")
        elif child.tag == "tr":
            cells = [cell for cell in child.children if isinstance(cell, Node) and cell.tag in {"td", "th"}]
            rows.append(_Row(cells, headed))
    return rows


def _head(rows: Sequence[_Row]) -> int:
    """Return how many rows are the head: those said to be, else a first row that looks like one."""
    said = 0
    while said < len(rows) and rows[said].headed:
        said += 1
    if said or len(rows) < 2:
        return said
    first = rows[0].cells
    if all(cell.tag == "th" for cell in first) or all(_stands_out(cell) for cell in first):
        tallest = max(_span(cell, "rowspan") for cell in first)
        while tallest < len(rows) and all(_heads_column(cell) for cell in rows[tallest].cells):
            tallest += 1
        return tallest if tallest < len(rows) else 0
    return 0


def _heads_column(cell: Node) -> bool:
    return cell.tag == "th" and cell.attributes.get("scope", "") in {"col", "colgroup"}


def _stands_out(cell: Node) -> bool:
    return not cell.text().strip() or _is_shaded(cell) or _is_bold(cell)


def _is_shaded(cell: Node) -> bool:
    shade = SHADE.search(cell.style)
    colour = shade[1] if shade else cell.attributes.get("bgcolor", "").strip().lower()
    return colour not in WHITE and not colour.startswith(("rgb(255,255,255", "rgba(0,0,0,0"))


def _is_bold(node: Node) -> bool:
    """Say whether all text in a cell is bold."""
    if node.tag in {"b", "strong"} or re.search(r"(?<![-\w])font-weight:(bold|[6-9]00)", node.style):
        return True
    return all(not child.strip() if isinstance(child, str) else _is_bold(child) for child in node.children) and bool(
        node.children
    )


def _placed(rows: Sequence[_Row], fill: Fill, *, head: bool) -> list[Block]:
    """Return the rows with spans cut to the room there is."""
    placed: list[Block] = []
    taken: dict[int, int] = {}  # columns that cells from above still take, and for how many rows
    for number, row in enumerate(rows):
        boxes: list[Block] = []
        column, below = 0, len(rows) - number
        reaching: dict[int, int] = {}
        for cell in row.cells:
            while column in taken:
                column += 1
            wide = _free(column, _span(cell, "colspan"), taken)
            tall = min(_span(cell, "rowspan"), below) if column < WIDEST else 1
            if tall > 1:
                reaching |= dict.fromkeys(range(column, column + wide), tall)
            column += wide
            boxes.append(_cell(cell, fill, wide, tall, head=head))
        taken = {place: rows_left - 1 for place, rows_left in (taken | reaching).items() if rows_left > 1}
        placed.append(Box("tr", boxes))
    return placed


def _free(column: int, wanted: int, taken: dict[int, int]) -> int:
    if column >= WIDEST:
        return 1
    wide = 1
    while wide < wanted and column + wide not in taken:
        wide += 1
    return wide


def _span(cell: Node, name: str) -> int:
    written = cell.attributes.get(name, "").strip()
    number = int(written) if re.fullmatch(r"[0-9]{1,4}", written) else 1
    return max(1, min(number, LONGEST_SPAN if name == "colspan" else 1000))


def _cell(cell: Node, fill: Fill, wide: int, tall: int, *, head: bool) -> Box:
    tag = "th" if head else cell.tag
    attributes = {}
    if tag == "th":
        scope = cell.attributes.get("scope", "").strip().lower()
        attributes["scope"] = scope if scope in SCOPES else "col" if head else "row"
    if wide > 1:
        attributes["colspan"] = str(wide)
    if tall > 1:
        attributes["rowspan"] = str(tall)
    return Box(tag, fill(cell), attributes)
