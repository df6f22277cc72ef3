"""Markdown to safe HTML: parsed without raw HTML, then cleaned once more before it reaches a page."""

import re
from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup

BLOCKS = ("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "ul", "ol", "li")
WORDS = ("strong", "em", "s", "code", "a")
TABLES = ("table", "thead", "tbody", "tr", "th", "td")
TAGS = {*BLOCKS, *WORDS, *TABLES}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "th": {"scope"}}
SCHEMES = {"http", "https", "mailto", "tel"}


def _lower_headings(state: StateCore) -> None:
    """The page's title is its only heading of the first level."""
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"} and token.tag == "h1":
            token.tag = "h2"
        elif token.type == "th_open":
            token.attrs = {"scope": "col"}  # in place of an alignment, which would be an inline style


_parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"]).disable("image")
_parser.core.ruler.push("lower_headings", _lower_headings)


def render(text: str) -> Markup:
    """Return Markdown as HTML that is safe to show, with line breaks kept and images left out.

    Cost: about a millisecond for a page of text.
    """
    html = nh3.clean(
        _parser.render(text),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
    )
    return Markup(html)  # noqa: S704 - cleaned just above


def plain(text: str, longest: int) -> str:
    """Return the beginning of Markdown as one line of plain text, cut with “…” to at most `longest` characters.

    Cost: that of the first paragraphs, however long the text is; a list shows twenty of these.
    """
    first_paragraphs = text.find("\n\n", longest * 5)
    line = _line(text[:first_paragraphs]) if first_paragraphs > 0 else ""
    if len(line) <= longest:
        line = _line(text)  # a short text, or little but markup at its beginning
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", " ".join(_texts(_parser.parse(text)))).strip()


def _texts(tokens: Sequence[Token]) -> list[str]:
    return ["".join(_SAID.get(child.type, child.content) for child in token.children or ()) for token in tokens]


_SAID = {"softbreak": " ", "hardbreak": " "}
