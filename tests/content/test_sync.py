"""Shipped pages become items; what an editor did with them stays, and can be given back to the file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from core import clock, config, db, errors
from core.accounts.models import User
from core.app import create_app
from core.bases.models import Base
from core.content import shipping as services
from core.content import workflow, writing
from core.content.errors import EditedMeanwhile
from core.content.models import PAGE, Item, Reference, Revision
from core.content.snapshots import Texts
from core.upgrade import upgrade
from tests.booking.conftest import Workshop
from tests.booking.shop import place_plugin, settings
from tests.support.applications import close
from tests.support.databases import Databases


class Shipping:
    """A site whose plugin ships pages that change from one upgrade to the next."""

    def __init__(self, instance: Path, app: Flask) -> None:
        self.folder = instance / "plugins" / "workshop" / "pages"
        self.app = app

    def ship(self, pages: dict[str, str], position: int = 100) -> None:
        """Upgrade to a plugin with these pages, text by path."""
        for file in self.folder.rglob("*.md"):
            file.unlink()
        for path, text in pages.items():
            file = self.folder / f"{path}.zh.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"---\ntitle: {path}\nposition: {position}\n---\n{text}\n", "utf-8")
        assert not upgrade(self.app)
        db.db.session.rollback()

    def page(self, path: str = "safety") -> Item:
        """Return an item as it is now."""
        db.db.session.rollback()
        return db.db.session.scalars(select(Item).where(Item.path == path, Item.type == PAGE)).one()

    def manager(self) -> User:
        """Return the base's manager."""
        return db.db.session.scalars(select(User).where(User.email == "manager@example.com")).one()

    def write(self, body: str, path: str = "safety") -> Item:
        """Publish an own text over a page, as the manager."""
        page = self.page(path)
        texts = Texts(title="我们的题目", body=f"<p>{body}</p>")
        return writing.save(
            actor=self.manager(), item_id=page.id, version=page.version, texts=texts, act=writing.PUBLISH
        )

    def shown(self, path: str = "safety") -> str:
        """Return what a visitor reads at the page's address; its status when it cannot be read."""
        with self.app.app_context():
            answer = self.app.test_client().get(f"/bases/workshop/pages/{path}")
            return answer.text if answer.status_code == 200 else str(answer.status_code)

    def count(self, model: type[Item] | type[Revision]) -> int:
        """Return the number of rows."""
        return db.db.session.scalar(select(func.count()).select_from(model)) or 0


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


@pytest.mark.database
def test_a_shipped_page_is_shown_and_follows_its_file(shipping: Shipping) -> None:
    shipping.ship({"safety": "戴护目镜。"})
    assert "<p>戴护目镜。</p>" in shipping.shown()
    shipping.ship({"safety": "戴护目镜和手套。"})
    assert "<p>戴护目镜和手套。</p>" in shipping.shown()


@pytest.mark.database
def test_a_second_upgrade_changes_nothing(shipping: Shipping) -> None:
    shipping.ship({"safety": "戴护目镜。", "equipment/lathes": "车床。"})
    shipping.write("今天停电。", "equipment/lathes")
    shipping.ship({"safety": "戴护目镜。", "equipment/lathes": "新车床。"})
    page, revisions = shipping.page(), shipping.count(Revision)
    before = (page.id, page.version, page.updated_at)
    declared = shipping.page("equipment/lathes").declared
    shipping.ship({"safety": "戴护目镜。", "equipment/lathes": "新车床。"})
    page = shipping.page()
    assert (page.id, page.version, page.updated_at) == before
    assert shipping.page("equipment/lathes").declared == declared
    assert shipping.count(Revision) == revisions


def test_what_a_manager_wrote_survives_and_the_manager_is_told_that_the_file_has_changed(shipping: Shipping) -> None:
    shipping.ship({"safety": "戴护目镜。"})
    shipping.write("今天停电。")
    shipping.ship({"safety": "戴护目镜。"})
    assert services.news(shipping.page()) == "owned"
    shipping.ship({"safety": "戴护目镜和手套。"})
    assert "今天停电。" in shipping.shown()
    assert services.news(shipping.page()) == "changed"
    services.keep(actor=shipping.manager(), item_id=shipping.page().id)
    shipping.ship({"safety": "戴护目镜和手套。"})
    assert services.news(shipping.page()) == "owned"


def test_a_page_given_back_to_its_file_follows_it_again(shipping: Shipping) -> None:
    shipping.ship({"safety": "戴护目镜。"})
    written = shipping.write("今天停电。")
    version = written.version
    shipping.ship({"safety": "戴护目镜和手套。"})
    given = services.restore(actor=shipping.manager(), item_id=written.id, version=version)
    assert services.news(given) == "shipped"
    assert "戴护目镜和手套。" in shipping.shown()
    shipping.ship({"safety": "戴帽子。"})
    assert "戴帽子。" in shipping.shown()


def test_a_page_that_was_written_meanwhile_is_not_given_back(shipping: Shipping) -> None:
    shipping.ship({"safety": "戴护目镜。"})
    opened = shipping.page().version
    written = shipping.write("今天停电。")
    with pytest.raises(EditedMeanwhile):
        services.restore(actor=shipping.manager(), item_id=written.id, version=opened)
    assert "今天停电。" in shipping.shown()


def test_what_is_no_shipped_page_cannot_be_given_back(shipping: Shipping) -> None:
    base_id = db.db.session.scalars(select(Base.id)).one()
    own = writing.create(
        actor=shipping.manager(), base_id=base_id, texts=Texts(title="自己的", body=""), kind=PAGE, slug="own"
    )
    with pytest.raises(errors.NotFound):
        services.restore(actor=shipping.manager(), item_id=own.id, version=own.version)


@pytest.mark.database
def test_a_page_that_is_withdrawn_is_archived_and_comes_back(shipping: Shipping) -> None:
    shipping.ship({"safety": "戴护目镜。", "other": "别的。"})
    shipping.ship({"other": "别的。"})
    assert shipping.shown() == "410"
    assert shipping.page().state == "archived"
    shipping.ship({"safety": "戴护目镜。", "other": "别的。"})
    assert "戴护目镜。" in shipping.shown()


def test_a_withdrawn_page_with_an_own_text_stays_and_with_a_pending_change_goes(shipping: Shipping) -> None:
    shipping.ship({"safety": "戴护目镜。", "other": "别的。"})
    shipping.write("今天停电。")
    other = shipping.page("other")
    with db.write() as session:
        item = session.get_one(Item, other.id)
        writing.record(session, item, Texts(title="草稿", body=""), act="save", actor_id=None, pending=True)
    shipping.ship({})
    assert "今天停电。" in shipping.shown()
    assert services.news(shipping.page()) == "withdrawn"
    assert shipping.shown("other") == "410"
    page = shipping.page()
    with pytest.raises(errors.StateChanged):
        services.restore(actor=shipping.manager(), item_id=page.id, version=page.version)


def test_what_an_editor_archived_moved_and_ordered_is_not_put_back(shipping: Shipping) -> None:
    shipping.ship({"safety": "戴护目镜。", "other": "别的。"}, position=10)
    workflow.archive(actor=shipping.manager(), item_id=shipping.page("other").id)
    with db.write() as session:
        moved = session.scalars(select(Item).where(Item.path == "safety")).one()
        moved.slug = moved.path = "rules"
        moved.position = 5
    shipping.ship({"safety": "戴护目镜和手套。", "other": "新的。"}, position=20)
    assert shipping.page("other").state == "archived"
    assert "戴护目镜和手套。" in shipping.shown("rules")
    assert shipping.page("rules").position == 5
    assert shipping.count(Item) == 2


def test_a_page_an_editor_wrote_at_the_address_keeps_its_text_and_can_be_given_to_the_file(shipping: Shipping) -> None:
    base_id = db.db.session.scalars(select(Base.id)).one()
    own = writing.create(
        actor=shipping.manager(),
        base_id=base_id,
        texts=Texts(title="安全", body="<p>我们的规定。</p>"),
        kind=PAGE,
        slug="safety",
        act=writing.PUBLISH,
    )
    shipping.ship({"safety": "戴护目镜。"})
    assert "我们的规定。" in shipping.shown()
    services.restore(actor=shipping.manager(), item_id=own.id, version=shipping.page().version)
    assert "戴护目镜。" in shipping.shown()


def test_a_page_shipped_where_another_was_moved_to_gets_an_address_beside_it(shipping: Shipping) -> None:
    shipping.ship({"safety": "戴护目镜。"})
    with db.write() as session:
        moved = session.scalars(select(Item).where(Item.path == "safety")).one()
        moved.slug = moved.path = "rules"
    shipping.ship({"safety": "戴护目镜。", "rules": "规章。"})
    assert "戴护目镜。" in shipping.shown("rules")
    assert "规章。" in shipping.shown("rules-2")


def test_pages_in_folders_stand_under_the_page_of_the_folders_name(shipping: Shipping) -> None:
    shipping.ship({"equipment/lathes": "车床。", "loose/page": "散页。"})
    assert shipping.page("equipment/lathes").parent_id is None
    shipping.ship({"equipment": "设备。", "equipment/lathes": "车床。", "loose/page": "散页。"})
    assert shipping.page("equipment/lathes").parent_id == shipping.page("equipment").id
    assert shipping.page("loose/page").parent_id is None
    with db.write() as session:
        moved = session.scalars(select(Item).where(Item.path == "equipment")).one()
        moved.slug = moved.path = "machines"
    files = {"equipment": "设备。", "equipment/lathes": "车床。", "equipment/mills": "铣床。", "loose/page": "散页。"}
    shipping.ship(files)
    assert shipping.page("machines/mills").parent_id == shipping.page("machines").id


def test_a_page_in_the_bin_stays_there(shipping: Shipping) -> None:
    shipping.ship({"safety": "戴护目镜。"})
    with db.write() as session:
        session.scalars(select(Item)).one().trashed_at = clock.now()
    shipping.ship({"safety": "戴护目镜和手套。"})
    assert shipping.shown() == "410"
    assert shipping.count(Item) == 1


def test_links_between_shipped_pages_are_noted_whichever_comes_first(shipping: Shipping) -> None:
    shipping.ship({"a": "[乙](/bases/workshop/pages/b)", "b": "[甲](/bases/workshop/pages/a)"})
    pairs = {(row.source_id, row.item_id) for row in db.db.session.scalars(select(Reference))}
    first, second = shipping.page("a").id, shipping.page("b").id
    assert pairs == {(first, second), (second, first)}


def test_pages_stay_while_their_plugin_is_away(shipping: Shipping, keys: dict[str, str], tmp_path: Path) -> None:
    shipping.ship({"danger": "戴护目镜。"})
    loaded: config.Settings = shipping.app.extensions["jidi_settings"]
    values = settings(keys, loaded.database_url) | {"JIDI_PLUGINS": "cnc"}
    other = create_app(config.load(values, instance=tmp_path / "other"))
    upgrade(other)
    close(other)
    assert shipping.shown("danger") == "404"  # with its base
    assert shipping.page("danger").state == "published"
