"""Tests of `core/content/markup/tables.py`."""

import pytest

from core.content.richtext import clean

BODY = "<tr><td>甲</td><td>乙</td></tr>"


@pytest.mark.parametrize(
    "first",
    [
        "<tr><th>名</th><th>数</th></tr>",
        "<tr style='background:#eee'><td style='background: #D9D9D9'>名</td><td bgcolor='#eeeeee'>数</td></tr>",
        "<tr><td style='font-weight:700'>名</td><td></td></tr>",
    ],
)
def test_a_first_row_that_stands_out_is_the_head(first: str) -> None:
    assert clean(f"<table>{first}{BODY}</table>").startswith("<table><thead><tr><th")


def test_a_bold_first_row_is_the_head() -> None:
    bold = "<tr><td><p><b>名</b></p></td><td><p><b><span>数</span></b></p></td></tr>"
    assert "<thead>" in clean(f"<table>{bold}{BODY}</table>")


@pytest.mark.parametrize(
    "first", [BODY, "<tr><td><b>名</b></td><td>数</td></tr>", "<tr><td bgcolor=white>a</td><td>b</td></tr>"]
)
def test_other_first_rows_are_rows(first: str) -> None:
    assert "<thead>" not in clean(f"<table>{first}{BODY}</table>")


def test_a_table_of_one_row_has_no_head() -> None:
    assert clean("<table><tr><td><b>名</b></td></tr></table>") == (
        "<table><tbody><tr><td><strong>名</strong></td></tr></tbody></table>"
    )


def test_spans_are_kept_where_there_is_room() -> None:
    sent = "<table><tr><td colspan=2>宽</td><td rowspan=2>高</td></tr><tr><td>a</td><td>b</td></tr></table>"
    kept = '<tr><td colspan="2">宽</td><td rowspan="2">高</td></tr><tr><td>a</td><td>b</td></tr>'
    assert clean(sent) == f"<table><tbody>{kept}</tbody></table>"


def test_cells_neither_overlap_nor_reach_beyond_the_table() -> None:
    sent = "<table><tr><td>a</td><td rowspan=9>b</td></tr><tr><td colspan=5>c</td></tr></table>"
    kept = '<tr><td>a</td><td rowspan="2">b</td></tr><tr><td>c</td></tr>'
    assert clean(sent) == f"<table><tbody>{kept}</tbody></table>"


def test_a_head_of_several_rows_stays_whole() -> None:
    head = "<tr><th rowspan=2>名</th><th colspan=2>数</th></tr><tr><td>a</td><td>b</td></tr>"
    made = clean(f"<table>{head}<tr><td>1</td><td>2</td><td>3</td></tr></table>")
    assert made.count("<tr>") == 3
    assert made.index("</thead>") > made.index(">b<")


def test_headings_of_rows_say_so() -> None:
    assert '<th scope="row">名</th><td>1</td>' in clean(f"<table>{BODY}<tr><th>名</th><td>1</td></tr></table>")


def test_a_table_in_a_cell_becomes_its_text() -> None:
    sent = "<table><tr><td>外<table><tr><td>内1</td><td>内2</td></tr></table></td></tr></table>"
    assert clean(sent) == "<table><tbody><tr><td>外<p>内1</p><p>内2</p></td></tr></tbody></table>"


def test_an_empty_cell_stays_an_empty_table_does_not() -> None:
    assert "<td></td>" in clean("<table><tr><td>a</td><td>&nbsp;</td></tr></table>")
    assert clean("<p>a</p><table></table>") == "<p>a</p>"


def test_caption_and_foot_are_put_where_they_belong() -> None:
    foot, body = "<tfoot><tr><td>合计</td></tr></tfoot>", "<tbody><tr><td>1</td></tr></tbody>"
    made = clean(f"<table><caption>表<p>一</p></caption>{foot}{body}</table>")
    assert made.startswith("<table><caption>表 一</caption><tbody>")
    assert "tfoot" not in made
