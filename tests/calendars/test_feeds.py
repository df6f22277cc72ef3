"""The feeds as clients fetch them: folded as the standard says, fetched anew only when something has changed."""

from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from werkzeug.test import Client

from core import db
from core.booking import closures, workflow
from core.calendars.components import LINE, fold
from core.calendars.feeds import Feeds
from core.plugins import state
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.calendars.conftest import FEED, Read
from tests.support.statements import queries

pytestmark = pytest.mark.database


@pytest.fixture
def feed(shop: Shop, visitor: FlaskClient) -> bytes:
    """A feed with a bit of everything in it."""
    shop.session(title="压铸区安全培训，进入压铸区前必修；" * 5, uses=[shop.resource("lathe2")])
    booking = shop.book(picks={0: shop.resource("lathe1")})
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="cancel", reason="不来了")
    shop.book("shift", people=4, start=shop.at(8), end=shop.at(14))
    times = {"start": shop.at(0, 20), "end": shop.at(0, 22)}
    reason = "检修：换油，\\；\n第二行"
    closures.enter(actor=shop.user("manager"), resource_id=shop.resource("lathe1"), reason=reason, **times)
    return bytes(visitor.get(FEED).data)


def test_texts_come_through_as_they_were_written(feed: bytes) -> None:
    descriptions = [str(event.get("DESCRIPTION", "")) for event in Calendar.from_ical(feed).walk("VEVENT")]
    assert "检修：换油，\\；\n第二行" in descriptions


def test_no_line_is_longer_than_75_octets_and_no_character_is_cut(feed: bytes) -> None:
    lines = feed.split(b"\r\n")
    assert lines[-1] == b""
    assert max(map(len, lines)) <= LINE
    assert [line.decode() for line in lines], "each line is UTF-8 by itself"
    assert any(line.startswith(b" ") for line in lines), "something was folded"


@pytest.mark.parametrize("text", ["X:" + "压" * 100, "X:" + "a" * 73 + "压", "X:" + "a" * 200, "X:"])
def test_folding_and_unfolding_give_the_same_line(text: str) -> None:
    folded = fold(text)
    assert all(len(line) <= LINE for line in folded.split(b"\r\n"))
    assert folded.removesuffix(b"\r\n").replace(b"\r\n ", b"").decode() == text


def test_its_name_and_zone_are_told_to_clients(feed: bytes) -> None:
    text = feed.decode()
    for line in ("NAME:示例车间", "X-WR-CALNAME:示例车间", "X-WR-TIMEZONE:Asia/Shanghai", "VERSION:2.0"):
        assert f"\r\n{line}\r\n" in text


def test_a_second_fetch_is_answered_with_304_until_something_changes(shop: Shop, visitor: FlaskClient) -> None:
    shop.session()
    first = visitor.get(FEED)
    known = {"If-None-Match": first.headers["ETag"]}
    second = visitor.get(FEED, headers=known)
    assert (second.status_code, second.data) == (304, b"")
    assert second.headers["ETag"] == first.headers["ETag"]
    shop.book()
    assert visitor.get(FEED, headers=known).status_code == 200


def test_head_answers_as_get_without_a_body(feed: bytes, visitor: FlaskClient) -> None:
    get, head = visitor.get(FEED), visitor.head(FEED)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("ETag", "Content-Type", "Content-Length", "Cache-Control", "Last-Modified"):
        assert head.headers[name] == get.headers[name]
    assert get.headers["Content-Type"] == "text/calendar; charset=utf-8"


def test_an_empty_calendar_is_a_valid_feed(visitor: FlaskClient) -> None:
    calendar = Calendar.from_ical(visitor.get(FEED).data)
    assert calendar.walk("VEVENT") == []


def test_what_is_known_costs_no_statement_and_many_changes_no_more_than_one(shop: Shop, visit: Visitors) -> None:
    client = visit()

    def counted() -> int:
        with visit.app.app_context():  # as in a request of its own
            return queries(partial(client.get, FEED))

    shop.session(hour=8)
    counted()  # what is read once per process
    assert counted() == 0, "but for the small question, which goes to the driver itself"
    shop.book(start=shop.at(8, 15), end=shop.at(9, 15))
    one = counted()
    for number in range(9, 15):
        shop.session(hour=number, uses=[])
        shop.book(start=shop.at(number, 15), end=shop.at(number + 1, 15))
    assert counted() == one > 0


def test_uids_do_not_depend_on_the_sites_address(shop: Shop, shop_app: Flask, read: Read, visitor: FlaskClient) -> None:
    shop.session()
    before, tag = read(), visitor.get(FEED).headers["ETag"]
    object.__setattr__(shop_app.extensions["jidi_settings"], "base_url", "https://elsewhere.example")
    answer = Client(Feeds(shop_app)).get(FEED)  # as a process that is started with the new setting
    after = Calendar.from_ical(answer.data).events
    assert [event["UID"] for event in after] == [event["UID"] for event in before]
    assert str(after[0]["URL"]).startswith("https://elsewhere.example/bases/workshop/")
    assert answer.headers["ETag"] != tag, "every client is to hear of it"


def test_a_single_session_is_a_file_of_its_own(shop: Shop, read: Read, visitor: FlaskClient) -> None:
    training = shop.session(title="车工入门")
    shop.session(title="另一场", hour=14)
    address = f"/bases/workshop/sessions/{training.id}.ics"
    assert [str(event["SUMMARY"]) for event in read(address)] == ["车工入门"]
    assert "attachment" in visitor.get(address).headers["Content-Disposition"]


def test_what_is_not_there_answers_404(visitor: FlaskClient) -> None:
    for address in ("/bases/none/calendar.ics", "/bases/workshop/resources/none.ics", "/bases/workshop/sessions/9.ics"):
        assert visitor.get(address).status_code == 404


def switch(*, on: bool) -> None:
    """Switch the workshop on or off, as the command line does."""
    with db.write() as session:
        state.enable(session, "workshop", on, actor_id=None)


def test_a_disabled_bases_feeds_answer_404(shop: Shop, shop_app: Flask, visitor: FlaskClient) -> None:
    training = shop.session(uses=[shop.resource("lathe1")])
    addresses = (FEED, "/bases/workshop/resources/lathe1.ics", f"/bases/workshop/sessions/{training.id}.ics")

    def answers(**headers: str) -> list[int]:
        with shop_app.app_context():  # as in a request of its own: the plugins' state is read once in each
            return [visitor.get(address, headers=headers).status_code for address in addresses]

    known = visitor.get(FEED).headers["ETag"]
    assert answers() == [200, 200, 200]
    switch(on=False)
    assert answers() == [404, 404, 404]
    switch(on=True)
    assert answers() == [200, 200, 200]
    assert answers(**{"If-None-Match": known})[0] == 304, "the same calendar as before"


def test_the_seats_of_a_session_have_no_feed_of_their_own(shop: Shop, visitor: FlaskClient) -> None:
    training = shop.session()
    assert training.seats_resource is not None
    assert visitor.get(f"/bases/workshop/resources/{training.seats_resource.slug}.ics").status_code == 404
