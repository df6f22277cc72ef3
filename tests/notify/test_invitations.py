"""Invitations: what mails on bookings carry for calendars (RFC 6047, RFC 5546)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import vobject
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from core import clock
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.bases.models import Base
from core.booking import changing, series_changes, sessions, workflow
from core.booking.changing import Aim
from core.booking.models import Booking, TrainingSession
from core.calendars.models import Entry, Invitation
from core.db import db, write
from core.notify import queries
from tests.booking.approving import FIRST, SECOND, approve, decided_by, person
from tests.booking.shop import Shop
from tests.booking.test_series import made, tuesdays
from tests.booking.test_series_changes import on
from tests.notify.mailroom import SENDER, Mailroom, calendar, calendar_text, events, mailroom, method, said, words
from tests.support.mail import Mailbox
from tests.support.statements import counting


@pytest.fixture
def post(shop_app: Flask, shop: Shop, mailbox: Mailbox) -> Iterator[Mailroom]:
    """The workshop's mails."""
    with mailroom(shop_app, mailbox) as found:
        yield found


def entry(booking: Booking) -> Entry:
    return db.session.scalars(
        select(Entry).where(Entry.source == f"booking:{booking.id}", Entry.audience == "full")
    ).one()


def move(shop: Shop, booking: Booking, hour: float, who: str = "manager") -> Booking:
    aim = Aim(shop.at(hour), shop.at(hour + 2))
    return changing.reschedule(actor=shop.user(who), ref=booking.ref, aim=aim, reason="设备检修")


def edit(shop: Shop, training: TrainingSession, **changes: object) -> None:
    content = {
        "title": "车工入门",
        "text": "",
        "start": shop.at(9),
        "end": shop.at(12),
        "seats": 10,
        "uses": [],
    } | changes
    sessions.edit(actor=shop.user("manager"), session_id=training.id, **content)  # type: ignore[arg-type]


def colleague(shop: Shop, name: str = "second", of: str = "north") -> User:
    return person(shop, name, contact_of=of)


def test_what_is_confirmed_is_an_invitation_of_the_base_to_the_receiver_alone(shop: Shop, post: Mailroom) -> None:
    booking = shop.book("machine")
    mail = post.one()
    found = calendar(mail)
    (event,) = events(mail)
    assert found["METHOD"] == "REQUEST"
    assert event["ORGANIZER"] == f"mailto:{SENDER}"
    assert event["ORGANIZER"].params["CN"] == "示例车间"
    assert event["ATTENDEE"] == "mailto:north@example.com"
    parameters = event["ATTENDEE"].params
    assert (parameters["CN"], parameters["PARTSTAT"], parameters["RSVP"]) == ("联系人", "ACCEPTED", "FALSE")
    kept = entry(booking)
    assert (event["UID"], event["SEQUENCE"], event["DTSTAMP"].dt) == (kept.uid, kept.sequence, kept.modified_at)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (shop.at(9), shop.at(11))
    assert event["STATUS"] == "CONFIRMED"
    assert event["URL"] == f"https://jidi.example{kept.path}"
    sender = mail["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == ("示例车间", SENDER)
    assert "invite.ics" in words(mail)


def test_what_waits_for_a_decision_is_none_yet(shop: Shop, post: Mailroom) -> None:
    shop.book("course", training_id=shop.session().id)
    assert [method(mail) for mail in post.arrived()] == [""]


def test_through_a_life_each_mail_continues_the_one_before(shop: Shop, post: Mailroom) -> None:
    """Booked, confirmed, moved twice, retitled, cancelled: one UID, and a SEQUENCE that grows with each move."""
    with clock.set_to(clock.now().replace(microsecond=0)):
        booking = shop.book("cell", start=shop.at(9), end=shop.at(11))
        assert method(post.one()) == ""
        workflow.move(actor=shop.user("manager"), ref=booking.ref, action="confirm")
        first = post.invitation()
    seen = [first]
    for number, hour in enumerate((12, 15), start=1):
        with clock.set_to(clock.now() + timedelta(minutes=number)):
            move(shop, booking, hour)
            mail = post.one()
            assert method(mail) == "REQUEST"
            seen += events(mail)
    with clock.set_to(clock.now() + timedelta(minutes=5)):
        workflow.move(actor=shop.user("manager"), ref=booking.ref, action="cancel", reason="停电")
        mail = post.one()
        assert method(mail) == "CANCEL"
        assert "移出日历：请打开本邮件所附的cancel.ics" in words(mail)
        seen += events(mail)
    assert len({str(event["UID"]) for event in seen}) == 1
    starts, states = [said(event)[2] for event in seen], [said(event)[1] for event in seen]
    assert starts == ["09:00", "12:00", "15:00", "15:00"]
    assert states == ["CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    numbers = [int(event["SEQUENCE"]) for event in seen]
    assert numbers == sorted(set(numbers)), "each says that it is newer than the one before"
    stamps = [event["DTSTAMP"].dt for event in seen]
    assert stamps == sorted(set(stamps))
    assert seen[-1]["TRANSP"] == "TRANSPARENT"
    assert numbers[-1] == entry(booking).sequence


def test_a_session_takes_its_bookings_along(shop: Shop, post: Mailroom) -> None:
    training = shop.session()
    booking = shop.book("course", training_id=training.id)
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="confirm")
    post.arrived()
    with clock.set_to(clock.now() + timedelta(minutes=1)):
        edit(shop, training, start=shop.at(13), end=shop.at(16))
        first = post.invitation()
    with clock.set_to(clock.now() + timedelta(minutes=2)):
        edit(shop, training, start=shop.at(13), end=shop.at(16), title="车工提高")
        assert post.arrived() == [], "of a new title nobody is told"
    with clock.set_to(clock.now() + timedelta(minutes=3)):
        edit(shop, training, start=shop.at(14), end=shop.at(17), title="车工提高")
        second = post.invitation()
        sessions.cancel(actor=shop.user("manager"), session_id=training.id, reason="教练病假")
        mail = post.one()
    (third,) = events(mail)
    assert method(mail) == "CANCEL"
    assert [said(event)[2] for event in (first, second, third)] == ["13:00", "14:00", "14:00"]
    assert "车工提高" in second["SUMMARY"]
    assert int(first["SEQUENCE"]) < int(second["SEQUENCE"]) < int(third["SEQUENCE"])
    assert first["UID"] == second["UID"] == third["UID"]


def test_a_new_title_goes_along_with_the_next_mail_under_the_same_number(shop: Shop, post: Mailroom) -> None:
    training = shop.session()
    booking = shop.book("course", training_id=training.id)
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="confirm")
    first = events(post.arrived()[-1])[0]
    with clock.set_to(clock.now() + timedelta(minutes=1)):
        edit(shop, training, title="车工提高")
        assert post.arrived() == []
        edit(shop, training, title="车工提高", seats=12)
        again = post.invitation()
        assert again["SEQUENCE"] == first["SEQUENCE"]
        assert again["DTSTAMP"].dt > first["DTSTAMP"].dt
        edit(shop, training, title="车工提高", seats=13)
        assert method(post.one()) == "", "nothing in the calendar has changed"


def test_a_chain_of_approval_invites_at_its_end(shop: Shop, post: Mailroom) -> None:
    decided_by(shop, FIRST, SECOND)
    person(shop, "office", "office")
    booking = shop.book()
    approve(shop, booking, "manager")
    assert {method(mail) for mail in post.arrived()} == {""}
    approve(shop, booking, "office")
    assert method(post.one()) == "REQUEST"


def test_what_was_never_confirmed_needs_no_cancelling(shop: Shop, post: Mailroom) -> None:
    booking = shop.book("course", training_id=shop.session().id)
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="reject", reason="人数不足")
    assert {method(mail) for mail in post.arrived()} == {""}


def test_two_contacts_get_each_only_themselves(shop: Shop, post: Mailroom) -> None:
    colleague(shop)
    shop.book("machine")
    mails = post.arrived("north") + [mail for mail in post.box.mails if "second" in mail["To"]]
    assert len(mails) == 2
    for mail, address in zip(mails, ("north", "second"), strict=True):
        (event,) = events(mail)
        assert event["ATTENDEE"] == f"mailto:{address}@example.com"
        other = {"north": "second", "second": "north"}[address]
        assert f"{other}@example.com" not in mail.as_string()
        assert f"{other}@example.com".encode() not in calendar_text(mail)
    assert mails[0]["Message-ID"] != mails[1]["Message-ID"]


def test_who_joins_later_is_not_told_that_something_is_off_they_never_had(shop: Shop, post: Mailroom) -> None:
    booking = shop.book("machine")
    post.arrived()
    colleague(shop)
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="cancel", reason="停电")
    assert method(post.one()) == "CANCEL"
    (letter,) = [mail for mail in post.box.mails if "second" in mail["To"]]
    assert method(letter) == ""


def test_who_joins_later_is_invited_when_it_moves(shop: Shop, post: Mailroom) -> None:
    booking = shop.book("machine")
    colleague(shop)
    move(shop, booking, 14)
    assert method(post.one("second")) == "REQUEST"


def test_a_new_title_is_told_to_whom_was_invited_in_the_same_second(shop: Shop, post: Mailroom) -> None:
    training = shop.session()
    booking = shop.book("course", training_id=training.id)
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="confirm")
    colleague(shop)
    later = clock.now().replace(microsecond=0) + timedelta(minutes=1)
    with clock.set_to(later + timedelta(microseconds=300_000)):
        edit(shop, training, seats=12)
        assert method(post.one("second")) == "REQUEST"
    with clock.set_to(later + timedelta(microseconds=800_000)):
        edit(shop, training, seats=12, title="车工提高")
        edit(shop, training, seats=13, title="车工提高")
        assert "车工提高" in post.invitation("second")["SUMMARY"]


def test_managers_and_deciders_are_not_invited(shop: Shop, post: Mailroom) -> None:
    booking = shop.book("cell")
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="confirm")
    assert {method(mail) for mail in post.arrived("manager")} == {""}


def test_a_series_is_one_mail_with_all_its_dates_and_invites_to_none(shop: Shop, post: Mailroom) -> None:
    done = made(shop, rule=tuesdays(shop, 4), picks={0: shop.resource("lathe1")})
    mail = post.one()
    found = events(mail)
    assert method(mail) == "PUBLISH"
    assert {str(event["UID"]) for event in found} == {entry(booking).uid for booking in done.bookings}
    assert all("ATTENDEE" not in event and event["ORGANIZER"] == f"mailto:{SENDER}" for event in found)
    assert len({str(event["RELATED-TO"]) for event in found}) == 1
    assert "calendar.ics，内含该系列4次的最新安排" in words(mail)


def test_a_series_through_a_life(shop: Shop, post: Mailroom) -> None:
    """Confirmed as a whole, one date moved, one cancelled, the rest cancelled: a reader ends with nothing left."""
    done = made(shop, "pair", rule=tuesdays(shop, 5))
    assert {method(mail) for mail in post.arrived()} == {""}
    workflow.move_series(actor=shop.user("manager"), ref=done.bookings[0].ref, action="approve")
    diary = {str(event["UID"]): said(event) for event in events(post.one())}
    assert [line[1] for line in diary.values()] == ["CONFIRMED"] * 5
    second, third = done.bookings[1], done.bookings[2]
    aim = Aim(second.start_at + timedelta(hours=4), second.end_at + timedelta(hours=4))
    changing.reschedule(actor=shop.user("manager"), ref=second.ref, aim=aim, reason="调课")
    mail = post.one()
    assert (method(mail), [said(event)[2] for event in events(mail)]) == ("PUBLISH", ["13:00"])
    diary |= {str(event["UID"]): said(event) for event in events(mail)}
    workflow.move(actor=shop.user("north"), ref=third.ref, action="cancel", reason="放假")
    mail = post.one()
    assert (method(mail), [said(event)[1] for event in events(mail)]) == ("PUBLISH", ["CANCELLED"])
    assert "移出日历：请打开本邮件所附的calendar.ics" in words(mail)
    diary |= {str(event["UID"]): said(event) for event in events(mail)}
    day = on(shop, 1)
    series_changes.cancel(
        actor=shop.user("north"), series_id=done.series.id, scope=series_changes.ALL, day=day, reason="停课"
    )
    mail = post.one()
    assert method(mail) == "PUBLISH"
    last = {str(event["UID"]): said(event) for event in events(mail)}
    assert last.keys() == diary.keys(), "what was cancelled before is there as well"
    assert {line[1] for line in last.values()} == {"CANCELLED"}
    assert last[entry(third).uid] == diary[entry(third).uid]
    assert all(last[uid][0] > diary[uid][0] for uid in diary if uid != entry(third).uid)


def test_a_series_changed_as_a_whole_says_every_new_time(shop: Shop, post: Mailroom) -> None:
    done = made(shop, rule=tuesdays(shop, 3), picks={0: shop.resource("lathe1")})
    post.arrived()
    wanted = series_changes.Wanted(starts=clock.local(shop.at(14)).time(), ends=clock.local(shop.at(16)).time())
    series_changes.change(actor=shop.user("north"), series_id=done.series.id, wanted=wanted)
    mail = post.one()
    assert [said(event)[2] for event in events(mail)] == ["14:00"] * 3
    assert {event["SEQUENCE"] for event in events(mail)} == {entry(done.bookings[0]).sequence}


def test_hostile_names_stay_texts(shop: Shop, post: Mailroom) -> None:
    name = '王"小\x01\r\nBCC: x@example.com\r\nATTENDEE:mailto:y@example.com; 甲, 乙:丙^^n🛠'
    with write() as session:
        session.get_one(User, shop.user("north").id).name = name
        base = session.get_one(Base, shop.base.id)
        base.declared = base.declared | {"name": {"zh": '甲"\n基地,;:🛠'}}
    training = shop.session(title='车"工\r\nX-EVIL:1,;:\\n🛠' * 4)
    booking = shop.book("course", training_id=training.id)
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="confirm")
    mail = post.arrived()[-1]
    (event,) = events(mail)
    assert mail["Bcc"] is None
    assert event.get("X-EVIL") is None
    assert event["ATTENDEE"] == "mailto:north@example.com"
    assert event["ATTENDEE"].params["CN"] == " ".join(name.replace("\x01", "").split())
    assert event["ORGANIZER"].params["CN"] == " ".join(shop.base.name.split())
    assert mail["From"].addresses[0].display_name == " ".join(shop.base.name.split())
    read = vobject.readOne(calendar_text(mail).decode())
    assert read.vevent.attendee.value == "mailto:north@example.com"
    assert len(read.vevent.contents["attendee"]) == 1


def test_answers_go_to_the_base_where_it_names_an_address(shop: Shop, post: Mailroom) -> None:
    shop.book("machine")
    mail = post.one()
    assert mail["Reply-To"] is None
    assert "请勿回复" in words(mail)
    with write() as session:
        session.get_one(Base, shop.base.id).contact = "Office@workshop.example"
    shop.book("machine", start=shop.at(14), end=shop.at(16))
    mail = post.one()
    assert mail["Reply-To"].addresses[0].addr_spec == "Office@workshop.example"
    assert "请勿回复" not in words(mail)


def test_what_was_sent_is_kept_for_each_receiver_and_goes_with_them(shop: Shop, post: Mailroom) -> None:
    second = colleague(shop)
    booking = shop.book("machine")
    kept = db.session.scalars(select(Invitation).where(Invitation.entry_id == entry(booking).id)).all()
    assert {(line.user.email, line.method) for line in kept} == {
        ("north@example.com", "REQUEST"),
        ("second@example.com", "REQUEST"),
    }
    with write() as session:
        for grant in session.scalars(select(Grant).where(Grant.user_id == second.id, Grant.role == Role.CONTACT)):
            session.delete(grant)
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="cancel", reason="停电")
    post.arrived()
    assert not [mail for mail in post.box.mails[2:] if "second" in mail["To"]]


@pytest.mark.database
def test_a_mail_that_is_rolled_back_leaves_no_invitation(shop: Shop) -> None:
    booking = shop.book("machine")

    def regret() -> None:
        with write() as session:
            found = session.get_one(Booking, booking.id)
            workflow.carry_out(session, shop.user("manager"), found, "cancel", reason="停电")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        regret()
    (kept,) = db.session.scalars(select(Invitation)).all()
    assert kept.method == "REQUEST"
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="cancel", reason="停电")
    db.session.rollback()
    (kept,) = db.session.scalars(select(Invitation)).all()
    assert (kept.method, kept.sequence) == ("CANCEL", entry(booking).sequence)


def test_the_file_can_be_handed_over_where_no_mail_is_sent(shop: Shop) -> None:
    shop.book("machine")
    (found,) = queries.outgoing(1).rows
    assert found.mail is not None
    assert found.mail.filename == "invite.ics"
    assert Calendar.from_ical(found.mail.calendar)["METHOD"] == "REQUEST"


@pytest.mark.database
def test_many_dates_and_receivers_cost_one_look_and_one_note(shop: Shop) -> None:
    for name in ("second", "third"):
        colleague(shop, name)
    with counting() as told:
        made(shop, rule=tuesdays(shop, 5), picks={0: shop.resource("lathe1")})
    assert len([statement for statement in told if "calendar_invitation" in statement]) == 2
    assert len(db.session.scalars(select(Invitation)).all()) == 5 * 3
