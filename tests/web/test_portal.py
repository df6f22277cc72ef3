"""The portal's first page, the pages of explanation, the way into the manage pages."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask, current_app, render_template
from flask.ctx import RequestContext
from flask.testing import FlaskClient
from sqlalchemy import select

from core import clock
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.bases.queries import visible_bases
from core.booking import sessions
from core.booking.models import TrainingSession
from core.booking.session_queries import upcoming_sessions
from core.content import writing
from core.content.models import Item
from core.content.snapshots import Texts
from core.db import db
from core.web.portal import portal
from tests.booking.shop import Shop
from tests.support.statements import queries
from tests.web.conftest import SignIn


def test_it_shows_every_base_the_next_sessions_and_the_latest_announcements(demo_app: Flask) -> None:
    page = demo_app.test_client().get("/").text
    with demo_app.test_request_context():
        content = portal()
        sessions_block = next(block for block in content.blocks if block.kind == "sessions")
        news = [item for block in sessions_block.beside for item in block.news]
        assert sessions_block.rows
        assert news
        assert [card.base.name for card in content.cards] == [base.name for base in visible_bases()]
        wanted = [card.base.name for card in content.cards]
        wanted += [session.title for session, _ in sessions_block.rows] + [item.title for item in news]
        assert not [text for text in wanted if text not in page]


def test_the_fortnight_begins_on_monday_and_counts_each_days_sessions(demo_app: Flask) -> None:
    with demo_app.test_request_context():
        days = portal().days
    assert len(days) == 14
    assert days[0].date.weekday() == 0
    assert sum(day.count for day in days) > 0
    assert all(bool(day.count) == bool(day.slugs) for day in days)


@pytest.fixture
def monday(shop: Shop) -> Iterator[int]:
    """Make it the next Monday, early in the morning; yields how many days after `shop.today` that is."""
    days = 7 - shop.today.weekday()
    with clock.set_to(shop.at(6, days)):
        yield days


def test_a_session_counts_on_each_day_it_touches_and_on_no_other(shop: Shop, monday: int) -> None:
    shop.session(day=monday + 1)
    shop.session(day=monday + 1, hour=23)  # until two o'clock on Wednesday
    shop.session(day=monday + 2, hour=21)  # until midnight
    shop.session(day=monday + 14)  # in the third week
    with shop_request():
        days = portal().days
    assert [day.count for day in days] == [0, 2, 2, *[0] * 11]
    assert [bool(day.slugs) for day in days] == [False, True, True, *[False] * 11]


def test_a_base_tells_this_weeks_sessions_and_the_seats_left_in_those_ahead(shop: Shop, monday: int) -> None:
    with clock.set_to(shop.at(0, monday)):
        shop.session(day=monday, hour=1, seats=9)  # over by six
    first = shop.session(day=monday, hour=9, seats=5)
    shop.session(day=monday + 4, seats=7)
    shop.session(day=monday + 7, seats=20)  # next week
    shop.book("course", people=2, training_id=first.id)
    with shop_request():
        (card,) = portal().cards
        assert (card.count, card.left) == (3, 3 + 7)
        assert card.next is not None
        assert card.next.id == first.id


def test_a_bases_next_session_may_lie_beyond_the_fortnight(shop: Shop, monday: int) -> None:
    later = shop.session(day=monday + 40)
    with shop_request():
        (card,) = portal().cards
        assert card.count == 0
        assert card.next is not None
        assert card.next.id == later.id


def shop_request() -> RequestContext:
    """Open a request in which addresses can be made."""
    return current_app.test_request_context()


def test_drafts_do_not_show(demo_app: Flask) -> None:
    with demo_app.test_request_context():
        drafts = [session.title for session in db.session.query(TrainingSession).filter_by(state="draft")]
        drafts += [item.title for item in db.session.query(Item).filter_by(state="draft")]
        public = {session.title for session in db.session.query(TrainingSession).filter_by(state="published")}
    page = demo_app.test_client().get("/").text
    assert not [title for title in drafts if title not in public and title in page]


def test_the_number_of_queries_does_not_grow_with_what_is_shown(demo_app: Flask) -> None:
    def counted() -> int:
        with demo_app.test_request_context():  # each anew: nothing is kept ready
            return queries(lambda: render_template("web/portal.html", portal=portal()))

    counted()  # what is read once per process
    few = counted()
    with demo_app.app_context():
        office = db.session.scalars(select(User).join(User.grants).where(Grant.role == Role.OFFICE)).one()
        for session in upcoming_sessions([base.id for base in visible_bases()], limit=6):
            for hours in (1, 2):
                training = sessions.create(
                    actor=office,
                    base_id=session.base_id,
                    kind_id=session.kind_id,
                    title="又一场",
                    text="",
                    start=session.start_at + timedelta(hours=hours),
                    end=session.end_at + timedelta(hours=hours),
                    seats=5,
                )
                sessions.publish(actor=office, session_id=training.id)
        for number, base in enumerate([*visible_bases(), None], start=1):
            base_id = base.id if base else None
            writing.create(
                actor=office, base_id=base_id, texts=Texts(title=f"第{number}条", body="正文"), act="publish"
            )
    counted()  # what is kept until content changes
    assert counted() == few


def test_a_site_without_bases_says_so(make_app: object, migrated: str) -> None:
    site = make_app(migrated, JIDI_SAFE_MODE="1")  # type: ignore[operator]
    assert "还没有开放的基地" in site.test_client().get("/").text


@pytest.mark.parametrize("address", ["/help", "/privacy"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_of_explanation_open(client: FlaskClient, address: str, language: str) -> None:
    assert client.get(f"{address}?lang={language}").status_code == 200


def test_the_manager_of_one_base_is_led_to_it(sign_in: SignIn) -> None:
    answer = sign_in("manager").get("/manage/")
    assert answer.status_code == 302
    assert answer.location.startswith("/manage/")
    assert answer.location != "/manage/"


def test_the_office_sees_all_bases_and_the_consortiums_tasks(demo_app: Flask, sign_in: SignIn) -> None:
    page = sign_in("office").get("/manage/").text
    with demo_app.app_context():
        assert not [base.name for base in visible_bases() if base.name not in page]
    assert "联合体事务" in page


def test_a_visitor_is_asked_to_sign_in_before_managing(client: FlaskClient) -> None:
    assert client.get("/manage/").location.startswith("/account/sign-in")


def test_a_contact_finds_the_own_bookings_and_no_manage_pages(sign_in: SignIn) -> None:
    page = sign_in("contact").get("/").text
    assert 'href="/bookings/"' in page
    assert 'href="/manage/"' not in page
