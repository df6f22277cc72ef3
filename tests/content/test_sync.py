"""Shipped pages become rows; what a manager wrote over them stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from core import config, db
from core.app import create_app
from core.content.models import Page
from core.upgrade import upgrade
from tests.booking.conftest import Workshop
from tests.booking.shop import place_plugin, settings
from tests.support.applications import close
from tests.support.databases import Databases

pytestmark = pytest.mark.database


class Shipping:
    """A site whose plugin ships pages that change from one upgrade to the next."""

    def __init__(self, instance: Path, app: Flask) -> None:
        self.folder = instance / "plugins" / "workshop" / "pages"
        self.app = app

    def ship(self, **pages: str) -> None:
        """Upgrade to a plugin with these pages, text by path."""
        self.folder.mkdir(exist_ok=True)
        for file in self.folder.glob("*"):
            file.unlink()
        for path, text in pages.items():
            (self.folder / f"{path}.zh.md").write_text(f"---\ntitle: {path}\n---\n{text}\n", "utf-8")
        upgrade(self.app)

    def page(self, path: str) -> Page:
        """Return a row as it is now."""
        db.db.session.rollback()
        return db.db.session.query(Page).filter_by(path=path).one()

    def status(self, path: str) -> int:
        """Return how the page's address answers."""
        with self.app.app_context():
            return self.app.test_client().get(f"/bases/workshop/pages/{path}").status_code


@pytest.fixture
def shipping(databases: Databases, workshop: Workshop, keys: dict[str, str], tmp_path: Path) -> Iterator[Shipping]:
    """The workshop on a folder of its own."""
    place_plugin(tmp_path)
    url = databases.fresh(workshop.template)
    app = create_app(config.load(settings(keys, url), instance=tmp_path))
    with app.app_context():
        yield Shipping(tmp_path, app)
    close(app)
    databases.drop(url)


def test_a_shipped_page_is_shown_and_follows_its_file(shipping: Shipping) -> None:
    shipping.ship(safety="戴护目镜。")
    assert shipping.status("safety") == 200
    shipping.ship(safety="戴护目镜和手套。")
    assert shipping.page("safety").body == "戴护目镜和手套。\n"


def test_a_second_upgrade_changes_nothing(shipping: Shipping) -> None:
    shipping.ship(safety="戴护目镜。")
    page = shipping.page("safety")
    before = (page.id, page.version, page.updated_at)
    shipping.ship(safety="戴护目镜。")
    page = shipping.page("safety")
    assert (page.id, page.version, page.updated_at) == before


def test_what_a_manager_wrote_survives_an_upgrade(shipping: Shipping) -> None:
    shipping.ship(safety="戴护目镜。")
    with db.write() as session:
        session.query(Page).one().body_set = "今天停电。"
    shipping.ship(safety="戴护目镜和手套。")
    page = shipping.page("safety")
    assert page.body == "今天停电。"
    assert page.declared is not None
    assert page.declared["body"]["zh"] == "戴护目镜和手套。\n"


def test_a_page_that_is_withdrawn_is_archived_and_comes_back(shipping: Shipping) -> None:
    shipping.ship(safety="戴护目镜。", other="别的。")
    shipping.ship(other="别的。")
    assert shipping.status("safety") == 404
    assert shipping.page("safety").archived_at is not None
    shipping.ship(safety="戴护目镜。", other="别的。")
    assert shipping.status("safety") == 200
