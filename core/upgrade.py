"""Brings a site up to date: tables of the core, guards, tables of each plugin, then rows for what plugins declare.

Last come the calendars, which say what all of these are called.
"""

import logging

from flask import Flask

from core import db, paths
from core.bases import notices
from core.bases import sync as bases
from core.booking import guards
from core.booking import sync as booking
from core.calendars import rebuild
from core.config import Settings
from core.content import files, references, types
from core.content import sync as content
from core.content.search import index, indexing
from core.plugins import migrate, state
from core.plugins.errors import PluginError
from core.plugins.facade import Facade, plugins
from core.plugins.isolation import attempt
from core.plugins.loading import Plugin

CORE = migrate.Owner("", paths.MIGRATIONS / "versions", by_hand=index.BY_HAND | {guards.NEAR_INDEX})
"""The core's tables; the guards' index is made with them, not by a version, and the search's own is each engine's."""

log = logging.getLogger(__name__)


def upgrade(app: Flask) -> dict[str, str]:
    """Create or migrate the database and sync what the plugins declare; running it again changes nothing.

    A plugin whose migrations or pages fail is quarantined, and the reason kept; the others go on.

    Returns:
        What went wrong, by the plugin's slug.
    """
    settings: Settings = app.extensions["jidi_settings"]
    with app.app_context():
        facade = plugins()
        _guarded(settings, CORE)
        results = {plugin.slug: (plugin.migrations, _upgrade(settings, plugin)) for plugin in facade.loaded()}
        problems = {slug: problem for slug, (_, problem) in results.items() if problem}
        for slug, problem in problems.items():
            log.error("plugin %s is quarantined: %s", slug, problem)
            facade.quarantine(slug, problem)
        if settings.strict and problems:
            raise PluginError("\n".join(f"plugin {slug}: {problem}" for slug, problem in problems.items()))
        if not settings.safe_mode:
            _sync(facade, results)
            rebuild.rebuild()
        return problems


def _upgrade(settings: Settings, plugin: Plugin) -> str:
    """Migrate one plugin and read its pages; return what went wrong, or ""."""
    try:
        attempt(lambda: _migrate(settings, plugin))
        attempt(lambda: _read_pages(plugin))
    except PluginError as error:
        return str(error)
    return ""


def _migrate(settings: Settings, plugin: Plugin) -> None:
    if plugin.unmade:
        raise PluginError(plugin.unmade)
    folder = plugin.folder("migrations")
    if folder is None:
        return
    try:
        _guarded(settings, migrate.Owner(plugin.slug, folder))
    except Exception as error:
        # The first line says it; a database's error goes on with the statement and its parameters.
        text = f"{type(error).__name__}: {error}".splitlines()[0]
        raise PluginError(f"its migrations failed: {text}") from error
    finally:
        # One that commits midway, against the rules, would leave the guards lifted.
        with migrate.connected(settings.database_url) as connection:
            guards.install(connection)


def _guarded(settings: Settings, owner: migrate.Owner) -> None:
    """Migrate in one transaction, at whose end the guards stand again whatever was done to their tables."""
    with migrate.connected(settings.database_url) as connection:
        guards.lift(connection)
        migrate.upgrade(connection, owner)
        guards.install(connection)


def _read_pages(plugin: Plugin) -> None:
    folder = plugin.folder("pages")
    if folder is not None:
        files.read(folder)


def _sync(facade: Facade, results: dict[str, tuple[str, str]]) -> None:
    holidays = notices.shipped()
    with db.write() as session:
        for slug, (fingerprint, problem) in results.items():
            state.remember_upgrade(session, slug, migrations=fingerprint, problem=problem)
        notices.sync(session, holidays)
        bases.sync(session, facade)
        booking.sync(session, facade)
        content.sync(session, facade)
        types.sync(session, facade)
        references.complete(session)
        indexing.resources(session)
        indexing.complete(session)


def is_current() -> bool:
    """Say whether the core's tables are up to date in the current application's database."""
    with db.db.engine.connect() as connection:
        return migrate.is_current(connection, CORE)
