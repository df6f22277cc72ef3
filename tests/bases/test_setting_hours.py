"""The pages on which a manager sets a base's hours: the week, holidays, special days, periods."""

from datetime import date, time, timedelta

import pytest

from core import clock, db
from core.audit import AuditEntry
from core.bases import periods, setting_hours
from core.bases.models import BasePeriod, SpecialDay
from core.bases.opening import in_force
from core.bases.queries import hours_on
from core.booking import kinds
from core.booking.sync import sync
from core.errors import Forbidden, NotFound
from core.plugins.facade import plugins
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.people import texts
from tests.support.statements import queries

PAGE = "/manage/workshop/hours"
DAYS = PAGE + "/days"
REMOVE = DAYS + "/remove"
PERIODS = PAGE + "/periods/"
HOME = "/bases/workshop/"
MORNING = ((time(9), time(12)),)


def week(**changes: str) -> dict[str, str]:
    """Return the week's form as a browser sends it: as declared but for the changes."""
    return {f"day{number}": "08:00–20:00" for number in range(7)} | {"holidays": "1"} | changes


def spans(shop: Shop, *, declared: bool) -> int:
    """Return how many spans of the base were declared, or were set."""
    db.db.session.expire_all()
    return len([span for span in shop.base.hours if span.declared is declared])


def day(ahead: int) -> date:
    """Return a day some days ahead."""
    return clock.today() + timedelta(days=ahead)


def special(first: date, last: date | None = None, **changes: str) -> dict[str, str]:
    """Return the form of special days as a browser sends it: closed."""
    form = {"first_day": f"{first}", "last_day": f"{last or ''}", "sort": "closed", "times": "", "note": "检修"}
    return {f"days-{name}": value for name, value in (form | changes).items()}


# --- the week ---


def test_the_form_opens_with_what_is_in_force(shop: Shop, visit: Visitors) -> None:
    page = visit("manager").get(PAGE).text
    assert page.count('value="08:00–20:00"') == 7
    assert 'name="holidays"' in page


def test_visitors_see_the_week_that_was_set(shop: Shop, visit: Visitors) -> None:
    sent = week(day5="", day6="9:00-12:00，14:00-16:00")
    answer = visit("manager").post(PAGE, data=sent, follow_redirects=True)
    assert "已保存并公开" in answer.text
    page = texts(visit().get(HOME).text)
    assert "周一至周五 08:00–20:00" in page
    assert "周日 09:00–12:00，14:00–16:00" in page
    assert 'value="09:00–12:00，14:00–16:00"' in visit("manager").get(PAGE).text


def test_what_is_as_declared_or_emptied_is_no_override(shop: Shop, visit: Visitors) -> None:
    client = visit("manager")
    client.post(PAGE, data=week())
    assert spans(shop, declared=False) == 0
    client.post(PAGE, data=week(day0="10:00–11:00"))
    assert spans(shop, declared=False) == 7
    client.post(PAGE, data={f"day{number}": "" for number in range(7)} | {"holidays": "1"})
    assert spans(shop, declared=False) == 0
    assert len(in_force(shop.base.hours)) == 7


def test_hours_that_cannot_be_read_are_named_at_their_day_and_kept(shop: Shop, visit: Visitors) -> None:
    answer = visit("manager").post(PAGE, data=week(day2="上午", day3="09:00–10:00"))
    assert answer.status_code == 422
    assert 'id="day2-error"' in answer.text
    assert 'value="上午"' in answer.text
    assert 'value="09:00–10:00"' in answer.text
    assert spans(shop, declared=False) == 0


def test_a_base_can_stay_open_on_holidays(shop: Shop, visit: Visitors) -> None:
    new_year, declared = date(2026, 1, 1), shop.base.declared["keeps_holidays"]
    for keeps in (True, False):
        visit("manager").post(PAGE, data=week(holidays="1" if keeps else "0"))
        db.db.session.expire_all()
        assert bool(hours_on(shop.base, new_year)) is not keeps
        assert shop.base.keeps_holidays_set is (None if keeps is declared else keeps), "as declared is no override"


@pytest.mark.parametrize(("who", "status"), [("", 302), ("north", 403), ("manager", 200)])
def test_the_page_is_for_managers(shop: Shop, visit: Visitors, who: str, status: int) -> None:
    assert visit(who).get(PAGE).status_code == status


def test_only_those_who_manage_the_base_may(shop: Shop) -> None:
    actor, base = shop.user("north"), shop.base.id
    with pytest.raises(Forbidden):
        setting_hours.set_week(actor=actor, base_id=base, week=[()] * 7, keeps_holidays=False)
    with pytest.raises(Forbidden):
        setting_hours.set_days(actor=actor, base_id=base, first=day(1), last=day(1), spans=(), note="")
    with pytest.raises(Forbidden):
        setting_hours.remove_days(actor=actor, base_id=base, first=day(1), last=day(1))
    with pytest.raises(Forbidden):
        periods.save(actor=actor, base_id=base, label="夜班", starts=time(20), ends=time(8), kinds=["shift"])
    with pytest.raises(Forbidden):
        periods.switch(actor=actor, base_id=base, slug="early", off=True, booked_by={})
    with pytest.raises(NotFound):
        setting_hours.set_week(actor=shop.user("manager"), base_id=0, week=[()] * 7, keeps_holidays=False)


def test_changes_are_in_the_audit_log(shop: Shop, visit: Visitors) -> None:
    client = visit("manager")
    client.post(PAGE, data=week(day0=""))
    client.post(DAYS, data=special(day(3)))
    client.post(REMOVE, data={"first": f"{day(3)}", "last": f"{day(3)}"})
    client.post(PERIODS + "early/switch", data={"off": "1"})
    assert [entry.action for entry in db.db.session.query(AuditEntry).order_by(AuditEntry.id)] == [
        "base.hours",
        "base.special_days",
        "base.usual_days",
        "base.period",
    ]


# --- special days ---


def test_a_stretch_of_days_is_closed_and_opened_again(shop: Shop, visit: Visitors) -> None:
    client = visit("manager")
    assert client.post(DAYS, data=special(day(5), day(9))).status_code == 302
    assert not any(hours_on(shop.base, day(number)) for number in range(5, 10))
    assert hours_on(shop.base, day(10))
    page = texts(client.get(PAGE).text)
    assert page.count("恢复平常") == 1, "one row for the whole stretch"
    client.post(REMOVE, data={"first": f"{day(5)}", "last": f"{day(9)}"})
    db.db.session.expire_all()
    assert shop.count(SpecialDay) == 0


def test_a_day_opens_at_hours_of_its_own_also_on_a_holiday(shop: Shop, visit: Visitors) -> None:
    with clock.set_to(clock.at(date(2026, 9, 1), time(9))):
        holiday = date(2026, 10, 1)
        visit("manager").post(PAGE, data=week(holidays="1"))
        visit("manager").post(DAYS, data=special(holiday, sort="open", times="9:00-12:00"))
    db.db.session.expire_all()
    assert tuple(hours_on(shop.base, holiday)) == MORNING


def test_days_set_again_are_replaced(shop: Shop, visit: Visitors) -> None:
    client = visit("manager")
    client.post(DAYS, data=special(day(5), day(7)))
    client.post(DAYS, data=special(day(6), sort="open", times="09:00–12:00", note="考试"))
    db.db.session.expire_all()
    assert [bool(row.spans) for row in shop.base.special_days] == [False, True, False]
    assert shop.base.special_days[1].note == "考试"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"last_day": "2026-01-01"}, "最后一天早于第一天"),
        ({"first_day": "2020-01-01"}, "已过"),
        ({"last_day": "2099-01-01"}, "最多366天"),
        ({"first_day": "0000-00-00"}, "请选择日期"),
        ({"sort": "open", "times": ""}, "请填写时间"),
        ({"sort": "open", "times": "上午"}, "08:30–17:00的样子"),
        ({"sort": "half"}, ""),
        ({"note": "长" * 121}, "请写短一些"),
    ],
)
def test_days_that_make_no_sense_are_refused_and_kept(
    shop: Shop, visit: Visitors, changes: dict[str, str], words: str
) -> None:
    answer = visit("manager").post(
        DAYS, data=special(day(5)) | {f"days-{name}": value for name, value in changes.items()}
    )
    assert answer.status_code == 422
    assert words in answer.text
    assert shop.count(SpecialDay) == 0
    if "note" not in changes:
        assert 'value="检修"' in answer.text


def test_a_note_is_text_and_never_markup(shop: Shop, visit: Visitors) -> None:
    visit("manager").post(DAYS, data=special(day(1), note="<script>alert(1)</script>"))
    for page in (visit().get(HOME).text, visit("manager").get(PAGE).text):
        assert "<script>alert" not in page


def test_a_special_day_of_another_base_is_untouched(shop: Shop, visit: Visitors) -> None:
    assert visit("manager").post(REMOVE, data={"first": "x", "last": ""}).status_code == 422


# --- periods ---


def offered(shop: Shop, kind: str = "shift") -> list[str]:
    """Return the labels of the periods by which a kind can be booked."""
    db.db.session.expire_all()
    return [str(period.label) for period in kinds.offered(shop.base, kind).kind.periods]


def period(**changes: str) -> dict[str, str]:
    """Return the form of a period as a browser sends it."""
    return {"label": "夜班", "starts": "20:00", "ends": "08:00", "kinds": "shift"} | changes


def test_a_period_of_its_own_is_offered_where_it_was_added(shop: Shop, visit: Visitors) -> None:
    assert visit("manager").post(PERIODS + "new", data=period()).status_code == 302
    assert offered(shop) == ["早班", "中班", "夜班"]
    assert offered(shop, "machine") == []


def test_what_has_no_periods_is_booked_by_those_that_are_added_to_it(shop: Shop, visit: Visitors) -> None:
    visit("manager").post(PERIODS + "new", data=period(label="第1–2节", starts="08:00", ends="09:40", kinds="machine"))
    assert offered(shop, "machine") == ["第1–2节"]


def test_a_declared_period_is_renamed_and_moved_and_an_upgrade_leaves_it(shop: Shop, visit: Visitors) -> None:
    client = visit("manager")
    client.post(PERIODS + "early", data=period(label="上午班", starts="08:30", ends="14:00"))
    with db.write() as session:
        sync(session, plugins())
    assert offered(shop) == ["上午班", "中班"]
    row = periods.find(shop.base, "early")
    assert (row.starts, row.ends, row.ends_set) == (time(8, 30), time(14), None)
    client.post(PERIODS + "early", data=period(label="早班", starts="08:00", ends="14:00"))
    db.db.session.expire_all()
    assert periods.find(shop.base, "early").starts_set is None, "as declared is no override"


@pytest.mark.database
def test_a_period_can_be_taken_out_and_put_back_and_an_upgrade_leaves_that(shop: Shop, visit: Visitors) -> None:
    client = visit("manager")
    client.post(PERIODS + "early/switch", data={"off": "1"})
    with db.write() as session:
        sync(session, plugins())
    assert offered(shop) == ["中班"]
    answer = client.post(PERIODS + "late/switch", data={"off": "1"}, follow_redirects=True)
    assert "只剩这一个时段" in answer.text
    assert offered(shop) == ["中班"], "what is booked by periods is never left without any"
    client.post(PERIODS + "early/switch", data={"on": "1"})
    assert offered(shop) == ["早班", "中班"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"label": " "}, "请填写"),
        ({"label": "早班"}, "已有同名时段"),
        ({"starts": "08:00", "ends": "14:00"}, "时间与此相同"),
        ({"kinds": ""}, ""),
        ({"kinds": "course"}, ""),
        ({"starts": "25:00"}, ""),
        ({"label": "长" * 61}, "请写短一些"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(
    shop: Shop, visit: Visitors, changes: dict[str, str], words: str
) -> None:
    answer = visit("manager").post(PERIODS + "new", data=period(**changes))
    assert answer.status_code == 422
    assert words in answer.text
    assert shop.count(BasePeriod) == 2


def test_declared_periods_may_share_a_name_and_a_change_of_one_keeps_it(shop: Shop, visit: Visitors) -> None:
    with db.write() as session:
        session.query(BasePeriod).filter(BasePeriod.slug == "late").one().label_set = "早班"
    answer = visit("manager").post(PERIODS + "late", data=period(label="早班", starts="15:00", ends="20:00"))
    assert answer.status_code == 302
    db.db.session.expire_all()
    assert periods.find(shop.base, "late").starts == time(15)


def test_a_period_of_no_base_has_no_page(shop: Shop, visit: Visitors) -> None:
    assert visit("manager").get(PERIODS + "nonsense").status_code == 404
    assert visit("manager").post(PERIODS + "nonsense/switch", data={"off": "1"}).status_code == 404


# --- what is booked outside ---


def test_changed_hours_touch_no_booking_and_list_those_outside(shop: Shop, visit: Visitors) -> None:
    inside, outside = shop.book(), shop.book(start=shop.at(17), end=shop.at(19))
    waiting = shop.session(hour=18)
    answer = visit("manager").post(
        PAGE, data=week(**{f"day{n}": "08:00–16:00" for n in range(7)}), follow_redirects=True
    )
    page = texts(answer.text)
    assert "有2个预约或场次在开放时间之外" in page
    assert outside.ref in page
    assert waiting.title in page
    assert inside.ref not in page
    db.db.session.expire_all()
    assert outside.state == "confirmed"


def test_the_list_names_the_holiday_or_note_and_leaves_out_what_is_over(shop: Shop, visit: Visitors) -> None:
    booked = shop.book()
    visit("manager").post(DAYS, data=special(day(shop.day), note="年度检修"))
    page = texts(visit("manager").get(PAGE).text)
    assert "（年度检修）" in page
    assert booked.ref in page
    with clock.set_to(shop.at(12)):
        assert booked.ref not in visit("manager").get(PAGE).text


@pytest.mark.database
def test_the_page_asks_as_often_for_many_bookings_as_for_few(shop: Shop, visit: Visitors) -> None:
    client = visit("manager")
    client.post(DAYS, data=special(day(14), day(20)))

    def counted() -> int:
        with visit.app.app_context():
            return queries(lambda: client.get(PAGE))

    with clock.set_to(clock.now()):
        setting_hours.remove_days(actor=shop.user("manager"), base_id=shop.base.id, first=day(14), last=day(20))
        shop.book(start=shop.at(9, 14), end=shop.at(10, 14))
        setting_hours.set_days(
            actor=shop.user("manager"), base_id=shop.base.id, first=day(14), last=day(14), spans=(), note=""
        )
        few = counted()
        for number in range(15, 20):
            shop.book(start=shop.at(9, number), end=shop.at(10, number), who="south")
        setting_hours.set_days(
            actor=shop.user("manager"), base_id=shop.base.id, first=day(14), last=day(20), spans=(), note=""
        )
        assert counted() == few
