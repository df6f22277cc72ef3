"""Closures over what is booked: each is moved or cancelled with them, all in one transaction, or nothing is done."""

from collections.abc import Mapping
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock, db, errors
from core.booking import closures, remedies
from core.booking.closures import close, lift
from core.booking.errors import ResourceTaken
from core.booking.models import Allocation, Booking, Closure, Resource, TrainingSession
from core.booking.remedies import CANCEL, Blocked, InTheWay, Remedy
from core.notify.models import Message
from core.organisations.models import Organisation
from tests.booking.shop import Shop

pytestmark = pytest.mark.database


def shut(
    shop: Shop,
    *slugs: str,
    start: float = 8,
    end: float = 12,
    who: str = "manager",
    given: Mapping[str, Remedy] | None = None,
) -> list[Closure]:
    """Close resources in the morning."""
    return close(
        actor=shop.user(who),
        resource_ids=[shop.resource(slug) for slug in slugs],
        start=shop.at(start),
        end=shop.at(end),
        reason="主轴检修",
        given=given,
    )


def blocked(shop: Shop, *slugs: str, given: Mapping[str, Remedy] | None = None) -> list[Blocked]:
    """Return what stands in the way."""
    with pytest.raises(InTheWay) as refused:
        shut(shop, *slugs, given=given)
    return list(refused.value.blocked)


def on(slug: str) -> set[str]:
    """Return what takes a resource: references, `session` or `closure`."""
    db.db.session.rollback()
    wanted = select(Allocation).join(Allocation.resource).where(Resource.slug == slug, Allocation.active)
    return {
        entry.booking.ref if entry.booking else "session" if entry.session_id else "closure"
        for entry in db.db.session.scalars(wanted)
    }


def test_what_is_in_the_way_is_listed_with_what_can_become_of_it_and_nothing_is_done(shop: Shop) -> None:
    booking = shop.book()
    (one,) = blocked(shop, "lathe1")
    assert (one.key, one.title, one.whom, one.resources[0][1]) == (booking.ref, "上机", "学校1", "车床1")
    assert (one.ways[0].remedy.action, one.ways[-1].remedy.action) == ("relocate", "cancel")
    assert "车床2" in one.ways[0].text
    assert on("lathe1") == {booking.ref}
    assert shop.count(Closure) == 0


def test_what_is_offered_keeps_out_of_the_closure(shop: Shop) -> None:
    shop.book()
    shop.book(who="south")
    (one,) = blocked(shop, "lathe1")
    assert [way.remedy.action for way in one.ways if way.remedy.action == "relocate"] == []
    for way in one.ways:
        if way.remedy.aim.start and way.remedy.aim.end and "车床1" in way.text:
            assert way.remedy.aim.start >= shop.at(12) or way.remedy.aim.end <= shop.at(8)


def test_every_remedy_that_is_offered_can_be_had(shop: Shop) -> None:
    booking = shop.book("cell")
    ways = blocked(shop, "cell1")[0].ways
    assert {way.remedy.action for way in ways} == {"relocate", "reschedule", "cancel"}
    for way in ways:
        closure = shut(shop, "cell1", given={booking.ref: remedies.read(way.remedy.value)})[0]
        assert on("cell1") >= {"closure"}
        lift(actor=shop.user("manager"), closure_id=closure.id)
        if way.remedy.action == "relocate":  # and back again
            back = blocked(shop, "cell2")[0].ways[0].remedy
            closure = shut(shop, "cell2", given={booking.ref: back})[0]
            lift(actor=shop.user("manager"), closure_id=closure.id)


def test_a_booking_moves_to_another_machine_with_the_closure_and_its_organisation_is_told(shop: Shop) -> None:
    booking = shop.book()
    way = blocked(shop, "lathe1")[0].ways[0]
    shut(shop, "lathe1", given={booking.ref: way.remedy})
    assert on("lathe1") == {"closure"}
    assert on("lathe2") == {booking.ref}
    step = booking.history[-1]
    assert (step.action, step.reason) == ("relocate", "主轴检修")
    told = db.db.session.scalars(select(Message).where(Message.user_id == shop.user("north").id)).all()
    assert "主轴检修" in told[-1].body


def test_a_cancelled_booking_gives_its_place_to_the_closure(shop: Shop) -> None:
    booking = shop.book()
    shut(shop, "lathe1", given={booking.ref: CANCEL})
    assert (booking.state, on("lathe1")) == ("cancelled", {"closure"})


def test_one_remedy_that_cannot_be_had_undoes_everything(shop: Shop) -> None:
    first = shop.book()
    other = shop.book(start=shop.at(11), end=shop.at(12), picks={0: shop.resource("lathe1")})
    shop.book(who="south", start=shop.at(11), end=shop.at(12), picks={0: shop.resource("lathe2")})
    move = Remedy("relocate", {shop.resource("lathe1"): shop.resource("lathe2")}, remedies.CANCEL.aim)
    (one,) = blocked(shop, "lathe1", given={first.ref: CANCEL, other.ref: move})
    assert one.key == other.ref
    assert "车床2" in one.problem
    db.db.session.rollback()
    assert (first.state, on("lathe1")) == ("confirmed", {first.ref, other.ref})


def test_two_cannot_be_moved_to_the_same_machine(shop: Shop) -> None:
    first = shop.book("machine")
    second = shop.book(start=shop.at(10), end=shop.at(12), picks={0: shop.resource("lathe2")})
    to = {slug: shop.resource(slug) for slug in ("lathe1", "lathe2")}
    move = Remedy("relocate", {to["lathe1"]: to["lathe2"]}, remedies.CANCEL.aim)
    (one,) = blocked(shop, "lathe1", given={first.ref: move})
    assert one.key == first.ref
    assert on("lathe2") == {second.ref}


def test_several_machines_close_at_once_or_none(shop: Shop) -> None:
    booking = shop.book()
    blocked(shop, "lathe1", "lathe2")
    assert shop.count(Closure) == 0
    made = shut(shop, "lathe1", "lathe2", given={booking.ref: CANCEL})
    assert [closure.resource.slug for closure in made] == ["lathe1", "lathe2"]


def test_sent_twice_it_is_closed_once(shop: Shop) -> None:
    first = shut(shop, "lathe1")
    assert shut(shop, "lathe1", "lathe2")[0].id == first[0].id
    assert shop.count(Closure) == 2


def test_what_is_closed_at_another_time_that_overlaps_is_refused(shop: Shop) -> None:
    shut(shop, "lathe1")
    with pytest.raises(ResourceTaken) as refused:
        shut(shop, "lathe1", start=11, end=13)
    assert refused.value.code == "closed"


def test_two_managers_at_once_close_it_once_and_move_the_booking_once(shop_app: Flask, shop: Shop) -> None:
    booking = shop.book()
    ref, remedy = booking.ref, blocked(shop, "lathe1")[0].ways[0].remedy
    start = Barrier(2)
    outcomes: list[object] = []

    def one() -> None:
        with shop_app.app_context():
            here = Shop()
            manager, span = here.user("manager"), (here.at(8), here.at(12))
            resource = here.resource("lathe1")
            db.db.session.rollback()
            start.wait()
            try:
                made = close(
                    actor=manager,
                    resource_ids=[resource],
                    start=span[0],
                    end=span[1],
                    reason="检修",
                    given={ref: remedy},
                )
                outcomes.append(made[0].id)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test is to see it
                outcomes.append(repr(error))

    threads = [Thread(target=one) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(outcomes)) == 1, outcomes
    assert (on("lathe1"), on("lathe2")) == ({"closure"}, {ref})
    assert [step.action for step in db.db.session.get_one(Booking, booking.id).history] == ["submit", "relocate"]


def test_a_session_takes_another_room_or_is_cancelled(shop: Shop) -> None:
    training = shop.session(uses=[shop.resource("lathe1")])
    booked = shop.book("course", training_id=training.id)
    (one,) = blocked(shop, "lathe1")
    assert (one.key, one.session_id, [way.remedy.action for way in one.ways]) == (
        f"session-{training.id}",
        training.id,
        ["relocate", "cancel"],
    )
    shut(shop, "lathe1", given={one.key: one.ways[0].remedy})
    assert (on("lathe1"), on("lathe2")) == ({"closure"}, {"session"})
    assert db.db.session.get_one(TrainingSession, training.id).uses == [shop.resource("lathe2")]
    shut(shop, "lathe2", given={one.key: CANCEL})
    db.db.session.rollback()
    assert (on("lathe2"), booked.state) == ({"closure"}, "cancelled")


def test_a_form_that_is_being_filled_in_gives_way(shop: Shop) -> None:
    booking = shop.book()
    with db.write() as session:  # as a hold is left by the form
        row = session.get_one(Booking, booking.id)
        row.state, row.lapses_at = "held", shop.at(9)
        row.history[0].action, row.history[0].to_state = "hold", "held"
    shut(shop, "lathe1")
    db.db.session.rollback()
    assert booking.state == "expired"


@pytest.mark.parametrize(
    "text", ["", "explode", "relocate|x", "relocate", "reschedule|2026|", "reschedule|1|2|3", "relocate|1:" + "9" * 30]
)
def test_a_remedy_that_makes_no_sense_is_refused(shop: Shop, text: str) -> None:
    with pytest.raises(errors.Invalid):
        remedies.read(text)


def test_a_contact_closes_nothing(shop: Shop) -> None:
    with pytest.raises(errors.Forbidden):
        shut(shop, "lathe1", who="north")


def test_one_resource_at_least_is_chosen(shop: Shop) -> None:
    with pytest.raises(errors.Invalid):
        shut(shop)


def test_a_lifted_closure_gives_the_machine_back(shop: Shop) -> None:
    closure = shut(shop, "lathe1")[0]
    closures.lift(actor=shop.user("manager"), closure_id=closure.id)
    assert on("lathe1") == set()


def test_what_is_in_the_way_is_listed_though_its_organisation_can_no_longer_book(shop: Shop) -> None:
    booking = shop.book()
    with db.write() as session:
        session.get_one(Organisation, shop.organisation("north")).archived_at = clock.now()
    (listed,) = blocked(shop, "lathe1")
    assert [way.remedy.action for way in listed.ways] == ["cancel"]
    shut(shop, "lathe1", given={booking.ref: CANCEL})
    assert on("lathe1") == {"closure"}


def test_a_closure_moves_what_has_a_part_that_is_out_of_service(shop: Shop) -> None:
    shop.book("benches")
    training = shop.session(uses=[shop.resource("cell1"), shop.resource("cell2")])
    with db.write() as session:
        for slug in ("bench2", "cell2"):
            session.get_one(Resource, shop.resource(slug)).archived_at = clock.now()
    assert len(blocked(shop, "bench1", "cell1")) == 2
    shut(shop, "cell1", given={f"session-{training.id}": CANCEL})
    assert on("cell1") == {"closure"}
