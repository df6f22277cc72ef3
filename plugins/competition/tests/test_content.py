"""Result lists and technical documents, as visitors read them."""

from collections.abc import Iterator

import pytest

from core.testing.site import Site, site
from core.testing.steps import publish

RANKING = [
    {"rank": "1", "team": "甲队", "school": "示例学校甲", "score": "92.5"},
    {"rank": "2", "team": "乙队", "school": "示例学校乙", "score": "90"},
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site("competition", tmp_path_factory.mktemp("competition")) as made:
        yield made


def test_a_result_list_is_a_table_whose_rows_are_headed_by_the_rank(base: Site) -> None:
    path = publish(base, "results", "选拔赛成绩", ranking=RANKING, day="2014-10-18")
    page = base.visitor().get(path).text
    assert page.index('<th scope="row">1</th>') < page.index("甲队") < page.index('<th scope="row">2</th>')
    assert page.index('data-label="得分"') < page.index("92.5")
    assert "2014年10月18日" in page
    assert 'data-label="Score"' in base.visitor().get(f"{path}?lang=en").text


def test_the_list_tells_who_won_and_has_the_latest_competition_first(base: Site) -> None:
    publish(base, "results", "旧成绩", ranking=RANKING, day="2013-05-06")
    publish(base, "results", "新成绩", ranking=RANKING, day="2014-12-01")
    page = base.visitor().get("/bases/competition/content/results/").text
    assert page.index("新成绩") < page.index("旧成绩")
    assert "第一名甲队（示例学校甲）" in page


def test_technical_documents_are_narrowed_by_what_they_are(base: Site) -> None:
    publish(base, "documents", "任务书一", part="tasks")
    publish(base, "documents", "规程一", part="rules")
    page = base.visitor().get("/bases/competition/content/documents/?only=part:tasks").text
    assert "任务书一" in page
    assert "规程一" not in page
