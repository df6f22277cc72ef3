"""Banner, footer, record number and the portal's pages stand around every public page, at once and cheaply."""

from datetime import timedelta

import pytest

from core import clock, db, errors
from core.content import frame, workflow, writing
from core.content.frame import FrameChanged
from core.content.models import PAGE, Frame, Item
from core.content.snapshots import Texts
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.statements import queries

EMPTY = {"banner": "", "banner_until": None, "icp": "", "footer": ""}


def set_frame(shop: Shop, version: int = 0, **words: object) -> Frame:
    """Set the frame as the office, all else left empty."""
    return frame.set_frame(actor=shop.user("office"), version=version, **{**EMPTY, **words})  # type: ignore[arg-type]


def portal_page(shop: Shop, slug: str, title: str, **texts: object) -> Item:
    """Publish a page of the portal."""
    return writing.create(
        actor=shop.user("office"),
        base_id=None,
        kind=PAGE,
        slug=slug,
        texts=Texts(title=title, body="<p>正文</p>", **texts),  # type: ignore[arg-type]
        act=writing.PUBLISH,
    )


@pytest.mark.parametrize("address", ["/", "/help", "/announcements/", "/bases/workshop/", "/calendar", "/nowhere"])
def test_the_banner_stands_on_every_public_page_until_its_moment(writers: Shop, visit: Visitors, address: str) -> None:
    until = clock.now() + timedelta(days=2)
    assert "国庆期间各基地停用" not in visit().get(address).text
    set_frame(writers, banner="国庆期间各基地停用", banner_until=until)
    assert "国庆期间各基地停用" in visit().get(address).text
    with clock.set_to(until):
        assert "国庆期间各基地停用" not in visit().get(address).text


def test_a_banner_without_a_day_stays_and_is_text_only(writers: Shop, visit: Visitors) -> None:
    set_frame(writers, banner="  停电<script>x()</script>  ")
    with clock.set_to(clock.now() + timedelta(days=1000)):
        assert "停电&lt;script&gt;" in visit().get("/help").text


def test_the_record_number_leads_to_the_register(writers: Shop, visit: Visitors) -> None:
    assert "beian" not in visit().get("/help").text
    set_frame(writers, icp=" 渝ICP备12345678号-1 ", footer="重庆市永川区\n电话：（示例）")
    page = visit().get("/help").text
    assert 'href="https://beian.miit.gov.cn/" rel="noopener">渝ICP备12345678号-1</a>' in page
    assert "重庆市永川区\n电话：（示例）" in page


@pytest.mark.parametrize(
    "number", ["12345678", "渝ICP备号", "<b>渝ICP备12345678号", "渝ICP备12345678号-1\nx", "ICP备1号"]
)
def test_what_is_no_record_number_is_refused(writers: Shop, number: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        set_frame(writers, icp=number)
    assert list(refused.value.problems) == ["icp"]


def test_texts_that_are_too_long_are_refused(writers: Shop) -> None:
    with pytest.raises(errors.Invalid) as refused:
        set_frame(writers, banner="长" * 201, footer="长" * 1001)
    assert sorted(refused.value.problems) == ["banner", "footer"]


@pytest.mark.database
def test_who_sets_it_over_another_gets_what_is_saved_now(writers: Shop) -> None:
    set_frame(writers, banner="甲")
    with pytest.raises(FrameChanged) as refused:
        set_frame(writers, banner="乙")
    assert refused.value.saved.banner == "甲"
    assert set_frame(writers, version=1, banner="乙").version == 2


@pytest.mark.parametrize("who", ["publisher", "manager", "north"])
def test_nobody_else_sets_it(writers: Shop, who: str) -> None:
    with pytest.raises(errors.Forbidden):
        frame.set_frame(actor=writers.user(who), version=0, banner="我的", banner_until=None, icp="", footer="")


def test_the_portals_pages_stand_at_the_foot_as_they_come_and_go(writers: Shop, visit: Visitors) -> None:
    now = clock.now()
    portal_page(writers, "about", "关于联合体")
    later = portal_page(
        writers, "later", "以后的页面", publish_at=now + timedelta(hours=1), expire_at=now + timedelta(hours=2)
    )
    page = visit().get("/help").text
    assert 'href="/pages/about">关于联合体</a>' in page
    assert "以后的页面" not in page
    with clock.set_to(now + timedelta(hours=1)):
        assert "以后的页面" in visit().get("/help").text
    with clock.set_to(now + timedelta(hours=2)):
        assert "以后的页面" not in visit().get("/help").text
    with clock.set_to(now + timedelta(hours=1)):
        workflow.archive(actor=writers.user("office"), item_id=later.id)
        assert "以后的页面" not in visit().get("/help").text


def test_the_frame_is_read_once_until_content_changes(writers: Shop) -> None:
    set_frame(writers, banner="甲")
    frame.around()
    assert queries(frame.around) == 0
    set_frame(writers, version=1, banner="乙")
    assert frame.around().banner == "乙"


@pytest.mark.database
def test_what_is_not_committed_is_not_kept(writers: Shop) -> None:
    set_frame(writers, banner="甲")
    with db.write() as session:
        session.query(Frame).one().banner = "丙"
        session.flush()
        assert frame.around().banner == "甲"
        session.rollback()
    assert frame.around().banner == "甲"
