"""Tests of `core/caching.py`: what visitors read is kept, and what is published is there at once."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask, g, has_app_context
from sqlalchemy import event
from werkzeug.test import TestResponse

from core import clock, config, db
from core.accounts.models import User
from core.app import create_app
from core.bases import settings as base_settings
from core.booking import closures, holding
from core.booking.models import Resource
from core.content import workflow
from core.content.models import Frame, Item, Section
from core.organisations.models import Organisation
from core.plugins.facade import plugins
from tests.booking.shop import Shop, settings
from tests.content.conftest import Announce
from tests.support.applications import close
from tests.support.statements import reaching

NOON = datetime(2027, 3, 1, 4, tzinfo=UTC)
LIST = "/bases/workshop/announcements/"


class Site:
    """Visitors of a site. Requests find nothing of what the test, in whose context they run, has read before."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def get(self, address: str, cookie: str = "", **headers: str) -> TestResponse:
        """Ask for an address as a visitor with this cookie."""
        if has_app_context():
            db.db.session.rollback()
            for name in list(g):
                g.pop(name)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client(use_cookies=False).get(
            address, headers=names | ({"Cookie": cookie} if cookie else {})
        )

    def text(self, address: str) -> str:
        """Return what a visitor reads."""
        return self.get(address).get_data(as_text=True)

    def statements(self, deed: Callable[[], object]) -> int:
        """Return how many statements reach the database, also past SQLAlchemy."""
        with self.app.app_context():
            engine = db.db.engine
        with reaching(engine) as statements:
            deed()
        return len(statements)


@pytest.fixture
def site(shop_app: Flask) -> Site:
    """The workshop's site."""
    return Site(shop_app)


@pytest.fixture
def second(shop_app: Flask, shop: Shop) -> Iterator[Site]:
    """Another process of the same site: an application of its own on the same database."""
    first = shop_app.extensions["jidi_settings"]
    keys = {"JIDI_SECRET_KEY": first.secret_key, "JIDI_DATA_KEYS": ",".join(first.data_keys)}
    app = create_app(config.load(settings(keys, first.database_url), instance=first.instance))
    yield Site(app)
    close(app)


def address(item: Item) -> str:
    """Return an announcement's address."""
    return f"{LIST}{item.path}"


# --- what it costs ---


def test_a_page_that_is_kept_takes_one_statement_and_is_the_same_to_the_byte(site: Site, announce: Announce) -> None:
    where = address(announce(publish=True))
    first = site.get(where)
    answers: list[TestResponse] = []
    assert site.statements(lambda: answers.append(site.get(where))) == 1
    assert answers[0].data == first.data
    assert answers[0].headers.to_wsgi_list() == first.headers.to_wsgi_list()


def test_who_has_the_page_gets_304_without_a_body_and_with_one_statement(site: Site, announce: Announce) -> None:
    where = address(announce(publish=True))
    first = site.get(where)
    answers: list[TestResponse] = []
    assert site.statements(lambda: answers.append(site.get(where, If_None_Match=first.headers["ETag"]))) == 1
    assert (answers[0].status_code, answers[0].data) == (304, b"")
    assert answers[0].headers["ETag"] == first.headers["ETag"]
    assert answers[0].headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert "Content-Type" not in answers[0].headers


def test_304_needs_no_rendering_where_nothing_is_kept_yet(site: Site, announce: Announce) -> None:
    where = address(announce(publish=True))
    tag = site.get(where).headers["ETag"]
    site.app.extensions["jidi_front"].shelf.clear()
    answer = site.get(where, If_None_Match=tag)
    assert answer.status_code == 304
    assert site.app.extensions["jidi_front"].shelf.used == 0


def test_head_is_answered_as_get_without_its_body(site: Site, announce: Announce) -> None:
    where = address(announce(publish=True))
    client = site.app.test_client(use_cookies=False)
    cold = client.head(where)
    page = client.get(where)
    warm = client.head(where)
    for answer in (cold, warm):
        assert (answer.status_code, answer.data) == (200, b"")
        assert answer.headers["ETag"] == page.headers["ETag"]
    assert warm.headers["Content-Length"] == str(len(page.data))


@pytest.mark.parametrize("where", ["/", "/help", "/bases/", "/bases/workshop/", "/bases/workshop/calendar", LIST])
def test_public_pages_say_how_they_may_be_kept_and_set_no_cookie(site: Site, announce: Announce, where: str) -> None:
    announce(publish=True)
    for answer in (site.get(where), site.get(where)):
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "Cookie" in answer.headers["Vary"]
        assert answer.headers["ETag"].startswith('"')
        assert "Set-Cookie" not in answer.headers


# --- who gets it ---


def test_who_is_signed_in_gets_a_page_of_their_own(visit: Any, site: Site, announce: Announce) -> None:
    where = address(announce(publish=True))
    site.get(where)
    answer = visit("manager").get(where)
    assert "管理员" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "管理员" not in site.text(where)


def test_what_somebody_is_to_be_told_is_told_to_nobody_else(site: Site, announce: Announce) -> None:
    where = address(announce(publish=True))
    told = site.app.test_client()
    with told.session_transaction() as session:
        session["_flashes"] = [("info", "只给您看")]
    assert "只给您看" in told.get(where).get_data(as_text=True)
    assert "只给您看" not in site.text(where)


def test_each_language_has_its_page_and_the_switch_is_not_kept(site: Site, announce: Announce) -> None:
    where = address(announce(publish=True))
    assert 'lang="zh-CN"' in site.text(where)
    switched = site.get(f"{where}?lang=en")
    assert "lang=en" in switched.headers["Set-Cookie"]
    for _ in range(2):
        assert '<html lang="en"' in site.get(where, cookie="lang=en").get_data(as_text=True)
        assert '<html lang="zh-CN"' in site.get(where, cookie="lang=xx").get_data(as_text=True)
    assert site.get(where, cookie="lang=en").headers["ETag"] != site.get(where).headers["ETag"]


def test_what_the_view_does_not_know_neither_fills_the_shelf_nor_stands_in_the_page(
    site: Site, announce: Announce
) -> None:
    announce(publish=True)
    assert "utm_source" not in site.text(f"{LIST}?utm_source=first")
    assert "utm_source" not in site.text(LIST)
    used = site.app.extensions["jidi_front"].shelf.used
    for number in range(3):
        assert "<b>here" not in site.text(f"{LIST}?utm_source={number}&x=<b>here")
        assert "utm_source" not in site.text(f"{LIST}?utm_source={number}")
    assert site.app.extensions["jidi_front"].shelf.used == used


def test_pages_of_a_list_are_kept_apart(site: Site, announce: Announce) -> None:
    for number in range(25):
        announce(f"第{number}号", publish=True)
    assert site.text(LIST) == site.text(LIST)
    assert site.text(f"{LIST}?page=2") != site.text(LIST)
    assert site.text(f"{LIST}?page=2") == site.text(f"{LIST}?x=1&page=2")
    for warm in (LIST, f"{LIST}?page=2", f"{LIST}?x=1&page=2", f"{LIST}?x=1"):
        assert site.statements(partial(site.get, warm)) == 1


def test_hosts_are_kept_apart(site: Site, announce: Announce) -> None:
    where = address(announce(publish=True))
    tags = {site.get(where, Host=host).headers["ETag"] for host in ("one.example", "two.example")}
    assert len(tags) == 2


# --- what is gone is gone, what is new is there ---


@pytest.mark.database
def test_what_is_published_is_there_at_once_in_every_process(
    site: Site, second: Site, writers: Shop, announce: Announce
) -> None:
    item = announce("停电通知")
    for process in (site, second, site, second):
        assert "停电通知" not in process.text(LIST)
    workflow.publish(actor=writers.user("manager"), item_id=item.id, version=item.version)
    for process in (second, site):
        assert "停电通知" in process.text(LIST)
        assert process.get(address(item)).status_code == 200
    tags = {process.get(address(item)).headers["ETag"] for process in (site, second)}
    assert len(tags) == 1
    with db.write() as session:
        session.delete(session.get(Item, item.id))
    for process in (second, site):
        assert "停电通知" not in process.text(LIST)
        assert process.get(address(item)).status_code == 404


def test_what_changes_while_an_ended_session_is_looked_for_is_shown_to_the_next(
    visit: Any, writers: Shop, site: Site, second: Site, announce: Announce
) -> None:
    """SQLite shows a transaction the moment at which it began to read; the page must not be kept for a later one."""
    item, reader = announce("停电通知", publish=True), visit("publisher")
    reader.get(LIST)  # from now on nothing is new in its cookie
    with db.write() as session:
        session.get_one(User, writers.user("publisher").id).session_version += 1
    engine = db.db.engine
    renamed: list[str] = []

    def rename(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "FROM user_account" in statement and not renamed:
            renamed.append(statement)
            with second.app.app_context(), db.write() as session:
                session.get_one(Item, item.id).title = "复电通知"

    for name in list(g):
        g.pop(name)
    event.listen(engine, "after_cursor_execute", rename)
    assert reader.get(LIST).headers["Cache-Control"] == "no-cache"
    event.remove(engine, "after_cursor_execute", rename)
    assert renamed
    assert "复电通知" in site.text(LIST)


@pytest.mark.database
def test_it_appears_and_expires_to_the_second_and_nobody_has_to_do_anything(site: Site, announce: Announce) -> None:
    with clock.set_to(NOON):
        item = announce(publish=True, publish_at=NOON + timedelta(hours=1), expire_at=NOON + timedelta(days=1))
        assert site.get(address(item)).status_code == 404
        assert item.title not in site.text(LIST)
    second = timedelta(seconds=1)
    for moment, status in [
        (NOON + timedelta(hours=1) - second, 404),
        (NOON + timedelta(hours=1), 200),
        (NOON + timedelta(days=1) - second, 200),
        (NOON + timedelta(days=1), 410),
        (NOON + timedelta(hours=1), 200),
    ]:
        for _ in range(2):
            with clock.set_to(moment):
                assert site.get(address(item)).status_code == status
                assert (item.title in site.text(LIST)) is (status == 200)


def test_who_has_the_page_is_told_that_it_is_gone(site: Site, announce: Announce) -> None:
    with clock.set_to(NOON):
        item = announce(publish=True, publish_at=NOON, expire_at=NOON + timedelta(minutes=5))
        tag = site.get(address(item)).headers["ETag"]
    with clock.set_to(NOON + timedelta(minutes=4, seconds=59)):
        assert site.get(LIST).status_code == 200
    with clock.set_to(NOON + timedelta(minutes=5)):
        assert site.get(address(item), If_None_Match=tag).status_code == 410


def test_a_pinned_announcement_leaves_the_top_on_time(site: Site, announce: Announce) -> None:
    with clock.set_to(NOON):
        announce("置顶的", publish=True, publish_at=NOON - timedelta(days=2), pinned_until=NOON + timedelta(minutes=1))
        announce("较新的", publish=True, publish_at=NOON - timedelta(days=1))
    for seconds, first in ((59, "置顶的"), (60, "较新的")):
        with clock.set_to(NOON + timedelta(seconds=seconds)):
            text = site.text(LIST)
            assert min(("置顶的", "较新的"), key=text.index) == first


def change(shop: Shop, what: str) -> None:
    """Change something that pages show."""
    manager = shop.user("manager")
    if what == "session":
        shop.session(title="晚班入门")
    elif what == "settings":
        base_settings.change(actor=manager, base_id=shop.base.id, summary="新的简介", contact="", reviews_content=True)
    elif what == "closure":
        resource = shop.resource("lathe1")
        closures.enter(actor=manager, resource_id=resource, start=shop.at(1), end=shop.at(2), reason="换刀")
    elif what == "plugin":
        with db.write() as session:
            plugins().switch(session, "workshop", on=False, actor_id=manager.id)
    else:
        with db.write() as session:
            _change_row(session, what)


def _change_row(session: Any, what: str) -> None:
    if what == "section":
        session.add(Section(kind="text", title="新栏目", body="<p>新栏目</p>"))
    elif what == "frame":
        frame = session.get(Frame, 1) or Frame(id=1)
        frame.banner = "全站通知"
        session.add(frame)
    elif what == "partner":
        session.query(Organisation).first().name = "新校名"
    elif what == "resource":
        session.query(Resource).filter_by(slug="lathe1").one().name_set = "新车床"


@pytest.mark.parametrize(
    ("what", "where"),
    [
        ("session", "/"),
        ("session", "/bases/workshop/"),
        ("session", "/bases/workshop/calendar"),
        ("settings", "/bases/"),
        ("settings", "/bases/workshop/"),
        ("closure", "/bases/workshop/"),
        ("resource", "/bases/workshop/"),
        ("plugin", "/"),
        ("plugin", "/bases/"),
        ("section", "/"),
        ("frame", "/help"),
        ("partner", "/"),
    ],
)
def test_a_page_changes_with_what_it_shows(site: Site, shop: Shop, what: str, where: str) -> None:
    tag = site.get(where).headers["ETag"]
    assert site.get(where, If_None_Match=tag).status_code == 304
    change(shop, what)
    assert site.get(where, If_None_Match=tag).status_code == 200
    assert site.get(where).headers["ETag"] != tag


def test_places_left_change_with_a_hold_and_to_the_second_when_it_lapses(site: Site, shop: Shop) -> None:
    training = shop.session(seats=3)
    page = "/bases/workshop/calendar"
    held = holding.hold(
        actor=shop.user("north"),
        organisation_id=shop.organisation("north"),
        base=shop.base,
        kind=shop.kind("course"),
        training_id=training.id,
    )
    assert held.lapses_at is not None
    tags = []
    for seconds in (-2, -1, 0, 1):
        with clock.set_to(held.lapses_at + timedelta(seconds=seconds)):
            tags.append(site.get(page).headers["ETag"])
    assert tags[0] == tags[1] != tags[2] == tags[3]


def test_a_page_that_tells_the_time_is_made_anew_each_minute_others_each_day(site: Site) -> None:
    def tags(where: str, *later: int) -> list[str]:
        found = []
        for seconds in later:
            with clock.set_to(NOON + timedelta(seconds=seconds)):
                found.append(site.get(where).headers["ETag"])
        return found

    first, same, next_minute = tags("/bases/workshop/", 0, 59, 60)
    assert first == same != next_minute
    first, same, next_day = tags("/help", 0, 12 * 3600 - 1, 12 * 3600)
    assert first == same != next_day


def test_a_site_whose_database_is_gone_says_so_and_shows_no_old_page(site: Site) -> None:
    site.get("/help")
    site.app.config["PROPAGATE_EXCEPTIONS"] = False
    with site.app.app_context():
        engine = db.db.engine
    working, engine.pool = engine.pool, engine.pool.recreate()
    engine.pool._creator = _unreachable
    try:
        assert site.get("/").status_code == 500
    finally:
        engine.pool = working


def _unreachable(*_args: object) -> Any:
    raise sqlite3.OperationalError("no database")
