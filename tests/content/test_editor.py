"""The one screen on which announcements and pages are written."""

import re
from datetime import datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest

from core import clock, db
from core.content import trash, workflow
from core.content.media.models import MediaFile
from core.content.models import PAGE, Item, Revision
from core.content.snapshots import texts_of, working
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce
from tests.support.people import texts

HERE = "/bases/workshop"
MANAGE = "/manage/workshop/announcements"
MULTIPART = "multipart/form-data"


def form(item: Item | None = None, **changes: str) -> dict[str, str]:
    """Return the form as a browser with script sends it."""
    plain = {"title": "检修通知", "body": "<p>正文。</p>", "format": "html", "action": "save", "until": "never"}
    return plain | {"when": "now", "version": str(item.version) if item else "1"} | changes


def only() -> Item:
    """Return the one announcement there is, as it is now."""
    db.db.session.expire_all()
    return db.db.session.query(Item).filter(Item.type == "announcement").one()


@pytest.mark.database
def test_a_plain_announcement_is_public_with_one_form_and_can_be_taken_back(writers: Shop, visit: Visitors) -> None:
    client = visit("manager")
    assert client.get(f"{MANAGE}/new").status_code == 200
    answer = client.post(f"{MANAGE}/new", data=form(action="publish", until="month"))
    item = only()
    assert answer.location == f"{HERE}/announcements/{item.slug}"
    page = client.get(answer.location).text
    assert f'action="/manage/workshop/items/{item.id}/undo"' in page
    assert "检修通知" in visit().get(answer.location).text

    client.post(f"/manage/workshop/items/{item.id}/undo", data={"version": str(item.version)})
    assert only().state == "draft"
    assert visit().get(answer.location).status_code == 404


def test_a_month_is_proposed_and_runs_to_the_end_of_its_day(writers: Shop, visit: Visitors) -> None:
    page = visit("manager").get(f"{MANAGE}/new").text
    assert re.search(r'<input[^>]*checked[^>]*value="month"', page)
    with clock.set_to(datetime.fromisoformat("2026-12-01T10:00+08:00")):
        visit("manager").post(f"{MANAGE}/new", data=form(action="publish", until="month"))
        assert only().expire_at == datetime.fromisoformat("2027-01-01T00:00+08:00")


def test_a_week_is_counted_from_the_day_it_is_public(writers: Shop, visit: Visitors) -> None:
    with clock.set_to(datetime.fromisoformat("2026-12-01T10:00+08:00")):
        sent = form(action="publish", when="later", publish_at="2026-12-07T08:00", until="week")
        answer = visit("manager").post(f"{MANAGE}/new", data=sent)
        item = only()
        assert item.publish_at == datetime.fromisoformat("2026-12-07T08:00+08:00")
        assert item.expire_at == datetime.fromisoformat("2026-12-15T00:00+08:00")
        assert item.standing == "scheduled"
        assert answer.location == f"{MANAGE}/{item.id}"
        assert "12月7日（周一）08:00" in visit("manager").get(answer.location).text


def test_one_that_waits_for_its_moment_can_be_published_now(announce: Announce, visit: Visitors) -> None:
    item = announce(publish=True, publish_at=clock.now() + timedelta(days=3))
    visit("manager").post(f"{MANAGE}/{item.id}", data=form(item, action="publish"))
    assert only().is_public


def test_one_that_is_public_keeps_its_day(announce: Announce, visit: Visitors) -> None:
    then = clock.now() - timedelta(days=5)
    with clock.set_to(then):
        item = announce(publish=True)
    page = visit("manager").get(f"{MANAGE}/{item.id}").text
    assert 'name="when"' not in page
    sent = form(item, action="publish", title="改好的题目")
    visit("manager").post(f"{MANAGE}/{item.id}", data=sent)
    assert (only().title, only().publish_at) == ("改好的题目", then)


def test_pinned_to_a_day_means_to_its_end(writers: Shop, visit: Visitors) -> None:
    visit("manager").post(f"{MANAGE}/new", data=form(pinned_until="2030-12-02"))
    item = only()
    assert item.pinned_until is not None
    assert item.pinned_until.isoformat() == "2030-12-02T16:00:00+00:00", "midnight in Shanghai"
    assert 'value="2030-12-02"' in visit("manager").get(f"{MANAGE}/{item.id}").text


def test_without_script_markdown_is_written(writers: Shop, visit: Visitors) -> None:
    visit("manager").post(f"{MANAGE}/new", data=form(format="", body="## 时间\n\n**停用**<script>"))
    assert "<h2>时间</h2>" in only().body
    assert "<strong>停用</strong>" in only().body
    assert "<script" not in only().body


def test_what_was_typed_is_kept_when_something_is_missing(writers: Shop, visit: Visitors) -> None:
    answer = visit("manager").post(f"{MANAGE}/new", data=form(title=" ", body="<p>写了很久的正文</p>"))
    assert answer.status_code == 422
    assert "<p>写了很久的正文</p>" in unescape(answer.text)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": "x"}, "请重新打开本页"),
        ({"pinned_until": "gestern"}, "2026-12-08"),
        ({"title": "长" * 121}, "最多120个字"),
        ({"body": ""}, "正文"),
        ({"when": "later"}, "请选发布时间"),
        ({"when": "later", "publish_at": "x"}, "请选日期和时间"),
        ({"when": "later", "publish_at": "0001-01-01T00:00"}, "请选日期和时间"),
        ({"until": "on"}, "请选撤下时间"),
        ({"until": "on", "expire_at": "2020-01-01T00:00"}, "请选晚一些的时间"),
        ({"attachments": "x"}, "文件"),
        ({"attachments": "999999"}, "文件"),
        ({"session_id": "999999"}, "报名"),
        ({"session_id": "x"}, "报名"),
        ({"category": "nonsense"}, "类别"),
        ({"places": "999999"}, "同时显示"),
        ({"reference": "长" * 61}, "最多60个字"),
    ],
)
def test_input_that_makes_no_sense_is_refused_in_words(
    writers: Shop, visit: Visitors, changes: dict[str, str], said: str
) -> None:
    answer = visit("manager").post(f"{MANAGE}/new", data=form(action="publish") | changes)
    assert answer.status_code == 422
    assert "还有" in texts(answer.text)
    assert said in texts(answer.text)
    assert writers.count(Item) == 0


@pytest.mark.database
def test_a_publisher_hands_in_and_is_offered_no_way_to_publish(writers: Shop, visit: Visitors) -> None:
    client = visit("publisher")
    page = client.get(f"{MANAGE}/new").text
    assert 'value="publish"' not in page
    assert 'value="submit"' in page
    assert client.post(f"{MANAGE}/new", data=form(action="publish")).status_code == 403
    assert writers.count(Item) == 0
    client.post(f"{MANAGE}/new", data=form(action="submit"))
    assert only().state == "in_review"


def test_a_publishers_change_of_a_public_text_waits(announce: Announce, visit: Visitors) -> None:
    item = announce("已经公开", publish=True)
    answer = visit("publisher").post(f"{MANAGE}/{item.id}", data=form(item, title="改过的", action="submit"))
    assert answer.status_code == 302
    assert (only().title, working(only()).title) == ("已经公开", "改过的")
    assert "已经公开" in visit().get(f"{HERE}/announcements/{item.slug}").text
    assert "改过的</textarea>" in visit("publisher").get(f"{MANAGE}/{item.id}").text, "writers go on with the change"


@pytest.mark.database
def test_the_second_of_two_writers_sees_both_texts_and_what_differs(
    writers: Shop, announce: Announce, visit: Visitors
) -> None:
    item = announce(body="<p>原文在这里。</p>")
    opened = form(item, body="<p>原文在这里。第二个人写的。</p>")
    visit("publisher").post(f"{MANAGE}/{item.id}", data=form(item, body="<p>原文在这里。第一个人写的。</p>"))
    refused = visit("manager").post(f"{MANAGE}/{item.id}", data=opened)
    assert refused.status_code == 409
    assert "第一个人写的" in refused.text
    assert "第二个人写的" in refused.text
    assert "<ins>" in refused.text
    assert "<del>" in refused.text
    assert "第一个人写的" in only().body

    both = visit("manager").post(f"{MANAGE}/{item.id}", data=opened | {"action": "both"})
    assert both.status_code == 200
    assert "第二个人写的。</p><hr><p>原文在这里。第一个人写的。" in unescape(both.text)
    assert f'name="version" type="hidden" value="{only().version}"' in both.text
    theirs = visit("manager").post(f"{MANAGE}/{item.id}", data=opened | {"action": "theirs"})
    assert theirs.location == f"{MANAGE}/{item.id}"
    mine = visit("manager").post(f"{MANAGE}/{item.id}", data=opened | {"version": str(only().version)})
    assert mine.status_code == 302
    assert "第二个人写的" in only().body
    kept = [texts_of(row).body for row in db.db.session.query(Revision).filter_by(item_id=item.id)]
    assert any("第一个人写的" in body for body in kept), "the history has the other text"


def test_what_was_typed_over_one_that_is_gone_is_kept_on_the_page(
    writers: Shop, announce: Announce, visit: Visitors
) -> None:
    manager, client = writers.user("manager"), visit("manager")
    item = announce(publish=True)
    opened = form(item, body="<p>写了很久的正文</p>")
    workflow.archive(actor=manager, item_id=item.id)
    answer = client.post(f"{MANAGE}/{item.id}", data=opened)
    assert answer.status_code == 409
    assert "写了很久的正文" in answer.text

    draft = announce()
    opened = form(draft, body="<p>写了很久的正文</p>")
    trash.throw_away(actor=manager, item_id=draft.id)
    answer = client.post(f"{MANAGE}/{draft.id}", data=opened)
    assert answer.status_code == 409
    assert "写了很久的正文" in answer.text
    assert "回收站" in answer.text


def test_the_reason_stands_in_the_history(announce: Announce, visit: Visitors) -> None:
    item = announce()
    visit("manager").post(f"{MANAGE}/{item.id}", data=form(item, reason="补充联系电话"))
    last = db.db.session.query(Revision).filter_by(item_id=item.id, number=only().version).one()
    assert last.reason == "补充联系电话"


def test_the_offices_announcement_is_shown_at_a_base_without_a_copy(writers: Shop, visit: Visitors) -> None:
    client = visit("office")
    sent = form(title="联合体通知", action="publish", places=str(writers.base.id))
    answer = client.post("/manage/consortium/announcements/new", data=sent)
    assert answer.location.startswith("/announcements/")
    assert "联合体通知" in visit().get(f"{HERE}/announcements/").text
    assert writers.count(Item) == 1
    assert visit("manager").get("/manage/consortium/announcements/").status_code == 403


def test_places_that_a_writer_cannot_choose_stay_when_they_save(
    writers: Shop, announce: Announce, visit: Visitors
) -> None:
    item = announce(places=frozenset({writers.base.id}))
    page = visit("manager").get(f"{MANAGE}/{item.id}").text
    assert 'name="places"' not in page, "its own base is no choice"
    assert visit("manager").post(f"{MANAGE}/{item.id}", data=form(item, title="改过的")).status_code == 302
    assert [place.base_id for place in only().places] == [writers.base.id]


@pytest.mark.database
def test_a_new_page_gets_an_address_and_stands_under_another(writers: Shop, page: Item, visit: Visitors) -> None:
    client = visit("manager")
    sent = {"title": "Rules 2026 车间守则", "body": "<p>守则</p>", "format": "html", "version": "1", "slug": ""}
    answer = client.post("/manage/workshop/pages/new", data=sent | {"parent": str(page.id), "action": "publish"})
    assert answer.location == f"{HERE}/pages/safety/rules-2026"
    assert "守则" in visit().get(answer.location).text
    again = client.post("/manage/workshop/pages/new", data=sent | {"parent": str(page.id), "action": "publish"})
    assert again.status_code == 422
    assert "网址" in texts(again.text)
    for wrong in ("Über", "a/b", "-a", "a b", "长"):
        assert client.post("/manage/workshop/pages/new", data=sent | {"slug": wrong}).status_code == 422
    lost = client.post("/manage/workshop/pages/new", data=sent | {"slug": "other", "parent": "999999"})
    assert lost.status_code == 422


def test_the_portal_has_pages_of_its_own(writers: Shop, visit: Visitors) -> None:
    sent = {"title": "关于", "body": "<p>说明</p>", "format": "html", "version": "1", "slug": "about"}
    assert visit("manager").post("/manage/consortium/pages/new", data=sent).status_code == 403
    answer = visit("office").post("/manage/consortium/pages/new", data=sent | {"action": "publish"})
    assert answer.location == "/pages/about"
    assert "说明" in visit().get("/pages/about").text


@pytest.mark.database
def test_a_shipped_page_is_edited_and_two_editors_lose_nothing(writers: Shop, page: Item, visit: Visitors) -> None:
    client = visit("manager")
    address = f"/manage/workshop/pages/{page.id}"
    assert "戴护目镜。" in client.get(address).text
    sent = {"title": "安全须知", "body": "<p>今天停电。</p>", "format": "html", "version": str(page.version)}
    assert client.post(address, data=sent | {"action": "publish"}).location == f"{HERE}/pages/safety"
    assert "今天停电。" in visit().get(f"{HERE}/pages/safety").text
    conflict = client.post(address, data=sent | {"body": "<p>别的</p>", "action": "publish"})
    assert conflict.status_code == 409
    assert "今天停电。" in conflict.text
    assert db.db.session.query(Item).filter_by(type=PAGE).one().owned


def test_a_strangers_item_is_not_found_under_another_scope(announce: Announce, visit: Visitors) -> None:
    item = announce()
    assert visit("office").get(f"/manage/consortium/announcements/{item.id}").status_code == 404
    assert visit("manager").get(f"/manage/workshop/pages/{item.id}").status_code == 404


@pytest.mark.database
def test_what_differs_beside_the_text_is_shown_and_either_value_can_be_chosen(
    announce: Announce, visit: Visitors
) -> None:
    item = announce()
    address = f"{MANAGE}/{item.id}"
    mine = form(item, reference="二号", body="<p>我写的正文。</p>", action="save")
    theirs = form(item, reference="一号", category="exam", pinned_until="2030-12-02", title="对方的标题")
    assert visit("publisher").post(address, data=theirs).status_code == 302
    refused = visit("manager").post(address, data=mine)
    assert refused.status_code == 409
    said = texts(refused.text)
    assert "改用对方的“一号”，不用您的“二号”" in said
    assert re.search(r'<option selected value="exam">', refused.text), "what only they changed is in the form"
    assert 'value="2030-12-02"' in refused.text
    assert "对方的标题</textarea>" in refused.text
    assert 'value="二号"' in refused.text

    again = mine | {"version": str(only().version), "category": "exam", "pinned_until": "2030-12-02"}
    both = visit("manager").post(address, data=again | {"action": "both", "theirs": "reference"})
    assert 'value="一号"' in both.text
    wrong = visit("manager").post(address, data=again | {"title": "", "theirs": "reference"})
    assert (wrong.status_code, 'value="一号"' in wrong.text) == (422, True)
    assert visit("manager").post(address, data=again | {"theirs": "reference"}).status_code == 302
    assert (only().reference, only().category, only().body) == ("一号", "exam", "<p>我写的正文。</p>")


def test_who_only_sets_a_date_keeps_the_text_that_another_has_changed(announce: Announce, visit: Visitors) -> None:
    item = announce(body="<p>原文。</p>")
    address = f"{MANAGE}/{item.id}"
    opened = form(item, body="<p>原文。</p>", location="一号楼")
    visit("publisher").post(address, data=form(item, body="<p>对方改好的原文。</p>"))
    refused = visit("manager").post(address, data=opened)
    assert refused.status_code == 409
    assert "<p>对方改好的原文。</p></textarea>" in unescape(refused.text)
    assert 'value="一号楼"' in refused.text
    assert "<ins>" not in refused.text


def test_without_script_files_are_sent_with_the_text(writers: Shop, visit: Visitors) -> None:
    sent = form(title="", body="说明", format="")
    files = [(BytesIO(b"a,b"), "名单.csv"), (BytesIO(b"MZ\x90"), "病毒.exe")]
    refused = visit("manager").post(f"{MANAGE}/new", data=sent | {"upload": files})
    assert refused.status_code == 422
    assert "病毒.exe：" in texts(refused.text)
    kept = re.search(r'name="attachments" value="(\d+)" checked', refused.text)
    assert kept, "what could be kept hangs on the text already"
    again = sent | {"title": "附件", "attachments": kept[1], "upload": (BytesIO(b"c"), "说明.txt")}
    assert visit("manager").post(f"{MANAGE}/new", data=again).status_code == 302
    names = [db.db.session.get_one(MediaFile, number).name for number in only().attachments]
    assert names == ["名单.csv", "说明.txt"]


def test_a_text_of_more_than_half_a_megabyte_can_be_sent(writers: Shop, visit: Visitors) -> None:
    body = f"<p>{'字' * 168_000}</p>"
    assert visit("manager").post(f"{MANAGE}/new", data=form(body=body), content_type=MULTIPART).status_code == 302
    assert only().body == body


@pytest.mark.parametrize(
    ("sent", "event"),
    [
        (
            {"event": "times", "event_start": "2026-12-08T09:00", "event_end": "2026-12-09T11:30"},
            ("2026-12-08T09:00", "2026-12-09T11:30", False),
        ),
        (
            {"event": "days", "event_first": "2026-12-08", "event_last": "2026-12-10"},
            ("2026-12-08T00:00", "2026-12-11T00:00", True),
        ),
        ({"event": "days", "event_first": "2026-12-08"}, ("2026-12-08T00:00", "2026-12-09T00:00", True)),
        ({"event": "none", "event_start": "2026-12-08T09:00", "event_end": "2026-12-09T11:30"}, None),
    ],
)
def test_the_time_of_an_event_is_kept_and_shown_again(
    writers: Shop, visit: Visitors, sent: dict[str, Any], event: tuple[str, str, bool] | None
) -> None:
    client = visit("manager")
    address = client.post(f"{MANAGE}/new", data=form(action="publish", **sent)).location
    found = working(only()).event
    kept = (found.start.isoformat(), found.end.isoformat(), found.all_day) if found else None
    assert kept == (tuple(as_utc(text) for text in event[:2]) + event[2:] if event else None)
    page = client.get(f"{MANAGE}/{only().id}").text
    assert re.search(rf'<input[^>]*checked[^>]*value="{sent["event"]}"', page)
    for name in sent.keys() - {"event"} if event else ():
        assert f'value="{sent[name]}"' in page
    read = visit().get(address).text
    assert ("活动时间" in read, f"{address}.ics" in read) == (event is not None,) * 2


def as_utc(text: str) -> str:
    return clock.at(datetime.fromisoformat(text).date(), datetime.fromisoformat(text).time()).isoformat()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"event": "times", "event_start": "2026-12-08T09:00"}, "event_end"),
        ({"event": "times", "event_end": "2026-12-08T09:00"}, "event_start"),
        ({"event": "times", "event_start": "2026-12-08T09:00", "event_end": "2026-12-08T09:00"}, "event_end"),
        ({"event": "times", "event_start": "soon", "event_end": "2026-12-08T09:00"}, "event_start"),
        ({"event": "days"}, "event_first"),
        ({"event": "days", "event_first": "2026-12-08", "event_last": "2026-12-07"}, "event_last"),
        ({"event": "days", "event_first": "0001-01-01"}, "event_first"),
        ({"event": "sometimes"}, "event"),
    ],
)
def test_half_an_event_is_refused_at_its_field_and_what_was_typed_is_kept(
    writers: Shop, visit: Visitors, sent: dict[str, Any], field: str
) -> None:
    answer = visit("manager").post(f"{MANAGE}/new", data=form(action="publish", **sent))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "检修通知" in answer.text
    for name, value in sent.items():
        assert name == "event" or f'value="{value}"' in answer.text
    assert db.db.session.query(Item).count() == 0


def test_a_field_that_another_one_asks_for_is_not_called_optional(writers: Shop, visit: Visitors) -> None:
    text = visit("manager").get(f"{MANAGE}/new").text
    labels = dict(re.findall(r'<label class="form-label" for="(\w+)">(.*?)</label>', text, re.DOTALL))
    named = {name for name, label in labels.items() if "选填" in label}
    assert not named & {"event_start", "event_end", "event_first", "publish_at", "expire_at"}
    assert {"event_last", "pinned_until", "reference"} <= named
