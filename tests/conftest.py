"""Fixtures: a database for each test on the engine that `--db` names, the application on it, and real processes."""

import json
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext

from core import config
from core.app import create_app
from core.upgrade import upgrade
from tests.support.applications import Lent, close
from tests.support.browser import browser as running_browser
from tests.support.browser import chromium
from tests.support.databases import Databases, PostgreSQL, SQLite, postgresql_server
from tests.support.mail import Mailbox
from tests.support.mail import mailbox as running_mailbox
from tests.support.servers import COMMAND, clean_environment, serving

LIBICAL = ("*/girepository-1.0/ICalGLib-3.0.typelib", "python3/dist-packages/gi/__init__.py")
"""What must be there below /usr/lib for the system's own Python to read iCalendar with libical."""

NOT_RUN = pytest.StashKey[dict[str, int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=("sqlite", "postgresql"), default="sqlite", help="the database engine to test on")


def libical() -> str | None:
    """Return where libical lies for the system's own Python, or None when it does not."""
    found = [str(path) for pattern in LIBICAL for path in sorted(Path("/usr/lib").glob(pattern))[:1]]
    return found[0] if len(found) == len(LIBICAL) else None


MISSING: dict[str, tuple[Callable[[], str | None], str, str]] = {
    "browser": (chromium, "Chromium", "chromium fonts-noto-cjk"),
    "java": (partial(which, "java"), "Java", "default-jre-headless"),
    "libical": (libical, "libical for Debian's Python", "gir1.2-ical-3.0 python3-gi"),
    "thunderbird": (partial(which, "thunderbird"), "Thunderbird", "thunderbird"),
}
"""Mark of the tests that need a program of this machine: how it is found, its name, and what apt-get installs."""


@pytest.hookimpl(trylast=True)  # what -m leaves out is not missed
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a program that is not here, to say so at the end."""
    config.stash[NOT_RUN] = {}
    for mark, (find, _name, _packages) in MISSING.items():
        if not find():
            kept = [item for item in items if mark not in item.keywords]
            config.stash[NOT_RUN][mark] = len(items) - len(kept)
            items[:] = kept


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say loudly what was not run."""
    for mark, number in config.stash.get(NOT_RUN, {}).items():
        if number:
            _find, name, packages = MISSING[mark]
            terminalreporter.section("NOT RUN", sep="!", red=True)
            terminalreporter.line(
                f"{number} tests were NOT RUN: no {name} here. Debian, Ubuntu: apt-get install {packages}"
            )


# --- databases and the application ---


@pytest.fixture(scope="session")
def keys(testrun_uid: str) -> dict[str, str]:
    """The keys of all sites in this run: what one template holds encrypted, each copy can read, in every process."""
    key = urlsafe_b64encode(sha256(testrun_uid.encode()).digest()).decode()
    return {"JIDI_SECRET_KEY": "only for tests", "JIDI_DATA_KEYS": key, "JIDI_STRICT": "1"}


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Databases]:
    """Where fresh databases come from, on the engine that `--db` names."""
    with ExitStack() as stack:
        if request.config.getoption("--db") == "postgresql":
            yield PostgreSQL(stack.enter_context(postgresql_server()))
        else:
            own = tmp_path_factory.getbasetemp()
            templates = (own if worker_id == "master" else own.parent) / "templates"
            templates.mkdir(exist_ok=True)
            yield SQLite(tmp_path_factory.mktemp("databases"), templates)


@pytest.fixture(scope="session")
def migrated(databases: Databases, keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The template that holds the schema and what the plugins declare, and nothing else."""

    def fill(url: str) -> None:
        folder = tmp_path_factory.mktemp("migrated")
        app = create_app(config.load(keys | {"JIDI_DATABASE_URL": url}, instance=folder))
        upgrade(app)
        close(app)

    databases.prepare("migrated", fill)
    return "migrated"


@dataclass(frozen=True)
class Demo:
    """The template that holds the demo, and the demo's accounts as `jidi demo --json` prints them."""

    template: str
    accounts: list[dict[str, Any]]


@pytest.fixture(scope="session")
def demo(databases: Databases, keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, loaded once."""

    def fill(url: str) -> str:
        folder = tmp_path_factory.mktemp("demo")
        settings = clean_environment(**keys, JIDI_DATABASE_URL=url, JIDI_INSTANCE=str(folder))
        command: list[str | Path] = [COMMAND, "demo", "--json"]
        return subprocess.run(command, env=settings, check=True, capture_output=True, text=True).stdout

    return Demo("demo", json.loads(databases.prepare("demo", fill)))


MakeApp = Callable[..., Flask]


def application(keys: dict[str, str], url: str, folder: Path, **settings: str) -> Flask:
    """Return an application as tests use it."""
    app = create_app(config.load(keys | {"JIDI_DATABASE_URL": url} | settings, instance=folder))
    # Tests post forms without fetching them first; those of the protection itself switch it on.
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    return app


@pytest.fixture
def make_app(databases: Databases, keys: dict[str, str], tmp_path: Path) -> Iterator[MakeApp]:
    """Make applications: `make_app(template, **settings)`, each on a database of its own."""
    made: list[tuple[Flask, str]] = []

    def make(template: str, **settings: str) -> Flask:
        url = databases.fresh(template)
        app = application(keys, url, tmp_path / f"instance-{len(made)}", **settings)
        made.append((app, url))
        return app

    yield make
    for app, url in made:
        close(app)
        databases.drop(url)


@pytest.fixture(scope="session")
def lent_app(
    databases: Databases, migrated: str, keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lent]:
    """What `app` lends."""
    folder = tmp_path_factory.mktemp("instance")
    lent = Lent(databases, migrated, lambda url: application(keys, url, folder))
    yield lent
    lent.end()


@pytest.fixture
def app(lent_app: Lent) -> Iterator[Flask]:
    """An application whose database holds the schema and what the plugins declare."""
    with lent_app.lend() as app:
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor of `app`."""
    return app.test_client()


@pytest.fixture(scope="session")
def lent_demo(
    databases: Databases, demo: Demo, keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lent]:
    """What `demo_app` lends."""
    folder = tmp_path_factory.mktemp("demo-instance")
    lent = Lent(databases, demo.template, lambda url: application(keys, url, folder))
    yield lent
    lent.end()


@pytest.fixture
def demo_app(lent_demo: Lent) -> Iterator[Flask]:
    """An application with the demo in its database."""
    with lent_demo.lend() as app:
        yield app


# --- real processes ---


@dataclass(frozen=True)
class Site:
    """A site with the demo, served by a process of its own."""

    address: str
    accounts: list[dict[str, Any]]


@pytest.fixture(scope="module")
def site(
    databases: Databases, demo: Demo, keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A demo site for the tests of a module, who share what happens on it."""
    folder = tmp_path_factory.mktemp("site")
    url = databases.fresh(demo.template)
    with serving(folder, keys | {"JIDI_DATABASE_URL": url, "JIDI_INSTANCE": str(folder)}) as address:
        yield Site(address, demo.accounts)
    databases.drop(url)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A listening mail server that keeps what it is handed."""
    with running_mailbox() as box:
        yield box


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, shared by the tests of a process."""
    with running_browser() as started:
        yield started


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """A browser window with no cookies yet."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 900})
    yield context
    context.close()
