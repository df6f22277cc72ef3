"""The pages of those who decide: one booking, what waits, several at once, letting somebody else decide."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core import clock, db
from core.booking import sessions, workflow
from core.booking.models import Booking, Delegation
from tests.booking.approving import FIRST, SECOND, approve, decided_by, person, state, votes
from tests.booking.shop import Shop
from tests.booking.test_approvals import in_a_series
from tests.booking.visitors import Visitors


@pytest.fixture
def staff(shop: Shop) -> Shop:
    """The workshop with an office and a deputy, and a chain of two steps for machines."""
    person(shop, "office", "office")
    person(shop, "deputy")
    decided_by(shop, FIRST, SECOND)
    return shop


def send(client: FlaskClient, ref: str, action: str, **data: object) -> str:
    """Send a decision and return the page that follows."""
    named = {f"{action}-{name}": value for name, value in data.items()}
    return client.post(f"/manage/workshop/bookings/{ref}/{action}", data=named, follow_redirects=True).text


def lend(visit: Visitors, **changes: str) -> tuple[int, str]:
    """Fill in the form of a delegation as the manager."""
    today = clock.today().isoformat()
    form = {"email": "deputy@example.com", "base": "0", "first_day": today, "last_day": today} | changes
    answer = visit("manager").post("/manage/delegations", data=form, follow_redirects=True)
    return answer.status_code, answer.text


def test_the_page_of_a_booking_shows_what_a_decision_is_made_by(visit: Visitors, staff: Shop) -> None:
    lathe = staff.resource("lathe1")
    with clock.set_to(clock.now() - timedelta(days=60)):
        past = Shop()
        missed = past.book()
        approve(past, missed, "manager")
        approve(past, missed, "office")
    with clock.set_to(missed.start_at):
        workflow.move(actor=staff.user("manager"), ref=missed.ref, action="miss")
    staff.book("machine", "south", picks={0: lathe}, start=staff.at(14), end=staff.at(16))
    booking = staff.book(picks={0: lathe})
    approve(staff, booking, "manager", reason="设备可用")
    page = visit("office").get(f"/bookings/{booking.ref}").text
    for shown in (
        "基地初审",
        "联合体复审",
        "管理员于",
        "设备可用",
        "在开放时间内：08:00–20:00",
        "学校2",
        "完成0次，未到1次，临期取消0次",
        missed.ref,
        "当天结束前审核",
        ">通过</button>",
    ):
        assert shown in page, shown
    contact = visit("north").get(f"/bookings/{booking.ref}").text
    assert "接下来：联合体复审" in contact
    assert "学校2" not in contact
    assert "未到" not in contact


def test_approving_says_who_comes_next_and_the_last_step_confirms(visit: Visitors, staff: Shop) -> None:
    ref = staff.book().ref
    assert "下一步：联合体复审" in send(visit("manager"), ref, "approve")
    again = visit("manager").get(f"/bookings/{ref}").text
    assert "这一步由其他人审核" in again
    assert ">通过</button>" not in again
    assert "预约已确认" in send(visit("office"), ref, "confirm")
    assert state(ref) == "confirmed"


def test_what_waits_is_listed_by_deadline_and_several_are_approved_with_a_report(visit: Visitors, staff: Shop) -> None:
    first, second = staff.book(), staff.book("machine", "south")
    client = visit("manager")
    page = client.get("/manage/waiting").text
    assert page.index(first.ref) < page.index(second.ref)
    marked = [f"{first.ref}:{first.version}", f"{second.ref}:{second.version - 1}", "JD-0000:1", "x", "x:" + "9" * 5000]
    report = client.post("/manage/waiting", data={"marked": marked})
    assert report.status_code == 200
    assert "下一步：联合体复审" in report.text
    assert state(first.ref) == "in_review"
    assert state(second.ref) == "submitted"
    assert "没有选择" in client.post("/manage/waiting", follow_redirects=True).text
    assert first.ref in visit("office").get("/manage/waiting").text
    assert visit("north").get("/manage/waiting").status_code == 403


def test_a_series_is_decided_whole_when_asked_for(visit: Visitors, staff: Shop) -> None:
    bookings = [staff.book(start=staff.at(9, day), end=staff.at(11, day)) for day in (14, 21)]
    assert "整个系列" not in visit("manager").get(f"/bookings/{bookings[0].ref}").text
    in_a_series(staff, bookings)
    page = visit("manager").get(f"/bookings/{bookings[0].ref}").text
    assert "整个系列（待审核2个）" in page
    assert "系列的2个预约" in send(visit("manager"), bookings[0].ref, "approve", series="y")
    assert {state(booking.ref) for booking in bookings} == {"in_review"}
    send(visit("office"), bookings[1].ref, "reject", series="y", reason="设备检修")
    assert {state(booking.ref) for booking in bookings} == {"rejected"}


def test_who_stands_in_looks_at_the_series_they_decide_on_and_changes_nothing(visit: Visitors, staff: Shop) -> None:
    bookings = [staff.book(start=staff.at(9, day), end=staff.at(11, day)) for day in (14, 21)]
    in_a_series(staff, bookings)
    address = f"/bookings/series/{db.db.session.get_one(Booking, bookings[0].id).series_id}"
    assert visit("deputy").get(address).status_code == 404
    lend(visit)
    assert address in visit("deputy").get(f"/bookings/{bookings[0].ref}").text
    page = visit("deputy").get(address)
    assert (page.status_code, page.text.count(bookings[1].ref) > 0) == (200, True)
    assert f"{address}/edit" not in page.text
    for path in ("/add", "/cancel"):
        assert visit("deputy").post(address + path, data={"day": "2026-12-08", "reason": "理由"}).status_code == 404
    send(visit("manager"), bookings[0].ref, "reject", series="y", reason="设备检修")
    assert visit("deputy").get(address).status_code == 404, "nothing of it waits any more"


def test_somebody_lets_another_account_decide_and_ends_it(visit: Visitors, staff: Shop) -> None:
    ref = staff.book().ref
    deputy = visit("deputy")
    assert deputy.get(f"/bookings/{ref}").status_code == 404
    assert deputy.get("/manage/waiting").status_code == 403
    assert "已委托" in lend(visit)[1]
    assert ref in deputy.get("/manage/waiting").text
    assert deputy.get("/manage/").status_code == 200
    page = deputy.get(f"/bookings/{ref}").text
    assert "您代管理员审核" in page
    assert "取消预约" not in page
    assert deputy.post(f"/bookings/{ref}/personal").status_code == 403
    assert deputy.get("/manage/workshop/").status_code == 403
    assert "下一步" in send(deputy, ref, "approve")
    assert votes(ref) == [(1, 0, "manager", "deputy")]
    number = db.db.session.scalars(select(Delegation.id)).one()
    assert visit("north").post(f"/manage/delegations/{number}/end").status_code == 404
    assert "委托已结束" in deputy.post(f"/manage/delegations/{number}/end", follow_redirects=True).text
    other = staff.book("machine", "south").ref
    assert deputy.get(f"/bookings/{other}").status_code == 404


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"email": "nobody@example.com"}, "没有使用这个邮箱的账号"),
        ({"first_day": "2026-02-30"}, "请"),
        ({"last_day": "1999-01-01"}, "请"),
        ({"base": "999"}, "deputy@example.com"),
    ],
)
def test_a_delegation_that_makes_no_sense_keeps_what_was_typed(
    visit: Visitors, staff: Shop, change: dict[str, str], says: str
) -> None:
    status, page = lend(visit, **change)
    assert status == 422
    assert says in page
    assert change.get("email", "deputy@example.com") in page
    assert staff.count(Delegation) == 0


def test_a_booking_of_a_session_shows_what_stands_beside_it(visit: Visitors, staff: Shop) -> None:
    ref = staff.book("course", training_id=staff.session().id).ref
    assert visit("manager").get(f"/bookings/{ref}").status_code == 200
    sessions.cancel(actor=staff.user("manager"), session_id=1, reason="设备检修")
    assert "请您审核" not in visit("manager").get(f"/bookings/{ref}").text
    assert db.db.session.scalars(select(Booking.state)).one() == "cancelled"
