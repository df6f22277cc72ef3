"""A publisher writes, the base's manager reviews: who waits and who answers is told."""

import re

from sqlalchemy import select

from core.content import workflow, writing
from core.content.models import Item
from core.content.snapshots import Texts
from core.db import db
from core.notify.models import Message
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce


def hand_in(shop: Shop, title: str = "新公告", body: str = "<p>正文。</p>") -> Item:
    """Hand in an announcement as the publisher."""
    publisher, texts = shop.user("publisher"), Texts(title=title, body=body)
    return writing.create(actor=publisher, base_id=shop.base.id, texts=texts, act=writing.SUBMIT)


def told(shop: Shop, who: str) -> list[str]:
    """Return the subjects of somebody's messages."""
    mine = select(Message).where(Message.user_id == shop.user(who).id).order_by(Message.id)
    return [message.subject for message in db.session.scalars(mine)]


def test_the_manager_is_told_and_then_the_writer(writers: Shop) -> None:
    item = hand_in(writers)
    assert told(writers, "manager") == ["待审核：新公告"]
    assert told(writers, "office") == []
    workflow.publish(actor=writers.user("manager"), item_id=item.id, version=item.version)
    assert told(writers, "publisher") == ["已发布：新公告"]


def test_what_is_sent_back_says_why(writers: Shop) -> None:
    item = hand_in(writers)
    workflow.give_back(actor=writers.user("manager"), item_id=item.id, version=item.version, reason="日期不对")
    message = db.session.scalars(select(Message).where(Message.user_id == writers.user("publisher").id)).one()
    assert "日期不对" in message.body
    assert item.state == "draft"


def test_the_desk_says_what_to_change_until_it_is_handed_in_again(writers: Shop, visit: Visitors) -> None:
    item = hand_in(writers)
    workflow.give_back(actor=writers.user("manager"), item_id=item.id, version=item.version, reason="日期不对")
    desk = f"/manage/workshop/announcements/{item.id}"
    assert "日期不对" in visit("publisher").get(desk).text
    workflow.submit(actor=writers.user("publisher"), item_id=item.id, version=item.version)
    assert "日期不对" not in visit("publisher").get(desk).text


def test_only_who_reviews_is_shown_that_something_waits(writers: Shop, visit: Visitors) -> None:
    hand_in(writers)
    numbered = re.compile(r'href="/manage/workshop/review"[^>]*>(?:(?!</a>).)*j-count', re.DOTALL)
    assert numbered.search(visit("manager").get("/manage/workshop/announcements/").text)
    assert not numbered.search(visit("publisher").get("/manage/workshop/announcements/").text)


def test_nobody_is_told_of_their_own_doing(writers: Shop, announce: Announce) -> None:
    announce(publish=True)
    assert told(writers, "manager") == []
    item = announce()
    workflow.submit(actor=writers.user("manager"), item_id=item.id, version=item.version)
    workflow.publish(actor=writers.user("manager"), item_id=item.id, version=item.version)
    assert told(writers, "manager") == []


def test_a_base_can_do_without_review(writers: Shop, visit: Visitors) -> None:
    manager, publisher = visit("manager"), writers.user("publisher")
    settings = manager.get("/manage/workshop/settings").text
    assert "编辑的内容须审核" in settings
    manager.post("/manage/workshop/settings", data={"summary": "", "contact": ""})  # the box is not ticked
    item = writing.create(
        actor=publisher, base_id=writers.base.id, texts=Texts(title="题", body="文"), act=writing.PUBLISH
    )
    assert item.is_public


def test_the_queue_shows_what_changes_and_publishes_it(writers: Shop, announce: Announce, visit: Visitors) -> None:
    item = announce("检修", "<p>周一停电。</p>", publish=True)
    texts = Texts(title="检修", body="<p>周三停电。</p>", publish_at=item.publish_at)
    publisher = writers.user("publisher")
    writing.save(actor=publisher, item_id=item.id, version=1, texts=texts, act=writing.SUBMIT)
    client = visit("manager")
    assert "检修" in client.get("/manage/workshop/review").text
    page = client.get(f"/manage/workshop/review/{item.id}").text
    assert "周一" in page
    assert "<ins>" in page
    client.post(f"/manage/workshop/review/{item.id}/publish", data={"version": "2"})
    assert item.body == "<p>周三停电。</p>"
    assert "没有待审核内容" in client.get("/manage/workshop/review").text


def test_without_a_reason_nothing_is_sent_back(writers: Shop, visit: Visitors) -> None:
    item = hand_in(writers)
    answer = visit("manager").post(f"/manage/workshop/review/{item.id}", data={"version": "1", "reason": " "})
    assert answer.status_code == 422
    assert "新公告" in answer.text
    assert item.state == "in_review"


def test_a_publisher_does_not_review(writers: Shop, visit: Visitors) -> None:
    item = hand_in(writers)
    client = visit("publisher")
    assert client.get("/manage/workshop/review").status_code == 200
    assert client.get(f"/manage/workshop/review/{item.id}").status_code == 403
    assert client.post(f"/manage/workshop/review/{item.id}/publish", data={"version": "1"}).status_code == 403


def test_the_number_that_waits_stands_in_the_navigation(writers: Shop, visit: Visitors) -> None:
    hand_in(writers)
    page = visit("manager").get("/manage/workshop/announcements/").text
    assert '待审核<span class="j-count j-count--now">1</span>' in page
