"""What is done to an item as a whole, on the pages of its base."""

from core.content import queries, workflow, writing
from core.content.models import PAGE, Item
from core.content.snapshots import Texts
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce


def test_the_card_shows_how_it_stands_and_what_can_be_done(writers: Shop, announce: Announce, visit: Visitors) -> None:
    item = announce("开放日", publish=True)
    page = visit("manager").get(f"/manage/workshop/items/{item.id}/").text
    assert "移入回收站" in page
    assert f"/bases/workshop/announcements/{item.path}" in page
    assert "移入回收站" not in visit("publisher").get(f"/manage/workshop/items/{item.id}/").text


def test_archiving_is_taken_back_from_its_notice(shop: Shop, announce: Announce, visit: Visitors) -> None:
    item, client = announce(publish=True), visit("manager")
    at = f"/manage/workshop/items/{item.id}"
    notice = client.post(f"{at}/archive", follow_redirects=True).text
    assert item.state == "archived"
    assert f'action="{at}/undo"' in notice
    client.post(f"{at}/undo", data={"version": str(item.version)})
    assert item.is_public


def test_what_cannot_be_taken_back_any_more_leads_to_the_history(
    shop: Shop, announce: Announce, visit: Visitors
) -> None:
    item = announce(publish=True)
    answer = visit("manager").post(
        f"/manage/workshop/items/{item.id}/undo", data={"version": "0"}, follow_redirects=True
    )
    assert "已不能撤销" in answer.text
    assert item.is_public


def test_a_page_is_moved_with_its_form(shop: Shop, page: Item, visit: Visitors) -> None:
    client, at = visit("manager"), f"/manage/workshop/items/{page.id}/move"
    assert 'value="safety"' in client.get(at).text
    sent = {"slug": "Safety Rules", "parent": "0", "version": str(page.version)}
    answer = client.post(at, data=sent)
    assert answer.status_code == 422
    assert 'value="Safety Rules"' in answer.text
    client.post(at, data=sent | {"slug": "safety-rules"})
    assert page.path == "safety-rules"
    assert queries.find_public(shop.base, PAGE, "safety") is page


def test_only_the_office_is_offered_another_base(writers: Shop, announce: Announce, visit: Visitors) -> None:
    item = announce(publish=True)
    at = f"/manage/workshop/items/{item.id}/move"
    assert 'name="base"' not in visit("manager").get(at).text
    assert 'name="base"' in visit("office").get(at).text
    sent = {"slug": item.slug, "base": "0", "version": str(item.version)}
    visit("manager").post(at, data=sent)
    assert item.base_id == writers.base.id
    visit("office").post(at, data=sent)
    assert item.base_id is None


def test_an_archived_one_becomes_a_draft_again(shop: Shop, announce: Announce, visit: Visitors) -> None:
    item, client = announce(publish=True), visit("manager")
    client.post(f"/manage/workshop/items/{item.id}/archive")
    client.post(f"/manage/workshop/items/{item.id}/reopen")
    assert (item.state, item.publish_at) == ("draft", None)


def test_an_item_is_found_at_its_own_base_only(writers: Shop, announce: Announce, visit: Visitors) -> None:
    item = announce()
    for path in ("", "history", "history/1", "move", "preview-link"):
        assert visit("office").get(f"/manage/consortium/items/{item.id}/{path}").status_code == 404


def test_the_list_leads_to_the_card_and_archives_with_a_way_back(
    shop: Shop, announce: Announce, visit: Visitors
) -> None:
    item = announce(publish=True)
    announce("另一条", f'<p><a href="/bases/workshop/announcements/{item.path}">见</a></p>', publish=True)
    client, at = visit("manager"), f"/manage/workshop/items/{item.id}"
    listed = client.get("/manage/workshop/announcements/").text
    assert f'href="{at}/"' in listed
    assert f'action="{at}/archive"' in listed
    assert "另一条" in client.post(f"{at}/archive").text, "who links there is told first"
    assert item.state == "published"
    assert f'action="{at}/undo"' in client.post(f"{at}/archive", data={"checked": "1"}, follow_redirects=True).text
    assert client.get(f"/manage/workshop/announcements/{item.id}").location == f"{at}/"


def test_what_was_typed_over_an_archived_item_of_a_plugins_type_is_shown(shop: Shop, visit: Visitors) -> None:
    item = writing.create(
        actor=shop.user("manager"),
        base_id=shop.base.id,
        kind="workshop.board",
        texts=Texts(title="供求", body="", fields={"side": "supply", "contact": "设备科"}),
        act=writing.PUBLISH,
    )
    client = visit("manager")
    assert "供求板" in client.get(f"/manage/workshop/items/{item.id}/").text
    workflow.archive(actor=shop.user("manager"), item_id=item.id)
    typed = {"title": "新题目", "body": "新正文", "fields-side": "demand", "fields-contact": "新岗位", "version": "1"}
    page = client.post(f"/manage/workshop/content/board/{item.id}", data=typed | {"action": "publish"})
    assert page.status_code == 409
    assert all(words in page.text for words in ("新题目", "新正文", "新岗位", f"/manage/workshop/items/{item.id}/"))
