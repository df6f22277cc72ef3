"""What stands in private calendars: bookings in full, for those whom they concern and nobody else."""

from datetime import timedelta

import pytest

from core import clock, identity
from core.booking import changing, sessions, workflow
from core.booking.changing import Aim
from core.booking.models import Booking, TrainingSession
from core.db import db
from tests.booking.shop import Shop
from tests.booking.test_series import made, tuesdays
from tests.booking.test_waiting import full, join
from tests.calendars.kept import kept, keys_of, read, rows, sequence
from tests.support.statements import counting

pytestmark = pytest.mark.database


def own(shop: Shop, slug: str = "north") -> str:
    """Return the key of a school's calendar."""
    return f"organisation:{shop.organisation(slug)}"


def decide(shop: Shop, booking: Booking, action: str, reason: str = "") -> None:
    """Let the manager do something to a booking, some minutes later."""
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action=action, reason=reason)


def edited(shop: Shop, session_id: int, **changes: object) -> None:
    """Let the manager change a session, all else as it is."""
    training = db.session.get_one(TrainingSession, session_id)
    values = {
        "title": training.title,
        "text": training.text,
        "start": training.start_at,
        "end": training.end_at,
        "seats": training.seats,
        "uses": training.uses,
    }
    sessions.edit(actor=shop.user("manager"), session_id=session_id, **(values | changes))  # type: ignore[arg-type]


def test_a_booking_stands_in_full_where_it_concerns_somebody(shop: Shop) -> None:
    booking = shop.book("cell", cleaned=shop.answers("cell"))
    (event,) = kept(own(shop))
    assert str(event["SUMMARY"]) == "单元：学校1"
    assert f"预约{booking.ref}" in str(event["DESCRIPTION"])
    assert (event.start, event.end) == (booking.start_at, booking.end_at), "set-up and clean-up are no matter of theirs"
    assert (str(event["STATUS"]), str(event["CLASS"])) == ("TENTATIVE", "PRIVATE")
    assert keys_of(f"booking:{booking.id}", "full") == {
        own(shop),
        f"user:{shop.user('north').id}",
        f"desk:{shop.base.id}",
        f"instructor:{shop.resource('coach')}",
    }
    assert kept(own(shop, "south")) == []


def test_no_person_is_named_in_any_entry(shop: Shop) -> None:
    shop.book("cell", cleaned=shop.answers("cell"))
    training = shop.session(uses=[shop.resource("coach")], day=20)
    shop.book("course", people=2, training_id=training.id)
    shown = "".join(str(event.to_ical().decode()) for event in kept(f"desk:{shop.base.id}")).replace("\r\n ", "")
    for name in ("联系人", "学员", "管理员", "教练1"):
        assert name not in shown


def test_confirmation_is_a_new_revision(shop: Shop) -> None:
    """RFC 5546 2.1.4: a change of the status counts."""
    booking = shop.book("cell", cleaned=shop.answers("cell"))
    (before,) = kept(own(shop))
    decide(shop, booking, "confirm")
    (after,) = kept(own(shop))
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert str(after["STATUS"]) == "CONFIRMED"


def test_each_revision_is_later_than_the_last_even_within_a_second(shop: Shop) -> None:
    with clock.set_to(clock.now()):
        booking = shop.book("cell", cleaned=shop.answers("cell"))
        (first,) = rows(own(shop))
        stamps = [first.modified_at]
        decide(shop, booking, "confirm")
        stamps.append(rows(own(shop))[0].modified_at)
        decide(shop, booking, "cancel", reason="停电")
        stamps.append(rows(own(shop))[0].modified_at)
    assert stamps[0] < stamps[1] < stamps[2]


def test_what_ended_before_it_stood_there_has_no_entry(shop: Shop) -> None:
    training, _booked = full(shop)
    waiting = join(shop, training)
    assert waiting.state == "waitlisted"
    assert kept(own(shop, "south")) == []
    workflow.move(actor=shop.user("south"), ref=waiting.ref, action="cancel", reason="不来了")
    assert kept(own(shop, "south")) == []


def test_a_booking_of_seats_moves_with_its_session(shop: Shop) -> None:
    training = shop.session(title="车工入门")
    shop.book("course", training_id=training.id)
    (before,) = kept(own(shop))
    assert str(before["SUMMARY"]) == "车工入门：学校1"
    edited(shop, training.id, title="车工提高")
    (words,) = kept(own(shop))
    assert (str(words["SUMMARY"]), words["SEQUENCE"]) == ("车工提高：学校1", before["SEQUENCE"])
    edited(shop, training.id, start=training.start_at + timedelta(hours=1))
    (moved,) = kept(own(shop))
    assert moved.start == before.start + timedelta(hours=1)
    assert sequence(moved) == sequence(before) + 1
    sessions.cancel(actor=shop.user("manager"), session_id=training.id, reason="停电")
    (cancelled,) = kept(own(shop))
    assert (str(cancelled["STATUS"]), str(cancelled["TRANSP"])) == ("CANCELLED", "TRANSPARENT")


def test_an_instructor_sees_the_sessions_that_use_them_and_no_others(shop: Shop) -> None:
    coach = shop.resource("coach")
    training = shop.session(uses=[coach])
    shop.session(day=15)
    assert [str(event["UID"]) for event in kept(f"instructor:{coach}")] == [
        str(read(entry.data)["UID"])
        for entry in rows(f"base:{shop.base.id}")
        if entry.source == f"session:{training.id}"
    ]
    edited(shop, training.id, uses=[])
    assert kept(f"instructor:{coach}") == []


def test_an_instructor_hears_that_a_booking_is_off(shop: Shop) -> None:
    booking = shop.book("cell", cleaned=shop.answers("cell"))
    decide(shop, booking, "reject", reason="停电")
    (event,) = kept(f"instructor:{shop.resource('coach')}")
    assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CANCELLED", 1)
    assert str(event["SUMMARY"]) == "单元：学校1", "it says what it said last"


def test_the_desk_has_full_forms_and_nothing_twice(shop: Shop) -> None:
    lathe = shop.resource("lathe1")
    booking = shop.book(picks={0: lathe})
    training = shop.session(day=15)
    there = [entry.source for entry in rows(f"desk:{shop.base.id}")]
    assert there == [f"booking:{booking.id}", f"session:{training.id}"]
    assert keys_of(f"booking:{booking.id}/resource:{lathe}", "public") == {
        f"base:{shop.base.id}",
        f"resource:{lathe}",
    }


def test_sessions_stand_in_the_portal_and_what_is_occupied_does_not(shop: Shop) -> None:
    shop.book()
    training = shop.session(day=15)
    assert [entry.source for entry in rows("portal")] == [f"session:{training.id}"]


def test_each_date_of_a_series_names_it(shop: Shop) -> None:
    booked = made(shop, rule=tuesdays(shop, 3))
    events = kept(own(shop))
    series = str(identity.name_of(f"series:{booked.series.id}"))
    assert [str(event["RELATED-TO"]) for event in events] == [series] * 3
    assert len({str(event["UID"]) for event in events} | {series}) == 4


def test_a_series_of_18_dates_takes_few_statements_for_each(shop: Shop) -> None:
    shop.book(picks={0: shop.resource("lathe1")})  # the collections are there
    with counting() as statements:
        booked = made(shop, picks={0: (shop.resource("lathe1"),)})
    assert len(booked.bookings) == 18
    about = [
        statement for statement in statements if "calendar_" in statement and "calendar_invitation" not in statement
    ]
    assert len(about) <= 18 * 5 + 20, "what is there, in which calendars, two entries, their places; a number for each"


def test_a_booking_that_moves_keeps_its_uid(shop: Shop) -> None:
    booking = shop.book(picks={0: shop.resource("lathe1")})
    (before,) = kept(own(shop))
    aim = Aim(start=shop.at(13), end=shop.at(15))
    changing.reschedule(actor=shop.user("manager"), ref=booking.ref, aim=aim, reason="设备检修")
    (after,) = kept(own(shop))
    assert (after["UID"], sequence(after)) == (before["UID"], sequence(before) + 1)
    assert after.start == shop.at(13)


def test_what_is_taken_again_keeps_its_uid_and_counts_on(shop: Shop) -> None:
    lathe1, lathe2 = shop.resource("lathe1"), shop.resource("lathe2")
    booking = shop.book(picks={0: lathe1})
    (first,) = kept(f"resource:{lathe1}")
    for old, new in ((lathe1, lathe2), (lathe2, lathe1)):
        changing.relocate(
            actor=shop.user("manager"), ref=booking.ref, from_resource=old, to_resource=new, reason="检修"
        )
    (again,) = kept(f"resource:{lathe1}")
    assert (again["UID"], again["SEQUENCE"]) == (first["UID"], 2)
    assert str(again["STATUS"]) == "CONFIRMED"
    assert [str(event["STATUS"]) for event in kept(f"resource:{lathe2}")] == ["CANCELLED"]
