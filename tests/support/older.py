"""Sites as an older release has left them, brought up to date."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from core import config, paths
from core.app import create_app
from core.db import UTCDateTime
from core.plugins import migrate
from core.upgrade import upgrade
from tests.booking.shop import settings
from tests.support.applications import close
from tests.support.databases import Databases

TYPES: dict[type, Any] = {datetime: UTCDateTime, dict: sa.JSON, list: sa.JSON}

Rows = Iterable[tuple[str, dict[str, Any]]]
"""What the older release has written: table and values, in order."""


@contextmanager
def upgraded(
    databases: Databases, keys: dict[str, str], instance: Path, versions: list[str], rows: Rows
) -> Iterator[Flask]:
    """Give the application of a site that an older release has written, in its context.

    Args:
        databases, keys: the fixtures.
        instance: folder of the site; its plugins lie there already.
        versions: names of the core's migrations that the release knew.
        rows: what stood in its tables.
    """

    def fill(url: str) -> None:
        folder = instance / "versions"
        folder.mkdir()
        for version in versions:
            shutil.copy(paths.MIGRATIONS / "versions" / f"{version}.py", folder)
        with migrate.connected(url) as connection:
            migrate.upgrade(connection, migrate.Owner("", folder))
            for table, values in rows:
                columns = [sa.column(name, TYPES.get(type(value))) for name, value in values.items()]
                connection.execute(sa.table(table, *columns).insert().values(values))

    databases.prepare(versions[-1], fill)
    url = databases.fresh(versions[-1])
    app = create_app(config.load(settings(keys, url), instance=instance))
    upgrade(app)
    with app.app_context():
        yield app
    close(app)
    databases.drop(url)
