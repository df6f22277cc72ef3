"""Each plugin's tables are its own affair: made, changed and broken without the others noticing."""

import shutil
from collections.abc import Callable

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from core.db import db, violated
from core.plugins import migrate
from core.upgrade import CORE
from tests.conftest import Demo
from tests.plugins.conftest import Instance, record

MODELS = """
class Model(DeclarativeBase):
    metadata = metadata

class Note(Model):
    __tablename__ = "press_note"
    id: Mapped[int] = mapped_column(primary_key=True)

@hookimpl
def declare_models():
    return Model
"""

FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "press_0001"
down_revision = None

def upgrade():
    op.create_table("press_note", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("INSERT INTO press_note (id) VALUES (7)")

def downgrade():
    op.drop_table("press_note")
"""

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "press_0002"
down_revision = "press_0001"

def upgrade():
    op.create_table("press_half", sa.Column("id", sa.Integer(), primary_key=True))
    {failure}

def downgrade():
    op.drop_table("press_half")
"""

FAILURES = {
    "a wrong statement": ("op.execute('SELECT * FROM no_such_table')", "no_such_table"),
    "an exception": ("1 / 0", "ZeroDivisionError: division by zero"),
    "an exit": ("raise SystemExit(4)", "SystemExit: 4"),
    "a syntax error": ("(", "was never closed"),
}


def tables(instance: Instance) -> set[str]:
    """Return the names of the database's tables."""
    with instance.apps[-1].app_context():
        return set(inspect(db.engine).get_table_names())


@pytest.mark.database
@pytest.mark.parametrize(("failure", "reason"), FAILURES.values(), ids=FAILURES)
def test_a_failing_migration_is_rolled_back_and_quarantines_its_plugin_alone(
    instance: Instance, failure: str, reason: str
) -> None:
    instance.drop("press", MODELS, files={"migrations/press_0001.py": FIRST})
    assert record(instance.start(), "press").state == "active"
    instance.drop("press", MODELS, files={"migrations/press_0002.py": SECOND.format(failure=failure)})
    app = instance.start()
    assert record(app, "press").state == "failed"
    assert reason in record(app, "press").reason
    assert record(app, "cnc").state == "active"
    assert "press_half" not in tables(instance)
    assert "press_note" in tables(instance)


@pytest.mark.database
def test_every_process_knows_why_a_migration_failed_and_a_mended_one_brings_the_plugin_back(instance: Instance) -> None:
    files = {"migrations/press_0001.py": FIRST, "migrations/press_0002.py": SECOND.format(failure="1 / 0")}
    instance.drop("press", MODELS, files=files)
    instance.start()
    served = instance.start(upgraded=False)
    assert record(served, "press").state == "failed"
    assert "division by zero" in record(served, "press").reason
    instance.drop("press", MODELS, files={"migrations/press_0002.py": SECOND.format(failure="")})
    assert record(instance.start(), "press").state == "active"
    assert record(served, "press").state == "active"


@pytest.mark.database
def test_a_plugin_whose_tables_are_behind_waits_for_the_upgrade(instance: Instance) -> None:
    instance.drop("press", MODELS, files={"migrations/press_0001.py": FIRST})
    assert record(instance.start(upgraded=False), "press").reason == "it is not set up yet: run `jidi upgrade`"
    instance.start()
    instance.drop("press", MODELS, files={"migrations/press_0002.py": SECOND.format(failure="")})
    behind = record(instance.start(upgraded=False), "press")
    assert (behind.state, behind.reason) == ("failed", "its tables are not up to date: run `jidi upgrade`")


@pytest.mark.database
def test_a_plugin_that_is_gone_keeps_its_tables_and_stops_no_upgrade(instance: Instance) -> None:
    folder = instance.drop("press", MODELS, files={"migrations/press_0001.py": FIRST})
    instance.start()
    shutil.rmtree(folder)
    app = instance.start()
    with app.app_context():
        assert db.session.execute(text("SELECT id FROM press_note")).scalar() == 7
        with migrate.connected(str(instance.settings["JIDI_DATABASE_URL"])) as connection:
            assert migrate.differences(connection, CORE) == []


@pytest.mark.database
def test_the_migrations_of_the_core_make_what_its_models_say_and_can_be_taken_back(instance: Instance) -> None:
    instance.start(JIDI_SAFE_MODE="1")
    with migrate.connected(str(instance.settings["JIDI_DATABASE_URL"])) as connection:
        assert migrate.differences(connection, CORE) == []


COPYING = """
import sqlalchemy as sa
from alembic import op

revision = "press_0001"
down_revision = None

def upgrade():
    with op.batch_alter_table("allocation") as table:
        table.alter_column("units", existing_type=sa.Integer(), existing_nullable=False, type_=sa.BigInteger())
    {ending}
"""

OVERLAP = """
INSERT INTO allocation (resource_id, start_at, end_at, units, active, booking_id)
SELECT resource_id, start_at, end_at, units, active, booking_id FROM allocation WHERE active AND booking_id IS NOT NULL
"""


@pytest.mark.database
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
@pytest.mark.parametrize("ending", ["", "1 / 0", "op.get_bind().commit(); 1 / 0"])
def test_the_guards_stand_after_a_migration_that_copied_their_table_or_failed_at_it(
    make_instance: Callable[[str], Instance], demo: Demo, ending: str
) -> None:
    instance = make_instance(demo.template)
    instance.drop("press", files={"migrations/press_0001.py": COPYING.format(ending=ending)})
    app = instance.start()
    assert record(app, "press").reason == (
        "its migrations failed: ZeroDivisionError: division by zero" if ending else ""
    )
    with app.app_context(), pytest.raises(IntegrityError) as refused, db.engine.begin() as connection:
        connection.exec_driver_sql(OVERLAP)
    assert violated(refused.value) == "allocation_capacity"


@pytest.mark.database
def test_an_upgrade_that_is_run_again_changes_nothing(instance: Instance) -> None:
    def everything() -> dict[str, list[str]]:
        with instance.apps[-1].app_context():
            names = inspect(db.engine).get_table_names()
            return {name: sorted(map(str, db.session.execute(text(f"SELECT * FROM {name}")))) for name in names}

    instance.start()
    before = everything()
    instance.start()
    assert everything() == before
