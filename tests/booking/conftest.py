"""A site with the workshop as its only base, on the engine that `--db` names."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from core import config
from core.app import create_app
from core.upgrade import upgrade
from tests.booking.shop import Shop, people_and_rooms, place_plugin, settings
from tests.booking.visitors import Visitors
from tests.support.applications import Lent, close
from tests.support.databases import Databases


@dataclass(frozen=True)
class Workshop:
    """The template of the workshop's database, and the folder of its site."""

    template: str
    instance: Path


@pytest.fixture(scope="session")
def workshop(databases: Databases, keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A migrated database with the workshop's rows and people."""
    instance = tmp_path_factory.mktemp("workshop")
    place_plugin(instance)

    def fill(url: str) -> None:
        app = create_app(config.load(settings(keys, url), instance=instance))
        upgrade(app)
        with app.app_context():
            people_and_rooms()
        close(app)

    databases.prepare("workshop", fill)
    return Workshop("workshop", instance)


@pytest.fixture(scope="session")
def lent_shop(databases: Databases, workshop: Workshop, keys: dict[str, str]) -> Iterator[Lent]:
    """The application of the workshop, made once."""

    def make(url: str) -> Flask:
        app = create_app(config.load(settings(keys, url), instance=workshop.instance))
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        return app

    lent = Lent(databases, workshop.template, make)
    yield lent
    lent.end()


@pytest.fixture
def shop_app(lent_shop: Lent) -> Iterator[Flask]:
    """An application on a fresh copy of the workshop."""
    with lent_shop.lend() as app:
        yield app


@pytest.fixture
def shop(shop_app: Flask) -> Iterator[Shop]:
    """The workshop, in an application context."""
    with shop_app.app_context():
        yield Shop()


@pytest.fixture
def visit(shop_app: Flask, shop: Shop) -> Visitors:
    """Clients of the workshop's site."""
    return Visitors(shop_app, shop)
