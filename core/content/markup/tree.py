"""Reading HTML into a tree. Nesting is bounded, so that whatever walks it ends in time and within the stack."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

DEEPEST = 100
"""Elements in one another; what lies deeper stands in the last of these."""

OPTIONAL = frozenset(
    {"p", "li", "tr", "td", "th", "thead", "tbody", "tfoot", "dt", "dd", "option", "colgroup", "col"}
    | {"br", "hr", "img", "input", "meta", "link", "wbr", "area", "base", "embed", "param", "source", "track"}
)
"""Tags that end by themselves: unclosed ones in a row do not nest."""

VOID = frozenset({"br", "hr", "img"})

TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)[^>]*>")


@dataclass
class Node:
    """An element with its attributes and what stands in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Node | str]" = field(default_factory=list)

    @property
    def style(self) -> str:
        """Its style, without spaces and in small letters, each rule ended by a semicolon."""
        written = self.attributes.get("style", "")
        return re.sub(r"\s+", "", written).lower().rstrip(";") + ";" if written else ""

    def text(self) -> str:
        """Return the text in it."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


def shallow(html: str) -> str:
    """Return HTML without the tags that would nest deeper than `DEEPEST`.

    Parsers that follow the standard take time that grows with the square of the depth.
    """
    opened: Counter[str] = Counter()
    deep = 0

    def keep(found: re.Match[str]) -> str:
        nonlocal deep
        end, name = found[1], found[2].lower()
        if name in OPTIONAL:
            return found[0]
        if end:
            too_deep = deep > DEEPEST
            if opened[name]:
                opened[name] -= 1
                deep -= 1
        else:
            opened[name] += 1
            deep += 1
            too_deep = deep > DEEPEST
        return " " if too_deep else found[0]

    return TAG.sub(keep, html)


def read(html: str) -> Node:
    """Return the tree of well-formed HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self._open: list[Node] = [self.root]
        self._too_deep = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self._open[-1].children.append(Node(tag, _values(attrs)))
        elif len(self._open) > DEEPEST:
            self._too_deep += 1
        else:
            node = Node(tag, _values(attrs))
            self._open[-1].children.append(node)
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self._too_deep:
            self._too_deep -= 1
        elif len(self._open) > 1:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        children = self._open[-1].children
        if children and isinstance(children[-1], str):
            children[-1] += data
        else:
            children.append(data)


def _values(attrs: list[tuple[str, str | None]]) -> dict[str, str]:
    return {name: value or "" for name, value in attrs}
