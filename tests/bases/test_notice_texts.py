"""Holidays as the State Council's notice writes them, and as people write lines."""

from datetime import date

import pytest
from flask import Flask

from core.bases.notice_texts import read, write
from core.bases.notices import Holiday, shipped

NOTICE = """各部门：
现将2026年元旦、春节放假安排如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
2025年11月4日
"""
NEW_YEAR = Holiday("元旦", date(2026, 1, 1), date(2026, 1, 3), (date(2026, 1, 4),))
SPRING = Holiday("春节", date(2026, 2, 15), date(2026, 2, 23), (date(2026, 2, 14), date(2026, 2, 28)))


def test_the_paragraphs_of_a_notice_are_read_and_the_rest_is_left_out(app: Flask) -> None:
    found = read(NOTICE, 2026)
    assert found.holidays == (NEW_YEAR, SPRING, Holiday("清明节", date(2026, 4, 4), date(2026, 4, 6)))
    assert found.problems == ()
    assert found.ignored == ("各部门：", "现将2026年元旦、春节放假安排如下。", "2025年11月4日")


@pytest.mark.parametrize(
    "line",
    [
        "春节：2月15日至23日；2月14日、2月28日上班",
        "春节:2.15-2.23;2.14、2.28上班",
        "春节，2月15日，2月23日，2月14日、2月28日",
        "春节\t2026-02-15\t2026-02-23\t2026-02-14\t2026-02-28",
        "2. 春节 2/15 至 2/23。2/14、2/28 补班。",
        "二、春节：２月１５日至２３日放假。２月１４日（周六）、２８日（周六）上班。",
        "春节：2026年2月15日—2026年2月23日；2026年2月14日，2月28日上班",
    ],
)
def test_many_ways_of_writing_a_line_are_understood(app: Flask, line: str) -> None:
    assert read(line, 2026).holidays == (SPRING,)


def test_a_holiday_of_one_day_and_one_that_begins_in_the_year_before(app: Flask) -> None:
    assert read("元旦：1月1日放假1天，不调休。", 2025).holidays == (
        Holiday("元旦", date(2025, 1, 1), date(2025, 1, 1)),
    )
    across = Holiday("元旦", date(2026, 12, 31), date(2027, 1, 2))
    assert read("元旦：2026年12月31日至2027年1月2日", 2027).holidays == (across,)


def test_what_is_written_is_read_back(app: Flask) -> None:
    for notice in shipped():
        assert read(write(notice.holidays), notice.year).holidays == notice.holidays


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("春节：2月30日至3月2日", "没有2月30日这一天"),
        ("春节：13月1日", "没有13月1日这一天"),
        ("春节：2月14日上班", "第一天和最后一天"),
        ("春节：放假9天", "第一天和最后一天"),
    ],
)
def test_a_line_that_makes_no_sense_is_named(app: Flask, line: str, words: str) -> None:
    with app.test_request_context():
        found = read(line, 2026)
    assert found.holidays == ()
    assert words in found.problems[0]


@pytest.mark.parametrize(
    "text", ["", "\n \n", "：：：", "1月1日", "春节", "(" * 3000, "，" * 3000, "春节" * 2000 + "：1月1日"]
)
def test_rubbish_is_left_out_quickly(app: Flask, text: str) -> None:
    assert read(text, 2026).holidays == ()
