"""`jidi check --bookings` names what is wrong with approvals, whatever wrote it."""

import pytest
from sqlalchemy import text

from core import db
from core.booking import invariants
from tests.booking.approving import BOTH, EITHER, FIRST, SECOND, approve, decided_by, person
from tests.booking.shop import Shop

pytestmark = pytest.mark.database


@pytest.fixture
def refs(shop: Shop) -> dict[str, str]:
    """Bookings that are decided in every way, by name."""
    person(shop, "office", "office")
    decided_by(shop, FIRST, SECOND)
    done, begun = shop.book(), shop.book(who="south")
    approve(shop, done, "manager")
    approve(shop, done, "office")
    approve(shop, begun, "manager")
    decided_by(shop, BOTH)
    together = shop.book(start=shop.at(14), end=shop.at(16))
    approve(shop, together, "manager")
    approve(shop, together, "office")
    decided_by(shop, EITHER)
    asked = shop.book(who="south", start=shop.at(14), end=shop.at(16))
    return {"done": done.ref, "begun": begun.ref, "together": together.ref, "asked": asked.ref}


def found() -> list[str]:
    """Return what the check finds, without what is no rule of approval."""
    with invariants.snapshot() as connection:
        return [what for rule, what in invariants.violations(connection) if rule.startswith("approvals")]


def test_what_was_decided_in_every_way_is_in_order(refs: dict[str, str]) -> None:
    assert found() == []


GIVER = "(SELECT id FROM user_account WHERE email = 'manager@example.com')"
THIRD = "(SELECT id FROM user_account WHERE email = 'south@example.com')"
BOOKING = "(SELECT id FROM booking WHERE ref = :ref)"


@pytest.mark.parametrize(
    ("which", "broken", "named"),
    [
        (
            "done",
            f"DELETE FROM booking_approval WHERE booking_id = {BOOKING} AND step = 0",
            "is confirmed, and step 1 of its approval has 0 approvals, not 1",
        ),
        (
            "done",
            "UPDATE booking SET round = 2 WHERE ref = :ref",
            "is confirmed, and step 2 of its approval has 0 approvals, not 1",
        ),
        (
            "together",
            f"DELETE FROM booking_approval WHERE booking_id = {BOOKING} AND role = 'office'",
            "is confirmed, and step 1 of its approval has 1 approvals, not 2",
        ),
        (
            "asked",
            "UPDATE booking SET state = 'confirmed' WHERE ref = :ref",
            "is confirmed, and step 1 of its approval has 0 approvals, not 1",
        ),
        (
            "begun",
            f"DELETE FROM booking_approval WHERE booking_id = {BOOKING}",
            "is in_review, and step 1 of its approval has 0 approvals, not 1",
        ),
        (
            "begun",
            "UPDATE booking SET step = 2 WHERE ref = :ref",
            "is in_review at step 3 of its approval, and there are 2",
        ),
        (
            "begun",
            f"UPDATE booking_approval SET step = 7 WHERE booking_id = {BOOKING}",
            "is of a round or a step that there is not",
        ),
        (
            "begun",
            f"UPDATE booking_approval SET round = 2 WHERE booking_id = {BOOKING}",
            "is of a round or a step that there is not",
        ),
        (
            "done",
            f"UPDATE booking_approval SET instead_of_id = {GIVER} WHERE booking_id = {BOOKING} AND step = 1",
            "are by the same person, or in the same person's place",
        ),
        (
            "together",
            f"UPDATE booking_approval SET instead_of_id = {THIRD} WHERE booking_id = {BOOKING}",
            "are by the same person, or in the same person's place",
        ),
    ],
)
def test_what_is_broken_is_named(refs: dict[str, str], which: str, broken: str, named: str) -> None:
    with db.write() as session:
        session.execute(text(broken), {"ref": refs[which]})
    assert any(line.startswith(f"booking {refs[which]}: ") and line.endswith(named) for line in found()), found()
