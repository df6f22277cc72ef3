"""Outlines of announcements that come again and again: a data file each, offered where a new one is written.

What the writer has to fill in stands in 【】 (in English in []).
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.content import markdown
from core.localised import pick

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Outline:
    """An announcement to fill in.

    Attributes:
        slug: name of its file.
        position: where it stands among the others.
        category: slug of the category proposed.
        until: how long it is shown: a choice of the form's field of that name.
        name, title, body: by language; the body is Markdown.
    """

    slug: str
    position: int
    category: str
    until: str
    name: dict[str, str]
    title: dict[str, str]
    body: dict[str, str]

    @property
    def label(self) -> str:
        """What it is called, in the reader's language."""
        return pick(self.name)

    def values(self) -> dict[str, Any]:
        """Return what it puts into the form's fields, in the reader's language."""
        return {
            "title": pick(self.title),
            "body": str(markdown.render(pick(self.body))),
            "format": "html",
            "category": self.category,
            "until": self.until,
        }


@cache
def outlines() -> Sequence[Outline]:
    """Return all outlines, in the order in which they are offered."""
    found = [Outline(slug=path.stem, **tomllib.loads(path.read_text("utf-8"))) for path in FOLDER.glob("*.toml")]
    return sorted(found, key=lambda outline: outline.position)


def find(slug: str) -> Outline | None:
    """Return an outline; None when there is none of this name."""
    return next((outline for outline in outlines() if outline.slug == slug), None)
