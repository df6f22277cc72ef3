"""Tests of `core/content/richtext.py`: whatever is sent comes out safe, valid, in few forms, and stays as it is."""

import time

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from core.content.richtext import TAGS, clean, plain

TAGS_SENT = [
    *sorted(TAGS),
    "div",
    "span",
    "b",
    "i",
    "h1",
    "font",
    "script",
    "svg",
    "math",
    "style",
    "section",
    "o:p",
    "tfoot",
]
ATTRIBUTES_SENT = [
    "",
    ' style="mso-list:l0 level2 lfo1"',
    ' style="font-weight:bold"',
    ' href="/pages/a"',
    ' href="https://example.com/?a=1&b=2"',
    ' src="/media/1/a.png"',
    ' colspan="3"',
    ' rowspan="4"',
    ' onclick="alert(1)"',
    ' start="7"',
]
TEXTS = ["文字", "a", " ", "\n", "&nbsp;", "&lt;b&gt;", "<", ">", "&", '"', "　"]
SOUP = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(TAGS_SENT), st.sampled_from(ATTRIBUTES_SENT)).map(lambda tag: f"<{tag[0]}{tag[1]}>"),
        st.sampled_from(TAGS_SENT).map(lambda tag: f"</{tag}>"),
        st.sampled_from(TEXTS),
    ),
    max_size=40,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(SOUP)
def test_what_is_clean_stays_as_it_is(html: str) -> None:
    once = clean(html)
    assert clean(once) == once


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_so_does_any_text(html: str) -> None:
    once = clean(html)
    assert clean(once) == once


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("", ""),
        ("只有文字", "<p>只有文字</p>"),
        ("<div>一</div><div>二<div>三</div></div>四", "<p>一</p><p>二</p><p>三</p><p>四</p>"),
        ("<h1>题</h1><h5>小题</h5>", "<h2>题</h2><h4>小题</h4>"),
        ("<h2><b>粗题</b></h2>", "<h2>粗题</h2>"),
        ("<b>粗</b><i>斜</i>", "<p><strong>粗</strong><em>斜</em></p>"),
        ("<b>一<p>二</p></b>", "<p><strong>一</strong></p><p><strong>二</strong></p>"),
        ("<p>&nbsp;</p><p> </p><p><br></p><p>字<br><br></p>", "<p>字</p>"),
        ("<ul><li>一<ul><li>二</li></ul></li></ul>", "<ul><li>一<ul><li>二</li></ul></li></ul>"),
        ("<ul><li>一</li><ul><li>二</li></ul></ul>", "<ul><li>一<ul><li>二</li></ul></li></ul>"),
        ("<ol start=3><li>三</ol><ol start=x><li>一</ol>", '<ol start="3"><li>三</li></ol><ol><li>一</li></ol>'),
        ("<blockquote>引</blockquote>", "<blockquote><p>引</p></blockquote>"),
        ("<pre>\n  a\n b</pre>", "<pre>  a\n b</pre>"),
        ("<p>行一\n行二 word\nword</p>", "<p>行一行二 word word</p>"),
        ("<figure><img src=/media/3/a.png><figcaption>图</figcaption></figure>",
         '<figure><img src="/media/3/a.png" alt=""><figcaption>图</figcaption></figure>'),
        ("<script>alert(1)</script><style>p{}</style><title>t</title>x", "<p>x</p>"),
        ("<p id=a class=b style=color:red onclick=c>x</p>", "<p>x</p>"),
        ('<span style="font-weight:700">粗</span>', "<p><strong>粗</strong></p>"),
        ('<b style="font-weight:normal">不粗</b>', "<p>不粗</p>"),
    ],
)  # fmt: skip
def test_it_comes_out_in_the_forms_that_content_has(sent: str, kept: str) -> None:
    assert clean(sent) == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("/pages/a", '<a href="/pages/a">x</a>'),
        ("https://example.com/", '<a href="https://example.com/" rel="noopener noreferrer">x</a>'),
        ("//example.com/", '<a href="//example.com/" rel="noopener noreferrer">x</a>'),
        ("mailto:a@example.com", '<a href="mailto:a@example.com">x</a>'),
        ("javascript:alert(1)", "x"),
        (" java\nscript:alert(1)", "x"),
        ("data:text/html,x", "x"),
        ("file:///C:/a.doc", "x"),
        ("", "x"),
    ],
)
def test_links_lead_to_pages_and_say_when_they_lead_elsewhere(sent: str, kept: str) -> None:
    assert clean(f'<p><a href="{sent}">x</a></p>') == f"<p>{kept}</p>"


@pytest.mark.parametrize(
    "source",
    [
        "data:image/png;base64,AAAA",
        "https://example.com/media/1/a.png",
        "file:///C:/a.png",
        "/static/a.png",
        "/media/x/a",
    ],
)
def test_pictures_are_those_of_the_media_library_alone(source: str) -> None:
    assert clean(f'<p>x<img src="{source}"></p>') == "<p>x</p>"


def test_addresses_on_this_site_come_out_without_scheme_and_host(app: Flask) -> None:
    site = app.extensions["jidi_settings"].base_url
    with app.app_context():
        assert clean(f'<a href="{site}/pages/a">x</a>') == '<p><a href="/pages/a">x</a></p>'
        assert clean(f'<a href="{site}">x</a>') == '<p><a href="/">x</a></p>'
        assert clean(f'<img src="{site}/media/1/a.png">') == '<p><img src="/media/1/a.png" alt=""></p>'
        assert clean(f'<a href="{site}0/pages/a">x</a>').count(f"{site}0/pages/a") == 1


DEEP = ["<div>", "<ul><li>", "<blockquote>", "<table><tr><td>", "<b>", "<a><b><i><u>", "<div></b>", "<button><p>"]


@pytest.mark.parametrize(
    "piece", [*DEEP, "<b><p></b>", "<p style='mso-list:l0 level2 lfo1'>a", "<table><tr><td>x</table>", "<", "&a"]
)
def test_it_takes_time_by_length_alone_and_survives_any_nesting(piece: str) -> None:
    def seconds(times: int) -> float:
        html = piece * times
        began = time.process_time()
        once = clean(html)
        spent = time.process_time() - began
        assert clean(once) == once
        return spent

    few, many = (min(seconds(times) for _ in range(3)) for times in (300, 2_400))
    assert many < 8 * few * 3 + 0.1


def test_a_lone_surrogate_is_no_failure() -> None:
    assert clean("a\ud800b\0") == "<p>a?b</p>"


def test_paragraphs_become_one_line_without_a_space_after_full_width_marks() -> None:
    written = "<p>本公告为示例。</p><p>请提交：</p><p>日期 <b>Room 2</b></p>"
    assert plain(written) == "本公告为示例。请提交：日期 Room 2"
