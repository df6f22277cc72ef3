"""The office's pages of the working calendar and the terms."""

from datetime import date, time

import pytest

from core import db
from core.accounts.models import User
from core.audit import AuditEntry
from core.bases import calendar_editing, setting_hours, terms
from core.bases.models import Term, WorkingDay, WorkingYear
from core.bases.notices import Holiday, shipped, sync
from core.bases.queries import hours_on
from core.bases.workdays import workdays
from core.errors import Forbidden, Invalid, NotFound
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.people import texts

YEARS = "/manage/working-calendar/"
NEW = YEARS + "new"
TERMS = "/manage/terms/"
TEXT = "元旦：1月1日至3日\n春节：2月5日至12日；1月31日、2月13日上班"
SOURCE = "示例通知"


def audited() -> list[str]:
    """Return what the audit log holds."""
    return [entry.action for entry in db.db.session.query(AuditEntry).order_by(AuditEntry.id)]


def enter_2027(office: User) -> None:
    """Enter a year that ships with no version yet."""
    holidays = [
        Holiday("元旦", date(2027, 1, 1), date(2027, 1, 3)),
        Holiday("春节", date(2027, 2, 5), date(2027, 2, 12), (date(2027, 1, 31), date(2027, 2, 13))),
    ]
    calendar_editing.enter_year(actor=office, year=2027, source=SOURCE, holidays=holidays)


def test_years_stand_with_their_notice_and_the_next_is_not_yet_published(
    shop: Shop, visit: Visitors, office: User
) -> None:
    page = texts(visit("office").get(YEARS).text)
    for words in ("国办发明电〔2025〕7号", "放假33天，调休上班6天", "2027 尚未公布", "2025"):
        assert words in page


def test_a_year_is_checked_before_it_is_saved(shop: Shop, visit: Visitors, office: User) -> None:
    client = visit("office")
    form = {"year": "2027", "source": SOURCE, "text": TEXT + "\n办公厅"}
    answer = client.post(NEW, data=form | {"check": "1"})
    assert answer.status_code == 200
    page = texts(answer.text)
    assert "2月5日（周五）" in page
    assert "8天" in page
    assert "未采用" in page
    assert db.db.session.get(WorkingYear, 2027) is None
    answer = client.post(NEW, data=form | {"save": "1"}, follow_redirects=True)
    assert "2027年的节假日已录入" in answer.text
    db.db.session.expire_all()
    known = workdays(date(2027, 1, 1), date(2027, 3, 1))
    assert known.is_published(date(2027, 6, 1))
    assert known.holiday(date(2027, 2, 12)) == "春节"
    assert known.works(date(2027, 2, 13))
    assert audited() == ["calendar.year"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": "春节：2月5日至1月12日"}, "最后一天早于第一天"),
        ({"text": "春节：2月5日至3月12日"}, "放假超过20天"),
        ({"text": "春节：2月5日至12日；2月15日上班"}, "不是周末"),
        ({"text": "春节：2月5日至12日\n除夕：2月5日"}, "写了两次"),
        ({"text": "春节：2026年2月5日"}, "不在2027年"),
        ({"text": "春节：2月30日"}, "没有2月30日"),
        ({"text": "什么都没有"}, "没有读出节假日"),
        ({"year": "2026"}, "已录入"),
        ({"year": "0"}, "四位年份"),
        ({"year": "二〇二七"}, ""),
        ({"source": ""}, "请填写"),
        ({"text": "长" * 5001}, "请写短一些"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_and_kept(
    shop: Shop, visit: Visitors, office: User, changes: dict[str, str], words: str
) -> None:
    form = {"year": "2027", "source": SOURCE, "text": "元旦：1月1日", "save": "1"} | changes
    if changes.get("year") == "2026":
        form["text"] = "元旦：1月1日"
    answer = visit("office").post(NEW, data=form)
    assert answer.status_code == 422
    assert words in texts(answer.text)
    assert form["text"] in answer.text.replace("\r\n", "\n")
    assert db.db.session.get(WorkingYear, 2027) is None


def test_a_year_lists_its_days_by_month(shop: Shop, visit: Visitors, office: User) -> None:
    page = texts(visit("office").get(YEARS + "2026").text)
    for words in ("2月14日（周六） 调休上班 按星期五", "2月16日（周一） 节假日", "10月", "国庆节"):
        assert words in page
    assert visit("office").get(YEARS + "2027").status_code == 404


def test_a_day_is_added_changed_and_made_plain_again(shop: Shop, visit: Visitors, office: User) -> None:
    client = visit("office")
    here = YEARS + "2026"
    day = date(2026, 12, 12)
    form = {"day": day.isoformat(), "sort": "made_up", "name": "校庆", "follows": "1"}
    assert client.post(here, data=form).status_code == 302
    assert workdays(day, day).weekday(day) == 1
    assert 'value="校庆"' in client.get(f"{here}?day={day}").text
    client.post(here, data=form | {"sort": "holiday"})
    db.db.session.expire_all()
    assert workdays(day, day).holiday(day) == "校庆"
    client.post(here + "/plain", data={"day": day.isoformat()})
    db.db.session.expire_all()
    assert db.db.session.get(WorkingDay, day) is None
    assert audited() == ["calendar.set", "calendar.set", "calendar.plain"]


def test_a_shipped_day_that_was_made_plain_stays_so_after_an_upgrade(shop: Shop, office: User) -> None:
    day = date(2026, 2, 14)
    week = [((time(8), time(20)),)] * 7
    setting_hours.set_week(actor=shop.user("manager"), base_id=shop.base.id, week=week, keeps_holidays=True)
    calendar_editing.make_plain(actor=office, day=day)
    with db.write() as session:
        sync(session, shipped())
    assert workdays(day, day).works(day) is False
    assert hours_on(shop.base, day), "an ordinary Saturday, on which the workshop is open"
    calendar_editing.set_day(actor=office, day=day, works=True, name="春节", follows=0)
    assert workdays(day, day).weekday(day) == 0


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"day": "2026-12-14", "sort": "made_up", "name": "校庆"}, "本来就上班"),
        ({"day": "2026-12-12", "sort": "holiday", "name": " "}, "请填写"),
        ({"day": "2026-12-12", "sort": "rest", "name": "校庆"}, ""),
        ({"day": "9999-12-31", "sort": "holiday", "name": "校庆"}, "请选择日期"),
        ({"day": "2026-12-12", "sort": "made_up", "name": "校庆", "follows": "9"}, ""),
    ],
)
def test_a_day_that_makes_no_sense_is_refused(
    shop: Shop, visit: Visitors, office: User, form: dict[str, str], words: str
) -> None:
    answer = visit("office").post(YEARS + "2026", data={"follows": ""} | form)
    assert answer.status_code == 422
    assert words in answer.text
    assert audited() == []


def test_a_day_of_a_year_that_is_not_entered_has_no_place(shop: Shop, visit: Visitors, office: User) -> None:
    form = {"day": "2027-12-12", "sort": "holiday", "name": "校庆", "follows": ""}
    assert visit("office").post(YEARS + "2026", data=form).status_code == 404


def test_a_year_the_office_entered_can_be_removed_and_a_shipped_one_not(
    shop: Shop, visit: Visitors, office: User
) -> None:
    enter_2027(office)
    assert visit("office").post(YEARS + "2027/remove").status_code == 302
    db.db.session.expire_all()
    assert db.db.session.get(WorkingYear, 2027) is None
    assert db.db.session.query(WorkingDay).filter(WorkingDay.year == 2027).count() == 0
    assert visit("office").post(YEARS + "2026/remove").status_code == 422
    assert visit("office").post(YEARS + "2027/remove").status_code == 404


@pytest.mark.database
def test_a_year_the_office_entered_survives_the_version_that_ships_it(shop: Shop, office: User) -> None:
    enter_2027(office)
    (notice,) = (notice for notice in shipped() if notice.year == 2026)
    later = type(notice)(2027, "后来的通知", (Holiday("元旦", date(2027, 1, 1), date(2027, 1, 2)),))
    with db.write() as session:
        sync(session, [later])
    db.db.session.expire_all()
    assert db.db.session.get_one(WorkingYear, 2027).source == SOURCE
    assert workdays(date(2027, 1, 3), date(2027, 1, 3)).holiday(date(2027, 1, 3)) == "元旦"


@pytest.mark.parametrize("who", ["manager", "north"])
def test_the_working_calendar_is_the_offices(shop: Shop, office: User, who: str) -> None:
    user = shop.user(who)
    with pytest.raises(Forbidden):
        enter_2027(user)
    with pytest.raises(Forbidden):
        calendar_editing.set_day(actor=user, day=date(2026, 3, 8), works=False, name="校庆")
    with pytest.raises(Forbidden):
        calendar_editing.make_plain(actor=user, day=date(2026, 2, 14))
    with pytest.raises(Forbidden):
        terms.save(actor=user, name="学期", first_day=date(2026, 9, 7), weeks=18)


# --- terms ---


def test_a_term_is_entered_changed_and_removed(shop: Shop, visit: Visitors, office: User) -> None:
    client = visit("office")
    client.post(TERMS, data={"name": "2026年秋季学期", "first_day": "2026-09-07", "weeks": "18"})
    (term,) = terms.terms()
    assert (term.first_day, term.last_day) == (date(2026, 9, 7), date(2027, 1, 10))
    page = texts(client.get(TERMS).text)
    assert "2026年秋季学期" in page
    client.post(f"{TERMS}{term.id}", data={"name": "2026年秋季学期", "first_day": "2026-08-31", "weeks": "20"})
    db.db.session.expire_all()
    assert terms.find(term.id).weeks == 20
    client.post(f"{TERMS}{term.id}/remove")
    assert shop.count(Term) == 0
    assert audited() == ["term.save", "term.save", "term.remove"]
    with pytest.raises(NotFound):
        terms.find(term.id)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"first_day": "2026-09-08"}, "例如9月7日（周一）"),
        ({"weeks": "0"}, "1至60周"),
        ({"weeks": "61"}, "1至60周"),
        ({"first_day": "2026-12-07"}, "与“秋季学期”（9月7日（周一）至2027年1月10日（周日））重叠"),
        ({"first_day": "2026-05-11"}, "重叠"),
        ({"name": "秋季学期", "first_day": "2027-03-01"}, "已有同名学期"),
        ({"name": ""}, "请填写"),
    ],
)
def test_a_term_that_makes_no_sense_is_refused(
    shop: Shop, visit: Visitors, office: User, form: dict[str, str], words: str
) -> None:
    terms.save(actor=office, name="秋季学期", first_day=date(2026, 9, 7), weeks=18)
    sent = {"name": "另一学期", "first_day": "2027-03-01", "weeks": "18"} | form
    answer = visit("office").post(TERMS, data=sent)
    assert answer.status_code == 422
    assert words in answer.text
    assert shop.count(Term) == 1


def test_terms_may_follow_each_other_without_a_gap(shop: Shop, office: User) -> None:
    terms.save(actor=office, name="秋季学期", first_day=date(2026, 9, 7), weeks=18)
    terms.save(actor=office, name="春季学期", first_day=date(2027, 1, 11), weeks=18)
    with pytest.raises(Invalid):
        terms.save(actor=office, name="夹在中间", first_day=date(2027, 1, 4), weeks=1)
