"""Who is told what, when a booking or a session changes."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core import clock, jobs, outbox
from core.accounts.models import User
from core.booking import sessions, workflow
from core.booking.errors import ResourceTaken
from core.booking.models import Booking
from core.db import db, write
from core.notify import messages
from core.notify.models import Message
from tests.booking.shop import Shop


def told(shop: Shop, who: str) -> Sequence[Message]:
    """Return the messages to somebody, the first one first."""
    return db.session.scalars(select(Message).where(Message.user_id == shop.user(who).id).order_by(Message.id)).all()


def letters() -> list[outbox.Mail]:
    """Return the mails in the outbox."""
    kept = select(jobs.Job.payload).where(jobs.Job.kind == outbox.KIND).order_by(jobs.Job.id)
    return [outbox.opened(payload) for payload in db.session.scalars(kept)]


def asked(shop: Shop) -> Booking:
    """Ask for a seat of a session; a manager decides."""
    return shop.book("course", training_id=shop.session().id)


def move(shop: Shop, booking: Booking, action: str, who: str = "manager", **more: object) -> Booking:
    return workflow.move(actor=shop.user(who), ref=booking.ref, action=action, **more)  # type: ignore[arg-type]


def test_a_submitted_booking_is_told_to_its_contact_and_to_who_decides(shop: Shop) -> None:
    booking = asked(shop)
    (receipt,) = told(shop, "north")
    assert receipt.subject.startswith("预约已提交：")
    assert booking.ref in receipt.body
    assert "基地管理员审核后" in receipt.body
    assert "（" in receipt.body, "the weekday stands beside the date"
    (task,) = told(shop, "manager")
    assert task.subject.startswith("待审核：学校1")
    assert {receipt.link, task.link} == {f"/bookings/{booking.ref}"}
    assert told(shop, "south") == []
    assert {letter.to for letter in letters()} == {"north@example.com", "manager@example.com"}


@pytest.mark.parametrize(
    ("actions", "subject", "next_step"),
    [
        (("confirm",), "预约已确认：", "请尽早取消"),
        (("reject",), "预约未通过：", "其他时间"),
        (("cancel",), "预约已取消：", "其他时间"),
    ],
)
def test_each_decision_is_told_with_its_reason_and_what_comes_next(
    shop: Shop, actions: tuple[str, ...], subject: str, next_step: str
) -> None:
    booking = asked(shop)
    for action in actions:
        move(shop, booking, action, reason="设备检修")
    last = told(shop, "north")[-1]
    assert last.subject.startswith(subject)
    assert "原因：设备检修" in last.body
    assert next_step in last.body
    assert len(told(shop, "manager")) == 1, "who decided knows"


def test_a_return_says_by_when_to_change_it(shop: Shop) -> None:
    booking = asked(shop)
    move(shop, booking, "return", reason="请补充人数", deadline=shop.at(9, 3))
    last = told(shop, "north")[-1]
    assert last.subject.startswith("预约请修改：")
    day = clock.local(shop.at(9, 3))
    assert f"{day.month}月{day.day}日" in last.body
    assert "前修改并重新提交" in last.body


def test_what_expires_is_told(shop: Shop) -> None:
    booking = asked(shop)
    move(shop, booking, "return", reason="请补充人数")
    with clock.set_to(clock.now() + timedelta(days=8)):
        workflow.expire_lapsed()
    assert told(shop, "north")[-1].subject.startswith("预约已失效：")


def test_what_the_contact_cancels_the_managers_read_in_the_site(shop: Shop) -> None:
    booking = asked(shop)
    before = len(letters())
    move(shop, booking, "cancel", who="north")
    assert told(shop, "manager")[-1].subject.startswith("单位取消预约：学校1")
    assert [letter.to for letter in letters()[before:]] == ["north@example.com"]


def test_a_cancelled_session_tells_each_contact_once_and_why(shop: Shop) -> None:
    training = shop.session()
    shop.book("course", training_id=training.id)
    shop.book("course", "south", training_id=training.id)
    before = {who: len(told(shop, who)) for who in ("north", "south")}
    sessions.cancel(actor=shop.user("manager"), session_id=training.id, reason="教练病假")
    for who in ("north", "south"):
        (news,) = told(shop, who)[before[who] :]
        assert "车工入门" in news.subject
        assert "教练病假" in news.body


def test_a_changed_session_is_told_to_who_is_booked_with_its_new_time(shop: Shop) -> None:
    training = shop.session()
    shop.book("course", training_id=training.id)
    before = len(told(shop, "north"))
    sessions.edit(
        actor=shop.user("manager"),
        session_id=training.id,
        title="车工入门",
        text="",
        start=shop.at(13),
        end=shop.at(16),
        seats=10,
    )
    (news,) = told(shop, "north")[before:]
    assert news.subject == "场次有变动：车工入门"
    assert "13:00–16:00" in news.body
    assert told(shop, "south") == []


def test_of_a_new_title_or_text_nobody_is_told(shop: Shop) -> None:
    training = shop.session(uses=[shop.resource("lathe1")])
    shop.book("course", training_id=training.id)
    before = len(told(shop, "north"))
    content = {"start": training.start_at, "end": training.end_at, "seats": 10, "uses": training.uses}
    manager = shop.user("manager")
    sessions.edit(actor=manager, session_id=training.id, title="车工", text="带上工作服", **content)  # type: ignore[arg-type]
    assert len(told(shop, "north")) == before
    content["uses"] = [shop.resource("lathe2")]
    sessions.edit(actor=manager, session_id=training.id, title="车工", text="", **content)  # type: ignore[arg-type]
    assert len(told(shop, "north")) == before + 1


def test_what_needs_no_decision_is_told_as_confirmed_and_bothers_no_manager(shop: Shop) -> None:
    shop.book("machine")
    (receipt,) = told(shop, "north")
    assert receipt.subject.startswith("预约已确认：")
    assert told(shop, "manager") == []


def test_who_was_deactivated_is_told_nothing(shop: Shop) -> None:
    training = shop.session()
    with write() as session:
        session.get_one(User, shop.user("manager").id).active = False
    shop.book("course", training_id=training.id)
    assert told(shop, "manager") == []


def test_each_reads_in_their_own_language(shop: Shop) -> None:
    with write() as session:
        session.get_one(User, shop.user("north").id).language = "en"
    asked(shop)
    assert told(shop, "north")[-1].subject.startswith("Submitted: ")
    assert told(shop, "manager")[-1].subject.startswith("待审核：")


def test_nothing_is_told_of_what_was_rolled_back(shop: Shop) -> None:
    training = shop.session(seats=1)
    shop.book("course", training_id=training.id)
    before = (shop.count(Message), shop.count(jobs.Job))
    with pytest.raises(ResourceTaken):
        shop.book("course", "south", training_id=training.id)
    assert (shop.count(Message), shop.count(jobs.Job)) == before


def test_a_message_of_one_name_is_mailed_once(shop: Shop) -> None:
    for _ in range(2):
        with write() as session:
            messages.send(session, user=shop.user("north"), subject="提醒", body="明天开始", dedupe="remind:1")
    assert db.session.scalar(select(func.count()).select_from(jobs.Job)) == 1
