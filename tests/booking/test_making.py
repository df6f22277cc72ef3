"""Making bookings: what is taken, what is refused and why."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from core import clock, db, errors
from core.booking import closures, workflow
from core.booking.errors import OutsideHours, ResourceTaken, RuleBroken, SessionFull, TooLate
from core.booking.models import Allocation, Booking, Step
from core.intake import uploads
from core.intake.answers import Cleaned
from core.intake.models import Answer
from core.notify.models import Message
from tests.booking.shop import Shop

pytestmark = pytest.mark.database


def test_a_kind_without_approval_is_confirmed_at_once(shop: Shop) -> None:
    booking = shop.book("machine")
    assert booking.state == "confirmed"
    assert booking.ref.startswith("JD-")
    assert [step.to_state for step in booking.history] == ["confirmed"]
    assert booking.contact_id == shop.user("north").id


def test_a_kind_with_approval_waits_and_takes_its_place_all_the_same(shop: Shop) -> None:
    booking = shop.book("cell")
    assert booking.state == "submitted"
    assert {allocation.resource.slug for allocation in booking.allocations} == {"cell1", "coach"}


def test_set_up_and_clean_up_are_taken_around_the_booked_time(shop: Shop) -> None:
    booking = shop.book("cell")
    cell = next(entry for entry in booking.allocations if entry.resource.slug == "cell1")
    coach = next(entry for entry in booking.allocations if entry.resource.slug == "coach")
    assert (cell.start_at, cell.end_at) == (shop.at(8), shop.at(11.5))
    assert (coach.start_at, coach.end_at) == (shop.at(9), shop.at(11))


def test_any_free_one_is_taken_until_none_is_left(shop: Shop) -> None:
    first, second = shop.book(), shop.book(who="south")
    assert [booking.allocations[0].resource.slug for booking in (first, second)] == ["lathe1", "lathe2"]
    with pytest.raises(ResourceTaken):
        shop.book()


def test_back_to_back_does_not_clash(shop: Shop) -> None:
    lathe = shop.resource("lathe1")
    shop.book(picks={0: lathe})
    assert shop.book(picks={0: lathe}, start=shop.at(11), end=shop.at(12)).state == "confirmed"


def test_what_is_taken_is_refused_with_the_resource_the_time_and_a_way_out(shop: Shop) -> None:
    lathe, other = shop.resource("lathe1"), shop.resource("lathe2")
    shop.book(picks={0: lathe})
    with pytest.raises(ResourceTaken) as refused:
        shop.book(who="south", picks={0: lathe}, start=shop.at(10), end=shop.at(12))
    (conflict,) = refused.value.conflicts
    assert (conflict.resource, conflict.start, conflict.end) == ("车床1", shop.at(10), shop.at(11))
    assert refused.value.code == "resource_taken"
    ways = [(dict(way.picks), way.start, way.end) for way in refused.value.alternatives]
    assert ways[0] == ({0: other}, shop.at(10), shop.at(12))
    assert ({0: lathe}, shop.at(11), shop.at(13)) in ways


def test_every_alternative_named_can_be_booked(shop: Shop) -> None:
    lathe = shop.resource("lathe1")
    shop.book(picks={0: lathe})
    with pytest.raises(ResourceTaken) as refused:
        shop.book(picks={0: lathe}, start=shop.at(10), end=shop.at(12))
    assert len(refused.value.alternatives) == 4
    for way in refused.value.alternatives:
        booking = shop.book(picks=dict(way.picks), start=way.start, end=way.end)
        assert (booking.state, booking.allocations[0].resource.name) == ("confirmed", way.resources[0])
        workflow.move(actor=shop.user("north"), ref=booking.ref, action="cancel")


def test_no_alternative_lies_outside_opening_hours_or_too_near(shop: Shop) -> None:
    for slug in ("lathe1", "lathe2"):
        shop.book(picks={0: shop.resource(slug)}, start=shop.at(18), end=shop.at(20))
    with pytest.raises(ResourceTaken) as refused:
        shop.book(start=shop.at(18), end=shop.at(20))
    assert [(way.start, way.end) for way in refused.value.alternatives] == [
        (shop.at(18 - 2 - late), shop.at(18 - late)) for late in (0, 0.5, 1)
    ]
    with clock.set_to(shop.at(17)), pytest.raises(ResourceTaken) as refused:
        shop.book(start=shop.at(18), end=shop.at(20))
    assert min(way.start for way in refused.value.alternatives) == shop.at(8, 15)


def test_all_or_nothing_when_the_second_leg_is_taken(shop: Shop) -> None:
    shop.book("cell", picks={0: shop.resource("cell1")})
    before = {model: shop.count(model) for model in (Booking, Allocation, Answer, Step, Message)}
    with pytest.raises(ResourceTaken) as refused:
        shop.book("cell", who="south", picks={0: shop.resource("cell2")})
    assert [conflict.resource for conflict in refused.value.conflicts] == ["教练1"]
    assert {model: shop.count(model) for model in before} == before
    assert shop.taken(shop.resource("cell2")) == 0


def test_a_pool_gives_as_many_units_as_it_has(shop: Shop) -> None:
    span: dict[str, Any] = {"start": shop.at(8), "end": shop.at(14)}
    assert shop.book("shift", people=7, **span).units == 7
    with pytest.raises(ResourceTaken):
        shop.book("shift", people=4, **span)
    assert shop.book("shift", people=3, **span).allocations[0].units == 3


def test_only_periods_of_the_kind_can_be_booked(shop: Shop) -> None:
    with pytest.raises(errors.Invalid) as refused:
        shop.book("shift", start=shop.at(9), end=shop.at(14))
    assert "早班" in str(refused.value.problems["start"])


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [(9, 9, "end"), (10, 9, "end"), (9.25, 11, "start"), (9, 9.5, "end"), (9, 14, "end")],
    ids=["empty", "backwards", "off the step", "too short", "too long"],
)
def test_times_the_kind_does_not_allow_are_refused_at_their_field(
    shop: Shop, start: float, end: float, field: str
) -> None:
    with pytest.raises(errors.Invalid) as refused:
        shop.book(start=shop.at(start), end=shop.at(end))
    assert list(refused.value.problems) == [field]


def test_outside_opening_hours_a_contact_is_refused_and_a_manager_is_not(shop: Shop) -> None:
    span: dict[str, Any] = {"start": shop.at(19), "end": shop.at(21)}
    with pytest.raises(OutsideHours, match=r"08:00–20:00"):
        shop.book(**span)
    assert shop.book(who="manager", **span).contact_id is None


def test_what_has_begun_cannot_be_booked(shop: Shop) -> None:
    with clock.set_to(shop.at(9.5)), pytest.raises(TooLate):
        shop.book(start=shop.at(9), end=shop.at(11))


def test_notice_binds_contacts_only(shop: Shop) -> None:
    span: dict[str, Any] = {"start": shop.at(9), "end": shop.at(11)}
    with clock.set_to(shop.at(9) - timedelta(hours=23)):
        with pytest.raises(TooLate):
            shop.book("cell", **span)
        assert shop.book("cell", who="manager", **span).state == "submitted"


def test_nobody_books_for_somebody_elses_organisation(shop: Shop) -> None:
    with pytest.raises(errors.Forbidden):
        shop.book(who="south", organisation_id=shop.organisation("north"))


def test_a_rule_of_the_base_refuses_with_its_own_words(shop: Shop) -> None:
    with pytest.raises(RuleBroken) as refused:
        shop.book(cleaned=Cleaned(values={"purpose": "禁止"}))
    (problem,) = refused.value.problems
    assert (problem.code, problem.message, problem.field) == ("forbidden", "这个用途不行。", "purpose")
    assert shop.count(Booking) == 0


def test_a_warning_is_kept_with_the_booking(shop: Shop) -> None:
    booking = shop.book(cleaned=Cleaned(values={"purpose": "提醒"}))
    assert booking.rules["warnings"] == [{"zh": "请带工作服。", "en": "请带工作服。"}]


def test_a_resource_that_the_rules_refuse_is_passed_over_for_one_they_allow(shop: Shop) -> None:
    booking = shop.book("cell", cleaned=Cleaned(values={"purpose": "试模", "force": 300}))
    assert "cell2" in {entry.resource.slug for entry in booking.allocations}


def test_a_session_gives_its_seats_and_no_more(shop: Shop) -> None:
    training = shop.session(seats=3)
    shop.book("course", training_id=training.id, people=2)
    with pytest.raises(SessionFull) as refused:
        shop.book("course", who="south", training_id=training.id, people=2)
    assert (refused.value.left, refused.value.code) == (1, "session_full")
    assert shop.book("course", who="south", training_id=training.id, people=1).units == 1


def test_a_full_session_names_the_next_ones_with_enough_seats(shop: Shop) -> None:
    full, small, large = shop.session(seats=1), shop.session(seats=1, day=15), shop.session(seats=5, day=16)
    shop.book("course", training_id=full.id)
    with pytest.raises(SessionFull) as refused:
        shop.book("course", training_id=full.id, people=2)
    assert [way.training_id for way in refused.value.alternatives] == [large.id]
    assert small.id != large.id


def test_a_session_that_is_no_longer_to_be_booked_is_not_found_or_late(shop: Shop) -> None:
    training = shop.session()
    with clock.set_to(training.start_at), pytest.raises(TooLate):
        shop.book("course", training_id=training.id)
    with pytest.raises(errors.NotFound):
        shop.book("course", training_id=10_000)


def test_more_seats_than_one_booking_may_take_are_refused_at_the_roster(shop: Shop) -> None:
    training = shop.session(seats=50)
    with pytest.raises(errors.Invalid) as refused:
        shop.book("course", training_id=training.id, people=21)
    assert list(refused.value.problems) == ["people"]


def test_a_closed_resource_is_refused_with_the_public_reason(shop: Shop) -> None:
    for slug in ("lathe1", "lathe2"):
        closures.enter(
            actor=shop.user("manager"),
            resource_id=shop.resource(slug),
            start=shop.at(8),
            end=shop.at(20),
            reason="年度保养",
        )
    with pytest.raises(ResourceTaken, match="年度保养") as refused:
        shop.book()
    assert refused.value.code == "closed"


def test_the_same_key_makes_one_booking_and_another_content_is_refused(shop: Shop) -> None:
    first = shop.book(retry_key="k1")
    assert shop.book(retry_key="k1").id == first.id
    with pytest.raises(errors.Invalid):
        shop.book(retry_key="k1", start=shop.at(12), end=shop.at(13))
    assert shop.book(retry_key="k2").id != first.id
    assert shop.book(who="manager", retry_key="k1", start=shop.at(12), end=shop.at(13)).id != first.id


def test_a_key_may_be_of_any_length(shop: Shop) -> None:
    first = shop.book(retry_key="k" * 5000)
    assert shop.book(retry_key="k" * 5000).id == first.id
    assert shop.book(retry_key="k" * 5001).id != first.id


def test_a_form_with_a_file_sent_twice_gets_the_same_booking_though_the_file_arrived_twice(shop: Shop) -> None:
    """Two clicks send the file twice: it is kept under two keys."""
    kept = [uploads.keep("drawing", FileStorage(BytesIO(b"%PDF-"), "a.pdf")).key for _time in range(2)]
    first, second = (replace(shop.answers("machine"), uploads={"drawing": key}) for key in kept)
    booking = shop.book(retry_key="k1", cleaned=first)
    assert shop.book(retry_key="k1", cleaned=second).id == booking.id


def test_a_refusal_is_not_remembered(shop: Shop) -> None:
    blocking = [shop.book(), shop.book()]
    with pytest.raises(ResourceTaken):
        shop.book(retry_key="k1")
    with db.write() as session:
        for allocation in session.scalars(select(Allocation).where(Allocation.booking_id == blocking[0].id)):
            allocation.active = False
    assert shop.book(retry_key="k1").state == "confirmed"


def test_a_key_is_forgotten_after_a_day(shop: Shop) -> None:
    first = shop.book(retry_key="k1")
    with clock.set_to(clock.now() + timedelta(hours=25)):
        assert shop.book(retry_key="k1").id != first.id
