"""The blocks that content is made of, and how they are written."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.content.markup.inline import Run


@dataclass
class Leaf:
    """A block that holds text: a paragraph, a heading, a caption. An `implied` one stands bare in its container."""

    tag: str
    run: Run
    implied: bool = False

    def write(self) -> str:
        """Return it as HTML, "" when nothing of it would be seen."""
        if self.run.is_empty():
            return ""
        text = self.run.write()
        return text if self.implied else f"<{self.tag}>{text}</{self.tag}>"


@dataclass
class Rule:
    """A line between two parts."""

    def write(self) -> str:
        """Return it as HTML."""
        return "<hr>"


@dataclass
class Box:
    """A block that holds blocks: a list, its items, a quotation, a cell. Only a cell may be empty."""

    tag: str
    blocks: "list[Block]"
    attributes: dict[str, str] = field(default_factory=dict)

    def write(self) -> str:
        """Return it as HTML, "" when there is nothing in it."""
        inside = write(self.blocks)
        if not inside and self.tag not in {"td", "th"}:
            return ""
        attributes = "".join(f' {name}="{value}"' for name, value in self.attributes.items())
        return f"<{self.tag}{attributes}>{inside}</{self.tag}>"


@dataclass
class Line:
    """A paragraph that Word means as an item of a list, at a level from 1 on; `marker` is what it put before it."""

    blocks: "list[Block]"
    level: int
    marker: str

    def write(self) -> str:
        """Return its text; lists are made of lines before anything is written."""
        return write(self.blocks)


Block = Leaf | Rule | Box | Line


def write(blocks: Sequence[Block]) -> str:
    """Return blocks as HTML."""
    return "".join(block.write() for block in blocks)
