"""Markdown becomes HTML that cannot do harm, whatever is written."""

import re
from html.parser import HTMLParser
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.content.markdown import render
from core.content.richtext import plain

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](&#106;avascript:alert(1))",
    "<javascript:alert(1)>",
    '[x](https://example.com "\\" onmouseover=\\"alert(1)")',
    "![x](https://example.com/track.png)",
    "![x](javascript:alert(1))",
    "[r]\n\n[r]: javascript:alert(1)",
    "<style>body{display:none}</style>",
    "<iframe src=//example.com></iframe>",
    "| a |\n|:-:|\n| <svg onload=alert(1)> |",
    "```html\n</code><script>alert(1)</script>\n```",
]
TAGS = frozenset(
    {"p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "ul", "ol", "li"}
    | {"strong", "em", "s", "code", "a", "table", "thead", "tbody", "tr", "th", "td"}
)
ADDRESS = re.compile(r"(https?:|mailto:|tel:|[^:]*$)", re.IGNORECASE)


class Harmless(HTMLParser):
    """Fails on any tag, attribute or address that is not allowed."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in {"href", "title", "rel", "start", "scope"}, (tag, name)
            assert name != "href" or ADDRESS.match(value or ""), value


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_are_disarmed(attack: str) -> None:
    Harmless().feed(render(attack))


@given(st.lists(st.sampled_from([*ATTACKS, "*", "`", "\n", "- ", "> ", "|", "文字", "](", "<", "&", '"', "\x00"])))
def test_no_mixture_of_them_does_harm(parts: list[str]) -> None:
    Harmless().feed(render("".join(parts)))


def test_what_people_write_is_shown() -> None:
    html = render("# 一\n\n**粗** [链接](/bases/)\n第二行\n\n- 项\n\n| 头 |\n|---|\n| 格 |\n")
    for piece in ("<h2>一</h2>", "<strong>粗</strong>", 'href="/bases/"', "<br>", "<li>项</li>", "<td>格</td>"):
        assert piece in html


def test_raw_html_is_shown_as_text() -> None:
    assert "&lt;b&gt;" in render("<b>粗</b>")


def test_the_beginning_is_cut_to_one_line_without_marks() -> None:
    assert plain(render("## 标题\n\n**粗**\n第二行"), 40) == "标题 粗 第二行"
    cut = plain(render("很长的文字" * 20), 10)
    assert len(cut) == 10
    assert cut.endswith("…")


def test_the_first_words_are_found_behind_much_markup() -> None:
    link = "[一](https://example.com/" + "a" * 300 + ")"
    assert plain(render(f"{link}\n\n二\n\n三"), 10) == "一 二 三"


def test_the_first_words_of_a_long_text_cost_no_more_than_those_of_a_short_one() -> None:
    paragraph = "一段**重要**的[公告](https://example.com/a)，请各校组织报名。\n\n"

    def cost(text: str) -> float:
        html = render(text)
        start = process_time()
        plain(html, 20)
        return process_time() - start

    short = min(cost(paragraph * 10) for _ in range(5))
    assert min(cost(paragraph * 1000) for _ in range(5)) < 10 * short
