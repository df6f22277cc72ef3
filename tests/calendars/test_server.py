"""What the calendar server says around the calendars: headers, conditions, codings, refusals."""

import gzip
import logging
import time
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from core import config
from core.app import create_app
from core.bases.models import Base
from core.booking import resources
from core.calendars import tokens
from core.content import workflow, writing
from core.content.snapshots import Happening, Texts
from core.db import db, write
from tests.booking.shop import Shop
from tests.calendars.conftest import FEED
from tests.support.applications import close

PACKED = {"Accept-Encoding": "gzip, deflate"}
RESOURCE = "/bases/workshop/resources/lathe1.ics"


def test_a_feed_says_how_it_may_be_kept_and_sets_nothing(shop: Shop, visitor: FlaskClient) -> None:
    shop.session()
    answer = visitor.get(FEED)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert "Set-Cookie" not in answer.headers
    assert b"METHOD" not in answer.data


def test_a_feed_says_what_it_is_in_the_new_words_and_the_old(visitor: FlaskClient) -> None:
    calendar = Calendar.from_ical(visitor.get(FEED).data)
    for new, old in (("NAME", "X-WR-CALNAME"), ("DESCRIPTION", "X-WR-CALDESC")):
        assert str(calendar[new]) == str(calendar[old]) != ""
    assert str(calendar["COLOR"]).islower()
    assert str(calendar["X-APPLE-CALENDAR-COLOR"]).startswith("#")
    assert calendar["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert calendar["SOURCE"].params["VALUE"] == "URI"
    assert str(calendar["SOURCE"]).endswith(FEED)
    assert str(calendar["URL"]).endswith("/bases/workshop/calendar")


def test_a_packed_feed_is_one_gzip_file_of_the_same_bytes(shop: Shop, visitor: FlaskClient) -> None:
    shop.session()
    plain, packed = visitor.get(FEED), visitor.get(FEED, headers=PACKED)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] == f"W/{plain.headers['ETag']}", "packed anew it may be other bytes"


@pytest.mark.parametrize("accepts", ["", "identity", "gzip;q=0", "br", "gzip;q=0.2, identity", "\x80;;=,q", "*;q=0"])
def test_who_does_not_ask_for_gzip_gets_none(visitor: FlaskClient, accepts: str) -> None:
    assert "Content-Encoding" not in visitor.get(FEED, headers={"Accept-Encoding": accepts}).headers


def test_a_tag_is_known_whichever_coding_was_fetched_before(shop: Shop, visitor: FlaskClient) -> None:
    shop.session()
    tags = [visitor.get(FEED).headers["ETag"], visitor.get(FEED, headers=PACKED).headers["ETag"]]
    for tag in (*tags, f'"other", {tags[0]}', "*"):
        for coding in ({}, PACKED):
            answer = visitor.get(FEED, headers={"If-None-Match": tag} | coding)
            assert (answer.status_code, answer.data) == (304, b"")
            assert "Content-Length" not in answer.headers
            assert answer.headers["Cache-Control"] == "public, no-cache"
    assert visitor.head(FEED, headers={"If-None-Match": tags[0]}).status_code == 304


@pytest.mark.parametrize("tag", ["", '"', "W/", '""', ",,,", '"1-0"', "“”", "0" * 5000])
def test_a_tag_that_means_nothing_is_none_and_the_date_beside_it_is_not_asked(visitor: FlaskClient, tag: str) -> None:
    date = formatdate(time.time() + 86_400, usegmt=True)
    headers = {"If-None-Match": tag.encode("utf-8").decode("latin-1"), "If-Modified-Since": date}
    assert visitor.get(FEED, headers=headers).status_code == 200


def test_a_date_alone_is_enough_until_something_changes(shop: Shop, visitor: FlaskClient) -> None:
    shop.session()
    assert visitor.get(FEED, headers={"If-Modified-Since": "yesterday"}).status_code == 200
    now = {"If-Modified-Since": formatdate(time.time() + 1, usegmt=True)}
    before = {"If-Modified-Since": formatdate(time.time() - 86_400, usegmt=True)}
    assert visitor.get(FEED, headers=now).status_code == 304
    assert visitor.get(FEED, headers=before).status_code == 200


def test_two_changes_in_one_second_are_both_fetched_by_date(shop: Shop, visitor: FlaskClient) -> None:
    shop.session(title="第一场")
    told = visitor.get(FEED).headers["Last-Modified"]
    shop.session(title="第二场", hour=14)
    answer = visitor.get(FEED, headers={"If-Modified-Since": told})
    moments = (visitor.get(FEED).headers["Last-Modified"], told)
    assert answer.status_code == 200 or moments[0] == moments[1]
    assert parsedate_to_datetime(told).timestamp() <= time.time() - 2, "no second in which a change may yet be seen"


def test_the_answer_is_the_same_from_any_host(shop: Shop, visitor: FlaskClient) -> None:
    shop.session()
    first = visitor.get(FEED)
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}):
        other = visitor.get(FEED, headers=headers | {"Accept-Language": "en", "Cookie": "lang=en"})
        assert (other.data, other.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert visitor.get(f"{FEED}?lang=en").data == first.data


def test_a_dated_announcement_is_a_file_until_it_is_gone(shop: Shop, visitor: FlaskClient) -> None:
    manager, event = shop.user("manager"), Happening(start=shop.at(9), end=shop.at(11))
    texts = Texts(title="开放日", body="<p>欢迎参观。</p>", event=event)
    item = writing.create(actor=manager, base_id=shop.base.id, texts=texts, act=writing.PUBLISH)
    address = f"/bases/workshop/announcements/{item.slug}.ics"
    answer = visitor.get(address)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{item.slug}.ics"'
    assert [str(event["SUMMARY"]) for event in Calendar.from_ical(answer.data).events] == ["开放日"]
    known = {"If-None-Match": answer.headers["ETag"]}
    assert visitor.get(address, headers=known).status_code == 304
    workflow.archive(actor=manager, item_id=item.id)
    assert visitor.get(address, headers=known).status_code == 410


@pytest.mark.parametrize("headers", [{}, PACKED])
def test_a_feed_too_large_to_be_kept_is_answered_alike(
    shop: Shop, shop_app: Flask, visitor: FlaskClient, headers: dict[str, str]
) -> None:
    shop.session()
    kept = shop_app.extensions["jidi_calendars"].feeds.kept
    small = visitor.get(FEED)
    kept.clear()
    kept.limit, before = 100, kept.limit
    try:
        large, head = visitor.get(FEED, headers=headers), visitor.head(FEED, headers=headers)
    finally:
        kept.limit = before
    assert (gzip.decompress(large.data) if headers else large.data) == small.data
    assert head.headers["Content-Length"] == large.headers["Content-Length"] == str(len(large.data))
    assert head.headers["ETag"] == large.headers["ETag"]


def test_nothing_but_reading_is_answered(visitor: FlaskClient) -> None:
    for address in (FEED, "/calendar.ics", "/bases/workshop/sessions/1.ics"):
        answer = visitor.post(address)
        assert answer.status_code == 405
        assert {"GET", "HEAD"} == set(answer.headers["Allow"].split(", "))


def test_a_refusal_is_a_line_of_text_and_leads_nowhere(visitor: FlaskClient) -> None:
    for address in ("/bases/none/calendar.ics", "/calendars/guessed.ics", "/bases/workshop/kinds/none.ics"):
        answer = visitor.get(address)
        assert (answer.status_code, answer.mimetype) == (404, "text/plain")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


def test_a_kind_has_its_sessions_and_nothing_of_what_else_is_booked(shop: Shop, visitor: FlaskClient) -> None:
    shop.session(title="车工入门")
    shop.book()
    assert visitor.get("/bases/workshop/kinds/course.ics").text.count("BEGIN:VEVENT") == 1
    assert visitor.get("/bases/workshop/kinds/machine.ics").status_code == 404, (
        "what a machine is booked for is not told"
    )


def test_a_new_name_reaches_the_clients_though_no_entry_has_changed(shop: Shop, visitor: FlaskClient) -> None:
    known = {"If-None-Match": visitor.get(RESOURCE).headers["ETag"]}
    assert visitor.get(RESOURCE, headers=known).status_code == 304
    shown = resources.Shown(name="新车床", setup=None, cleanup=None)
    resources.change(actor=shop.user("manager"), resource_id=shop.resource("lathe1"), shown=shown)
    answer = visitor.get(RESOURCE, headers=known)
    assert answer.status_code == 200
    assert "NAME:新车床" in answer.text


def test_an_archived_bases_feeds_are_gone_at_once(shop: Shop, visitor: FlaskClient) -> None:
    assert visitor.get(FEED).status_code == 200
    with write() as session:
        session.get_one(Base, shop.base.id).archived_at = shop.at(8)
    assert [visitor.get(address).status_code for address in (FEED, RESOURCE)] == [404, 404]


def test_a_private_feed_is_for_who_holds_its_address_and_notes_its_use(shop: Shop, visitor: FlaskClient) -> None:
    booking, north = shop.book(), shop.user("north")
    secret = tokens.make(actor=north, key=f"user:{north.id}")
    answer = visitor.get(f"/calendars/{secret}.ics", headers={"User-Agent": "示例/1.0".encode().decode("latin-1")})
    assert answer.status_code == 200
    assert booking.ref in answer.text.replace("\r\n ", "")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert secret not in answer.text
    answer.close()
    db.session.rollback()
    (token,) = tokens.tokens_of(north.id)
    assert token.used_at is not None
    tokens.revoke(actor=north, token_id=token.id)
    assert visitor.get(f"/calendars/{secret}.ics").status_code == 404


def test_a_database_that_does_not_answer_is_said_so(
    shop_app: Flask, visitor: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with write() as session:
        session.connection().exec_driver_sql("ALTER TABLE site_version RENAME TO elsewhere")
    with caplog.at_level(logging.CRITICAL):
        answer = visitor.get(FEED)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert answer.mimetype == "text/plain"


def test_a_database_that_cannot_be_reached_is_said_so_at_once(
    keys: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nobody = {"JIDI_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    app = create_app(config.load(keys | nobody, instance=tmp_path))
    with caplog.at_level(logging.CRITICAL):
        for address in (FEED, "/calendars/guessed.ics", "/bases/workshop/sessions/1.ics", "/caldav/calendars/base-1/"):
            answer = app.test_client().get(address)
            assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "60"), address
    close(app)


def test_over_https_a_client_is_told_to_stay_there(visitor: FlaskClient) -> None:
    assert "Strict-Transport-Security" in visitor.get(FEED, base_url="https://jidi.example").headers
    assert "Strict-Transport-Security" not in visitor.get(FEED, base_url="http://jidi.example").headers
