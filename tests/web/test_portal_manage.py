"""The office's pages of the portal: arranging, previewing, the frame; and what visitors then see."""

import re

import pytest
from sqlalchemy import select

from core import clock, db
from core.content import sections
from core.content.models import Frame, Section
from core.organisations.models import Organisation
from core.web import figures
from tests.booking.conftest import visit
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce, announce, writers

__all__ = ["announce", "visit", "writers"]

PORTAL = "/manage/consortium/portal/"


def order() -> list[int]:
    """Return the ids of the sections as they stand."""
    db.db.session.rollback()
    return [section.id for section in sections.arranged()]


def of(kind: str) -> Section:
    """Return the section of a kind."""
    db.db.session.rollback()
    return db.db.session.scalars(select(Section).where(Section.kind == kind)).one()


def headings(page: str) -> list[str]:
    """Return the headings of a page's sections."""
    return re.findall(r'<h2 id="[a-z]+-\d+">([^<]+)</h2>', page)


def test_buttons_move_a_section_without_script(writers: Shop, visit: Visitors) -> None:
    seen = order()
    sent = {"seen": "-".join(map(str, seen)), "id": seen[1], "move": "up"}
    assert visit("office").post(f"{PORTAL}order", data=sent).location == PORTAL
    assert order() == [seen[1], seen[0], *seen[2:]]
    assert headings(visit().get("/").text)[:2] == ["基地", "本周和下周"]


def test_a_dragged_order_is_taken_as_a_whole(writers: Shop, visit: Visitors) -> None:
    seen = order()
    sent = {"seen": "-".join(map(str, seen)), "order": "-".join(map(str, seen[::-1]))}
    visit("office").post(f"{PORTAL}order", data=sent)
    assert order() == seen[::-1]


def test_who_moves_after_another_is_told_and_sees_how_it_stands(writers: Shop, visit: Visitors) -> None:
    seen = order()
    old = {"seen": "-".join(map(str, seen)), "id": seen[0], "move": "down"}
    visit("office").post(f"{PORTAL}order", data=old)
    office = visit("office")
    office.post(f"{PORTAL}order", data=old)
    assert "刚才有别人改了首页" in office.get(PORTAL).text
    assert order() == [seen[1], seen[0], *seen[2:]]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"seen": "x-y", "order": "1-2"},
        {"seen": "1-2-3-4", "order": "1-1-1-1"},
        {"seen": "-".join(["9" * 30] * 4)},
        {"seen": "1-" * 5000},
        {"seen": "1-2-3-4", "id": "999", "move": "up"},
        {"seen": "1-2-3-4", "id": "1", "move": "sideways"},
        {"seen": "²-1"},
    ],
)
def test_strange_orders_change_nothing(writers: Shop, visit: Visitors, sent: dict[str, str]) -> None:
    before = order()
    assert visit("office").post(f"{PORTAL}order", data=sent).status_code == 302
    assert order() == before


def test_a_hidden_section_is_gone_for_visitors_and_comes_back(writers: Shop, visit: Visitors) -> None:
    address = f"{PORTAL}{of('bases').id}/shown"
    visit("office").post(address, data={"shown": "0"})
    assert "基地" not in headings(visit().get("/").text)
    assert "已隐藏" in visit("office").get(PORTAL).text
    visit("office").post(address, data={"shown": "1"})
    assert "基地" in headings(visit().get("/").text)


def test_a_text_is_previewed_saved_and_shown(writers: Shop, visit: Visitors) -> None:
    office = visit("office")
    address = office.post(PORTAL, data={"kind": "text"}).location
    sent = {"title": "致成员单位", "body": "<p>欢迎<script>x()</script></p>", "format": "html", "version": "1"}
    preview = office.post(address, data=sent | {"action": "preview"}).text
    assert "<p>欢迎</p>" in preview
    assert "致成员单位" in headings(preview)
    assert "致成员单位" not in visit().get("/").text
    assert office.post(address, data=sent | {"action": "edit"}).text.count("欢迎") >= 1
    office.post(address, data=sent | {"action": "save"})
    assert "它现在是隐藏的" in office.get(PORTAL).text
    assert "欢迎" not in visit().get("/").text
    office.post(f"{PORTAL}{of('text').id}/shown", data={"shown": "1"})
    assert "<p>欢迎</p>" in visit().get("/").text


def test_a_text_typed_without_script_is_markdown(writers: Shop, visit: Visitors) -> None:
    office = visit("office")
    address = office.post(PORTAL, data={"kind": "text"}).location
    office.post(address, data={"title": "", "body": "## 欢迎\n- 甲<b>", "version": "1"})
    assert of("text").body == "<h2>欢迎</h2><ul><li>甲&lt;b&gt;</li></ul>"


def test_two_who_write_a_section_see_both_texts(writers: Shop, visit: Visitors) -> None:
    address = f"{PORTAL}{of('sessions').id}"
    assert visit("office").post(address, data={"title": "甲的标题", "count": "3", "version": "1"}).status_code == 302
    other = visit("office").post(address, data={"title": "乙的标题", "count": "4", "version": "1"})
    assert other.status_code == 409
    assert "甲的标题" in other.text
    assert 'value="乙的标题"' in other.text
    assert 'name="version" type="hidden" value="2"' in other.text


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("sessions", {"count": "0"}),
        ("sessions", {"count": "many"}),
        ("announcements", {"count": "3", "category": "gossip"}),
        ("bases", {"title": "长" * 121}),
        ("bases", {"title": "甲", "version": "1; drop"}),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_stays(
    writers: Shop, visit: Visitors, kind: str, sent: dict[str, str]
) -> None:
    answer = visit("office").post(f"{PORTAL}{of(kind).id}", data={"title": "我的标题", "version": "1"} | sent)
    assert answer.status_code == 422
    assert (sent.get("title") or "我的标题") in answer.text
    assert of(kind).title == ""


def test_an_unknown_kind_and_an_unknown_section_are_refused(writers: Shop, visit: Visitors) -> None:
    office = visit("office")
    assert office.post(PORTAL, data={"kind": "advertising"}).status_code == 302
    assert "请选择栏目要显示什么" in office.get(PORTAL).text
    assert office.get(f"{PORTAL}9999").status_code == 404
    assert office.post(f"{PORTAL}9999/remove", data={"version": "1"}).status_code == 404


def test_announcements_of_a_category_stand_in_a_section_of_their_own(
    writers: Shop, announce: Announce, visit: Visitors
) -> None:
    announce("高级工考试", publish=True, category="exam")
    announce("检修", publish=True, category="closure")
    visit("office").post(
        f"{PORTAL}{of('announcements').id}", data={"title": "考试", "count": "5", "category": "exam", "version": "1"}
    )
    page = visit().get("/").text
    assert "高级工考试" in page
    assert "检修" not in page
    assert 'href="/announcements/?category=exam"' in page


def test_the_members_stand_by_kind_and_others_do_not(writers: Shop, visit: Visitors) -> None:
    with db.write() as session:
        now = clock.now()
        session.add(
            Organisation(slug="o", name="合作单位", short_name="合作", kind="other", member=False, created_at=now)
        )
        session.add(
            Organisation(slug="p", name="旧分院", short_name="旧", kind="branch", created_at=now, archived_at=now)
        )
        session.add(Organisation(slug="e", name="某企业", short_name="企", kind="enterprise", created_at=now))
    visit("office").post(PORTAL, data={"kind": "partners"})
    page = visit().get("/").text
    assert page.index("示例学校1") < page.index("某企业")
    assert "合作单位" not in page
    assert "旧分院" not in page


@pytest.mark.database
def test_the_figures_count_this_year_and_lead_on(writers: Shop, visit: Visitors) -> None:
    training = writers.session(day=1)
    writers.book("course", people=3, training_id=training.id)
    with visit.app.test_request_context():
        bases, members, sessions_held, people = figures.figures(1)
    assert (bases.number, members.number) == (1, 2)
    same_year = clock.local(training.start_at).year == clock.today().year
    assert sessions_held.number == (1 if same_year else 0)
    assert people.number == 0  # asked for, not yet confirmed
    assert all(figure.href and figure.step and figure.meaning for figure in (bases, members, sessions_held, people))


def test_the_frame_is_set_and_two_who_set_it_see_both(writers: Shop, visit: Visitors) -> None:
    sent = {
        "banner": "明天停电",
        "last_day": "2026-12-31",
        "footer": "电话",
        "icp": "渝ICP备12345678号",
        "version": "0",
    }
    assert visit("office").post(f"{PORTAL}frame", data=sent).status_code == 302
    frame = db.db.session.scalars(select(Frame)).one()
    assert frame.banner_until is not None
    assert clock.local(frame.banner_until).isoformat().startswith("2027-01-01T00:00")
    other = visit("office").post(f"{PORTAL}frame", data=sent | {"banner": "后天停电"})
    assert other.status_code == 409
    assert "明天停电" in other.text
    assert 'value="后天停电"' in other.text


@pytest.mark.parametrize("wrong", [{"icp": "京123"}, {"last_day": "31.12."}, {"banner": "长" * 201}, {"version": ""}])
def test_a_frame_that_does_not_fit_is_refused(writers: Shop, visit: Visitors, wrong: dict[str, str]) -> None:
    sent = {"banner": "停电", "version": "0"} | wrong
    answer = visit("office").post(f"{PORTAL}frame", data=sent)
    assert answer.status_code == 422
    assert db.db.session.scalar(select(Frame)) is None
