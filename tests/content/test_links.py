"""Finding what to link to."""

import pytest

from core.content import links
from core.content.models import Item
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce


@pytest.mark.database
def test_what_is_public_is_found_by_any_words_of_its_title(announce: Announce, page: Item, visit: Visitors) -> None:
    announce("车床检修通知", publish=True)
    announce("车床草稿")
    with visit.app.test_request_context():
        assert [target.title for target in links.find("检修 车床")] == ["车床检修通知"]
        assert [target.title for target in links.find("")] == ["安全须知", "车床检修通知"], "pages first"
        assert links.find("%") == []


def test_what_is_found_says_where_it_is(announce: Announce, visit: Visitors) -> None:
    row = announce("车床检修通知", publish=True)
    answer = visit("publisher").get("/manage/workshop/links.json?q=车床").json
    assert answer is not None
    (found,) = answer["items"]
    assert found["url"] == f"/bases/workshop/announcements/{row.slug}"
    assert found["title"] == "车床检修通知"
    assert found["base"] == row.base.short_name  # type: ignore[union-attr]
