"""Agreements and quotas bind bookings: what is refused, what is counted, and what is given back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from core import clock, db
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.booking import making, quotas, workflow
from core.booking.errors import AgreementMissing, NothingGranted, QuotaExceeded, ResourceTaken
from core.booking.machine import advance
from core.booking.models import Allocation, Booking, Charge, Kind
from core.booking.rules import rules_of
from core.errors import Invalid
from core.organisations import agreements
from core.organisations.models import Agreement, Organisation, Quota
from tests.booking.quotas import agree, ask_for, counting, grant, used
from tests.booking.shop import PURPOSE, Shop

pytestmark = pytest.mark.database


# --- agreements ---


def test_a_kind_that_asks_for_an_agreement_refuses_who_has_none(shop: Shop) -> None:
    ask_for(shop, agreement=True)
    with pytest.raises(AgreementMissing) as refused:
        shop.book()
    assert refused.value.code == "agreement_missing"
    assert refused.value.ended is None
    assert "联合体办公室" in str(refused.value)
    agree(shop)
    assert shop.book().state == "confirmed"


def test_one_organisations_agreement_is_no_other_ones(shop: Shop) -> None:
    ask_for(shop, agreement=True)
    agree(shop, "south")
    with pytest.raises(AgreementMissing):
        shop.book(who="north")


def test_a_manager_who_books_on_behalf_is_bound_by_the_agreement_too(shop: Shop) -> None:
    ask_for(shop, agreement=True)
    with pytest.raises(AgreementMissing):
        shop.book(who="manager")


def test_a_guest_with_an_agreement_may_book(shop: Shop) -> None:
    ask_for(shop, agreement=True, charges="minutes")
    with db.write() as session:
        session.get_one(Organisation, shop.organisation("north")).member = False
    with pytest.raises(AgreementMissing):
        shop.book()
    quota = grant(shop, agree(shop), 120)
    shop.book()
    assert used(quota) == 120


@pytest.mark.parametrize(("scope", "covered"), [(("workshop",), True), (("workshop/machine",), True), ((), True),
    (("workshop/cell",), False), (("other",), False), (("other/machine", "work"), False)])  # fmt: skip
def test_the_scope_names_bases_and_kinds(shop: Shop, scope: tuple[str, ...], covered: bool) -> None:
    ask_for(shop, agreement=True)
    agree(shop, scope=scope)
    if covered:
        shop.book()
    else:
        with pytest.raises(AgreementMissing):
            shop.book()


def test_the_day_on_which_the_booking_begins_counts_first_and_last_day_included(shop: Shop) -> None:
    ask_for(shop, agreement=True)
    agree(shop, valid_from=shop.today + timedelta(days=10), valid_until=shop.today + timedelta(days=12))
    for day in (10, 12):
        shop.book(start=shop.at(9, day), end=shop.at(11, day))
    with pytest.raises(AgreementMissing) as early:
        shop.book(start=shop.at(9, 9), end=shop.at(11, 9))
    assert early.value.ended is None
    with pytest.raises(AgreementMissing) as late:
        shop.book(start=shop.at(9, 13), end=shop.at(11, 13))
    assert late.value.ended == shop.today + timedelta(days=12)


def test_the_day_is_the_one_at_the_bases_not_that_of_utc(shop: Shop) -> None:
    ask_for(shop, agreement=True)
    day = shop.today + timedelta(days=10)
    agree(shop, valid_from=day, valid_until=day)
    # In Asia/Shanghai it is the tenth day already when UTC still writes the ninth.
    use = quotas.use(
        rules_of(db.db.session.get_one(Kind, shop.kind_id("machine"))),
        organisation_id=shop.organisation("north"),
        base=shop.base,
        kind="machine",
        start=shop.at(1, 10),
        end=shop.at(2, 10),
        units=1,
    )
    assert use.day == day
    assert quotas.outlook(use).refusal is None


def test_an_agreement_ended_early_refuses_and_says_since_when(shop: Shop) -> None:
    ask_for(shop, agreement=True)
    agreement_id = agree(shop)
    ref = shop.book().ref
    with db.write() as session:
        session.get_one(Agreement, agreement_id).ended_at = clock.now()
    with pytest.raises(AgreementMissing) as refused:
        shop.book(start=shop.at(14), end=shop.at(15))
    assert refused.value.ended == shop.today
    assert db.db.session.scalars(select(Booking).where(Booking.ref == ref)).one().state == "confirmed"


def test_where_none_is_asked_for_who_has_no_agreement_books_uncounted(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    quota = grant(shop, agree(shop, "south"), 60)
    shop.book(who="north")
    assert used(quota) == 0
    with pytest.raises(QuotaExceeded):
        shop.book(who="south")


# --- what is counted ---


def test_minutes_of_the_booked_time_are_counted_without_set_up(shop: Shop) -> None:
    ask_for(shop, "cell", charges="minutes")
    quota = grant(shop, agree(shop), 1000)
    shop.book("cell")
    assert used(quota) == 120


def test_person_times_are_counted_by_the_units(shop: Shop) -> None:
    ask_for(shop, "course", charges="person_times")
    quota = grant(shop, agree(shop), 10, "person_times")
    session = shop.session(seats=20)
    shop.book("course", training_id=session.id, people=7)
    assert used(quota) == 7
    with pytest.raises(QuotaExceeded) as refused:
        shop.book("course", training_id=session.id, people=4)
    assert (refused.value.left, refused.value.asked) == (3, 4)
    assert "3人次" in str(refused.value)
    shop.book("course", training_id=session.id, people=3)
    assert used(quota) == 10


def test_a_quota_in_another_unit_or_at_another_base_does_not_bind(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    agreement = agree(shop)
    people = grant(shop, agreement, 0, "person_times")
    shop.book()
    assert used(people) == 0


def test_a_refused_booking_leaves_nothing_behind(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    quota = grant(shop, agree(shop), 119)
    with pytest.raises(QuotaExceeded):
        shop.book()
    assert used(quota) == 0
    assert [shop.count(model) for model in (Booking, Allocation, Charge)] == [0, 0, 0]


def test_what_is_taken_leaves_the_quota_as_it_was(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    quota = grant(shop, agree(shop), 1000)
    lathe = {0: shop.resource("lathe1")}
    shop.book(picks=lathe)
    with pytest.raises(ResourceTaken):
        shop.book(picks=lathe)
    assert used(quota) == counting() == 120


def test_the_contacts_of_an_organisation_share_what_it_has(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    quota = grant(shop, agree(shop), 240)
    with db.write() as session:
        second = Grant(role=Role.CONTACT, organisation_id=shop.organisation("north"))
        session.add(User(email="north2@example.com", name="联系人2", grants=[second], created_at=clock.now()))
    shop.book()
    making.book(
        actor=shop.user("north2"),
        organisation_id=shop.organisation("north"),
        base=shop.base,
        kind=shop.kind("machine"),
        cleaned=PURPOSE,
        start=shop.at(9),
        end=shop.at(11),
    )
    assert used(quota) == 240
    with pytest.raises(QuotaExceeded):
        shop.book(start=shop.at(14), end=shop.at(15))


def test_the_quota_of_the_base_and_that_of_the_consortium_are_both_charged_or_neither(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    agreement = agree(shop)
    wide = grant(shop, agreement, 1000)
    here = grant(shop, agreement, 180, base_id=shop.base.id)
    shop.book()
    assert (used(wide), used(here)) == (120, 120)
    with pytest.raises(QuotaExceeded):
        shop.book(start=shop.at(14), end=shop.at(16))
    assert (used(wide), used(here)) == (120, 120)
    assert counting() == 240


def test_the_quota_is_that_of_the_term_in_which_the_booking_begins(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    agreement = agree(shop)
    first = grant(shop, agreement, 500, valid_until=shop.today + timedelta(days=13), label="上学期")
    second = grant(shop, agreement, 500, valid_from=shop.today + timedelta(days=14), label="下学期")
    shop.book(start=shop.at(9, 13), end=shop.at(10, 13))
    assert (used(first), used(second)) == (60, 0)
    shop.book(start=shop.at(9, 14), end=shop.at(12, 14))
    assert (used(first), used(second)) == (60, 180)


def test_a_term_for_which_nothing_is_granted_yet_cannot_be_booked(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    grant(shop, agree(shop), 500, valid_until=shop.today + timedelta(days=13), label="上学期")
    with pytest.raises(NothingGranted) as refused:
        shop.book()
    assert refused.value.code == "quota_exceeded"
    assert "上学期" in str(refused.value)


def test_of_two_agreements_the_one_with_room_for_all_of_it_is_used(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    soon = grant(shop, agree(shop, valid_until=shop.today + timedelta(days=100)), 60)
    later = grant(shop, agree(shop), 500)
    shop.book()
    assert (used(soon), used(later)) == (0, 120)
    shop.book(start=shop.at(14), end=shop.at(15))
    assert (used(soon), used(later)) == (60, 120)


# --- what is given back ---


def move(shop: Shop, booking: Booking, action: str, who: str = "manager") -> Booking:
    return workflow.move(actor=shop.user(who), ref=booking.ref, action=action, reason="理由")


@pytest.mark.parametrize(("action", "who"), [("reject", "manager"), ("cancel", "north"), ("cancel", "manager")])
def test_what_is_rejected_or_cancelled_is_given_back(shop: Shop, action: str, who: str) -> None:
    ask_for(shop, "cell", charges="minutes")
    quota = grant(shop, agree(shop), 120)
    move(shop, shop.book("cell"), action, who)
    assert used(quota) == counting() == 0
    shop.book("cell")
    assert used(quota) == 120


def test_what_expires_is_given_back(shop: Shop) -> None:
    ask_for(shop, "cell", charges="minutes")
    quota = grant(shop, agree(shop), 120)
    move(shop, shop.book("cell"), "return")
    assert used(quota) == 120
    with clock.set_to(clock.now() + timedelta(days=8)):
        assert workflow.expire_lapsed() == 1
    assert used(quota) == 0


def test_an_offer_that_lapses_is_given_back(shop: Shop) -> None:
    ask_for(shop, "cell", charges="minutes")
    quota = grant(shop, agree(shop), 120)
    booking = shop.book("cell")
    with db.write() as session:
        row = workflow.locked(session, booking.ref)
        row.state, row.lapses_at, row.waiting_since = "offered", clock.now() - timedelta(minutes=1), clock.now()
        row.offers = 2  # the last one
    workflow.expire_lapsed()
    assert used(quota) == counting() == 0


@pytest.mark.parametrize("action", ["complete", "miss"])
def test_what_took_place_or_was_missed_stays_counted(shop: Shop, action: str) -> None:
    ask_for(shop, charges="minutes")
    quota = grant(shop, agree(shop), 120)
    booking = shop.book()
    with clock.set_to(shop.at(10)):
        move(shop, booking, action)
    assert used(quota) == counting() == 120


def test_a_cancelled_booking_can_stay_counted(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    quota = grant(shop, agree(shop), 120)
    booking = shop.book()
    with db.write() as session:
        row = workflow.locked(session, booking.ref)
        advance(session, row, "cancel", actor_id=None, reason="太晚", keep_charges=True)
    assert used(quota) == counting() == 120
    assert shop.taken(shop.resource("lathe1")) == 0


def test_what_is_changed_is_counted_anew(shop: Shop) -> None:
    ask_for(shop, "course", charges="person_times")
    quota = grant(shop, agree(shop), 10, "person_times")
    session_id = shop.session().id
    booking = shop.book("course", training_id=session_id, people=4)
    move(shop, booking, "return")
    making.resubmit(actor=shop.user("north"), ref=booking.ref, cleaned=shop.answers("course", 9))
    assert used(quota) == counting() == 9
    move(shop, booking, "return")
    with db.write() as session:
        session.execute(text("UPDATE quota SET granted = 9"))
    with pytest.raises(QuotaExceeded) as refused:
        making.resubmit(actor=shop.user("north"), ref=booking.ref, cleaned=shop.answers("course", 10))
    assert refused.value.left == 9  # its own are given back first
    assert used(quota) == counting() == 9
    making.resubmit(actor=shop.user("north"), ref=booking.ref, cleaned=shop.answers("course", 2))
    assert used(quota) == counting() == 2


# --- what holds whatever the code does ---


@pytest.mark.parametrize("change", ["used = 121", "used = -1", "granted = -1", "unit = 'days'",
    "valid_until = '1999-01-01'"])  # fmt: skip
def test_the_database_refuses_what_no_quota_can_be(shop: Shop, change: str) -> None:
    grant(shop, agree(shop), 120)
    with pytest.raises(IntegrityError), db.write() as session:
        session.execute(text(f"UPDATE quota SET {change}"))


def test_a_booking_is_counted_once_against_a_quota(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    quota = grant(shop, agree(shop), 500)
    booking = shop.book()
    with pytest.raises(IntegrityError), db.write() as session:
        session.add(Charge(booking_id=booking.id, quota_id=quota, amount=1))


def test_a_savepoint_that_is_undone_takes_nothing(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    quota = grant(shop, agree(shop), 500)
    booking = shop.book()
    with db.write() as session:
        row = workflow.locked(session, booking.ref)
        rules = rules_of(row.kind)
        try:
            with session.begin_nested():
                quotas.give_back(session, row)
                row.end_at += timedelta(hours=1)
                quotas.take(session, row, rules)
                raise RuntimeError("undone")
        except RuntimeError:
            session.refresh(row)
    assert used(quota) == counting() == 120


def test_many_in_one_transaction_are_counted_together(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    quota = grant(shop, agree(shop), 240)
    refs = [shop.book(who="south", start=shop.at(9, day), end=shop.at(11, day)).ref for day in (3, 4, 5)]
    with pytest.raises(QuotaExceeded) as refused:
        hand_over(shop, refs)
    assert refused.value.left == 0
    assert used(quota) == 0
    hand_over(shop, refs[:2])
    assert used(quota) == 240


def hand_over(shop: Shop, refs: list[str]) -> None:
    """Let all these bookings be charged to the other school, in one transaction."""
    with db.write() as session:
        for ref in refs:
            row = workflow.locked(session, ref)
            row.organisation_id = shop.organisation("north")
            quotas.take(session, row, rules_of(row.kind))


# --- what is shown ---


def look(shop: Shop, **more: Any) -> quotas.Outlook:
    wanted: dict[str, Any] = {"start": shop.at(9), "end": shop.at(13), "units": 1} | more
    rules = rules_of(db.db.session.get_one(Kind, shop.kind_id("machine")))
    return quotas.outlook(
        quotas.use(rules, organisation_id=shop.organisation("north"), base=shop.base, kind="machine", **wanted)
    )


def test_what_would_be_left_is_told_before_booking(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    quota = grant(shop, agree(shop), 600)
    shop.book()
    seen = look(shop)
    (only,) = seen.quotas
    assert (only.quota.id, only.granted, only.used, only.left, only.amount) == (quota, 600, 120, 480, 240)
    assert only.left_after == 240
    assert seen.refusal is None
    assert isinstance(look(shop, end=shop.at(18)).refusal, QuotaExceeded)
    assert look(shop, end=None).quotas[0].amount == 0


def test_who_decides_sees_what_the_booking_uses_and_what_is_left(shop: Shop) -> None:
    ask_for(shop, "cell", charges="minutes")
    grant(shop, agree(shop), 600)
    booking = shop.book("cell")
    (only,) = quotas.standing(booking)
    assert (only.granted, only.used, only.left, only.amount, only.counted) == (600, 120, 480, 120, True)
    assert only.left_after == 480
    assert quotas.standing(move(shop, booking, "reject")) == []


def test_lowering_what_is_granted_below_what_is_used_is_refused_in_words(shop: Shop) -> None:
    ask_for(shop, charges="minutes")
    quota = grant(shop, agree(shop), 600)
    shop.book()
    with db.write() as session:
        office = Grant(role=Role.OFFICE)
        session.add(User(email="office@example.com", name="办公室", grants=[office], created_at=clock.now()))
    row = db.db.session.get_one(Quota, quota)
    same: dict[str, Any] = {"label": "", "valid_from": row.valid_from, "valid_until": row.valid_until}
    with pytest.raises(Invalid) as refused:
        agreements.edit_quota(actor=shop.user("office"), quota_id=quota, granted=119, **same)
    assert "2小时" in str(refused.value)
    agreements.edit_quota(actor=shop.user("office"), quota_id=quota, granted=120, **same)
    with pytest.raises(QuotaExceeded):
        shop.book(start=shop.at(14), end=shop.at(15))
    with pytest.raises(Invalid):
        agreements.remove_quota(actor=shop.user("office"), quota_id=quota)
    assert used(quota) == 120
