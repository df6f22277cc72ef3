"""Making all entries anew: nothing differs on a site that was only used, each damage is found, named and mended."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from core import clock, db, jobs, worker
from core.booking import closures, sessions, workflow
from core.booking.models import Closure, Resource
from core.calendars import rebuild
from core.calendars.models import Collection, Entry, Membership
from core.calendars.tidy import tidy
from core.organisations.models import Organisation
from core.plugins import state
from tests.booking.shop import Shop
from tests.booking.test_series import made, tuesdays
from tests.calendars.kept import kept, rows
from tests.support.statements import counting

pytestmark = pytest.mark.database


@pytest.fixture
def used(shop: Shop) -> Shop:
    """A workshop with one of everything, some of it changed or cancelled."""
    manager = shop.user("manager")
    cell = shop.book("cell", cleaned=shop.answers("cell"))
    workflow.move(actor=manager, ref=cell.ref, action="confirm")
    cancelled = shop.book("desk", people=2)
    workflow.move(actor=manager, ref=cancelled.ref, action="cancel", reason="停电")
    shop.book("shift", people=4, start=shop.at(8), end=shop.at(14))
    made(shop, rule=tuesdays(shop, 3))
    training = shop.session(uses=[shop.resource("lathe2"), shop.resource("coach")], day=20)
    shop.book("course", people=2, training_id=training.id)
    gone = shop.session(day=22)
    sessions.cancel(actor=manager, session_id=gone.id, reason="停电")
    times = {"start": shop.at(9, 30), "end": shop.at(17, 30)}
    closures.enter(actor=manager, resource_id=shop.resource("lathe1"), reason="检修", **times)
    return shop


def differences() -> list[str]:
    """Return what the check prints."""
    return list(rebuild.differences())


def everything() -> list[tuple[str, str, bytes]]:
    """Return all entries in all calendars."""
    keys = db.db.session.scalars(select(Collection.key).order_by(Collection.key)).all()
    return [(key, entry.source, entry.data) for key in keys for entry in rows(key)]


def test_nothing_differs_on_a_site_that_was_only_used(used: Shop) -> None:
    assert differences() == []
    assert rebuild.rebuild() == 0
    with counting() as statements:
        rebuild.rebuild()
    assert not [statement for statement in statements if statement.startswith(("INSERT", "UPDATE", "BEGIN IMMEDIATE"))]
    asked = [statement for statement in statements if statement.startswith("SELECT plugin_state")]
    assert len(asked) <= len(rebuild.SOURCES), "once for all rows that are compared together"


def falsify_text() -> None:
    """Change the bytes of an entry."""
    with db.write() as session:
        entry = session.scalars(select(Entry).where(Entry.source.startswith("session:")).order_by(Entry.id)).first()
        assert entry is not None
        entry.data = entry.data.replace("车工".encode(), "车床".encode())


def lose_entries() -> None:
    """Lose all entries of bookings."""
    with db.write() as session:
        session.execute(delete(Entry).where(Entry.source.startswith("booking:"), Entry.cancelled.is_(False)))


def lose_places() -> None:
    """Lose all places, as the migration to numbers that never come twice does."""
    with db.write() as session:
        session.execute(delete(Membership))


def stand_elsewhere() -> None:
    """Let everything stand in one more calendar."""
    with db.write() as session:
        other = Collection(key="organisation:999", changed_at=clock.now())
        session.add(other)
        session.flush()
        for number in session.scalars(select(Entry.id)).all():
            session.add(Membership(collection_id=other.id, entry_id=number, change=1))


def lose_a_source() -> None:
    """Remove a closure past everything that would tell of it."""
    with db.write() as session:
        closure = session.scalars(select(Closure)).one()
        session.execute(update(Entry).where(Entry.source == f"closure:{closure.id}").values(source="closure:999"))


def rename_past_all() -> None:
    """Rename a resource by a statement alone."""
    with db.write() as session:
        session.execute(update(Resource).where(Resource.slug == "lathe2").values(name_set="车床乙"))


DAMAGES: tuple[tuple[Callable[[], None], str], ...] = (
    (falsify_text, "says something else"),
    (lose_entries, "is missing"),
    (lose_places, "is missing in base:"),
    (stand_elsewhere, "stands in organisation:999"),
    (rename_past_all, "says something else"),
    (lose_a_source, "its source is gone"),
)


def test_each_damage_is_named_and_mended(used: Shop) -> None:
    for damage, said in DAMAGES:
        damage()
        found = differences()
        assert any(said in line for line in found), (damage, found)
        assert rebuild.rebuild() > 0
        assert differences() == []
        assert rebuild.rebuild() == 0


def test_all_anew_is_byte_for_byte_what_was_there(used: Shop) -> None:
    before = everything()
    lose_places()
    rebuild.rebuild()
    assert everything() == before


def test_what_left_the_calendars_in_time_does_not_come_back(used: Shop) -> None:
    with clock.set_to(clock.now() + timedelta(days=500)):
        while tidy():
            pass
        assert everything() == []
        assert differences() == []
        assert rebuild.rebuild() == 0


def follow() -> None:
    """Let the worker do what is due."""
    worker.tidy()
    while jobs.run_due():
        pass


def test_the_worker_brings_new_names_into_the_calendars(used: Shop) -> None:
    follow()
    with db.write() as session:
        session.get_one(Organisation, used.organisation("north")).short_name = "北校"
    follow()
    there = kept(f"organisation:{used.organisation('north')}")
    names = {(str(event["STATUS"]) == "CANCELLED", str(event["SUMMARY"]).partition("：")[2]) for event in there}
    assert names == {(False, "北校"), (True, "学校1")}, "what was cancelled says what it said last"
    assert differences() == []


def test_a_base_that_is_switched_off_leaves_the_portal_and_comes_back(used: Shop) -> None:
    follow()
    before = [entry.data for entry in rows("portal")]
    assert before
    for enabled, expected in ((False, []), (True, before)):
        with db.write() as session:
            state.enable(session, "workshop", enabled, actor_id=None)
        follow()
        assert [entry.data for entry in rows("portal")] == expected
        assert rows(f"base:{used.base.id}"), "followers of the base itself find it again when it is back"


def test_names_that_have_not_changed_queue_nothing(used: Shop) -> None:
    follow()
    queued = select(jobs.Job.id).where(jobs.Job.kind == rebuild.JOB)
    before = db.db.session.scalars(queued).all()
    follow()
    assert db.db.session.scalars(queued).all() == before
