"""Reading the pages that a plugin ships as Markdown files; their format is docs/plugins/pages.md."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.localised import LANGUAGES, Localised

PATH = re.compile(r"[a-z0-9-]{1,70}(/[a-z0-9-]{1,70})*")
FRONT = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)
LONGEST_PATH = 120
LONGEST_TITLE = 120


class PageFileError(Exception):
    """A shipped page that cannot be used: which file, why, and what is expected."""

    def __init__(self, file: Path, problem: str) -> None:
        super().__init__(f"{file}: {problem} (see docs/plugins/pages.md)")


@dataclass(frozen=True)
class ShippedPage:
    """A page as its files say it: path, place in the list, title and Markdown by language."""

    path: str
    position: int
    title: Localised
    body: Localised


def read(folder: Path) -> list[ShippedPage]:
    """Return the pages of a plugin's folder, sorted by path.

    Raises:
        PageFileError: a file does not keep to the format.
    """
    return [_page(folder, path, files) for path, files in sorted(_by_path(folder).items())]


def _by_path(folder: Path) -> dict[str, dict[str, Path]]:
    found: dict[str, dict[str, Path]] = {}
    for file in sorted(folder.rglob("*.md")):
        name, _, language = file.relative_to(folder).with_suffix("").as_posix().rpartition(".")
        if language not in LANGUAGES:
            raise PageFileError(file, "the name must end in .zh.md or .en.md")
        if not PATH.fullmatch(name) or len(name) > LONGEST_PATH:
            raise PageFileError(
                file, "a path is made of a-z, 0-9 and hyphens, at most 120 characters and 70 in each part"
            )
        found.setdefault(name, {})[language] = file
    return found


def _page(folder: Path, path: str, files: dict[str, Path]) -> ShippedPage:
    default = LANGUAGES[0]
    if default not in files:
        raise PageFileError(folder / f"{path}.{default}.md", "is missing; a page needs its Chinese text")
    read = {language: _parts(file, main=language == default) for language, file in files.items()}
    return ShippedPage(
        path=path,
        position=int(read[default][0].get("position", "100")),
        title={language: front["title"] for language, (front, _) in read.items()},
        body={language: body for language, (_, body) in read.items()},
    )


def _parts(file: Path, *, main: bool) -> tuple[dict[str, str], str]:
    """Return the front matter and the text of a file; `position` is allowed in the main language only."""
    try:
        text = file.read_text("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise PageFileError(file, "is not UTF-8") from error
    match = FRONT.fullmatch(text)
    if match is None:
        raise PageFileError(file, "must begin with a front matter between two lines ---")
    front = dict(_pairs(file, match[1]))
    for name in front.keys() - ({"title", "position"} if main else {"title"}):
        raise PageFileError(file, f"does not know the name {name!r} in the front matter")
    if not 0 < len(front.get("title", "")) <= LONGEST_TITLE:
        raise PageFileError(file, "needs a title of at most 120 characters")
    if not re.fullmatch(r"\d{1,6}", front.get("position", "0")):
        raise PageFileError(file, f"position is {front['position']!r}, not a whole number")
    return front, match[2].strip() + "\n"


def _pairs(file: Path, lines: str) -> Iterator[tuple[str, str]]:
    for line in filter(str.strip, lines.splitlines()):
        name, colon, value = line.partition(":")
        if not colon:
            raise PageFileError(file, f"cannot read the line {line!r} of the front matter: name: value")
        yield name.strip(), value.strip()
