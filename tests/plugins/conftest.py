"""Instances into which tests drop plugins."""

import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask

from core import config
from core.app import create_app
from core.plugins.facade import Facade, plugins
from core.plugins.standing import Record
from core.upgrade import upgrade
from tests.support.applications import close
from tests.support.databases import Databases

MANIFEST = 'slug = "{slug}"\nname = "{slug}"\nkind = "{kind}"\nversion = "1.0"\nrequires_core = ">=0.1"\n'

HEAD = """
from core.plugin_api import *
from core.plugin_api import hookimpl, metadata
from flask import Blueprint
from markupsafe import Markup
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
"""


class Instance:
    """An instance folder with a database of its own."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self.settings = dict(settings)
        self.apps: list[Flask] = []

    def drop(
        self,
        slug: str,
        code: str = "",
        *,
        kind: str = "feature",
        more: str = "",
        files: Mapping[str, str] | None = None,
    ) -> Path:
        """Drop a plugin into the instance's `plugins/`.

        Args:
            slug: its slug and the name of its folder.
            code: its `__init__.py`, after the usual imports.
            kind: of its manifest.
            more: further lines of its manifest.
            files: further files by path.
        """
        folder = self.folder / "plugins" / slug
        written = {
            "plugin.toml": MANIFEST.format(slug=slug, kind=kind) + more,
            "__init__.py": HEAD + textwrap.dedent(code),
            **(files or {}),
        }
        for path, text in written.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        return folder

    def start(self, *, upgraded: bool = True, **settings: str) -> Flask:
        """Return a new application on this instance, as a process that starts would make it."""
        app = create_app(config.load(self.settings | settings, instance=self.folder))
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        self.apps.append(app)
        if upgraded:
            upgrade(app)
        return app


@pytest.fixture
def make_instance(databases: Databases, keys: dict[str, str], tmp_path: Path) -> Iterator[Callable[[str], Instance]]:
    """Make an instance on a template, without plugins of its own; failures are isolated, as in production."""
    made: list[Instance] = []

    def make(template: str) -> Instance:
        settings = keys | {"JIDI_DATABASE_URL": databases.fresh(template), "JIDI_STRICT": "0"}
        made.append(Instance(tmp_path / f"instance{len(made) or ''}", settings))
        return made[-1]

    yield make
    for instance in made:
        for app in instance.apps:
            close(app)
        databases.drop(instance.settings["JIDI_DATABASE_URL"])


@pytest.fixture
def instance(make_instance: Callable[[str], Instance], migrated: str) -> Instance:
    """An instance whose database holds the schema and what the plugins of the tree declare."""
    return make_instance(migrated)


def facade(app: Flask) -> Facade:
    """Return an application's plugins."""
    with app.app_context():
        return plugins()


def record(app: Flask, slug: str) -> Record:
    """Return what an application says of a plugin."""
    with app.app_context():
        return next(entry for entry in plugins().records() if entry.slug == slug)
