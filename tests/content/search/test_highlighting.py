"""Marking what was looked for."""

from core.content.search.highlighting import SNIPPET, mark, snippet
from core.content.search.words import question


def test_every_word_looked_for_is_marked() -> None:
    marked = "<mark>停电</mark>时<mark>车床</mark>须断开"
    assert str(mark("停电时车床须断开", question("车床 停电"))) == marked


def test_a_word_is_marked_in_whatever_width_and_case_it_stands() -> None:
    assert str(mark("ＣＮＣ与cnc", question("Cnc"))) == "<mark>ＣＮＣ</mark>与<mark>cnc</mark>"


def test_a_part_number_is_marked_whole() -> None:
    assert str(mark("轴承6205-2RS十只", question("6205 2rs"))) == "轴承<mark>6205</mark>-<mark>2RS</mark>十只"
    assert str(mark("轴承6205-2RS十只", question("6205-2RS"))) == "轴承<mark>6205-2RS</mark>十只"


def test_what_stands_in_a_text_is_shown_and_never_run() -> None:
    marked = str(mark("<script>alert('停电')</script>&amp;", question("停电 script")))
    assert "<script" not in marked
    assert "&lt;<mark>script</mark>&gt;alert(&#39;<mark>停电</mark>&#39;)" in marked
    assert marked.endswith("&amp;amp;")


def test_a_snippet_is_cut_around_what_was_found() -> None:
    text = "正文" * 200 + "停电通知" + "正文" * 200
    shown = str(snippet(text, question("停电")))
    assert "<mark>停电</mark>" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < SNIPPET + 20


def test_a_snippet_shows_where_most_of_the_words_stand() -> None:
    text = "停电" + "正文" * 100 + "停电时车床须断开" + "正文" * 100
    assert "<mark>停电</mark>时<mark>车床</mark>" in str(snippet(text, question("车床 停电")))


def test_a_text_without_any_of_the_words_is_shown_from_its_beginning() -> None:
    assert str(snippet("只有正文", question("停电"))) == "只有正文"
