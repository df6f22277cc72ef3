"""Entries follow their sources, in the same transaction, and say to the public no more than they may."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core import clock, db
from core.booking import closures, sessions, workflow
from core.calendars.models import Collection, Membership
from tests.booking.shop import Shop
from tests.calendars.conftest import FEED, Read

pytestmark = pytest.mark.database


def test_a_published_session_stands_in_the_feed_of_its_base(shop: Shop, read: Read) -> None:
    training = shop.session(title="车工入门", uses=[shop.resource("lathe1"), shop.resource("coach")])
    (event,) = read()
    assert str(event["SUMMARY"]) == "车工入门"
    assert event.start == training.start_at
    assert event.end == training.end_at
    assert str(event["STATUS"]) == "CONFIRMED"
    assert str(event["LOCATION"]) == "示例车间，车床1", "an instructor is a person and stands in no public calendar"
    assert str(event["URL"]).endswith(f"/bases/workshop/sessions/{training.id}")


def test_a_session_stands_in_the_feeds_of_what_it_uses(shop: Shop, read: Read) -> None:
    shop.session(uses=[shop.resource("lathe1")])
    assert len(read("/bases/workshop/resources/lathe1.ics")) == 1
    assert read("/bases/workshop/resources/lathe2.ics") == []


def test_a_draft_stands_nowhere(shop: Shop, read: Read) -> None:
    manager = shop.user("manager")
    kind, start = shop.kind_id("course"), shop.at(9)
    times: dict[str, Any] = {"start": start, "end": start + timedelta(hours=2)}
    sessions.create(actor=manager, base_id=shop.base.id, kind_id=kind, title="草稿", text="", seats=5, uses=[], **times)
    assert read() == []


def test_a_booking_is_occupied_from_submission_on_and_says_no_more(shop: Shop, visitor: FlaskClient) -> None:
    booking = shop.book("cell", cleaned=shop.answers("cell"))
    assert booking.state == "submitted"
    text = visitor.get(FEED).text.replace("\r\n ", "")
    assert "SUMMARY:占用：单元" in text
    for secret in (booking.ref, "示例学校", "学校1", "联系人", "练习", "教练"):
        assert secret not in text


def test_set_up_and_clean_up_are_occupied_too(shop: Shop, read: Read) -> None:
    booking = shop.book("cell", cleaned=shop.answers("cell"))
    (event,) = read()
    assert event.start == booking.start_at - timedelta(hours=1)
    assert event.end == booking.end_at + timedelta(minutes=30)


def test_confirming_does_not_touch_what_the_public_sees(shop: Shop, visitor: FlaskClient) -> None:
    booking = shop.book("cell", cleaned=shop.answers("cell"))
    before = visitor.get(FEED)
    with clock.set_to(clock.now() + timedelta(minutes=5)):
        workflow.move(actor=shop.user("manager"), ref=booking.ref, action="confirm")
    after = visitor.get(FEED)
    assert (after.data, after.get_etag()) == (before.data, before.get_etag())


def test_a_booking_of_seats_is_not_an_entry_beside_its_session(shop: Shop, read: Read) -> None:
    training = shop.session()
    shop.book("course", people=3, training_id=training.id)
    assert len(read()) == 1


def test_units_of_a_pool_are_counted(shop: Shop, read: Read) -> None:
    shop.book("shift", people=4, start=shop.at(8), end=shop.at(14))
    assert [str(event["SUMMARY"]) for event in read()] == ["占用：座席区 (4/10)"]


def test_what_is_cancelled_stays_as_cancelled_with_the_next_sequence(shop: Shop, read: Read) -> None:
    booking = shop.book()
    (before,) = read()
    with clock.set_to(clock.now() + timedelta(minutes=5)):
        workflow.move(actor=shop.user("manager"), ref=booking.ref, action="cancel", reason="不来了")
    (after,) = read()
    assert after["UID"] == before["UID"]
    assert (str(before["STATUS"]), str(after["STATUS"])) == ("CONFIRMED", "CANCELLED")
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    later = after.DTSTAMP - before.DTSTAMP
    assert later >= timedelta(minutes=4)


def test_sequence_grows_with_times_and_not_with_words(shop: Shop, read: Read) -> None:
    """RFC 5546 2.1.4."""
    training = shop.session()
    manager = shop.user("manager")

    def edit(**changes: object) -> None:
        values = {
            "title": training.title,
            "text": "",
            "start": training.start_at,
            "end": training.end_at,
            "seats": 10,
            "uses": [],
        }
        sessions.edit(actor=manager, session_id=training.id, **(values | changes))  # type: ignore[arg-type]

    edit(title="车工提高")
    (words,) = read()
    edit(title="车工提高", start=training.start_at + timedelta(hours=1))
    (times,) = read()
    assert (str(words["SUMMARY"]), words["SEQUENCE"]) == ("车工提高", 0)
    assert (times["UID"], times["SEQUENCE"]) == (words["UID"], 1)


def test_stamps_are_of_the_last_revision_and_never_of_now(shop: Shop, read: Read) -> None:
    written = clock.now().replace(microsecond=0)
    with clock.set_to(written):
        shop.session()
    with clock.set_to(written + timedelta(hours=3)):
        (event,) = read()
    assert event.DTSTAMP == event.LAST_MODIFIED == written


def test_a_closure_is_public_with_its_reason(shop: Shop, read: Read) -> None:
    times = {"start": shop.at(9), "end": shop.at(17)}
    manager = shop.user("manager")
    closure = closures.enter(actor=manager, resource_id=shop.resource("lathe1"), reason="检修", **times)
    (event,) = read("/bases/workshop/resources/lathe1.ics")
    assert (str(event["SUMMARY"]), str(event["DESCRIPTION"])) == ("停用：车床1", "检修")
    closures.lift(actor=manager, closure_id=closure.id)
    (lifted,) = read()
    assert str(lifted["STATUS"]) == "CANCELLED"


def test_a_closure_lifted_on_the_way_ends_then(shop: Shop, read: Read) -> None:
    manager = shop.user("manager")
    times = {"start": shop.at(9), "end": shop.at(17)}
    closure = closures.enter(actor=manager, resource_id=shop.resource("lathe1"), reason="检修", **times)
    with clock.set_to(shop.at(12)):
        closures.lift(actor=manager, closure_id=closure.id)
    (event,) = read()
    assert (str(event["STATUS"]), event.end) == ("CONFIRMED", shop.at(12))


def test_what_is_rolled_back_leaves_no_entry_and_no_change(shop: Shop, visitor: FlaskClient) -> None:
    shop.book()
    before = visitor.get(FEED).get_etag()
    picks = {0: shop.resource("lathe1")}
    shop.book(start=shop.at(13), end=shop.at(14), picks=picks)
    changed = visitor.get(FEED).get_etag()
    assert changed != before
    with pytest.raises(Exception, match=r".+"):
        shop.book(who="south", start=shop.at(13), end=shop.at(14), picks=picks)
    assert visitor.get(FEED).get_etag() == changed


def test_one_transaction_is_one_change_of_each_collection_it_touches(shop: Shop) -> None:
    shop.session(uses=[shop.resource("lathe1"), shop.resource("lathe2")])
    rows = db.db.session.execute(select(Collection.key, Collection.change, Membership.change).join(Membership)).all()
    assert {f"base:{shop.base.id}", f"resource:{shop.resource('lathe2')}"} <= {key for key, _, _ in rows}
    assert all(collection == member > 0 for _, collection, member in rows), "all that one wrote has one number there"
