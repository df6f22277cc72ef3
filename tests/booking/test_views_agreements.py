"""Pages of agreements and quotas: the office's, an organisation's own, and what the booking form says."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core import audit, clock, db
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.bases.models import Term
from core.booking.models import Booking
from core.organisations.models import Agreement, Quota
from tests.booking.quotas import agree, ask_for, grant, used
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors, machine_form


@pytest.fixture
def office(visit: Visitors) -> FlaskClient:
    """Somebody of the office, signed in."""
    with db.write() as session:
        grants = [Grant(role=Role.OFFICE)]
        session.add(User(email="office@example.com", name="办公室", grants=grants, created_at=clock.now()))
    return visit("office")


def agreement_form(shop: Shop, **changes: object) -> dict[str, object]:
    return {
        "organisation": str(shop.organisation("north")),
        "title": "示例协议",
        "number": "示例-01",
        "valid_from": shop.today.isoformat(),
        "valid_until": (shop.today + timedelta(days=200)).isoformat(),
        "scope": ["workshop/machine"],
    } | changes


def quota_form(shop: Shop, **changes: object) -> dict[str, object]:
    return {
        "unit": "minutes",
        "granted": "40.5",
        "base": "",
        "term": "",
        "valid_from": shop.today.isoformat(),
        "valid_until": (shop.today + timedelta(days=100)).isoformat(),
        "label": "",
    } | changes


def term(shop: Shop) -> Term:
    with db.write() as session:
        row = Term(name="示例学期", first_day=shop.today - timedelta(days=shop.today.weekday()), weeks=18)
        session.add(row)
        session.flush()
        return row


def only_agreement() -> Agreement:
    db.db.session.rollback()
    return db.db.session.scalars(select(Agreement)).one()


# --- the office ---


def test_the_office_enters_an_agreement_with_a_quota(shop: Shop, office: FlaskClient) -> None:
    answer = office.post("/manage/agreements/new", data=agreement_form(shop))
    assert answer.status_code == 302
    made = only_agreement()
    assert (made.title, made.scope) == ("示例协议", ["workshop/machine"])
    answer = office.post(f"/manage/agreements/{made.id}/quotas", data=quota_form(shop))
    assert answer.status_code == 302
    (quota,) = only_agreement().quotas
    assert (quota.granted, quota.unit, quota.base_id, quota.used) == (2430, "minutes", None, 0)
    page = office.get("/manage/agreements/").text
    assert "车间：上机" in page
    assert "共40.5小时" in page
    deeds = select(audit.AuditEntry.action).where(audit.AuditEntry.subject == f"agreement:{made.id}")
    assert list(db.db.session.scalars(deeds.order_by(audit.AuditEntry.id))) == [
        "agreement.create",
        "agreement.add_quota",
    ]


def test_a_term_gives_its_days_and_its_name(shop: Shop, office: FlaskClient) -> None:
    chosen = term(shop)
    first, number = chosen.first_day, str(chosen.id)
    agreement_id = agree(shop)
    sent = quota_form(shop, term=number, valid_from="", valid_until="", unit="person_times", granted="60")
    assert office.post(f"/manage/agreements/{agreement_id}/quotas", data=sent).status_code == 302
    (quota,) = only_agreement().quotas
    assert (quota.label, quota.granted, quota.unit) == ("示例学期", 60, "person_times")
    assert (quota.valid_from, quota.valid_until) == (first, first + timedelta(days=18 * 7 - 1))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"granted": "1e9999999"}, "额度"),
        ({"granted": "-1"}, "额度"),
        ({"granted": "NaN"}, "额度"),
        ({"granted": "四十"}, "额度"),
        ({"granted": "0.5", "unit": "person_times"}, "人次须为整数"),
        ({"unit": "days"}, ""),
        ({"base": "999"}, ""),
        ({"term": "999"}, ""),
        ({"valid_from": ""}, "请填写"),
        ({"valid_until": "2001-01-01"}, "最后一天早于第一天"),
        ({"valid_from": "2001-01-01", "valid_until": "2001-02-01"}, "不在协议有效期内"),
        ({"label": "长" * 81}, "80"),
    ],
)
def test_a_quota_that_makes_no_sense_is_refused_and_what_was_typed_kept(
    shop: Shop, office: FlaskClient, changes: dict[str, str], said: str
) -> None:
    agreement_id = agree(shop)
    answer = office.post(f"/manage/agreements/{agreement_id}/quotas", data=quota_form(shop, **changes))
    assert answer.status_code == 422
    assert said in answer.text
    assert only_agreement().quotas == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, "标题"),
        ({"valid_until": "2001-01-01"}, "最后一天早于第一天"),
        ({"valid_from": "9999-12-31"}, "日期"),
        ({"scope": ["elsewhere"]}, ""),
        ({"organisation": "999"}, ""),
    ],
)
def test_an_agreement_that_makes_no_sense_is_refused(
    shop: Shop, office: FlaskClient, changes: dict[str, object], said: str
) -> None:
    answer = office.post("/manage/agreements/new", data=agreement_form(shop, **changes))
    assert answer.status_code == 422
    assert said in answer.text
    assert shop.count(Agreement) == 0


def test_a_second_quota_for_the_same_is_refused(shop: Shop, office: FlaskClient) -> None:
    agreement_id = agree(shop)
    address = f"/manage/agreements/{agreement_id}/quotas"
    assert office.post(address, data=quota_form(shop)).status_code == 302
    again = office.post(address, data=quota_form(shop))
    assert again.status_code == 422
    assert "请改那一项" in again.text
    assert office.post(address, data=quota_form(shop, base=str(shop.base.id))).status_code == 302


def test_what_is_in_use_can_grow_and_not_shrink(shop: Shop, office: FlaskClient) -> None:
    ask_for(shop, charges="minutes")
    agreement_id = agree(shop)
    office.post(f"/manage/agreements/{agreement_id}/quotas", data=quota_form(shop))
    shop.book()
    quota_id = only_agreement().quotas[0].id
    address = f"/manage/agreements/quotas/{quota_id}"
    refused = {
        "已使用2小时": {"granted": "1.5"},
        "不能缩短": {"valid_until": (shop.today + timedelta(days=50)).isoformat()},
    }
    for said, changes in refused.items():
        answer = office.post(address, data=quota_form(shop, **changes))
        assert answer.status_code == 422
        assert said in answer.text
    # Where and in what it counts stays, whatever is sent.
    longer = quota_form(
        shop,
        granted="2",
        unit="person_times",
        base=str(shop.base.id),
        valid_until=(shop.today + timedelta(days=150)).isoformat(),
    )
    assert office.post(address, data=longer).status_code == 302
    (quota,) = only_agreement().quotas
    assert (quota.granted, quota.unit, quota.base_id) == (120, "minutes", None)
    assert office.post(f"{address}/remove").status_code == 302
    assert shop.count(Quota) == 1
    assert "JD-" in office.get(address).text


def test_a_quota_nobody_used_can_be_removed(shop: Shop, office: FlaskClient) -> None:
    quota = grant(shop, agree(shop), 60)
    assert office.post(f"/manage/agreements/quotas/{quota}/remove").status_code == 302
    assert shop.count(Quota) == 0


def test_an_agreement_is_ended_with_a_reason_and_binds_no_more(shop: Shop, office: FlaskClient) -> None:
    agreement_id = agree(shop)
    address = f"/manage/agreements/{agreement_id}"
    assert office.post(f"{address}/end", data={"end-reason": " "}).status_code == 422
    assert only_agreement().ended_at is None
    assert office.post(f"{address}/end", data={"end-reason": "双方商定"}).status_code == 302
    assert only_agreement().ended_at is not None
    assert "已提前终止" in office.get(address).text
    assert office.post(address, data=agreement_form(shop)).status_code == 422
    assert office.post(f"{address}/quotas", data=quota_form(shop)).status_code == 422


def test_the_days_of_an_agreement_cannot_leave_its_quotas_behind(shop: Shop, office: FlaskClient) -> None:
    agreement_id = agree(shop)
    grant(shop, agreement_id, 60, valid_from=shop.today + timedelta(days=100))
    sent = agreement_form(shop, valid_until=(shop.today + timedelta(days=50)).isoformat())
    answer = office.post(f"/manage/agreements/{agreement_id}", data=sent)
    assert answer.status_code == 422
    assert "额度会落在有效期之外" in answer.text


def test_what_an_agreement_covers_stays_when_the_base_is_gone(shop: Shop, office: FlaskClient) -> None:
    agreement_id = agree(shop, scope=("gone",))
    assert 'value="gone"' in office.get(f"/manage/agreements/{agreement_id}").text
    sent = agreement_form(shop, scope=["gone", "workshop", "workshop/machine"])
    assert office.post(f"/manage/agreements/{agreement_id}", data=sent).status_code == 302
    assert only_agreement().scope == ["gone", "workshop"]


@pytest.mark.parametrize("who", ["north", "manager"])
def test_nobody_but_the_office_gets_there(shop: Shop, visit: Visitors, who: str) -> None:
    agreement_id = agree(shop)
    quota = grant(shop, agreement_id, 60)
    client = visit(who)
    assert client.get("/manage/agreements/").status_code == 403
    for address in ("new", str(agreement_id), f"{agreement_id}/end", f"{agreement_id}/quotas", f"quotas/{quota}"):
        assert client.post(f"/manage/agreements/{address}", data=agreement_form(shop)).status_code == 403
    assert client.post(f"/manage/agreements/quotas/{quota}/remove").status_code == 403


# --- an organisation's own ---


def test_a_contact_sees_what_is_left_and_what_has_used_it(shop: Shop, visit: Visitors) -> None:
    ask_for(shop, charges="minutes")
    quota = grant(shop, agree(shop), 600, label="示例学期")
    ref = shop.book().ref
    north = visit("north")
    assert "/bookings/agreements/" in north.get("/bookings/").text
    page = north.get("/bookings/agreements/").text
    assert "余<b>8小时</b>，共10小时" in page
    assert ref in north.get(f"/bookings/agreements/quotas/{quota}").text
    assert "本次使用2小时，剩余8小时" in north.get(f"/bookings/{ref}").text


def test_another_organisations_agreements_are_not_seen(shop: Shop, visit: Visitors) -> None:
    quota = grant(shop, agree(shop, "north"), 600, label="示例学期")
    south = visit("south")
    assert "示例学期" not in south.get("/bookings/agreements/").text
    assert south.get(f"/bookings/agreements/quotas/{quota}").status_code == 404
    assert visit("manager").get(f"/bookings/agreements/quotas/{quota}").status_code == 404


# --- the booking form ---


def address(shop: Shop, end: str = "13:00") -> str:
    return f"/bases/workshop/book/machine?date={shop.at(9).date()}&start=09:00&end={end}"


def test_the_form_says_what_this_uses_and_what_remains(shop: Shop, visit: Visitors) -> None:
    ask_for(shop, charges="minutes")
    grant(shop, agree(shop), 40 * 60, label="示例学期")
    assert "本次使用4小时，剩余36小时" in visit("north").get(address(shop)).text
    assert "余40小时，共40小时" in visit("north").get(f"/bases/workshop/book/machine?date={shop.at(9).date()}").text


def test_the_form_says_nothing_where_nothing_is_counted(shop: Shop, visit: Visitors) -> None:
    grant(shop, agree(shop), 40 * 60, label="示例学期")
    assert "示例学期" not in visit("north").get(address(shop)).text


def test_the_form_says_before_it_is_sent_that_too_little_is_left(shop: Shop, visit: Visitors) -> None:
    ask_for(shop, charges="minutes")
    grant(shop, agree(shop), 180, label="示例学期")
    page = visit("north").get(address(shop)).text
    assert "按目前情况不能预约" in page
    assert "/bookings/agreements/" in page
    sent = visit("north").post("/bases/workshop/book/machine", data=machine_form(shop, **{"on-end": "13:00"}))
    assert sent.status_code == 409
    assert "联合体办公室" in sent.text
    assert "练习" in sent.text


def test_the_form_says_that_an_agreement_is_missing_and_whom_to_ask(shop: Shop, visit: Visitors) -> None:
    ask_for(shop, agreement=True)
    page = visit("north").get(address(shop)).text
    assert "联合体办公室" in page
    assert visit("north").post("/bases/workshop/book/machine", data=machine_form(shop)).status_code == 409


def test_seats_are_counted_by_what_the_form_says(shop: Shop, visit: Visitors) -> None:
    ask_for(shop, "shift", charges="person_times")
    grant(shop, agree(shop), 10, "person_times", label="示例学期")
    sent = {
        "for-organisation": str(shop.organisation("north")),
        "on-day": shop.at(9).date().isoformat(),
        "on-period": "early",
        "seats": "4",
        "show": "1",
    }
    assert "本次使用4人次，剩余6人次" in visit("north").post("/bases/workshop/book/shift", data=sent).text


# --- cancelling late ---


@pytest.mark.parametrize(("who", "address", "counted"), [
    ("manager", "/manage/workshop/bookings/{ref}/cancel", 120), ("north", "/bookings/{ref}/cancel", 0)])  # fmt: skip
def test_only_who_decides_may_let_a_cancelled_booking_count(
    shop: Shop, visit: Visitors, who: str, address: str, counted: int
) -> None:
    ask_for(shop, charges="minutes")
    quota = grant(shop, agree(shop), 600)
    ref = shop.book().ref
    assert ("仍计入该单位的额度" in visit(who).get(f"/bookings/{ref}").text) == bool(counted)
    sent = {"cancel-reason": "太晚", "cancel-keep_charges": "y"}
    assert visit(who).post(address.format(ref=ref), data=sent).status_code == 302
    assert used(quota) == counted
    assert db.db.session.scalars(select(Booking.state)).one() == "cancelled"
