"""Migrations: the core's, and each plugin's on its own, with a version table per plugin.

One version table for all would make every command fail once a plugin's folder is gone. So the one `migrations/env.py`
runs for one owner at a time: the core first, then each plugin; each sees only the tables that bear its name.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, event, text
from sqlalchemy.types import TypeDecorator

from core import paths
from core.db import db
from core.plugins.errors import PluginError
from core.plugins.manifest import RESERVED

_LOCK = 0x6A696469  # "jidi": any number, the same for all processes


@dataclass(frozen=True)
class Owner:
    """Whose tables are migrated.

    Attributes:
        slug: of the plugin, or "" for the core.
        folder: where its versions lie.
        by_hand: tables, columns and indexes that stand in no model: they are neither missed nor taken away.
    """

    slug: str
    folder: Path
    by_hand: frozenset[str] = frozenset()

    @property
    def version_table(self) -> str:
        """Name of the table that says which of its versions is applied."""
        return f"alembic_version_{self.slug}" if self.slug else "alembic_version"

    def owns(self, table: str) -> bool:
        """Say whether a table is its own, by the first word of its name."""
        first = table.partition("_")[0]
        return first == self.slug if self.slug else first in RESERVED - {"alembic", "sqlite"}


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Open a connection for migrations, in a transaction that no other upgrade shares.

    On SQLite foreign keys are not enforced meanwhile: changing a table copies it, and dropping the old one would
    delete the rows that refer to it. They are checked before the commit instead.

    Raises:
        PluginError: (SQLite) what was done leaves a reference to nothing.
    """
    engine = create_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection
        if engine.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise PluginError(f"a row of {broken[0]} would refer to a row of {broken[2]} that does not exist")


def _prepare_sqlite(engine: Any) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def upgrade(connection: Connection, owner: Owner) -> None:
    """Apply all versions of an owner that are not applied yet."""
    command.upgrade(_config(owner, connection), "head")


def downgrade(connection: Connection, owner: Owner) -> None:
    """Take back all versions of an owner."""
    command.downgrade(_config(owner, connection), "base")


def is_current(connection: Connection, owner: Owner) -> bool:
    """Say whether all versions of an owner are applied."""
    applied = MigrationContext.configure(connection, opts={"version_table": owner.version_table}).get_current_heads()
    return frozenset(applied) == _heads(owner)


@cache
def _heads(owner: Owner) -> frozenset[str]:
    """Return an owner's last versions; they do not change while the process runs."""
    return frozenset(ScriptDirectory.from_config(_config(owner)).get_heads())


def differences(connection: Connection, owner: Owner) -> list[Any]:
    """Return where an owner's tables differ from its models, as Alembic words it; none: its versions are complete."""
    context = MigrationContext.configure(connection, opts=_options(owner))
    with _comparing():
        return list(compare_metadata(context, db.metadata))


@contextmanager
def _comparing() -> Iterator[None]:
    """SQLite does not tell of indexes over expressions: they are not compared there, and that is no news."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*expression-based index")
        yield


def revise(connection: Connection, owner: Owner, message: str) -> Path:
    """Write a new version from what differs between tables and models; read and polish it before it is committed.

    Returns:
        The new file.
    """
    owner.folder.mkdir(parents=True, exist_ok=True)
    number = len([file for file in owner.folder.glob("*.py") if file.name != "__init__.py"]) + 1
    with _comparing():
        script: Any = command.revision(
            _config(owner, connection),
            message,
            autogenerate=True,
            rev_id=f"{owner.slug or 'core'}_{number:04}",
            version_path=str(owner.folder),
        )
    return Path(script.path)


def _config(owner: Owner, connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(paths.MIGRATIONS).replace("%", "%%"))
    config.set_main_option("version_locations", str(owner.folder).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s")
    config.attributes.update(connection=connection, options=_options(owner))
    return config


def _options(owner: Owner) -> dict[str, Any]:
    def mine(name: str | None, kind: str, parents: object) -> bool:
        return kind != "table" or (owner.owns(name or "") and name not in owner.by_hand)

    def mine_too(item: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
        return mine(name, kind, None) and name not in owner.by_hand

    return {
        "target_metadata": db.metadata,
        "version_table": owner.version_table,
        "include_name": mine,
        "include_object": mine_too,
        "render_as_batch": True,
        "render_item": _render,
    }


def _render(kind: str, item: object, context: object) -> str | bool:
    """Write our own column types as what they are in the database: a version must not depend on today's code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        inner = item.impl_instance
        zone = "timezone=True" if getattr(inner, "timezone", False) else ""
        return f"sa.{type(inner).__name__}({zone})"
    return False
