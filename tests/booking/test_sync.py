"""Declarations become rows; what a manager has set, what is booked and what is withdrawn stays."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core import clock, db, errors
from core.booking import resources, workflow
from core.booking.models import Booking, Kind, Resource
from core.booking.rules import rules_of
from core.booking.sync import sync
from core.intake.models import FormVersion
from core.plugins.facade import plugins
from core.plugins.fields import Text
from tests.booking.shop import Shop

pytestmark = pytest.mark.database


class Declared:
    """The facade, with other resources and kinds."""

    def __init__(self, **changed: Any) -> None:
        self._changed = changed

    def __getattr__(self, name: str) -> Any:
        if name in self._changed:
            return lambda slug: self._changed[name]
        return getattr(plugins(), name)


def run(**changed: Any) -> None:
    with db.write() as session:
        sync(session, Declared(**changed))  # type: ignore[arg-type]
    db.db.session.expire_all()


def row(model: Any, slug: str) -> Any:
    return db.db.session.scalars(select(model).where(model.slug == slug)).one()


def test_a_second_run_changes_nothing(shop: Shop) -> None:
    def state() -> list[Any]:
        resources = [(r.id, r.slug, r.capacity, r.archived_at) for r in db.db.session.scalars(select(Resource))]
        return [resources, shop.count(Kind), shop.count(FormVersion)]

    before = state()
    run()
    assert state() == before


def test_what_is_withdrawn_is_archived_and_comes_back(shop: Shop) -> None:
    declared = list(plugins().resources("workshop"))
    training = shop.session()
    run(resources=declared[1:])
    assert row(Resource, "lathe1").archived_at is not None
    assert row(Resource, "coach").archived_at is None
    assert training.seats_resource.archived_at is None  # type: ignore[union-attr]
    run()
    assert row(Resource, "lathe1").archived_at is None


def test_what_a_manager_has_set_stays(shop: Shop) -> None:
    with db.write() as session:
        session.scalars(select(Kind).where(Kind.slug == "cell")).one().rules_set = {"approval": False}
        session.scalars(select(Resource).where(Resource.slug == "lathe1")).one().name_set = "大车床"
    run()
    assert rules_of(row(Kind, "cell")).needs_approval is False
    assert row(Resource, "lathe1").name == "大车床"


def test_a_lowered_capacity_never_falls_under_what_is_booked(shop: Shop) -> None:
    declared = list(plugins().resources("workshop"))
    shop.book("shift", people=6, start=shop.at(8), end=shop.at(14))
    smaller = [replace(entry, capacity=4) if entry.slug == "hall" else entry for entry in declared]
    run(resources=smaller)
    assert row(Resource, "hall").capacity == 6


def test_a_changed_form_gets_a_version_and_the_old_answers_keep_theirs(shop: Shop) -> None:
    booking = shop.book("machine")
    kinds = list(plugins().kinds("workshop"))
    changed = replace(kinds[0], fields=(*kinds[0].fields, Text(name="more", label="补充")))
    run(kinds=[changed, *kinds[1:]])
    versions = db.db.session.scalars(
        select(FormVersion.version).where(FormVersion.owner == "workshop/machine").order_by(FormVersion.version)
    )
    assert list(versions) == [1, 2]
    assert booking.answer
    assert booking.answer.form.version == 1


def own(shop: Shop, name: str, **said: Any) -> Resource:
    shown, own = resources.Shown(name=name), resources.Own(**{"kind": "machine"} | said)
    return resources.add(actor=shop.user("manager"), base_id=shop.base.id, shown=shown, own=own)


def test_own_resources_survive_upgrades_even_without_their_plugin(shop: Shop) -> None:
    mine = own(shop, "Mill A", capacity=4)
    run(resources=[], kinds=[])
    assert (row(Resource, "mill-a").id, row(Resource, "mill-a").archived_at) == (mine.id, None)
    assert row(Resource, "mill-a").capacity == 4


def test_an_own_resource_makes_way_for_a_declared_one_of_the_same_slug(shop: Shop) -> None:
    mine = own(shop, "Mill A")
    booking = shop.book("machine", picks={0: mine.id})
    declared = list(plugins().resources("workshop"))
    run(resources=[*declared, replace(declared[0], slug="mill-a", name="铣床A")])
    theirs = row(Resource, "mill-a")
    assert (theirs.own, theirs.name) == (False, "铣床A")
    kept = db.db.session.get_one(Resource, mine.id)
    assert (kept.own, kept.name, kept.slug, kept.archived_at) == (True, "Mill A", "r-1", None)
    assert booking.allocations[0].resource_id == mine.id


def test_an_own_part_of_a_declared_resource_keeps_counting(shop: Shop) -> None:
    own(shop, "钳台4", kind="bench", parent_id=shop.resource("room"))
    run()
    assert row(Resource, "room").capacity == 4
    own(shop, "小间", kind="bench", capacity=3, parent_id=shop.resource("hall"))
    run()
    assert row(Resource, "hall").capacity == 3


def test_what_a_manager_has_taken_out_of_service_stays_so_until_the_manager_brings_it_back(shop: Shop) -> None:
    manager, lathe = shop.user("manager"), shop.resource("lathe1")
    declared = list(plugins().resources("workshop"))
    resources.retire(actor=manager, resource_id=lathe)
    run()
    assert row(Resource, "lathe1").archived_at is not None
    run(resources=declared[1:])
    with pytest.raises(errors.StateChanged):  # nobody declares it any more
        resources.bring_back(actor=manager, resource_id=lathe)
    run()
    assert row(Resource, "lathe1").archived_at is not None
    resources.bring_back(actor=manager, resource_id=lathe)
    run()
    assert row(Resource, "lathe1").archived_at is None


def test_a_place_in_the_list_that_a_manager_has_set_stays(shop: Shop) -> None:
    lathe = shop.resource("lathe2")
    resources.change(actor=shop.user("manager"), resource_id=lathe, shown=resources.Shown(name="", position=70))
    run(resources=list(reversed(plugins().resources("workshop"))))
    assert row(Resource, "lathe2").position == 70
    assert row(Resource, "lathe1").position == len(plugins().resources("workshop"))


def test_a_part_changes_its_place_only_when_nothing_booked_depends_on_it(shop: Shop) -> None:
    declared = list(plugins().resources("workshop"))
    loose = [replace(one, parent="") if one.slug == "bench1" else one for one in declared]
    booking = shop.book("room")
    run(resources=loose)
    assert row(Resource, "bench1").parent_id == shop.resource("room")
    run(resources=[*declared, replace(declared[-1], slug="bench9")])
    assert row(Resource, "bench9").parent_id is None
    assert row(Resource, "room").capacity == 3
    workflow.move(actor=shop.user("north"), ref=booking.ref, action="cancel")
    run(resources=[*loose, replace(declared[-1], slug="bench9")])
    assert row(Resource, "bench1").parent_id is None
    assert row(Resource, "bench9").parent_id == shop.resource("room")
    assert row(Resource, "room").capacity == 3


def test_what_has_lapsed_does_not_hold_up_an_upgrade_that_lowers_a_capacity(shop: Shop) -> None:
    booking = shop.book("shift", people=10, start=shop.at(8), end=shop.at(14))
    with db.write() as session:
        held = session.get_one(Booking, booking.id)
        held.state, held.lapses_at = "held", clock.now() - timedelta(minutes=1)
    declared = list(plugins().resources("workshop"))
    run(resources=[replace(one, capacity=2) if one.slug == "hall" else one for one in declared])
    assert row(Resource, "hall").capacity == 2


def test_a_part_grows_only_when_nothing_holds_all_that_it_belongs_to(shop: Shop) -> None:
    declared = list(plugins().resources("workshop"))
    larger = [replace(entry, capacity=2) if entry.slug == "bench1" else entry for entry in declared]
    booking = shop.book("room")
    run(resources=larger)
    assert (row(Resource, "bench1").capacity, row(Resource, "room").capacity) == (1, 3)
    workflow.move(actor=shop.user("north"), ref=booking.ref, action="cancel")
    run(resources=larger)
    assert (row(Resource, "bench1").capacity, row(Resource, "room").capacity) == (2, 4)
