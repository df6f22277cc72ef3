"""A booking through its life, as calendars see it: UID, SEQUENCE and stamps as RFC 5546 demands, in both forms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from core import clock, db
from core.booking import changing, sessions, workflow
from core.booking.changing import Aim
from core.booking.models import Kind
from core.calendars import rebuild
from tests.booking.shop import Shop
from tests.calendars.kept import kept, sequence

pytestmark = pytest.mark.database


@dataclass(frozen=True)
class Seen:
    """What a client makes its mind up by."""

    uid: str
    sequence: int
    stamp: datetime
    start: datetime
    summary: str
    status: str
    transparent: bool


def see(key: str) -> Seen:
    """Look at the one entry of a calendar, whose stamps agree."""
    (event,) = kept(key)
    assert event.DTSTAMP == event.LAST_MODIFIED
    assert isinstance(event.start, datetime)
    return Seen(
        uid=str(event["UID"]),
        sequence=sequence(event),
        stamp=event.DTSTAMP,
        start=event.start,
        summary=str(event["SUMMARY"]),
        status=str(event["STATUS"]),
        transparent=str(event["TRANSP"]) == "TRANSPARENT",
    )


def live(moments: list[Callable[[], object]], *keys: str) -> list[list[Seen]]:
    """Do one thing after the other, ten minutes apart; return what was to be seen after each, in each calendar."""
    lives = []
    began = clock.now().replace(microsecond=0)
    for number, moment in enumerate(moments):
        with clock.set_to(began + timedelta(minutes=10 * number)):
            moment()
            lives.append([see(key) for key in keys])
            assert list(rebuild.differences()) == []
    return [list(life) for life in zip(*lives, strict=True)]


def check(life: list[Seen], sequences: list[int], rewritten: list[bool]) -> None:
    """Prove that the name stays, the sequence is as told, and the stamp moves with each revision and with none else."""
    assert len({seen.uid for seen in life}) == 1
    assert [seen.sequence for seen in life] == sequences
    steps = [after.stamp - before.stamp for before, after in pairwise(life)]
    assert [step > timedelta() for step in steps] == rewritten
    assert all(step >= timedelta() for step in steps)


def test_a_booking_lives(shop: Shop) -> None:
    """Booked, confirmed, moved twice, its kind renamed, cancelled."""
    manager, lathe = shop.user("manager"), shop.resource("lathe1")
    booking = shop.book(picks={0: lathe})

    def move(hour: int) -> None:
        aim = Aim(start=shop.at(hour), end=shop.at(hour + 2))
        changing.reschedule(actor=manager, ref=booking.ref, aim=aim, reason="检修")

    def rename() -> None:
        with db.write() as session:
            kind = session.get_one(Kind, shop.kind_id("machine"))
            kind.declared = kind.declared | {"title": {"zh": "上机练习", "en": "Practice"}}
        rebuild.rebuild()

    full, public = live(
        [
            lambda: None,
            lambda: move(12),
            lambda: move(14),
            rename,
            lambda: workflow.move(actor=manager, ref=booking.ref, action="cancel", reason="停电"),
        ],
        f"organisation:{shop.organisation('north')}",
        f"resource:{lathe}",
    )
    check(full, [0, 1, 2, 2, 3], [True, True, True, True])
    check(public, [0, 1, 2, 2, 3], [True, True, False, True])
    assert [seen.start.astimezone(clock.ZONE).hour for seen in full] == [9, 12, 14, 14, 14]
    assert [seen.summary for seen in full] == ["上机：学校1"] * 3 + ["上机练习：学校1"] * 2
    for life in (full, public):
        assert [seen.status for seen in life] == ["CONFIRMED"] * 4 + ["CANCELLED"]
        assert [seen.transparent for seen in life] == [False] * 4 + [True]


def test_a_session_lives_with_the_bookings_of_its_seats(shop: Shop) -> None:
    """Published, moved twice, retitled, cancelled."""
    manager = shop.user("manager")
    training = shop.session(title="车工入门")
    shop.book("course", training_id=training.id)

    def edit(title: str, hours: int) -> None:
        start = shop.at(9 + hours)
        end = start + timedelta(hours=3)
        sessions.edit(actor=manager, session_id=training.id, title=title, text="", seats=10, start=start, end=end)

    full, public = live(
        [
            lambda: None,
            lambda: edit("车工入门", 1),
            lambda: edit("车工入门", 2),
            lambda: edit("车工提高", 2),
            lambda: sessions.cancel(actor=manager, session_id=training.id, reason="停电"),
        ],
        f"organisation:{shop.organisation('north')}",
        f"base:{shop.base.id}",
    )
    for life in (full, public):
        check(life, [0, 1, 2, 2, 3], [True, True, True, True])
        assert life[-1].status == "CANCELLED"
        assert "车工提高" in life[-1].summary
