"""The database refuses what exceeds a capacity, whoever asks: raw SQL, under the same names on both engines."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from core import db
from core.booking import guards
from core.booking.models import Closure, Resource
from tests.booking.shop import Shop

pytestmark = pytest.mark.database

INSERT = """
INSERT INTO allocation (resource_id, start_at, end_at, units, active, closure_id)
VALUES (:resource, :start, :end, :units, :active, :owner)"""


class Raw:
    """Raw SQL on a resource of its own."""

    def __init__(self, shop: Shop, capacity: int) -> None:
        with db.write() as session:
            resource = Resource(
                base_id=shop.base.id, slug="tested", kind="thing", declared={"name": {}}, capacity=capacity
            )
            session.add(resource)
            session.flush()
            far = shop.at(9)
            closure = Closure(resource_id=resource.id, start_at=far, end_at=shop.at(10), reason="-", created_at=far)
            session.add(closure)
            session.flush()
            self.resource, self.owner = resource.id, closure.id
        self.now = int(shop.at(0).timestamp())

    def insert(self, start: Any, end: Any, units: Any = 1, active: Any = True) -> int:
        """Insert an allocation in a transaction of its own; times are seconds from a day ahead."""
        begins = self.now + start if isinstance(start, int) else start
        ends = self.now + end if isinstance(end, int) else end
        values = {"resource": self.resource, "start": begins, "end": ends, "units": units, "active": active}
        with db.db.engine.begin() as connection:
            return int(connection.execute(text(INSERT + " RETURNING id"), values | {"owner": self.owner}).scalar_one())

    def run(self, statement: str, **values: Any) -> None:
        """Run any statement in a transaction of its own."""
        with db.db.engine.begin() as connection:
            connection.execute(text(statement), values)


@contextmanager
def refused(name: str) -> Iterator[None]:
    """Expect the database to refuse under a name."""
    with pytest.raises(IntegrityError) as error:
        yield
    assert db.violated(error.value) == name


def test_an_overlapping_insert_is_refused(shop: Shop) -> None:
    raw = Raw(shop, 1)
    raw.insert(100, 200)
    for start, end in ((100, 200), (150, 250), (50, 101), (120, 130), (0, 500)):
        with refused("allocation_capacity"):
            raw.insert(start, end)
    raw.insert(200, 300)
    raw.insert(0, 100)


def test_an_update_cannot_do_what_an_insert_may_not(shop: Shop) -> None:
    raw = Raw(shop, 2)
    raw.insert(100, 200)
    other = raw.insert(200, 300, 2)
    asleep = raw.insert(150, 180, 2, active=False)
    with refused("allocation_capacity"):
        raw.run("UPDATE allocation SET start_at = start_at - 1 WHERE id = :id", id=other)
    with refused("allocation_capacity"):
        raw.run("UPDATE allocation SET active = :yes WHERE id = :id", yes=True, id=asleep)
    with refused("allocation_capacity"):
        raw.run("UPDATE allocation SET units = 3 WHERE id = :id", id=other)
    raw.run("UPDATE allocation SET units = 1 WHERE id = :id", id=other)
    raw.run("UPDATE allocation SET start_at = start_at - 1 WHERE id = :id", id=other)


def test_an_allocation_cannot_be_moved_to_a_resource_that_is_taken(shop: Shop) -> None:
    raw = Raw(shop, 1)
    raw.insert(100, 200)
    lathe = shop.resource("lathe1")
    raw.run(INSERT, resource=lathe, start=raw.now + 150, end=raw.now + 160, units=1, active=True, owner=raw.owner)
    with refused("allocation_capacity"):
        raw.run("UPDATE allocation SET resource_id = :to WHERE resource_id = :lathe", to=raw.resource, lathe=lathe)


def test_texts_in_place_of_times_and_units_are_refused(shop: Shop) -> None:
    raw = Raw(shop, 1)
    for wrong in (
        {"start": "2026-12-08 09:00", "end": "2026-12-08 10:00"},
        {"start": 100, "end": "never"},
        {"start": 100, "end": 200, "units": "one"},
    ):
        with pytest.raises(DBAPIError) as error:
            raw.insert(**wrong)
        if db.db.engine.dialect.name == "sqlite":
            assert db.violated(error.value) == "allocation_values"  # type: ignore[arg-type]
    assert shop.taken(raw.resource) == 0


def test_an_archived_resource_has_nothing_to_give(shop: Shop) -> None:
    raw = Raw(shop, 1)
    raw.run("UPDATE resource SET archived_at = '2026-01-01 00:00:00' WHERE id = :id", id=raw.resource)
    with refused("allocation_capacity"):
        raw.insert(100, 200)


def test_a_capacity_cannot_be_lowered_under_what_is_taken_ahead(shop: Shop) -> None:
    raw = Raw(shop, 5)
    raw.insert(100, 200, 2)
    raw.insert(150, 250, 2)
    with refused("resource_capacity"):
        raw.run("UPDATE resource SET capacity = 3 WHERE id = :id", id=raw.resource)
    raw.run("UPDATE resource SET capacity = 4 WHERE id = :id", id=raw.resource)


def test_what_is_over_does_not_hold_a_capacity_up(shop: Shop) -> None:
    raw = Raw(shop, 5)
    raw.insert(1_000 - raw.now, 2_000 - raw.now, 5)
    raw.run("UPDATE resource SET capacity = 1 WHERE id = :id", id=raw.resource)


def test_a_crowd_that_is_over_does_not_hold_a_capacity_up_though_one_of_it_stays(shop: Shop) -> None:
    raw = Raw(shop, 2)
    raw.now = int(time.time())  # the trigger's own clock
    raw.insert(-3_000, -1_000, 1)
    raw.insert(-2_000, 9_000, 1)
    raw.run("UPDATE resource SET capacity = 1 WHERE id = :id", id=raw.resource)
    with refused("resource_capacity"):
        raw.run("UPDATE resource SET capacity = 0 WHERE id = :id", id=raw.resource)


def test_every_allocation_has_exactly_one_owner(shop: Shop) -> None:
    raw = Raw(shop, 1)
    raw.owner = None  # type: ignore[assignment]
    with pytest.raises(IntegrityError, match="one_owner"):
        raw.insert(100, 200)


def test_installing_the_guards_again_changes_nothing(shop: Shop) -> None:
    raw = Raw(shop, 1)
    for _time in range(2):
        with db.db.engine.begin() as connection:
            guards.install(connection)
    raw.insert(100, 200)
    with refused("allocation_capacity"):
        raw.insert(150, 250)


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_snapshot_that_hides_what_others_commit_is_refused(shop: Shop, isolation: str) -> None:
    raw = Raw(shop, 1)
    if db.db.engine.dialect.name == "sqlite":
        # One writer at a time: a snapshot that is out of date cannot write at all.
        with db.db.engine.connect() as late:
            late.execute(text("SELECT count(*) FROM allocation"))
            raw.insert(100, 200)
            with pytest.raises(DBAPIError, match="locked"):
                late.execute(
                    text(INSERT),
                    {
                        "resource": raw.resource,
                        "start": raw.now + 100,
                        "end": raw.now + 200,
                        "units": 1,
                        "active": True,
                        "owner": raw.owner,
                    },
                )
        return
    with refused("allocation_isolation"), db.db.engine.connect() as connection:
        late = connection.execution_options(isolation_level=isolation)
        late.execute(text("SELECT count(*) FROM allocation"))
        raw.insert(100, 200)
        values = {"start": raw.now + 100, "end": raw.now + 200, "units": 1, "active": True, "owner": raw.owner}
        late.execute(text(INSERT), {"resource": raw.resource} | values)


CHANGE = st.tuples(
    st.integers(0, 30), st.integers(1, 12), st.integers(1, 4), st.booleans(), st.integers(0, 20), st.booleans()
)


def takes(raw: Raw, known: int | None, row: tuple[int, int, int, bool]) -> int | None:
    """Insert a row, or change a known one; return its id, or None when the guard refuses."""
    start, end, units, active = row
    try:
        if known is None:
            return raw.insert(start, end, units, active)
        raw.run(
            "UPDATE allocation SET start_at = :start, end_at = :end, units = :units, active = :active WHERE id = :id",
            id=known,
            start=raw.now + start,
            end=raw.now + end,
            units=units,
            active=active,
        )
    except IntegrityError as error:
        if db.violated(error) == "allocation_capacity":
            return None
        raise
    return known


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(capacity=st.integers(1, 5), changes=st.lists(CHANGE, max_size=14))
def test_the_guard_agrees_with_counting_every_instant(
    shop: Shop, capacity: int, changes: list[tuple[int, int, int, bool, int, bool]]
) -> None:
    """Inserts and updates are taken exactly when, counted second by second, they fit."""
    raw = Raw(shop, capacity)
    rows: dict[int, tuple[int, int, int, bool]] = {}
    for start, length, units, active, which, change in changes:
        row = (start, start + length, units, active)
        known = sorted(rows)[which % len(rows)] if change and rows else None
        would = {**rows, known or -1: row}
        fits = not active or all(
            sum(u for s, e, u, a in would.values() if a and s <= moment < e) <= capacity
            for moment in range(start, start + length)
        )
        taken = takes(raw, known, row)
        assert (taken is not None) == fits, f"{row} was {'taken' if taken else 'refused'} beside {rows}"
        if taken is not None:
            rows[taken] = row
    raw.run("DELETE FROM allocation WHERE resource_id = :id", id=raw.resource)
    raw.run("DELETE FROM closure WHERE resource_id = :id", id=raw.resource)
    raw.run("DELETE FROM resource WHERE id = :id", id=raw.resource)
