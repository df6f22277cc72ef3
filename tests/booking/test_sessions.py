"""Sessions and closures: what they take, what follows when they change."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core import clock, db, errors
from core.booking import closures, sessions, workflow
from core.booking.errors import ResourceTaken, TooLate
from core.booking.models import Booking, Resource, TrainingSession
from tests.booking.shop import Shop

pytestmark = pytest.mark.database


def edit(shop: Shop, training: TrainingSession, **changes: object) -> TrainingSession:
    wanted = {
        "title": training.title,
        "text": training.text,
        "start": training.start_at,
        "end": training.end_at,
        "seats": training.seats,
        "uses": training.uses,
    } | changes
    return sessions.edit(actor=shop.user("manager"), session_id=training.id, **wanted)  # type: ignore[arg-type]


def test_publishing_makes_the_seats_and_takes_what_is_used(shop: Shop) -> None:
    lathe, coach = shop.resource("lathe1"), shop.resource("coach")
    training = shop.session(seats=8, uses=[lathe, coach])
    assert training.seats_resource is not None
    assert training.seats_resource.capacity == 8
    assert shop.taken(lathe) == shop.taken(coach) == 1
    with pytest.raises(ResourceTaken):
        shop.book("machine", picks={0: lathe})


def test_a_draft_takes_nothing(shop: Shop) -> None:
    manager, lathe = shop.user("manager"), shop.resource("lathe1")
    draft = sessions.create(
        actor=manager,
        base_id=shop.base.id,
        kind_id=shop.kind_id("course"),
        title="草稿",
        text="",
        start=shop.at(9),
        end=shop.at(12),
        seats=5,
        uses=[lathe],
    )
    assert draft.state == "draft"
    shop.book("machine", picks={0: lathe})
    before = shop.count(Resource)
    with pytest.raises(ResourceTaken, match="车床1"):
        sessions.publish(actor=manager, session_id=draft.id)
    assert shop.count(Resource) == before


def test_a_session_takes_as_many_units_of_a_pool_as_it_has_seats(shop: Shop) -> None:
    hall = shop.resource("hall")
    shop.session(seats=7, hour=8, uses=[hall])
    with pytest.raises(ResourceTaken):
        shop.book("shift", people=4, start=shop.at(8), end=shop.at(14))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"seats": 0}, "seats"),
        ({"end": "start"}, "end"),
        ({"uses": [10_000]}, "uses"),
        ({"start": "past", "end": "past"}, "start"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(shop: Shop, change: dict[str, object], field: str) -> None:
    training = shop.session()
    past = clock.now() - timedelta(days=1)
    moments = {"start": training.start_at, "past": past}
    wanted = {name: moments.get(value, value) if isinstance(value, str) else value for name, value in change.items()}
    if change.get("end") == "past":
        wanted["end"] = past + timedelta(hours=1)
    with pytest.raises(errors.Invalid) as refused:
        edit(shop, training, **wanted)
    assert list(refused.value.problems) == [field]


def test_moving_a_session_moves_its_bookings_and_what_it_uses(shop: Shop) -> None:
    lathe = shop.resource("lathe1")
    training = shop.session(seats=2, uses=[lathe])
    booking = shop.book("course", training_id=training.id, people=2)
    edit(shop, training, start=shop.at(10), end=shop.at(13))
    db.db.session.refresh(booking)
    assert (booking.start_at, booking.end_at) == (shop.at(10), shop.at(13))
    assert [(entry.start_at, entry.end_at) for entry in booking.allocations] == [(shop.at(10), shop.at(13))]
    shop.book("machine", picks={0: lathe}, start=shop.at(8), end=shop.at(10))


def test_a_booking_returned_for_change_keeps_no_place_beyond_the_new_start(shop: Shop) -> None:
    training = shop.session()
    ref = shop.book("course", training_id=training.id).ref
    workflow.move(actor=shop.user("manager"), ref=ref, action="return", reason="人数", deadline=shop.at(9))
    edit(shop, training, start=shop.at(9, day=3), end=shop.at(12, day=3))
    assert db.db.session.scalars(select(Booking)).one().lapses_at == shop.at(9, day=3)


def test_a_session_is_not_moved_to_where_something_it_uses_is_taken(shop: Shop) -> None:
    lathe = shop.resource("lathe1")
    training = shop.session(uses=[lathe])
    shop.book("machine", picks={0: lathe}, start=shop.at(12), end=shop.at(13))
    with pytest.raises(ResourceTaken):
        edit(shop, training, start=shop.at(10), end=shop.at(13))
    db.db.session.refresh(training)
    assert training.start_at == shop.at(9)
    assert shop.taken(lathe) == 2


def test_there_cannot_be_fewer_seats_than_are_taken(shop: Shop) -> None:
    training = shop.session(seats=5)
    shop.book("course", training_id=training.id, people=3)
    with pytest.raises(errors.Invalid, match="3"):
        edit(shop, training, seats=2)
    assert edit(shop, training, seats=3).seats_resource.capacity == 3  # type: ignore[union-attr]


def test_of_two_managers_who_edit_the_second_is_told(shop: Shop) -> None:
    training = shop.session()
    seen = training.version
    edit(shop, training, title="新名称", version=seen)
    with pytest.raises(errors.StateChanged):
        edit(shop, training, title="另一名称", version=seen)


def test_cancelling_a_session_cancels_its_bookings_with_the_reason_and_frees_all(shop: Shop) -> None:
    lathe = shop.resource("lathe1")
    training = shop.session(uses=[lathe])
    waiting = shop.book("course", training_id=training.id)
    gone = shop.book("course", who="south", training_id=training.id)
    workflow.move(actor=shop.user("south"), ref=gone.ref, action="cancel")
    with pytest.raises(errors.Invalid):
        sessions.cancel(actor=shop.user("manager"), session_id=training.id, reason="")
    sessions.cancel(actor=shop.user("manager"), session_id=training.id, reason="设备检修")
    db.db.session.refresh(waiting)
    assert (waiting.state, waiting.history[-1].reason) == ("cancelled", "设备检修")
    assert len(db.db.session.get_one(Booking, gone.id).history) == 2
    assert shop.taken(lathe) == 0
    with pytest.raises(errors.StateChanged):
        shop.book("course", training_id=training.id)
    with pytest.raises(errors.StateChanged):
        sessions.cancel(actor=shop.user("manager"), session_id=training.id, reason="再次")


def test_copies_are_drafts_on_other_days_at_the_same_time(shop: Shop) -> None:
    training = shop.session(seats=6, uses=[shop.resource("lathe1")])
    manager, first = shop.user("manager"), clock.local(training.start_at).date()
    days = [first + timedelta(days=7 * number) for number in (2, 1)]
    made = sessions.copy(actor=manager, session_id=training.id, days=days)
    copies = [db.db.session.get_one(TrainingSession, number) for number in made]
    assert [copy.start_at - training.start_at for copy in copies] == [timedelta(days=7), timedelta(days=14)]
    assert {(copy.state, copy.seats, tuple(copy.uses)) for copy in copies} == {("draft", 6, tuple(training.uses))}
    assert sessions.publish(actor=manager, session_id=made[0]).state == "published"


def test_of_copies_all_are_made_or_none(shop: Shop) -> None:
    training = shop.session()
    first = clock.local(training.start_at).date()
    days = [first + timedelta(days=7), clock.today() - timedelta(days=7)]
    with pytest.raises(errors.Invalid):
        sessions.copy(actor=shop.user("manager"), session_id=training.id, days=days)
    with pytest.raises(errors.Invalid) as refused:
        sessions.copy(actor=shop.user("manager"), session_id=training.id, days=[])
    assert "days" in refused.value.problems
    assert shop.count(TrainingSession) == 1


def test_copies_that_are_sent_twice_are_made_once(shop: Shop) -> None:
    training = shop.session()
    days = [clock.local(training.start_at).date() + timedelta(days=7)]
    twice = [
        sessions.copy(actor=shop.user("manager"), session_id=training.id, days=days, retry_key="k") for _ in range(2)
    ]
    assert twice[0] == twice[1]
    assert shop.count(TrainingSession) == 2


def test_a_session_that_is_sent_twice_is_written_once(shop: Shop) -> None:
    content: dict[str, Any] = {"title": "草稿", "text": "", "start": shop.at(9), "end": shop.at(12), "seats": 5}
    where: dict[str, Any] = {"actor": shop.user("manager"), "base_id": shop.base.id, "kind_id": shop.kind_id("course")}
    first, second = (sessions.create(**where, **content, retry_key="k") for _ in range(2))
    assert first.id == second.id
    with pytest.raises(errors.Invalid):
        sessions.create(**where, **content | {"seats": 6}, retry_key="k")
    assert shop.count(TrainingSession) == 1


def test_a_session_is_cancelled_while_somebody_fills_in_the_form_for_it(shop: Shop) -> None:
    training = shop.session()
    booking = shop.book("course", training_id=training.id)
    with db.write() as session:
        held = session.get_one(Booking, booking.id)
        held.state, held.lapses_at = "held", clock.now() + timedelta(minutes=10)
    sessions.cancel(actor=shop.user("manager"), session_id=training.id, reason="理由")
    db.db.session.expire_all()
    assert db.db.session.get_one(Booking, booking.id).state == "expired"


def test_what_is_over_is_not_published(shop: Shop) -> None:
    training = shop.session()
    tomorrow = clock.local(training.start_at).date() + timedelta(days=1)
    (copy,) = sessions.copy(actor=shop.user("manager"), session_id=training.id, days=[tomorrow])
    with clock.set_to(training.end_at + timedelta(days=1)), pytest.raises(TooLate):
        sessions.publish(actor=shop.user("manager"), session_id=copy)


def test_only_managers_of_the_base_manage_its_sessions(shop: Shop) -> None:
    training = shop.session()
    for deed in (
        lambda: sessions.publish(actor=shop.user("north"), session_id=training.id),
        lambda: sessions.copy(actor=shop.user("north"), session_id=training.id, days=[clock.today()]),
        lambda: sessions.cancel(actor=shop.user("north"), session_id=training.id, reason="-"),
    ):
        with pytest.raises(errors.Forbidden):
            deed()


def test_a_closure_takes_the_whole_capacity_until_it_is_lifted(shop: Shop) -> None:
    manager, hall = shop.user("manager"), shop.resource("hall")
    closure = closures.enter(actor=manager, resource_id=hall, start=shop.at(8), end=shop.at(20), reason="检修")
    assert shop.taken(hall) == 10
    with pytest.raises(ResourceTaken, match="检修"):
        shop.book("shift", start=shop.at(8), end=shop.at(14))
    closures.lift(actor=manager, closure_id=closure.id)
    assert shop.book("shift", start=shop.at(8), end=shop.at(14)).state == "submitted"
    with pytest.raises(errors.StateChanged):
        closures.lift(actor=manager, closure_id=closure.id)


def test_what_is_booked_is_not_closed_over_anybodys_head(shop: Shop) -> None:
    booking = shop.book("machine", picks={0: shop.resource("lathe1")})
    with pytest.raises(ResourceTaken) as refused:
        closures.enter(
            actor=shop.user("manager"),
            resource_id=shop.resource("lathe1"),
            start=shop.at(8),
            end=shop.at(20),
            reason="检修",
        )
    (conflict,) = refused.value.conflicts
    assert (conflict.resource, conflict.start, conflict.end) == ("车床1", shop.at(9), shop.at(11))
    assert db.db.session.scalars(select(Booking)).one().id == booking.id


def test_a_closure_needs_a_reason_and_a_time_ahead(shop: Shop) -> None:
    with pytest.raises(errors.Invalid) as refused:
        closures.enter(
            actor=shop.user("manager"), resource_id=shop.resource("lathe1"), start=shop.at(8), end=shop.at(8), reason=""
        )
    assert set(refused.value.problems) == {"end", "reason"}


def test_a_contact_closes_nothing(shop: Shop) -> None:
    with pytest.raises(errors.Forbidden):
        closures.enter(
            actor=shop.user("north"),
            resource_id=shop.resource("lathe1"),
            start=shop.at(8),
            end=shop.at(9),
            reason="检修",
        )
