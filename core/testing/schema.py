"""Checks of the plugin's tables: its versions make exactly what its models say, and can be taken back."""

from pathlib import Path
from typing import Any, ClassVar

from core.plugins import migrate, tables
from core.testing.site import Site
from core.upgrade import CORE


class SchemaChecks:
    """On a database of its own, so that the other checks keep theirs."""

    slug: ClassVar[str]

    def test_its_tables_bear_its_slug(self, site: Site) -> None:
        if site.plugin.models is not None:
            names = [mapper.local_table.name for mapper in site.plugin.models.registry.mappers]  # type: ignore[attr-defined]
            assert names
            assert all(name.startswith(f"{self.slug}_") for name in names), names

    def test_its_migrations_make_what_its_models_say(self, site: Site, tmp_path: Path) -> None:
        with migrate.connected(f"sqlite:///{tmp_path / 'fresh.db'}") as connection:
            migrate.upgrade(connection, CORE)
            owner = _owner(site)
            if owner is not None:
                migrate.upgrade(connection, owner)
            assert migrate.differences(connection, owner or migrate.Owner(self.slug, tmp_path)) == []

    def test_its_migrations_can_be_taken_back_and_applied_again(self, site: Site, tmp_path: Path) -> None:
        owner = _owner(site)
        if owner is None:
            assert tables.of(self.slug) == []
            return
        with migrate.connected(f"sqlite:///{tmp_path / 'fresh.db'}") as connection:
            migrate.upgrade(connection, CORE)
            migrate.upgrade(connection, owner)
            migrate.downgrade(connection, owner)
            assert _own_tables(connection, self.slug) == []
            migrate.upgrade(connection, owner)

    def test_its_migrations_leave_the_tables_of_the_core_alone(self, site: Site, tmp_path: Path) -> None:
        with migrate.connected(f"sqlite:///{tmp_path / 'fresh.db'}") as connection:
            migrate.upgrade(connection, CORE)
            before = _definitions(connection, self.slug)
            owner = _owner(site)
            if owner is not None:
                migrate.upgrade(connection, owner)
            assert _definitions(connection, self.slug) == before


def _owner(site: Site) -> migrate.Owner | None:
    folder = site.plugin.folder("migrations")
    return migrate.Owner(site.slug, folder) if folder is not None else None


def _own_tables(connection: Any, slug: str) -> list[str]:
    names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars()
    return [name for name in names if name.startswith(f"{slug}_")]


def _definitions(connection: Any, slug: str) -> set[str]:
    rows = connection.exec_driver_sql("SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    strange = (f"{slug}_", f"alembic_version_{slug}")
    return {sql for table, sql in rows if not table.startswith(strange)}
