"""A manager's own text stands over a shipped page, and the shipped one can be restored."""

import pytest

from core.content import editing
from core.content.errors import EditedMeanwhile
from core.content.models import Page
from core.errors import Forbidden
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors


def edit(shop: Shop, page: Page, version: int | None = None, **texts: str) -> Page:
    """Save a page as the manager."""
    values = {"title": page.title, "body": page.body} | texts
    version = page.version if version is None else version
    return editing.edit(actor=shop.user("manager"), page_id=page.id, version=version, **values)


def test_an_own_text_is_shown_in_place_of_the_shipped_one(shop: Shop, page: Page, visit: Visitors) -> None:
    edit(shop, page, body="今天停电。")
    text = visit().get("/bases/workshop/pages/safety").text
    assert "今天停电。" in text
    assert "戴护目镜。" not in text


def test_restoring_shows_the_shipped_text_again(shop: Shop, page: Page) -> None:
    edit(shop, page, title="别的", body="今天停电。")
    editing.restore(actor=shop.user("manager"), page_id=page.id, version=page.version)
    assert (page.title, page.body, page.is_set) == ("安全须知", "戴护目镜。", False)


def test_writing_the_shipped_text_is_the_same_as_restoring_it(shop: Shop, page: Page) -> None:
    edit(shop, page, body="今天停电。")
    edit(shop, page, body="戴护目镜。\n")
    assert not page.is_set


def test_the_second_of_two_editors_gets_both_texts(shop: Shop, page: Page) -> None:
    opened = page.version
    edit(shop, page, opened, body="先存的")
    with pytest.raises(EditedMeanwhile) as refused:
        edit(shop, page, opened, body="后存的")
    assert refused.value.body == "先存的"


def test_only_those_who_publish_change_what_is_public(writers: Shop, page: Page) -> None:
    for name in ("publisher", "north"):
        with pytest.raises(Forbidden):
            editing.edit(actor=writers.user(name), page_id=page.id, version=1, title="题", body="文")


@pytest.mark.parametrize(("language", "text"), [("zh", "戴护目镜。"), ("en", "Wear goggles.")])
def test_without_an_own_text_each_reader_gets_theirs(page: Page, visit: Visitors, language: str, text: str) -> None:
    assert text in visit().get(f"/bases/workshop/pages/safety?lang={language}").text
