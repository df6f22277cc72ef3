"""The pages on which people read and write."""

from functools import partial
from html import unescape

import pytest

from core import db
from core.content import writing
from core.content.models import Announcement, Page
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce
from tests.support.people import texts
from tests.support.statements import queries

HERE = "/bases/workshop"
MANAGE = "/manage/workshop/announcements"


def public_addresses(slug: str) -> list[str]:
    """Return every address at which an announcement could show itself to visitors."""
    return ["/", f"{HERE}/", f"{HERE}/announcements/", "/announcements/", f"{HERE}/announcements/{slug}"]


def form(announcement: Announcement | None = None, **changes: str) -> dict[str, str]:
    """Return the writing form as a browser sends it."""
    version = str(announcement.version) if announcement else "1"
    return {"title": "检修通知", "body": "正文。", "version": version, "action": "save"} | changes


@pytest.mark.database
def test_drafts_and_archived_ones_never_leak(writers: Shop, announce: Announce, visit: Visitors) -> None:
    draft = announce("秘密草稿", "秘密正文")
    archived = announce("秘密旧闻", "秘密正文", publish=True)
    writing.archive(actor=writers.user("manager"), announcement_id=archived.id)
    for client in (visit(), visit("north")):
        for slug in (draft.slug, archived.slug):
            for address in public_addresses(slug):
                assert "秘密" not in client.get(address).text
            assert client.get(f"{HERE}/announcements/{slug}").status_code == 404
        for row in (draft, archived):
            assert "秘密" not in client.get(f"{MANAGE}/{row.id}").text


@pytest.mark.database
def test_a_published_one_is_found_everywhere(announce: Announce, visit: Visitors) -> None:
    row = announce("车床检修", "**停用**三天。", publish=True)
    client = visit()
    for address in public_addresses(row.slug):
        assert "车床检修" in client.get(address).text
    assert "<strong>停用</strong>" in client.get(f"{HERE}/announcements/{row.slug}").text


def test_a_title_is_text_and_never_markup(announce: Announce, visit: Visitors) -> None:
    row = announce("<script>alert(1)</script>", publish=True)
    for address in public_addresses(row.slug):
        page = visit().get(address).text
        assert "<script>alert" not in page
        assert "<script>alert(1)</script>" in unescape(page)


def test_a_draft_is_written_previewed_and_published(writers: Shop, visit: Visitors) -> None:
    client = visit("manager")
    preview = client.post(f"{MANAGE}/new", data=form(action="preview", body="**粗**"))
    assert "<strong>粗</strong>" in preview.text
    assert "**粗**" in preview.text, "what was typed stays in the form"
    assert db.db.session.query(Announcement).count() == 0, "a preview saves nothing"

    saved = client.post(f"{MANAGE}/new", data=form())
    draft = db.db.session.query(Announcement).one()
    assert (draft.state, saved.status_code, saved.location) == ("draft", 302, f"{MANAGE}/{draft.id}")

    published = client.post(f"{MANAGE}/{draft.id}", data=form(draft, action="publish", title="改好的题目"))
    assert published.location == f"{HERE}/announcements/{draft.slug}"
    assert "改好的题目" in visit().get(published.location).text


def test_what_was_typed_is_kept_when_something_is_missing(writers: Shop, visit: Visitors) -> None:
    answer = visit("manager").post(f"{MANAGE}/new", data=form(title=" ", body="写了很久的正文"))
    assert answer.status_code == 422
    assert "写了很久的正文" in answer.text


@pytest.mark.parametrize(
    "changes", [{"version": "x"}, {"pinned_until": "gestern"}, {"title": "长" * 121}, {"body": ""}]
)
def test_input_that_makes_no_sense_is_refused_in_words(
    writers: Shop, announce: Announce, visit: Visitors, changes: dict[str, str]
) -> None:
    row = announce()
    answer = visit("manager").post(f"{MANAGE}/{row.id}", data=form(row, **changes))
    assert answer.status_code == 422
    assert "还有" in texts(answer.text)


def test_pinned_to_a_day_means_to_its_end(writers: Shop, visit: Visitors) -> None:
    visit("manager").post(f"{MANAGE}/new", data=form(pinned_until="2030-12-02", action="publish"))
    row = db.db.session.query(Announcement).one()
    assert row.pinned_until is not None
    assert row.pinned_until.isoformat() == "2030-12-02T16:00:00+00:00", "midnight in Shanghai"
    assert 'value="2030-12-02"' in visit("manager").get(f"{MANAGE}/{row.id}").text


def test_the_second_of_two_writers_sees_both_texts_and_can_go_on(
    writers: Shop, announce: Announce, visit: Visitors
) -> None:
    row = announce(body="原文")
    opened = form(row, body="第二个人写的")
    visit("publisher").post(f"{MANAGE}/{row.id}", data=form(row, body="第一个人写的"))
    refused = visit("manager").post(f"{MANAGE}/{row.id}", data=opened)
    assert refused.status_code == 409
    assert "第一个人写的" in refused.text
    assert "第二个人写的" in refused.text
    db.db.session.expire_all()
    assert row.body == "第一个人写的"
    again = visit("manager").post(f"{MANAGE}/{row.id}", data=form(row, body="合在一起"))
    assert again.status_code == 302


@pytest.mark.database
def test_from_the_list_a_draft_is_published_and_a_published_one_archived(
    writers: Shop, announce: Announce, visit: Visitors
) -> None:
    row = announce()
    client = visit("manager")
    client.post(f"{MANAGE}/{row.id}/publish", data={"version": str(row.version)})
    assert db.db.session.query(Announcement.state).scalar() == "published"
    client.post(f"{MANAGE}/{row.id}/archive")
    assert db.db.session.query(Announcement.state).scalar() == "archived"
    assert "已归档" in client.get(f"{MANAGE}/?state=archived").text
    assert row.title not in client.get(f"{MANAGE}/?state=draft").text


def test_a_publisher_is_offered_no_way_to_publish(writers: Shop, announce: Announce, visit: Visitors) -> None:
    row = announce()
    client = visit("publisher")
    for address in (f"{MANAGE}/", f"{MANAGE}/new", f"{MANAGE}/{row.id}"):
        page = client.get(address)
        assert page.status_code == 200
        assert 'value="publish"' not in page.text
        assert "/publish" not in page.text
    assert client.post(f"{MANAGE}/{row.id}/publish", data={"version": "1"}).status_code == 403
    assert client.post(f"{MANAGE}/{row.id}", data=form(row, action="publish")).status_code == 403


def test_a_publisher_reads_what_is_public_and_is_refused_in_words(
    writers: Shop, announce: Announce, visit: Visitors
) -> None:
    row = announce("已经公开", publish=True)
    client = visit("publisher")
    page = client.get(f"{MANAGE}/{row.id}").text
    assert "已经公开" in page
    assert "<textarea" not in page
    answer = client.post(f"{MANAGE}/{row.id}", data=form(row, title="偷偷改"))
    assert answer.status_code == 403
    assert "已发布的公告由有发布权限的人修改" in answer.text
    assert "偷偷改" not in visit().get(f"{HERE}/announcements/{row.slug}").text


@pytest.mark.database
def test_what_was_typed_over_an_archived_one_is_kept_on_the_page(
    writers: Shop, announce: Announce, visit: Visitors
) -> None:
    row = announce(publish=True)
    opened = form(row, body="写了很久的正文")
    writing.archive(actor=writers.user("manager"), announcement_id=row.id)
    answer = visit("manager").post(f"{MANAGE}/{row.id}", data=opened)
    assert answer.status_code == 409
    assert "写了很久的正文" in answer.text
    assert "未保存" in answer.text


def test_the_offices_announcements_have_no_base(writers: Shop, visit: Visitors) -> None:
    client = visit("office")
    answer = client.post("/manage/consortium/announcements/new", data=form(title="联合体通知", action="publish"))
    assert answer.location.startswith("/announcements/")
    assert "联合体通知" in visit().get(answer.location).text
    assert "联合体通知" not in visit().get(f"{HERE}/announcements/").text
    assert visit("manager").get("/manage/consortium/announcements/").status_code == 403


@pytest.mark.parametrize("number", ["0", "-3", "x", "999999999999999999999999"])
def test_any_page_number_shows_a_page(announce: Announce, visit: Visitors, number: str) -> None:
    announce("检修通知", publish=True)
    for address in ("/announcements/", f"{HERE}/announcements/"):
        assert "检修通知" in visit().get(f"{address}?page={number}").text


def test_a_page_is_edited_previewed_and_restored(writers: Shop, page: Page, visit: Visitors) -> None:
    client = visit("manager")
    address = f"/manage/workshop/pages/{page.id}"
    assert "戴护目镜。" in client.get(address).text
    sent = {"title": "安全须知", "body": "今天停电。", "version": str(page.version)}
    assert "今天停电。" in client.post(address, data=sent | {"action": "preview"}).text
    assert "今天停电。" not in visit().get(f"{HERE}/pages/safety").text
    assert client.post(address, data=sent | {"action": "save"}).location == f"{HERE}/pages/safety"
    assert "今天停电。" in visit().get(f"{HERE}/pages/safety").text
    conflict = client.post(address, data=sent | {"body": "别的", "action": "save"})
    assert conflict.status_code == 409
    assert "今天停电。" in conflict.text
    db.db.session.expire_all()
    client.post(address, data={"version": str(page.version), "action": "restore"})
    assert "戴护目镜。" in visit().get(f"{HERE}/pages/safety").text


@pytest.mark.database
def test_lists_ask_as_often_for_many_rows_as_for_few(announce: Announce, visit: Visitors) -> None:
    client = visit()
    addresses = [f"{HERE}/announcements/", "/announcements/"]

    def counted() -> list[int]:
        with visit.app.app_context():  # as in requests of their own
            return [queries(partial(client.get, address)) for address in addresses]

    announce(publish=True)
    counted()  # what is read once per process
    few = counted()
    for number in range(12):
        announce(f"第{number}条", publish=True)
    assert counted() == few
