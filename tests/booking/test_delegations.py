"""Letting another account decide for some days."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from core import clock, db, errors
from core.accounts.models import Grant
from core.accounts.roles import Role
from core.booking import approvals, deciding, delegations, workflow
from core.booking.errors import CountsOnce
from core.booking.models import Delegation
from tests.booking.approving import BOTH, EITHER, FIRST, SECOND, approve, decided_by, person, state, votes
from tests.booking.shop import Shop


def lend(shop: Shop, giver: str, taker: str, *, first: int = 0, last: int = 3, here: bool = True) -> Delegation:
    """Let somebody decide in another's place, by days from today."""
    today = clock.today()
    return delegations.give(
        actor=shop.user(giver),
        email=f" {taker.upper()}@example.com",
        base_id=shop.base.id if here else None,
        first_day=today + timedelta(days=first),
        last_day=today + timedelta(days=last),
    )


@pytest.fixture
def lent(shop: Shop) -> Shop:
    """The workshop, whose manager lets a deputy decide."""
    decided_by(shop, FIRST)
    person(shop, "deputy")
    lend(shop, "manager", "deputy", last=30)
    return shop


def test_a_delegate_decides_in_place_of_the_giver_and_it_is_written_down(lent: Shop) -> None:
    booking = lent.book()
    assert approve(lent, booking, "deputy").state == "confirmed"
    (entry,) = booking.approvals
    assert (entry.role, entry.user_id, entry.instead_of_id) == (
        "manager",
        lent.user("deputy").id,
        lent.user("manager").id,
    )


@pytest.mark.parametrize("action", ["return", "reject"])
def test_a_delegate_returns_and_refuses(lent: Shop, action: str) -> None:
    booking = lent.book()
    workflow.move(actor=lent.user("deputy"), ref=booking.ref, action=action, reason="理由")
    assert booking.history[-1].actor_id == lent.user("deputy").id


def test_a_delegate_does_nothing_else(lent: Shop) -> None:
    booking = lent.book()
    with pytest.raises(errors.Forbidden):
        workflow.move(actor=lent.user("deputy"), ref=booking.ref, action="cancel", reason="理由")
    approve(lent, booking, "deputy")
    with clock.set_to(booking.start_at):
        for action in ("cancel", "check_in", "complete", "miss"):
            with pytest.raises(errors.Forbidden):
                workflow.move(actor=lent.user("deputy"), ref=booking.ref, action=action, reason="理由")
    other = approve(lent, lent.book("machine", "south"), "manager")
    with pytest.raises(errors.NotFound):  # what waits for nobody is none of a delegate's business
        workflow.move(actor=lent.user("deputy"), ref=other.ref, action="cancel", reason="理由")


@pytest.mark.parametrize(("first", "last"), [(1, 3), (-3, -1)])
def test_it_counts_on_its_days_only(shop: Shop, first: int, last: int) -> None:
    decided_by(shop, FIRST)
    person(shop, "deputy")
    with clock.set_to(clock.now() - timedelta(days=5)):
        lend(shop, "manager", "deputy", first=first + 5, last=last + 5)
    booking = shop.book()
    with pytest.raises(errors.NotFound):
        approve(shop, booking, "deputy")


def test_the_first_and_the_last_day_count_whole(shop: Shop) -> None:
    decided_by(shop, FIRST)
    person(shop, "deputy")
    lend(shop, "manager", "deputy", first=1, last=1)
    booking, session = shop.book(), db.db.session()
    begins, ends = clock.bounds(clock.today() + timedelta(days=1))
    for moment, counts in ((begins, True), (ends - timedelta(seconds=1), True), (ends, False)):
        with clock.set_to(moment):
            assert approvals.may_approve(session, shop.user("deputy"), booking) is counts


def test_it_ends_early_by_either_side_and_only_once(lent: Shop) -> None:
    booking = lent.book()
    for who in ("manager", "deputy"):
        (entry, *_more) = delegations.known(lent.user("deputy"))[1]
        with pytest.raises(errors.NotFound):
            delegations.end(actor=lent.user("south"), delegation_id=entry.id)
        delegations.end(actor=lent.user(who), delegation_id=entry.id)
        with pytest.raises(errors.StateChanged):
            delegations.end(actor=lent.user(who), delegation_id=entry.id)
        with pytest.raises(errors.NotFound):
            approve(lent, booking, "deputy")
        lend(lent, "manager", "deputy")
    assert approve(lent, booking, "deputy").state == "confirmed"


def test_the_giver_losing_the_role_ends_it(lent: Shop) -> None:
    booking = lent.book()
    with db.write() as session:
        session.execute(delete(Grant).where(Grant.user_id == lent.user("manager").id))
    with pytest.raises(errors.NotFound):
        approve(lent, booking, "deputy")


@pytest.mark.parametrize("who", ["manager", "deputy"])
def test_an_account_that_is_deactivated_neither_lends_nor_stands_in(lent: Shop, who: str) -> None:
    booking = lent.book()
    with db.write():
        lent.user(who).active = False
    with pytest.raises(errors.NotFound):
        approve(lent, booking, "deputy")


def test_a_delegate_cannot_pass_it_on(lent: Shop) -> None:
    person(lent, "third")
    with pytest.raises(errors.Forbidden):
        lend(lent, "deputy", "third")
    with pytest.raises(errors.Forbidden):
        lend(lent, "deputy", "third", here=False)
    with db.write() as session:  # even a row that was written by hand is worth nothing
        session.add(
            Delegation(
                from_id=lent.user("deputy").id,
                to_id=lent.user("third").id,
                first_day=clock.today(),
                last_day=clock.today(),
                created_at=clock.now(),
            )
        )
    with pytest.raises(errors.NotFound):
        approve(lent, lent.book(), "third")


def test_giver_and_delegate_count_once_together(shop: Shop) -> None:
    decided_by(shop, EITHER, EITHER)
    person(shop, "both", "manager", "office")
    person(shop, "deputy")
    person(shop, "office", "office")
    lend(shop, "both", "deputy", here=False)
    for first, second in (("both", "deputy"), ("deputy", "both")):
        booking = shop.book("machine", "north" if first == "both" else "south")
        approve(shop, booking, first)
        with pytest.raises(CountsOnce):
            approve(shop, booking, second)
        assert approve(shop, booking, "office").state == "confirmed"


def test_one_delegate_of_two_counts_once(shop: Shop) -> None:
    decided_by(shop, BOTH)
    person(shop, "office", "office")
    person(shop, "deputy")
    lend(shop, "manager", "deputy")
    lend(shop, "office", "deputy", here=False)
    booking = shop.book()
    approve(shop, booking, "deputy")
    with pytest.raises(CountsOnce):
        approve(shop, booking, "deputy")
    assert state(booking.ref) == "in_review"


def test_the_organisations_own_contact_decides_neither_in_somebodys_place_nor_through_somebody(shop: Shop) -> None:
    decided_by(shop, FIRST)
    lend(shop, "manager", "north")
    person(shop, "deputy")
    booking = shop.book()
    with pytest.raises(errors.Forbidden, match="本单位"):
        approve(shop, booking, "north")
    with db.write() as session:
        school = shop.organisation("north")
        session.add(Grant(user_id=shop.user("manager").id, role=Role.CONTACT, organisation_id=school))
    lend(shop, "manager", "deputy")
    with pytest.raises(errors.Forbidden, match="本单位"):
        approve(shop, booking, "deputy")
    assert votes(booking.ref) == []


@pytest.mark.parametrize(
    ("email", "first", "last", "field"),
    [
        ("nobody@example.com", 0, 1, "email"),
        ("manager@example.com", 0, 1, "email"),
        ("deputy@example.com", -1, 1, "first_day"),
        ("deputy@example.com", 2, 1, "last_day"),
        ("deputy@example.com", 0, 92, "last_day"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(shop: Shop, email: str, first: int, last: int, field: str) -> None:
    person(shop, "deputy")
    today = clock.today()
    first_day, last_day = today + timedelta(days=first), today + timedelta(days=last)
    manager, base_id = shop.user("manager"), shop.base.id
    with pytest.raises(errors.Invalid) as refused:
        delegations.give(actor=manager, email=email, base_id=base_id, first_day=first_day, last_day=last_day)
    assert list(refused.value.problems) == [field]
    assert shop.count(Delegation) == 0


def test_who_does_not_decide_lends_nothing(shop: Shop) -> None:
    person(shop, "deputy")
    for here in (True, False):
        with pytest.raises(errors.Forbidden):
            lend(shop, "north", "deputy", here=here)


def test_what_waits_for_a_giver_waits_for_the_delegate_too_by_deadline(shop: Shop) -> None:
    person(shop, "office", "office")
    person(shop, "deputy")
    decided_by(shop, SECOND)
    late = shop.book()
    decided_by(shop, FIRST)
    soon = shop.book("machine", "south")
    decided_by(shop, EITHER)
    open_ended = shop.book(start=shop.at(14), end=shop.at(16))

    def waiting(who: str) -> list[str]:
        return [entry.booking.ref for entry in deciding.waiting_for(shop.user(who))]

    assert waiting("deputy") == []
    lend(shop, "manager", "deputy")
    assert waiting("manager") == waiting("deputy") == [soon.ref, open_ended.ref]
    assert waiting("office") == [late.ref, open_ended.ref]
    assert soon.decide_by is not None
    with clock.set_to(soon.decide_by):
        assert waiting("office") == [soon.ref, late.ref, open_ended.ref], "what has escalated waits for it as well"
    approve(shop, soon, "deputy")
    assert waiting("manager") == waiting("deputy") == [open_ended.ref]
    assert waiting("north") == []


def test_what_waits_for_others_does_not_hide_what_waits_for_oneself(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided_by(shop, FIRST | {"escalate": ""}, SECOND)
    office = person(shop, "office", "office")
    monkeypatch.setattr(deciding, "MOST", 2)
    passed = [shop.book(start=shop.at(9, day), end=shop.at(11, day)) for day in (20, 21, 22)]
    with clock.set_to(clock.now() - timedelta(days=7)):
        for day in (14, 15, 16):
            shop.book("machine", "south", start=shop.at(9, day), end=shop.at(11, day))
    for booking in passed:
        approve(shop, booking, "manager")
    db.db.session.rollback()
    assert [entry.booking.ref for entry in deciding.waiting_for(office)] == [booking.ref for booking in passed[:2]]


def test_the_same_is_not_given_to_somebody_twice(lent: Shop) -> None:
    for first, last, here in ((0, 30, True), (30, 31, True), (5, 6, True)):
        with pytest.raises(errors.Invalid) as caught:
            lend(lent, "manager", "deputy", first=first, last=last, here=here)
        assert list(caught.value.problems) == ["email"]
    assert lend(lent, "manager", "deputy", first=31, last=40)
    assert lend(lent, "manager", "deputy", here=False), "everywhere is more than here"
    for here in (True, False):
        with pytest.raises(errors.Invalid):
            lend(lent, "manager", "deputy", last=2, here=here)
