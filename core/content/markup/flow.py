"""What is a block and what its text: paragraphs in paragraphs, links around blocks, text beside blocks put right."""

import re
from collections.abc import Sequence
from html import escape

from core.content.markup import lists, tables
from core.content.markup.blocks import Block, Box, Leaf, Line, Rule, write
from core.content.markup.inline import BLANK, Marks, Piece, Run
from core.content.markup.tree import Node, read

MARKS = {
    "strong": "strong", "b": "strong", "em": "em", "i": "em", "cite": "em", "dfn": "em", "var": "em", "s": "s",
    "strike": "s", "del": "s", "u": "u", "ins": "u", "sub": "sub", "sup": "sup", "code": "code", "kbd": "code",
    "samp": "code", "tt": "code",
}  # fmt: skip
"""Inline tags that mean something, and what they are written as."""

STYLES = (
    ("strong", re.compile(r"(?<![-\w])font-weight:(bold|bolder|[6-9]00);")),
    ("em", re.compile(r"(?<![-\w])font-style:(italic|oblique)")),
    ("u", re.compile(r"(?<![-\w])text-decoration(-line)?:[^;]*underline")),
    ("s", re.compile(r"(?<![-\w])text-decoration(-line)?:[^;]*line-through")),
    ("sup", re.compile(r"(?<![-\w])vertical-align:super")),
    ("sub", re.compile(r"(?<![-\w])vertical-align:sub;")),
)
"""What editors say with styles instead."""

PLAIN = re.compile(r"(?<![-\w])font-weight:(normal|[1-5]00);")
INLINE = frozenset({*MARKS, "a", "span", "font"})
HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
"""The page has a heading of the first level already; a text needs no more than three."""

REL = "noopener noreferrer"
ELSEWHERE = re.compile(r"(https?:)?//", re.IGNORECASE)
"""Addresses on other sites; those on this one are written without scheme and host."""

DEEPEST = 8
"""Lists, quotations and figures in one another; deeper ones stand in the last of these."""


def tidy(html: str) -> str:
    """Return well-formed HTML (of known tags) in the forms that content has."""
    flow = Flow("p")
    flow.read(read(html).children)
    return write(flow.blocks())


class Flow:
    """Collects the blocks of one container.

    Args:
        leaf: tag of the blocks in which text stands.
        bare: whether text may stand in the container without a paragraph around it.
        depth: how many containers are around it.
        in_cell: whether one of them is a table.
    """

    def __init__(self, leaf: str, *, bare: bool = False, depth: int = 0, in_cell: bool = False) -> None:
        self._leaf = leaf
        self._bare = bare
        self._depth = depth
        self._in_cell = in_cell
        self._blocks: list[Block] = []
        self._run: Run | None = None

    def blocks(self) -> list[Block]:
        """Return what was collected."""
        self._close()
        return _parted(lists.gather(self._blocks))

    def read(self, children: Sequence[Node | str], marks: Marks | None = None, leaf: str = "") -> None:
        """Take in children of the container, or of what stands for nothing in it."""
        for child in children:
            if isinstance(child, str):
                self._text(child, marks or {}, leaf)
            else:
                self._element(child, marks or {}, leaf)

    def _element(self, node: Node, marks: Marks, leaf: str) -> None:
        tag = node.tag
        if tag == "br":
            self._add(Piece("", {}, "<br>"), leaf)
        elif tag == "img":
            if node.attributes.get("src"):
                self._add(Piece("", marks, _void(node)), leaf)
        elif tag in INLINE:
            self._inline(node, marks, leaf)
        elif self._is_container(tag):
            self._close()
            self._contain(node, marks)
        else:
            self._block(node, marks, leaf)

    def _inline(self, node: Node, marks: Marks, leaf: str) -> None:
        if lists.is_marker(node) and not leaf:
            return
        self.read(node.children, _marked(node, marks), leaf)

    def _is_container(self, tag: str) -> bool:
        if tag == "table":
            return not self._in_cell
        return tag == "hr" or (tag in {"ul", "ol", "blockquote", "figure"} and self._depth < DEEPEST)

    def _contain(self, node: Node, marks: Marks) -> None:
        if node.tag == "hr":
            self._blocks.append(Rule())
        elif node.tag in {"ul", "ol"}:
            self._blocks.append(self._list(node, marks))
        elif node.tag == "table":
            self._blocks += tables.table(node, self._cell, self._caption)
        elif node.tag == "blockquote":
            self._blocks.append(Box("blockquote", self._inside("p", node.children, marks)))
        else:
            self._blocks += self._figure(node, marks)

    def _block(self, node: Node, marks: Marks, leaf: str) -> None:
        """Take in what breaks the text: a heading or a paragraph, or what has no meaning but that it begins a line."""
        self._close()
        level = lists.level_of(node) if node.tag in {"p", "div"} else 0
        if level and not leaf:
            line = self._inside("p", node.children, marks, bare=True)
            self._blocks.append(Line(line, level, lists.marker_of(node)))
            return
        if node.tag == "pre":
            self._run = Run(keeps_space=True)
            self._run.pieces = _plain_pieces(node, marks)
            self._blocks.append(Leaf("pre", self._run))
            self._run = None
            return
        self.read(node.children, _styled(node, marks), HEADINGS.get(node.tag) or leaf or "p")
        self._close()

    def _list(self, node: Node, marks: Marks) -> Box:
        items: list[Block] = []
        for child in node.children:
            if isinstance(child, str):
                inside = self._inside("p", [child], marks, bare=True)
            elif child.tag == "li":
                inside = self._inside("p", child.children, marks, bare=True)
            elif child.tag in {"ul", "ol"} and items:
                items[-1].blocks += self._inside("p", [child], marks, bare=True)  # type: ignore[union-attr]
                continue
            else:
                inside = self._inside("p", [child], marks, bare=True)
            if write(inside):
                items.append(Box("li", inside))
        start = node.attributes.get("start", "").strip()
        usable = node.tag == "ol" and re.fullmatch(r"[0-9]{1,4}", start) and int(start) != 1
        return Box(node.tag, items, {"start": str(int(start))} if usable else {})

    def _figure(self, node: Node, marks: Marks) -> list[Block]:
        captions = [child for child in node.children if isinstance(child, Node) and child.tag == "figcaption"]
        others = [child for child in node.children if child not in captions]
        inside = [block for block in self._inside("p", others, marks, bare=True) if block.write()]
        titles = [block for caption in captions for block in self._leafs("figcaption", caption) if block.write()]
        if not inside:
            return [*inside, *self._inside("p", [part for caption in captions for part in caption.children], marks)]
        return [Box("figure", [*inside, *titles[:1]])]

    def _cell(self, cell: Node) -> list[Block]:
        flow = Flow("p", bare=True, depth=self._depth + 1, in_cell=True)
        flow.read(cell.children, {})
        return flow.blocks()

    def _caption(self, node: Node) -> list[Block]:
        return self._leafs("caption", node)

    def _leafs(self, tag: str, node: Node) -> list[Block]:
        """Return all text of a node as one block of this tag."""
        run = Run(_pieces(node, {}))
        return [Leaf(tag, run)]

    def _inside(self, leaf: str, children: Sequence[Node | str], marks: Marks, *, bare: bool = False) -> list[Block]:
        flow = Flow(leaf, bare=bare, depth=self._depth + 1, in_cell=self._in_cell)
        flow.read(children, marks)
        return flow.blocks()

    def _text(self, text: str, marks: Marks, leaf: str) -> None:
        if self._run is not None or text.strip(BLANK):
            self._add(Piece(text, marks), leaf)

    def _add(self, piece: Piece, leaf: str) -> None:
        if self._run is None:
            self._run = Run()
            self._blocks.append(Leaf(leaf or self._leaf, self._run, implied=self._bare and not leaf))
        if leaf.startswith("h"):
            piece = Piece(piece.text, {name: tag for name, tag in piece.marks.items() if name != "strong"}, piece.tag)
        self._run.pieces.append(piece)

    def _close(self) -> None:
        self._run = None


def _parted(blocks: list[Block]) -> list[Block]:
    """Give bare texts in a row paragraphs of their own: what stood between them showed nothing."""
    seen = [block for block in blocks if block.write()]
    bare = [isinstance(block, Leaf) and block.implied for block in seen]
    for place, block in enumerate(seen):
        if (
            isinstance(block, Leaf)
            and bare[place]
            and True in (*bare[max(place - 1, 0) : place], *bare[place + 1 : place + 2])
        ):
            block.implied = False
    return seen


def _marked(node: Node, marks: Marks) -> Marks:
    if node.tag == "a":
        return dict(marks) | {"a": _link(node)} if node.attributes.get("href") else marks
    marked = _styled(node, marks)
    name = MARKS.get(node.tag, "")
    # Some editors put the whole of what was copied into <b style="font-weight:normal">.
    if name and not (name == "strong" and PLAIN.search(node.style)):
        marked = {**marked, name: f"<{name}>"}
    return marked


def _styled(node: Node, marks: Marks) -> Marks:
    style = node.style
    found = [name for name, pattern in STYLES if style and pattern.search(style)]
    if not found or node.tag not in {"span", "font"}:
        return marks
    return dict(marks) | {name: f"<{name}>" for name in found}


def _link(node: Node) -> str:
    known = {name: node.attributes[name] for name in ("href", "title") if node.attributes.get(name)}
    return _open("a", known | ({"rel": REL} if ELSEWHERE.match(known["href"]) else {}))


def _void(node: Node) -> str:
    known = {name: node.attributes[name] for name in ("src", "alt", "width", "height") if name in node.attributes}
    return _open("img", {"src": known.pop("src", ""), "alt": known.pop("alt", "")} | known)


def _open(tag: str, attributes: dict[str, str]) -> str:
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>"


def _plain_pieces(node: Node, marks: Marks) -> list[Piece]:
    return [piece if not piece.tag.startswith("<img") else Piece("", {}) for piece in _pieces(node, marks)]


def _pieces(node: Node, marks: Marks) -> list[Piece]:
    """Return all text in a node, with a space where a block begins and ends."""
    pieces: list[Piece] = []
    for child in node.children:
        if isinstance(child, str):
            pieces.append(Piece(child, marks))
        elif child.tag == "br":
            pieces.append(Piece("", {}, "<br>"))
        elif child.tag == "img":
            pieces += [Piece("", marks, _void(child))] if child.attributes.get("src") else []
        elif child.tag in INLINE:
            pieces += _pieces(child, _marked(child, marks))
        else:
            pieces += [Piece(" ", {}), *_pieces(child, marks), Piece(" ", {})]
    return pieces
