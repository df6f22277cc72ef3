"""The search page, and the table of synonyms."""

import pytest
from sqlalchemy import select

from core import db
from core.content.media.models import MediaFile
from core.content.models import Item
from core.content.search.models import Synonym
from core.content.search.queries import LONGEST
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce
from tests.support.people import texts

SYNONYMS = "/manage/consortium/synonyms"


def test_a_visitor_finds_an_announcement_and_sees_the_words_marked(announce: Announce, visit: Visitors) -> None:
    announce("<script>停电</script>", "<p>车床须断开。</p>", publish=True)
    page = visit().get("/search?q=停电 车床").text
    assert "&lt;script&gt;<mark>停电</mark>&lt;/script&gt;" in page
    assert "<mark>车床</mark>须断开。" in page
    assert '<meta name="robots" content="noindex">' in page


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("*", "没有可以搜索的字词"),
        ("😀", "没有可以搜索的字词"),
        ("车" * (LONGEST + 1), "搜索内容太长"),
        ("x" * 10_000, "搜索内容太长"),
        ("'; DROP TABLE base; --", "没有找到"),
        ("", "写两三个词即可"),
    ],
)
def test_every_query_gets_a_clear_answer(visit: Visitors, query: str, answer: str) -> None:
    answered = visit().get(f"/search?q={query}&base=nowhere&type=nothing&page=-7")
    assert answered.status_code == 200
    assert answer in texts(answered.text)
    assert "nothing" not in texts(answered.text)


def test_filters_and_further_pages_keep_the_query(announce: Announce, visit: Visitors) -> None:
    for number in range(11):
        announce(f"停电通知{number}", publish=True)
    page = visit().get("/search?q=停电&base=workshop&type=announcement").text
    assert 'name="base" value="workshop"' in page
    assert 'name="type" value="announcement"' in page
    assert "共11条结果" in texts(page)
    assert "q=%E5%81%9C%E7%94%B5&amp;base=workshop&amp;type=announcement&amp;page=2" in page


def test_where_nothing_is_found_the_page_leads_on(visit: Visitors) -> None:
    page = visit().get("/search?q=停电").text
    assert "没有找到“停电”" in texts(page)
    assert 'href="/announcements/"' in page
    assert "/search?q=%E5%81%9C%E7%94%B5" in visit().get("/search?q=停电&base=workshop").text


def test_a_file_leads_to_itself_and_to_what_uses_it(attached: tuple[MediaFile, Item], visit: Visitors) -> None:
    file, item = attached
    page = visit().get("/search?q=浇注系统").text
    assert f"/media/{file.id}/" in page
    assert f'<a href="/bases/workshop/announcements/{item.path}">{item.title}</a>' in page


def test_the_office_adds_changes_and_removes_synonyms(writers: Shop, visit: Visitors) -> None:
    client = visit("office")
    assert client.post(SYNONYMS, data={"words": "护目镜, goggles"}).status_code == 302
    row = db.db.session.scalars(select(Synonym).order_by(Synonym.id.desc())).first()
    assert row is not None
    assert "护目镜，goggles" in client.get(SYNONYMS).text
    client.post(f"{SYNONYMS}/{row.id}", data={"words": "护目镜、防护镜", "action": "save"})
    assert "护目镜，防护镜" in client.get(SYNONYMS).text
    client.post(f"{SYNONYMS}/{row.id}", data={"action": "remove", "words": ""})
    assert 'value="护目镜，防护镜"' not in client.get(SYNONYMS).text
    assert client.post(f"{SYNONYMS}/{row.id}", data={"action": "remove"}).status_code == 404


@pytest.mark.parametrize(
    "words", ["", "护目镜", "护目镜，护目镜", "*, ?", "甲，" + "x" * 300, "，".join("甲乙丙丁戊己庚辛壬癸子丑寅")]
)
def test_a_row_that_is_none_is_refused_and_what_was_typed_is_kept(writers: Shop, visit: Visitors, words: str) -> None:
    answered = visit("office").post(SYNONYMS, data={"words": words})
    assert answered.status_code == 422
    assert f'value="{words}"' in answered.text


def test_who_does_not_write_for_the_consortium_sees_no_synonyms(writers: Shop, visit: Visitors) -> None:
    assert visit("manager").get(SYNONYMS).status_code == 403
    assert visit("manager").post(SYNONYMS, data={"words": "护目镜, goggles"}).status_code == 403
