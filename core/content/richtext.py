"""The text of content: HTML from the editor, from Word or from Markdown, made safe before it is kept.

Whatever a browser sends is taken apart and put together again from an allow-list: tags that carry meaning, no styles,
no scripts, pictures from the site's own media library only.
"""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import urlsplit

import nh3
from flask import current_app, has_app_context

from core.content.markup.flow import HEADINGS, INLINE, REL, tidy
from core.content.markup.tree import shallow

BLOCKS = ("p", "br", "hr", "h2", "h3", "h4", "pre", "blockquote", "ul", "ol", "li", "figure", "figcaption")
WORDS = ("strong", "em", "s", "u", "sub", "sup", "code", "a", "img")
TABLES = ("table", "caption", "thead", "tbody", "tr", "th", "td")
TAGS = {*BLOCKS, *WORDS, *TABLES}
ATTRIBUTES = {
    "a": {"href", "title", "rel"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
"""What content may hold."""

KNOWN = TAGS | INLINE | set(HEADINGS) | {
    "div", "section", "article", "main", "header", "footer", "aside", "nav", "address", "center", "dl", "dt", "dd",
    "form", "fieldset", "legend", "details", "summary", "tfoot",
}  # fmt: skip
READ = ATTRIBUTES | {"*": {"style"}, "tr": {"bgcolor"}, "td": {*ATTRIBUTES["th"], "bgcolor"}}
READ["th"] = READ["td"]
"""What is read to find out what is meant: tags that break lines, styles of Word's lists and of spreadsheets' heads."""

UNREAD = {"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math", "select", "textarea"}
"""What goes with all that is in it."""

SCHEMES = {"http", "https", "mailto", "tel"}
PICTURE = re.compile(r"/media/\d+/[^?#]*")
NUMBER = re.compile(r"[0-9]{1,4}")
BREAKING = frozenset(BLOCKS) | {"tr", "td", "th", "caption"}


def clean(html: str) -> str:
    """Return HTML that is safe to show, valid, and in the few forms that content has, whatever was given.

    Addresses on this site come out without scheme and host; pictures are those of the media library alone. What comes
    out is left as it is when it is cleaned again.

    Cost: some milliseconds for a page of text, growing with its length alone.
    """
    known = nh3.clean(
        shallow(html.encode("utf-8", "replace").decode("utf-8")),
        tags=KNOWN,
        clean_content_tags=UNREAD,
        attributes=READ,
        attribute_filter=_relative(_own_addresses()),
        url_schemes=SCHEMES,
        link_rel=None,
    )
    # The allow-list has the last word: what is safe does not depend on what was made of it in between.
    return nh3.clean(
        tidy(known),
        tags=TAGS,
        clean_content_tags=UNREAD,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=SCHEMES,
        link_rel=None,
    )


def _own_addresses() -> tuple[str, ...]:
    """Return how absolute addresses on this site begin."""
    if not has_app_context():
        return ()
    address = str(current_app.extensions["jidi_settings"].base_url).rstrip("/")
    return (address, address.split(":", 1)[1])


def _relative(own: tuple[str, ...]) -> Callable[[str, str, str], str | None]:
    def attribute(tag: str, name: str, value: str) -> str | None:
        if name in {"href", "src"}:
            value = value.strip()
            start = next((start for start in own if value.startswith(start)), "")
            if start and value[len(start) : len(start) + 1] in {"", "/"}:
                value = value[len(start) :] or "/"
        return _attribute(tag, name, value)

    return attribute


def _attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if PICTURE.fullmatch(value) else None
    if name in {"width", "height", "colspan", "rowspan", "start"}:
        return value if NUMBER.fullmatch(value) else None
    if name == "rel":
        return value if value == REL else None
    return value


def plain(html: str, longest: int | None = None) -> str:
    """Return clean HTML as one line of text, cut with “…” to at most `longest` characters where that is given."""
    reader = _Words()
    reader.feed(html if longest is None else html[: longest * 40])
    line = re.sub(r"\s+", " ", "".join(reader.words)).strip()
    line = re.sub(r"(?<=[。，、；：！？）】》”]) ", "", line)  # these marks carry their own space
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
            try:
                parts = urlsplit(target)
            except ValueError:  # such as "//[": no address at all
                return
            if not parts.scheme and not parts.netloc and parts.path.startswith("/"):
                self.links.add(parts.path)
