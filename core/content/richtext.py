"""The text of content: HTML from the editor, from Word or from Markdown, made safe before it is kept.

Whatever a browser sends is taken apart and put together again from an allow-list: tags that carry meaning, no styles,
no scripts, pictures from the site's own media library only.
"""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import nh3

BLOCKS = ("p", "br", "hr", "h2", "h3", "h4", "pre", "blockquote", "ul", "ol", "li", "figure", "figcaption")
WORDS = ("strong", "em", "s", "u", "sub", "sup", "code", "a", "img")
TABLES = ("table", "caption", "thead", "tbody", "tr", "th", "td")
TAGS = {*BLOCKS, *WORDS, *TABLES}
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
PICTURE = re.compile(r"/media/\d+/[^?#]*")
NUMBER = re.compile(r"\d{1,4}")
BREAKING = frozenset(BLOCKS) | {"tr", "td", "th", "caption"}


def clean(html: str) -> str:
    """Return HTML that is safe to show, whatever was given.

    Cost: about a millisecond for a page of text.
    """
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
    ).strip()


def _attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if PICTURE.fullmatch(value) else None
    if name in {"width", "height", "colspan", "rowspan", "start"}:
        return value if NUMBER.fullmatch(value) else None
    return value


def plain(html: str, longest: int | None = None) -> str:
    """Return clean HTML as one line of text, cut with “…” to at most `longest` characters where that is given."""
    reader = _Words()
    reader.feed(html if longest is None else html[: longest * 40])
    line = re.sub(r"\s+", " ", "".join(reader.words)).strip()
    if longest is None or len(line) <= longest:
        return line
    return line[: longest - 1].rstrip() + "…"


def addresses(html: str) -> tuple[set[str], set[str]]:
    """Return the paths on this site that clean HTML links to, and those of its pictures."""
    reader = _Addresses()
    reader.feed(html)
    return reader.links, reader.pictures


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in BREAKING:
            self.words.append(" ")


class _Addresses(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: set[str] = set()
        self.pictures: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "img" and (source := values.get("src")):
            self.pictures.add(source)
        if tag == "a" and (target := values.get("href")):
            parts = urlsplit(target)
            if not parts.scheme and not parts.netloc and parts.path.startswith("/"):
                self.links.add(parts.path)
