"""A term on one sheet: weeks, sessions, holidays and make-up days."""

from datetime import date, timedelta
from functools import partial

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core import clock, db
from core.bases.models import SpecialDay, Term, WorkingDay, WorkingYear
from core.calendars.shown import Shown
from core.calendars.weeks import weeks_of
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.statements import queries

SHEETS = ("/calendar/term", "/bases/workshop/calendar/term")


@pytest.fixture
def term(shop: Shop) -> Term:
    """A term whose second week holds the day on which the shop is open."""
    day = shop.at(9).date()
    with db.write() as session:
        term = Term(name="示例学期", first_day=day - timedelta(days=day.weekday() + 7), weeks=3)
        session.add(term)
    return term


@pytest.mark.parametrize("sheet", SHEETS)
def test_weeks_are_numbered_and_sessions_stand_on_their_day(
    shop: Shop, visitor: FlaskClient, term: Term, sheet: str
) -> None:
    training = shop.session(title="车工入门", hour=9)
    page = visitor.get(sheet).text
    second = page[page.index("第2周") : page.index("第3周")]
    assert f'09:00</span> <a href="/bases/workshop/sessions/{training.id}">车工入门</a>' in second
    assert page.count("车工入门") == 1
    assert "第4周" not in page


def test_holidays_and_make_up_days_are_named(shop: Shop, visitor: FlaskClient) -> None:
    with db.write() as session:
        session.add(Term(name="秋季学期", first_day=date(2026, 9, 28), weeks=2))
        known = {row.day for row in session.scalars(select(WorkingDay))}
        if session.get(WorkingYear, 2026) is None:
            session.add(WorkingYear(year=2026))
        for day, works, name in ((date(2026, 10, 1), False, "国庆节"), (date(2026, 10, 10), True, "国庆节")):
            if day not in known:
                session.add(WorkingDay(day=day, year=2026, works=works, name=name))
    with clock.set_to(clock.at(date(2026, 9, 28), clock.now().time())):
        page = visitor.get(SHEETS[0]).text
    assert "国庆节" in page
    assert "调休上班，按周五" in page


def test_a_base_names_its_own_special_days(shop: Shop, visitor: FlaskClient, term: Term) -> None:
    with db.write() as session:
        session.add(SpecialDay(base_id=shop.base.id, day=term.first_day, spans=[], note="设备年检"))
    page = visitor.get(SHEETS[1]).text
    assert page.index("第1周") < page.index("设备年检：不开放") < page.index("第2周")


@pytest.mark.parametrize("sheet", SHEETS)
def test_without_a_term_it_says_who_enters_them(visitor: FlaskClient, sheet: str) -> None:
    assert "还没有录入学期" in visitor.get(sheet).text


def test_a_term_can_be_named_and_one_that_is_not_there_is_the_present_one(
    visitor: FlaskClient, shop: Shop, term: Term
) -> None:
    with db.write() as session:
        later = Term(name="下学期", first_day=term.first_day + timedelta(weeks=10), weeks=2)
        session.add(later)
    assert "<h1" in visitor.get(SHEETS[0]).text
    assert "· 示例学期</h1>" in visitor.get(SHEETS[0], query_string={"term": "999"}).text
    assert "· 下学期</h1>" in visitor.get(SHEETS[0], query_string={"term": str(later.id)}).text


def test_same_names_share_a_line_and_what_does_not_fit_is_counted() -> None:
    day = date(2026, 12, 9)

    def entry(title: str, hour: int, days: int = 0) -> Shown:
        start = clock.bounds(day)[0] + timedelta(hours=hour)
        return Shown(title, start, start + timedelta(days=days, hours=1), None, "", "")

    found = [entry("甲", 9), entry("甲", 14), entry("乙", 10, days=1), entry("丙", 15)]
    (week,) = weeks_of(date(2026, 12, 7), date(2026, 12, 13), found, {}, most=2)
    cell = week.days[2]
    assert [(line.title, line.hours) for line in cell.lines] == [("甲", "09:00 14:00"), ("乙", "10:00")]
    assert cell.more == 1
    assert [line.title for line in week.days[3].lines] == ["乙"]


@pytest.mark.database
def test_a_sheet_asks_as_often_for_many_sessions_as_for_few(shop: Shop, visit: Visitors, term: Term) -> None:
    visitor = visit()

    def counted() -> list[int]:
        with visit.app.app_context():
            return [queries(partial(visitor.get, sheet)) for sheet in SHEETS]

    shop.session(hour=8)
    counted()
    few = counted()
    for number in range(8, 16):
        shop.session(hour=number, title=f"场次{number}")
    assert counted() == few
