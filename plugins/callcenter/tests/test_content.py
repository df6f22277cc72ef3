"""The supply-and-demand board, as firms read and fill it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from core import clock
from core.testing.site import Site, site
from core.testing.steps import publish
from plugins.callcenter.content import KINDS

BOARD = "/bases/callcenter/content/board/"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site("callcenter", tmp_path_factory.mktemp("callcenter")) as made:
        yield made


def test_a_notice_of_each_of_the_six_kinds_is_found_by_its_kind_alone(base: Site) -> None:
    assert len(KINDS) == 6
    for kind, _label in KINDS:
        publish(base, "board", f"信息-{kind}", kind=kind)
    for kind, _label in KINDS:
        page = base.visitor().get(f"{BOARD}?only=kind:{kind}").text
        assert [other for other, _ in KINDS if f"信息-{other}" in page] == [kind]


def test_a_notice_names_unit_role_price_and_quantity(base: Site) -> None:
    path = publish(base, "board", "坐席", organisation="示例公司", contact="运营部", price="900", quantity="20个坐席")
    page = base.visitor().get(path).text
    assert all(words in page for words in ("示例公司", "运营部", "900元", "20个坐席"))


def test_a_new_notice_is_proposed_to_leave_after_sixty_days(base: Site) -> None:
    desk = base.visitor("manager").get("/manage/callcenter/content/board/new").text
    assert f'value="{(clock.today() + timedelta(days=61)).isoformat()}T00:00"' in desk
