"""`jidi check --bookings` finds quotas that do not say what bookings use."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import text

from core import clock, db
from core.booking import workflow
from core.booking.machine import advance
from tests.booking.quotas import agree, ask_for, grant
from tests.booking.shop import Shop
from tests.booking.test_invariants import found

pytestmark = pytest.mark.database


@dataclass
class Charged:
    """A workshop whose bookings were charged: the ids of a quota of each unit, and the references."""

    numbers: dict[str, object]

    def break_by(self, *statements: str) -> list[str]:
        """Carry out raw SQL and return what is found."""
        db.db.session.rollback()
        with db.db.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement), self.numbers)
        return found()


@pytest.fixture
def charged(shop: Shop) -> Charged:
    """Bookings that are counted, given back, and cancelled but kept counted."""
    ask_for(shop, charges="minutes")
    ask_for(shop, "cell", charges="minutes")
    ask_for(shop, "course", charges="person_times")
    agreement = agree(shop)
    hours, people = grant(shop, agreement, 600), grant(shop, agreement, 100, "person_times", base_id=shop.base.id)
    machine = shop.book()
    rejected = shop.book("cell")
    workflow.move(actor=shop.user("manager"), ref=rejected.ref, action="reject", reason="理由")
    late = shop.book(start=shop.at(14), end=shop.at(15))
    with db.write() as session:
        row = workflow.locked(session, late.ref)
        advance(session, row, "cancel", actor_id=None, reason="太晚", keep_charges=True)
    course = shop.book("course", training_id=shop.session().id, people=4)
    rows = {"machine": machine, "rejected": rejected, "late": late, "course": course}
    numbers: dict[str, object] = {name: booking.id for name, booking in rows.items()}
    numbers |= {f"ref_{name}": booking.ref for name, booking in rows.items()}
    numbers |= {"hours": hours, "people": people, "agreement": agreement, "south": shop.organisation("south")}
    return Charged(numbers)


def test_what_is_charged_given_back_and_kept_is_in_order(charged: Charged) -> None:
    assert found() == []


def test_what_is_kept_when_the_year_is_over_is_in_order(charged: Charged, shop: Shop) -> None:
    with clock.set_to(clock.now() + timedelta(days=400)):
        assert found() == []


FOREIGN = ", which is another organisation's or for another base"

BROKEN = [
    (
        "UPDATE quota SET used = used - 1 WHERE id = :hours",
        ["use of a quota: quota {hours} of north: 179 of 600 are said to be used, and bookings use 180"],
    ),
    (
        "DELETE FROM booking_charge WHERE booking_id = :course",
        ["use of a quota: quota {people} of north: 4 of 100 are said to be used, and bookings use 0"],
    ),
    (
        (
            "UPDATE booking_charge SET given_back_at = NULL WHERE booking_id = :rejected;"
            "UPDATE quota SET used = used + 120 WHERE id = :hours"
        ),
        ["charge of a booking: booking {ref_rejected}: is rejected and still uses 120 of quota {hours}"],
    ),
    (
        "UPDATE agreement SET organisation_id = :south WHERE id = :agreement",
        [
            "charge of a booking: booking {ref_machine}: uses quota {hours}" + FOREIGN,
            "charge of a booking: booking {ref_rejected}: uses quota {hours}" + FOREIGN,
            "charge of a booking: booking {ref_late}: uses quota {hours}" + FOREIGN,
            "charge of a booking: booking {ref_course}: uses quota {people}" + FOREIGN,
        ],
    ),
    (
        (
            "UPDATE booking_charge SET amount = 3 WHERE booking_id = :course;"
            "UPDATE quota SET used = 3 WHERE id = :people"
        ),
        ["charge of a booking: booking {ref_course}: uses 3 of quota {people}, and it is for 4"],
    ),
    (
        (
            "UPDATE booking_charge SET amount = 60 WHERE booking_id = :machine;"
            "UPDATE quota SET used = 120 WHERE id = :hours"
        ),
        ["charge of a booking: booking {ref_machine}: uses 60 of quota {hours}, and it is for 120"],
    ),
]


@pytest.mark.parametrize(("statements", "lines"), BROKEN)
def test_each_broken_rule_is_named_and_nothing_else(charged: Charged, statements: str, lines: list[str]) -> None:
    printed = charged.break_by(*statements.split(";"))
    assert sorted(printed) == sorted(line.format(**charged.numbers) for line in lines)
    assert all(re.match(r"(use of a quota|charge of a booking): ", line) for line in printed)
