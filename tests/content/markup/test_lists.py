"""Tests of `core/content/markup/lists.py`: lists as Word, WPS and Outlook paste them."""

import pytest

from core.content.richtext import clean


def item(text: str, level: int = 1, marker: str = "·") -> str:
    """Return an item as Word sends it."""
    return (
        f"<p class=MsoListParagraph style='margin-left:21.0pt;text-indent:-21.0pt;\nmso-list:l0 level{level} lfo1'>"
        f"<![if !supportLists]><span lang=EN-US style='font-family:Wingdings'><span style='mso-list:Ignore'>{marker}"
        f"<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp; </span></span></span><![endif]>"
        f"<span style='font-family:宋体'>{text}<o:p></o:p></span></p>\n"
    )


def test_items_in_a_row_are_a_list() -> None:
    assert clean("<p>前</p>" + item("一") + item("二") + "<p>后</p>") == (
        "<p>前</p><ul><li>一</li><li>二</li></ul><p>后</p>"
    )


def test_levels_are_lists_in_lists() -> None:
    assert clean(item("一") + item("一一", 2) + item("一一一", 3) + item("一二", 2) + item("二")) == (
        "<ul><li>一<ul><li>一一<ul><li>一一一</li></ul></li><li>一二</li></ul></li><li>二</li></ul>"
    )


@pytest.mark.parametrize("marker", ["1.", "1)", "（1）", "a.", "iv.", "一、", "①"])
def test_what_counts_is_a_numbered_list(marker: str) -> None:
    assert clean(item("甲", marker=marker)) == "<ol><li>甲</li></ol>"


@pytest.mark.parametrize("marker", ["·", "o", "§", "", "•", "-", "Ø"])
def test_what_does_not_is_none(marker: str) -> None:
    assert clean(item("甲", marker=marker)) == "<ul><li>甲</li></ul>"


def test_numbers_go_on_where_the_text_does() -> None:
    assert clean(item("三", marker="3.") + item("四", marker="4.")) == '<ol start="3"><li>三</li><li>四</li></ol>'


def test_another_kind_of_marker_begins_another_list() -> None:
    assert clean(item("甲", marker="1.") + item("乙")) == "<ol><li>甲</li></ol><ul><li>乙</li></ul>"


def test_numbered_lists_hold_bulleted_ones() -> None:
    assert clean(item("甲", marker="1.") + item("乙", 2) + item("丙", marker="2.")) == (
        "<ol><li>甲<ul><li>乙</li></ul></li><li>丙</li></ol>"
    )


def test_a_level_that_is_skipped_makes_no_empty_item() -> None:
    assert clean(item("深", 3) + item("浅", 1)) == "<ul><li>深</li></ul><ul><li>浅</li></ul>"


def test_lists_in_cells_are_lists_too() -> None:
    assert "<td><ul><li>甲</li></ul></td>" in clean(f"<table><tr><td>{item('甲')}</td></tr></table>")


def test_a_numbered_heading_keeps_its_number() -> None:
    sent = "<h1 style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>1.</span>总则</h1>"
    assert clean(sent) == "<h2>1.总则</h2>"


def test_what_word_puts_around_is_gone() -> None:
    sent = (
        "<html xmlns:o='urn:schemas-microsoft-com:office:office'><head><meta name=Generator content=Word>"
        "<!--[if gte mso 9]><xml><o:OfficeDocumentSettings></o:OfficeDocumentSettings></xml><![endif]-->"
        "<style><!-- p.MsoNormal {margin:0cm} --></style></head><body><!--StartFragment-->"
        "<p class=MsoNormal align=center style='text-align:center'><b style='mso-bidi-font-weight:normal'>"
        "<span style='font-size:16.0pt'>通知<o:p></o:p></span></b></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
        "<p class=MsoNormal><font face=宋体>各有关单位：</font></p><!--EndFragment--></body></html>"
    )
    assert clean(sent) == "<p><strong>通知</strong></p><p>各有关单位：</p>"
