"""A base's resources in the hands of its manager: own ones, parts, units, out of service and back."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from core import clock, db, errors
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.audit import AuditEntry
from core.bases.models import Base
from core.booking import closures, invariants, resources, workflow
from core.booking.errors import InUse, ResourceTaken
from core.booking.models import Booking, Resource
from core.booking.resources import Own, Shown
from tests.booking.shop import Shop

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.database


def row(number: int) -> Resource:
    db.db.session.expire_all()
    return db.db.session.get_one(Resource, number)


def add(shop: Shop, name: str = "铣床1", who: User | None = None, **own: Any) -> Resource:
    said = Own(kind=own.pop("kind", "machine"), **own)
    return resources.add(actor=who or shop.user("manager"), base_id=shop.base.id, shown=Shown(name=name), own=said)


def change(shop: Shop, number: int, own: dict[str, Any] | None = None, **shown: Any) -> Resource:
    resource = row(number)
    face = Shown(name=shown.pop("name", resource.name), **shown)
    known: dict[str, Any] = {"kind": resource.kind, "capacity": resource.capacity, "parent_id": resource.parent_id}
    said = None if own is None else Own(**known | own)
    return resources.change(actor=shop.user("manager"), resource_id=number, shown=face, own=said)


def violations() -> list[object]:
    with invariants.snapshot() as connection:
        return list(invariants.violations(connection))


def neighbour(shop: Shop) -> User:
    """Make the manager of another base."""
    with db.write() as session:
        declared = shop.base.declared
        other = Base(slug="nextdoor", declared=declared, archived_at=clock.now())
        session.add(other)
        session.flush()
        grant = Grant(role=Role.MANAGER, base_id=other.id)
        user = User(email="next@example.com", name="邻居", grants=[grant], created_at=clock.now())
        session.add(user)
    return user


def test_an_own_resource_is_booked_like_any_other(shop: Shop) -> None:
    mill = add(shop, "Mill 3", capacity=1, facts=[("行程", "600mm")])
    assert (mill.own, mill.slug, mill.name, mill.facts) == (True, "mill-3", "Mill 3", [("行程", "600mm")])
    assert mill.position > row(shop.resource("bench3")).position
    booking = shop.book("machine", picks={0: mill.id})
    assert booking.allocations[0].resource_id == mill.id
    actions = db.db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"resource:{mill.id}"))
    assert list(actions) == ["resource.add"]


def test_an_address_is_made_where_the_name_gives_none_and_never_twice(shop: Shop) -> None:
    slugs = [add(shop, name).slug for name in ("铣床", "铣床", "Lathe1", "session_4", "x")]
    assert slugs == ["r-1", "r-2", "r-3", "session-4", "r-4"]


@pytest.mark.parametrize(
    ("shown", "own", "field"),
    [
        ({"name": " "}, {}, "name"),
        ({"name": "长" * 121}, {}, "name"),
        ({"setup": timedelta(minutes=-1)}, {}, "setup"),
        ({"cleanup": timedelta(hours=25)}, {}, "cleanup"),
        ({"position": 0}, {}, "position"),
        ({}, {"kind": "instructor"}, "kind"),
        ({}, {"kind": "<b>"}, "kind"),
        ({}, {"capacity": 0}, "capacity"),
        ({}, {"capacity": 10**9}, "capacity"),
        ({}, {"parent_id": 10**6}, "parent_id"),
        ({}, {"parent_id": "coach"}, "parent_id"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    shop: Shop, shown: dict[str, Any], own: dict[str, Any], field: str
) -> None:
    if own.get("parent_id") == "coach":
        own = {"parent_id": shop.resource("coach")}
    before = shop.count(Resource)
    with pytest.raises(errors.Invalid) as refused:
        resources.add(
            actor=shop.user("manager"),
            base_id=shop.base.id,
            shown=Shown(**{"name": "铣床"} | shown),
            own=Own(**{"kind": "machine"} | own),
        )
    assert set(refused.value.problems) == {field}
    assert shop.count(Resource) == before


def test_set_up_counts_for_what_is_booked_from_now_on(shop: Shop) -> None:
    lathe = shop.resource("lathe1")
    before = shop.book("machine", picks={0: lathe}, start=shop.at(9), end=shop.at(10))
    change(shop, lathe, setup=timedelta(minutes=30), cleanup=timedelta(minutes=30), name="车床A")
    after = shop.book("machine", picks={0: lathe}, start=shop.at(14), end=shop.at(15))
    spans = [(b.allocations[0].start_at, b.allocations[0].end_at) for b in (before, after)]
    assert spans == [(shop.at(9), shop.at(10)), (shop.at(13.5), shop.at(15.5))]
    assert row(lathe).name == "车床A"
    change(shop, lathe, name="")
    assert (row(lathe).name, row(lathe).setup) == ("车床1", timedelta())
    change(shop, lathe, setup=timedelta(), cleanup=timedelta())
    assert (row(lathe).setup_set, row(lathe).cleanup_set) == (None, None), "as declared, also when that changes"


def test_what_a_plugin_declares_is_not_for_a_manager_to_change(shop: Shop) -> None:
    lathe = shop.resource("lathe1")
    change(shop, lathe, own={"kind": "cell", "capacity": 7})
    assert (row(lathe).kind, row(lathe).capacity) == ("machine", 1)


def test_there_cannot_be_fewer_units_than_are_taken(shop: Shop) -> None:
    pool = add(shop, "座席区2", kind="seats", capacity=8)
    shop.book("shift", people=6, start=shop.at(8), end=shop.at(14), picks={0: pool.id})
    with pytest.raises(errors.Invalid, match="6") as refused:
        change(shop, pool.id, own={"capacity": 5})
    assert set(refused.value.problems) == {"capacity"}
    change(shop, pool.id, own={"capacity": 6})
    assert row(pool.id).capacity == 6
    assert not violations()


def test_what_has_lapsed_does_not_keep_units_from_being_lowered(shop: Shop) -> None:
    pool = add(shop, "座席区2", kind="seats", capacity=8)
    booking = shop.book("shift", people=6, start=shop.at(8), end=shop.at(14), picks={0: pool.id})
    with db.write() as session:
        held = session.get_one(Booking, booking.id)
        held.state, held.lapses_at = "held", clock.now() - timedelta(minutes=1)
    change(shop, pool.id, own={"capacity": 1})
    assert row(pool.id).capacity == 1
    assert row(pool.id).archived_at is None


def test_a_part_adds_its_units_to_what_it_is_a_part_of(shop: Shop) -> None:
    room = shop.resource("room")
    bench = add(shop, "钳台4", kind="bench", capacity=2, parent_id=room)
    assert row(room).capacity == 5
    change(shop, bench.id, own={"capacity": 3})
    assert row(room).capacity == 6
    resources.retire(actor=shop.user("manager"), resource_id=bench.id)
    assert row(room).capacity == 3
    resources.bring_back(actor=shop.user("manager"), resource_id=bench.id)
    assert row(room).capacity == 6
    change(shop, bench.id, own={"parent_id": None})
    assert row(room).capacity == 3
    assert not violations()


def test_what_loses_its_last_part_has_its_own_units_again(shop: Shop) -> None:
    hall = add(shop, "大厅", kind="room", capacity=4)
    part = add(shop, "小间", kind="bench", parent_id=hall.id)
    assert row(hall.id).capacity == 1
    change(shop, hall.id, own={"capacity": 9}, name="大厅A")
    assert row(hall.id).capacity == 1, "one with parts has theirs"
    change(shop, part.id, own={"parent_id": None})
    assert row(hall.id).capacity == 9


def test_nothing_is_a_part_of_itself(shop: Shop) -> None:
    first = add(shop, "一", kind="room")
    second = add(shop, "二", kind="room", parent_id=first.id)
    third = add(shop, "三", kind="room", parent_id=second.id)
    for parent in (first, second, third):
        with pytest.raises(errors.Invalid) as refused:
            change(shop, first.id, own={"parent_id": parent.id})
        assert set(refused.value.problems) == {"parent_id"}
    assert row(first.id).parent_id is None


def test_the_parts_of_what_is_booked_as_a_whole_stay_as_they_are(shop: Shop) -> None:
    room, bench = shop.resource("room"), add(shop, "钳台4", kind="bench", parent_id=shop.resource("room"))
    loose = add(shop, "钳台5", kind="bench")
    resources.retire(actor=shop.user("manager"), resource_id=bench.id)
    booking = shop.book("room")
    deeds: list[Callable[[], object]] = [
        lambda: add(shop, "钳台6", kind="bench", parent_id=room),
        lambda: change(shop, loose.id, own={"parent_id": room}),
        lambda: resources.bring_back(actor=shop.user("manager"), resource_id=bench.id),
    ]
    for deed in deeds:
        with pytest.raises(InUse) as refused:
            deed()
        assert refused.value.resource_ids == (room,)
    workflow.move(actor=shop.user("north"), ref=booking.ref, action="cancel")
    for deed in deeds:
        deed()
    assert row(room).capacity == 6


def test_a_booked_part_stays_where_it_is_and_as_large(shop: Shop) -> None:
    room = shop.resource("room")
    bench = add(shop, "钳台4", kind="bench", parent_id=room)
    shop.book("benches", picks={0: (bench.id, shop.resource("bench1"))})
    with pytest.raises(InUse):
        change(shop, bench.id, own={"parent_id": None})
    with pytest.raises(InUse) as refused:
        resources.retire(actor=shop.user("manager"), resource_id=bench.id)
    assert refused.value.resource_ids == (bench.id,)
    with pytest.raises(InUse):
        resources.retire(actor=shop.user("manager"), resource_id=room)
    assert row(bench.id).parent_id == room


def test_more_units_of_a_part_are_not_free_inside_a_booked_whole(shop: Shop) -> None:
    bench = add(shop, "钳台4", kind="bench", parent_id=shop.resource("room"))
    shop.book("room")
    with pytest.raises(InUse):
        change(shop, bench.id, own={"capacity": 2})
    assert not violations()


def test_what_is_out_of_service_is_not_booked_and_its_past_stays(shop: Shop) -> None:
    lathe, manager = shop.resource("lathe1"), shop.user("manager")
    booking = shop.book("machine", picks={0: lathe})
    with pytest.raises(InUse, match="车床1"):
        resources.retire(actor=manager, resource_id=lathe)
    with clock.set_to(shop.at(12)):
        resources.retire(actor=manager, resource_id=lathe)
        with pytest.raises(errors.StateChanged):
            resources.retire(actor=manager, resource_id=lathe)
        with pytest.raises(errors.DomainError):
            shop.book("machine", picks={0: lathe}, start=shop.at(15), end=shop.at(16))
        assert booking.allocations[0].active
        resources.bring_back(actor=manager, resource_id=lathe)
        shop.book("machine", picks={0: lathe}, start=shop.at(15), end=shop.at(16))


def test_what_a_part_gains_is_not_closed_with_another_part(shop: Shop) -> None:
    manager = shop.user("manager")
    area = add(shop, "大厅", kind="room").id
    left, right = (add(shop, name, kind="seats", capacity=4, parent_id=area).id for name in ("左区", "右区"))
    early: dict[str, Any] = {"start": shop.at(8), "end": shop.at(14), "people": 4}
    shop.book("shift", picks={0: left}, **early)
    closures.enter(actor=manager, resource_id=right, start=shop.at(9), end=shop.at(11), reason="检修")
    change(shop, left, own={"capacity": 8})
    shop.book("shift", picks={0: left}, **early)
    change(shop, right, own={"capacity": 6})
    with pytest.raises(ResourceTaken):
        shop.book("shift", picks={0: right}, **early | {"people": 1})
    assert row(area).capacity == 14
    with invariants.snapshot() as connection:
        assert list(invariants.violations(connection)) == []


def test_a_closure_ahead_keeps_a_resource_in_service_until_it_is_lifted(shop: Shop) -> None:
    manager, hall = shop.user("manager"), shop.resource("hall")
    closure = closures.enter(actor=manager, resource_id=hall, start=shop.at(8), end=shop.at(9), reason="检修")
    with pytest.raises(InUse):
        resources.retire(actor=manager, resource_id=hall)
    closures.lift(actor=manager, closure_id=closure.id)
    resources.retire(actor=manager, resource_id=hall)


def test_only_the_manager_of_the_base_has_a_say(shop: Shop) -> None:
    lathe, coach, seats = shop.resource("lathe1"), shop.resource("coach"), shop.session().seats_resource_id
    assert seats is not None
    intruders = [neighbour(shop), shop.user("north")]
    for who in intruders:
        deeds: list[Callable[[], object]] = [
            lambda who=who: add(shop, who=who),  # type: ignore[misc]
            lambda who=who: resources.change(actor=who, resource_id=lathe, shown=Shown(name="我的")),  # type: ignore[misc]
            lambda who=who: resources.retire(actor=who, resource_id=lathe),  # type: ignore[misc]
            lambda who=who: resources.bring_back(actor=who, resource_id=lathe),  # type: ignore[misc]
        ]
        for deed in deeds:
            with pytest.raises(errors.Forbidden):
                deed()
    with pytest.raises(errors.Forbidden):
        resources.retire(actor=shop.user("manager"), resource_id=coach)
    for number in (seats, 10**6):
        with pytest.raises(errors.NotFound):
            resources.retire(actor=shop.user("manager"), resource_id=number)


def test_a_neighbours_resource_is_nobodys_parent(shop: Shop) -> None:
    other = neighbour(shop)
    theirs = resources.add(
        actor=other, base_id=other.grants[0].base_id or 0, shown=Shown(name="隔壁"), own=Own(kind="room")
    )
    with pytest.raises(errors.Invalid) as refused:
        add(shop, "钳台4", kind="bench", parent_id=theirs.id)
    assert set(refused.value.problems) == {"parent_id"}


def test_a_resource_that_is_retired_is_not_taken_by_a_session_either(shop: Shop) -> None:
    lathe = shop.resource("lathe1")
    resources.retire(actor=shop.user("manager"), resource_id=lathe)
    with pytest.raises((errors.Invalid, ResourceTaken)):
        shop.session(uses=[lathe])
