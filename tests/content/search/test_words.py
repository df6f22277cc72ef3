"""Words of texts and of queries."""

import pytest

from core.content.search.words import LONGEST_WORD, MOST_GROUPS, cut, phrases, question, units


def asked(text: str) -> list[str]:
    return [" ".join(group.phrases[0]) for group in question(text).groups]


def test_chinese_is_cut_by_words_and_long_words_into_their_parts_as_well() -> None:
    assert cut("普通车床操作规程") == ["普通", "车床", "操作", "规程", "操作规程"]


def test_full_width_forms_and_capitals_are_folded() -> None:
    assert cut("ＦＡＮＵＣ　０ｉ") == cut("Fanuc 0i") == ["fanuc", "0", "i"]


@pytest.mark.parametrize("written", ["DCC-630", "dcc630", "ＤＣＣ６３０", "Dcc 630"])
def test_a_part_number_is_the_same_however_it_is_written(written: str) -> None:
    assert cut(written) == ["dcc", "630"]


@pytest.mark.parametrize(
    "text", ['"*', "' OR 1=1; --", "a:b <-> !c & (d | e)*", "NEAR(title_words : x)", "\0\n😀^-+{}"]
)
def test_no_word_holds_anything_but_letters_and_figures(text: str) -> None:
    groups = question(text).groups
    assert all(word.isalnum() for word in cut(text))
    assert all(word.isalnum() for group in groups for phrase in group.phrases for word in phrase)


def test_a_query_asks_for_each_of_its_words() -> None:
    assert asked("夜班 未成年") == ["夜班", "未成年"]
    assert asked("取消预约") == ["取消", "预约"]


def test_letters_and_figures_without_a_blank_between_them_are_asked_for_together() -> None:
    assert asked("轴承6205-2RS FANUC 0i") == ["轴承", "6205 2 rs", "fanuc", "0 i"]


def test_words_that_say_nothing_count_only_where_there_is_no_other() -> None:
    assert asked("停电 的 时间") == ["停电", "时间"]
    assert asked("的") == ["的"]


def test_characters_that_make_no_known_word_are_asked_for_together() -> None:
    assert asked("磽碻") == ["磽碻"]


@pytest.mark.parametrize("text", ["", "  ", "*", '"', "😀", "……", "\0"])
def test_a_query_without_a_word_asks_for_nothing(text: str) -> None:
    assert question(text).groups == ()


def test_a_query_without_end_is_cut_off() -> None:
    assert len(question(" ".join(f"w{number}" for number in range(1000))).groups) == MOST_GROUPS
    assert cut("x" * 5000) == ["x" * LONGEST_WORD]


def test_a_synonym_of_several_words_is_seen_in_the_query() -> None:
    table = {units("机电一体化"): (*phrases("机电一体化"), *phrases("mechatronics"))}
    (first, second) = question("机电一体化集训", table).groups
    assert ("mechatronics",) in first.phrases
    assert second.phrases[0] == ("集训",)


def test_a_synonym_is_not_seen_across_the_words_of_a_query() -> None:
    assert asked("填报名单") == ["填报", "名单"]
    table = {units("报名"): (*phrases("报名"), *phrases("登记"))}
    assert all(("登记",) not in group.phrases for group in question("填报名单", table).groups)
