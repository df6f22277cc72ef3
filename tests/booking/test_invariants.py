"""`jidi check --bookings`: nothing found on sites that were only used, each broken rule found and named."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from core import clock, db
from core.booking import closures, guards, invariants, resources, sessions, workflow
from core.booking.models import Booking, Resource
from core.booking.sync import sync
from core.plugins.facade import plugins
from tests.booking.contending import contend
from tests.booking.shop import Shop
from tests.booking.test_sync import Declared
from tests.conftest import Demo
from tests.support.databases import Databases
from tests.support.servers import COMMAND, clean_environment

pytestmark = pytest.mark.database


def found() -> list[str]:
    """Return what the check prints."""
    db.db.session.rollback()
    with invariants.snapshot() as connection:
        return [f"{rule}: {what}" for rule, what in invariants.violations(connection)]


@dataclass
class Used:
    """A workshop with one of everything, and the numbers of what is there."""

    shop: Shop
    numbers: dict[str, Any]

    def break_by(self, *statements: str) -> list[str]:
        """Carry out raw SQL past every guard, put the guards back, and return what is found."""
        db.db.session.rollback()
        with unguarded() as connection:
            for statement in statements:
                connection.execute(text(statement), self.numbers)
        return found()


@contextmanager
def unguarded() -> Iterator[Any]:
    """Yield a connection on which neither triggers nor CHECKs hold; the triggers stand again afterwards."""
    sqlite = db.db.engine.dialect.name == "sqlite"
    with db.db.engine.begin() as connection:
        if sqlite:
            guards.lift(connection)
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        else:
            for name in ("order", "units", "one_owner"):
                connection.exec_driver_sql(f"ALTER TABLE allocation DROP CONSTRAINT ck_allocation_{name}")
            connection.exec_driver_sql("DROP INDEX ix_allocation_near")
            connection.exec_driver_sql("ALTER TABLE allocation DISABLE TRIGGER USER")
            connection.exec_driver_sql("ALTER TABLE resource DISABLE TRIGGER USER")
        yield connection
        if sqlite:
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")
            guards.install(connection)
        else:
            connection.exec_driver_sql("ALTER TABLE allocation ENABLE TRIGGER USER")
            connection.exec_driver_sql("ALTER TABLE resource ENABLE TRIGGER USER")


@pytest.fixture
def used(shop: Shop) -> Used:
    """A workshop in use: bookings in several states, sessions, closures."""
    manager = shop.user("manager")
    lathe = shop.resource("lathe2")
    session = shop.session(uses=[lathe])
    cancelled_session = shop.session(day=20, uses=[lathe])
    sessions.cancel(actor=manager, session_id=cancelled_session.id, reason="理由")
    later = clock.local(session.start_at).date() + timedelta(days=7)
    (draft_id,) = sessions.copy(actor=manager, session_id=session.id, days=[later])
    machine = shop.book("machine", picks={0: shop.resource("lathe1")})
    shift = shop.book("shift", people=6, start=shop.at(8), end=shop.at(14))
    course = shop.book("course", training_id=session.id, people=4)
    cell = shop.book("cell")
    workflow.move(actor=manager, ref=cell.ref, action="return", reason="理由")
    cancelled = shop.book("machine", start=shop.at(15), end=shop.at(16))
    workflow.move(actor=manager, ref=cancelled.ref, action="cancel", reason="理由")
    closed: dict[str, Any] = {"actor": manager, "resource_id": shop.resource("hall"), "reason": "检修"}
    closure = closures.enter(start=shop.at(8, 30), end=shop.at(9, 30), **closed)
    lifted = closures.enter(start=shop.at(8, 31), end=shop.at(9, 31), **closed)
    closures.lift(actor=manager, closure_id=lifted.id)
    rows = {"machine": machine, "shift": shift, "course": course, "cell": cell, "cancelled": cancelled}
    numbers: dict[str, Any] = {name: booking.id for name, booking in rows.items()}
    numbers |= {f"ref_{name}": booking.ref for name, booking in rows.items()}
    numbers |= {
        "session": session.id,
        "cancelled_session": cancelled_session.id,
        "draft": draft_id,
        "closure": closure.id,
        "lifted": lifted.id,
        "seats": session.seats_resource_id,
        "lathe": lathe,
        "hall": shop.resource("hall"),
    }
    return Used(shop, numbers)


# --- nothing to find ---


def test_a_workshop_in_use_is_in_order(used: Used) -> None:
    assert found() == []


def test_the_demo_is_in_order(demo_app: Flask) -> None:
    with demo_app.app_context():
        assert found() == []
        with invariants.snapshot() as connection:
            assert all(count > 0 for what, count in invariants.counts(connection).items() if what != "closures")


@pytest.mark.parametrize("wish", ["last seat", "one slot", "same key"])
def test_what_many_at_once_leave_is_in_order(shop_app: Flask, shop: Shop, wish: str) -> None:
    shop.session(seats=2)
    contend(shop_app, wish, range(20), lambda: None)
    assert found() == []


def test_a_capacity_lowered_since_does_not_condemn_the_past(shop: Shop) -> None:
    with clock.set_to(clock.now() - timedelta(days=60)):
        past = Shop()
        past.book("shift", people=6, start=past.at(8), end=past.at(14))
    assert declare_the_hall(4) == 4
    assert found() == []


def declare_the_hall(capacity: int) -> int:
    """Declare another capacity of the hall, as an upgrade does, and return what it has then."""
    declared = plugins().resources("workshop")
    changed = [replace(entry, capacity=capacity) if entry.slug == "hall" else entry for entry in declared]
    with db.write() as session:
        sync(session, Declared(resources=changed))  # type: ignore[arg-type]
    return db.db.session.scalars(select(Resource.capacity).where(Resource.slug == "hall")).one()


def test_a_closure_takes_what_its_resource_gains(used: Used) -> None:
    assert declare_the_hall(12) == 12
    assert found() == []


def test_a_session_that_is_moved_takes_along_who_is_done_already(shop: Shop) -> None:
    session = shop.session()
    ref = shop.book("course", training_id=session.id).ref
    workflow.move(actor=shop.user("manager"), ref=ref, action="confirm")
    with clock.set_to(shop.at(9.5)):
        workflow.move(actor=shop.user("manager"), ref=ref, action="complete")
        moved: dict[str, Any] = {
            "title": session.title,
            "text": "",
            "start": shop.at(14),
            "end": shop.at(17),
            "seats": 10,
        }
        sessions.edit(actor=shop.user("manager"), session_id=session.id, **moved)
    assert found() == []


# --- what is broken is named ---

BOOK = "INSERT INTO allocation (resource_id, start_at, end_at, units, active, booking_id) "
OF_MACHINE = "FROM allocation WHERE booking_id = :machine"

BROKEN = [
    # --- bookings ---
    (
        BOOK + "SELECT resource_id, start_at + 3600, end_at, 1, active, booking_id " + OF_MACHINE,
        [
            "capacity: workshop/lathe1: 2 taken from ….. 10:00 to ….. 11:00, and there are 1",
            (
                "place of a booking: booking {ref_machine}: is for 1 from ….. 09:00 to ….. 11:00, "
                "and allocation … takes 1 from ….. 10:00 to ….. 11:00"
            ),
        ],
    ),
    (
        "UPDATE resource SET capacity = 5 WHERE id = :hall",
        [
            "capacity: workshop/hall: 6 taken from ….. 08:00 to ….. 14:00, and there are 5",
            "capacity: workshop/hall: 10 taken from ….. 08:00 to ….. 09:00, and there are 5",
        ],
    ),
    (
        "UPDATE allocation SET units = 11 WHERE booking_id = :course",
        [
            "capacity: workshop/session_{session}: 11 taken from ….. 09:00 to ….. 12:00, and there are 10",
            (
                "place of a booking: booking {ref_course}: is for 4 from ….. 09:00 to ….. 12:00, "
                "and allocation … takes 11 from ….. 09:00 to ….. 12:00"
            ),
        ],
    ),
    (
        "UPDATE allocation SET start_at = start_at - 900000000, end_at = end_at - 900000000 WHERE booking_id = :cell",
        [
            (
                "place of a booking: booking {ref_cell}: is for 1 from ….. 09:00 to ….. 11:00, "
                "and allocation … takes 1 from ….. …:…0 to ….. …:…0"
            ),
        ]
        * 2,
    ),
    (
        "UPDATE allocation SET active = (1 = 0) WHERE booking_id = :machine",
        ["place of a booking: booking {ref_machine}: is confirmed and takes nothing"],
    ),
    (
        "UPDATE allocation SET active = (1 = 1) WHERE booking_id = :cancelled",
        ["place of a booking: booking {ref_cancelled}: is cancelled and still takes something (allocation …)"],
    ),
    (
        "UPDATE allocation SET resource_id = :hall WHERE booking_id = :course",
        [
            (
                "seats of a booking: booking {ref_course}: has 1 allocations, 0 of them seats of session {session}, "
                "not exactly one"
            )
        ],
    ),
    (
        "UPDATE booking SET end_at = end_at - 60 WHERE id = :course",
        [
            (
                "session of a booking: booking {ref_course}: is submitted from ….. 09:00 to ….. 11:59, "
                "and session {session} is published or at another time"
            )
        ],
    ),
    (
        "UPDATE booking_step SET to_state = 'submitted' WHERE booking_id = :machine",
        ["history of a booking: booking {ref_machine}: is confirmed, and its history ends with submitted"],
    ),
    (
        "DELETE FROM booking_step WHERE booking_id = :machine",
        ["history of a booking: booking {ref_machine}: is confirmed, and its history ends with nothing"],
    ),
    (
        "UPDATE booking_step SET action = 'confirm' WHERE booking_id = :cell AND action = 'return'",
        [
            (
                "history of a booking: booking {ref_cell}: step … goes by confirm from submitted to returned, "
                "after submitted: no such move"
            )
        ],
    ),
    (
        "DELETE FROM booking_step WHERE booking_id = :cell AND action = 'submit'",
        [
            (
                "history of a booking: booking {ref_cell}: step … goes by return from submitted to returned, "
                "after nothing: no such move"
            )
        ],
    ),
    (
        (
            "UPDATE intake_answer SET form_id = (SELECT id FROM intake_form WHERE owner = 'workshop/cell') "
            "WHERE id = (SELECT answer_id FROM booking WHERE id = :machine)"
        ),
        ["answer of a booking: booking {ref_machine}: is of workshop/machine, and its answer is to a form of …"],
    ),
    # --- allocations ---
    (
        "UPDATE allocation SET booking_id = NULL WHERE booking_id = :cancelled",
        ["one owner: allocation …: belongs to 0 of a booking, a session and a closure that exist, not to exactly one"],
    ),
    (
        "UPDATE allocation SET closure_id = :lifted WHERE booking_id = :cancelled",
        ["one owner: allocation …: belongs to 2 of a booking, a session and a closure that exist, not to exactly one"],
    ),
    (
        "UPDATE allocation SET end_at = start_at WHERE booking_id = :cancelled",
        ["order: allocation …: 1 units from ….. 15:00 to ….. 15:00"],
    ),
    (
        "UPDATE allocation SET units = 0 WHERE booking_id = :cancelled",
        ["order: allocation …: 0 units from ….. 15:00 to ….. 16:00"],
    ),
    # --- sessions ---
    (
        "UPDATE resource SET capacity = 11 WHERE id = :seats",
        ["seats of a session: session {session}: is published with 10 seats, and owns seats of 11"],
    ),
    (
        "UPDATE session SET seats_resource_id = NULL WHERE id = :session",
        [
            (
                "seats of a booking: booking {ref_course}: has 1 allocations, 0 of them seats of session {session}, "
                "not exactly one"
            ),
            "seats of a session: session {session}: is published with 10 seats, and owns nothing",
        ],
    ),
    (
        "UPDATE session SET seats_resource_id = :hall WHERE id = :draft",
        ["seats of a session: session {draft}: is a draft and owns seats"],
    ),
    (
        "UPDATE allocation SET active = (1 = 0) WHERE session_id = :session",
        [
            (
                "what a session takes: session {session}: is published and does not take resource {lathe}, "
                "which it uses, for its time"
            )
        ],
    ),
    (
        "UPDATE session SET uses = '[]' WHERE id = :session",
        ["what a session takes: session {session}: takes what it does not use, or at another time (allocation …)"],
    ),
    (
        "UPDATE allocation SET active = (1 = 1) WHERE session_id = :cancelled_session",
        ["what a session takes: session {cancelled_session}: is cancelled and still takes something (allocation …)"],
    ),
    (
        (
            "UPDATE session SET state = 'draft', seats_resource_id = NULL WHERE id = :cancelled_session;"
            "UPDATE allocation SET active = (1 = 1) WHERE session_id = :cancelled_session"
        ),
        ["what a session takes: session {cancelled_session}: is draft and still takes something (allocation …)"],
    ),
    (
        (
            "UPDATE session SET state = 'cancelled' WHERE id = :session;"
            "UPDATE allocation SET active = (1 = 0) WHERE session_id = :session"
        ),
        [
            (
                "session of a booking: booking {ref_course}: is submitted from ….. 09:00 to ….. 12:00, "
                "and session {session} is cancelled or at another time"
            )
        ],
    ),
    # --- closures ---
    (
        "UPDATE allocation SET active = (1 = 1) WHERE closure_id = :lifted",
        ["what a closure takes: closure {lifted}: is lifted and still takes something (allocation …)"],
    ),
    (
        "UPDATE allocation SET units = 9 WHERE closure_id = :closure",
        ["what a closure takes: closure {closure}: does not take all 10 of workshop/hall from ….. 08:00 to ….. 09:00"],
    ),
    (
        "UPDATE allocation SET active = (1 = 0) WHERE closure_id = :closure",
        ["what a closure takes: closure {closure}: does not take all 10 of workshop/hall from ….. 08:00 to ….. 09:00"],
    ),
]


@pytest.mark.parametrize(("statements", "lines"), BROKEN)
def test_each_broken_rule_is_named_and_nothing_else(used: Used, statements: str, lines: list[str]) -> None:
    printed = used.break_by(*statements.split(";"))
    assert len(printed) == len(lines), printed
    for line, expected in zip(printed, lines, strict=True):
        pattern = re.escape(expected.format(**used.numbers)).replace("…\\.\\.", r"\d{4}-\d\d-\d\d").replace("…", r"\S+")
        assert re.fullmatch(pattern, line), line


WHOLE = "parts and wholes: workshop/room: "


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        (
            "DELETE FROM allocation WHERE booking_id = :whole AND resource_id = :bench",
            "is taken from ….. 13:00 to ….. 15:00 (allocation …), and its part bench1 is not, or not all of it",
        ),
        (
            "UPDATE resource SET capacity = 2 WHERE id = :bench",
            "is taken from ….. 13:00 to ….. 15:00 (allocation …), and its part bench1 is not, or not all of it",
        ),
        (
            "DELETE FROM allocation WHERE id = (SELECT min(id) FROM allocation WHERE booking_id = :parts AND covering)",
            "2 of its parts are taken from ….. 08:45 to ….. 11:00 (allocation …), and 1 of itself",
        ),
        (
            "UPDATE allocation SET start_at = start_at + 60 WHERE booking_id = :parts AND covering",
            "2 of its parts are taken from ….. 08:45 to ….. 11:00 (allocation …), and 0 of itself",
        ),
    ],
)
def test_parts_that_are_not_taken_with_their_whole_are_named(shop: Shop, statement: str, line: str) -> None:
    parts, whole = shop.book("benches"), shop.book("room", start=shop.at(13), end=shop.at(15))
    used = Used(shop, {"parts": parts.id, "whole": whole.id, "bench": shop.resource("bench1")})
    assert found() == []
    pattern = re.escape(WHOLE + line).replace("…\\.\\.", r"\d{4}-\d\d-\d\d").replace("…", r"\S+")
    (printed,) = used.break_by(statement)
    assert re.fullmatch(pattern, printed), printed


def test_parts_outlive_a_whole_that_is_out_of_service(shop: Shop) -> None:
    resources.retire(actor=shop.user("manager"), resource_id=shop.resource("room"))
    shop.book("benches")
    assert found() == []


def test_use_in_the_past_is_counted_as_well(used: Used) -> None:
    """A double booking is found long after it has happened."""
    back = 3600 * 24 * 365
    printed = used.break_by(
        f"UPDATE allocation SET start_at = start_at - {back}, end_at = end_at - {back} WHERE booking_id = :machine",
        f"UPDATE booking SET start_at = start_at - {back}, end_at = end_at - {back} WHERE id = :machine",
        BOOK + "SELECT resource_id, start_at, end_at, 1, active, booking_id " + OF_MACHINE,
    )
    assert [line.partition(" taken")[0] for line in printed] == ["capacity: workshop/lathe1: 2"]


def test_neighbours_are_no_double_booking(used: Used) -> None:
    used.shop.book("machine", picks={0: used.shop.resource("lathe1")}, start=used.shop.at(11), end=used.shop.at(12))
    assert found() == []


def test_times_that_are_no_whole_numbers_are_named(used: Used) -> None:
    if db.db.engine.dialect.name == "sqlite":
        printed = used.break_by("UPDATE allocation SET start_at = '2026-12-08 09:00' WHERE booking_id = :cancelled")
        wrong = r"allocation \d+"
    else:
        printed = used.break_by(
            "DROP TRIGGER allocation_capacity ON allocation",
            "ALTER TABLE allocation ALTER start_at TYPE numeric",
        )
        wrong = r"column allocation\.start_at"
        printed.pop(0)  # the guard
    assert re.fullmatch(f"whole numbers: {wrong}: times or units that are no whole numbers", printed[0])


@pytest.mark.parametrize("name", ["allocation_capacity", "resource_capacity"])
@pytest.mark.parametrize("deed", ["drop", "hollow", "switch off"])
def test_a_guard_that_does_not_stand_is_named(shop: Shop, name: str, deed: str) -> None:
    with db.db.engine.begin() as connection:
        named = breach(connection, name, deed)
    assert found() == [f"guard: {named}: is missing, switched off or changed: run `jidi upgrade`"]
    with db.db.engine.begin() as connection:
        guards.install(connection)
        if deed == "switch off" and connection.dialect.name == "postgresql":
            connection.execute(text(f"ALTER TABLE {name.partition('_')[0]} ENABLE TRIGGER {name}"))
    assert found() == []


def breach(connection: Any, name: str, deed: str) -> str:
    """Take a trigger away, by the name it has on PostgreSQL; return its name on this engine."""
    table = name.partition("_")[0]
    if connection.dialect.name == "postgresql":
        hollow = (
            f"CREATE OR REPLACE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        )
        statements = {
            "drop": f"DROP TRIGGER {name} ON {table}",
            "hollow": hollow,
            "switch off": f"ALTER TABLE {table} DISABLE TRIGGER {name}",
        }
        connection.execute(text(statements[deed]))
        return name
    name = "allocation_insert" if table == "allocation" else name
    connection.execute(text(f"DROP TRIGGER {name}"))
    if deed != "drop":
        connection.execute(text(f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN 1 = 0 BEGIN SELECT 1; END"))
    return name


# --- the command ---


def test_the_command_prints_counts_or_the_violations(
    databases: Databases, demo: Demo, keys: dict[str, str], tmp_path: Path, make_app: Any
) -> None:
    app = make_app(demo.template)
    url = app.extensions["jidi_settings"].database_url
    settings = clean_environment(**keys, JIDI_DATABASE_URL=url, JIDI_INSTANCE=str(tmp_path / "instance"))

    def check() -> subprocess.CompletedProcess[str]:
        command: list[str | Path] = [COMMAND, "check", "--bookings"]
        return subprocess.run(command, env=settings, check=False, capture_output=True, text=True)

    ended = check()
    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.fullmatch(
        r"no violation in [1-9]\d* bookings, .* resources, .* sessions, \d+ closures, \d+ quotas\n", ended.stdout
    )
    with app.app_context():
        ref = db.db.session.scalars(select(Booking.ref).where(Booking.state == "confirmed")).first()
        db.db.session.rollback()
        with unguarded() as connection:
            connection.execute(text("UPDATE booking SET state = 'submitted' WHERE ref = :ref"), {"ref": ref})
    ended = check()
    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout == f"history of a booking: booking {ref}: is submitted, and its history ends with confirmed\n"
