"""Two served sites: the demo as it is, and one with ten thousand entries in the calendar of a base."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.bases.models import Base
from core.db import db
from tests.calendars.judges.sites import Judged, judged
from tests.conftest import Demo, application
from tests.support.applications import close
from tests.support.databases import Databases
from tests.support.many import fill

MANY = 10_000


@pytest.fixture(scope="session")
def demo_judged(
    databases: Databases, demo: Demo, keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Judged]:
    """The demo, and a contact of one of its schools."""
    yield from _serve(databases, demo, keys, tmp_path_factory.mktemp("demo-judged"), "contact", 0)


@pytest.fixture(scope="session")
def large_judged(
    databases: Databases, demo: Demo, keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Judged]:
    """The demo with ten thousand entries more, and a manager."""
    yield from _serve(databases, demo, keys, tmp_path_factory.mktemp("large-judged"), "manager", MANY)


def _serve(
    databases: Databases, demo: Demo, keys: dict[str, str], folder: Path, role: str, more: int
) -> Iterator[Judged]:
    url = databases.fresh(demo.template)
    app = application(keys, url, folder)
    if more:
        fill(app, more)
    with app.app_context():
        base = db.session.scalars(select(Base.slug).order_by(Base.id)).first()
    email = next(account["email"] for account in demo.accounts if account["role"] == role)
    settings = keys | {"JIDI_DATABASE_URL": url, "JIDI_INSTANCE": str(folder)}
    with judged(app, folder, settings, base=str(base), email=email) as site:
        yield site
    close(app)
    databases.drop(url)


@pytest.fixture(params=["demo_judged", "large_judged"], ids=["demo", "ten thousand"])
def site(request: pytest.FixtureRequest) -> Judged:
    """Each of the two."""
    found: Judged = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def key(site: Judged) -> str:
    """The key of the calendar of the base that is looked at."""
    return f"base:{site.look(lambda: db.session.scalar(select(Base.id).where(Base.slug == site.base)))}"
