"""Checks of the content types a plugin declares: an example of each is written, read, and goes with the plugin."""

from typing import ClassVar

from sqlalchemy import select

from core import db
from core.content import types
from core.content.models import Item
from core.content.types import Type
from core.plugins import state
from core.plugins.rehearsal import address
from core.testing.site import Site
from core.testing.steps import publish


class ContentChecks:
    """What it declares can be published by those who work at the base."""

    slug: ClassVar[str]

    def test_its_types_icons_are_bootstrap_icons(self, site: Site) -> None:
        shown = site.visitor("manager").get(f"/manage/{self.slug}/announcements/").text if _types(site) else ""
        for kind in _types(site):
            assert f"bi-{kind.icon}" in shown

    def test_an_example_of_each_type_can_be_published_and_read(self, site: Site) -> None:
        for kind in _types(site):
            _item_id, path = _publish(site, kind)
            for language in ("zh", "en"):
                shown = site.visitor().get(f"{path}?lang={language}")
                assert shown.status_code == 200, kind.name
                assert "示例题目" in shown.text
                assert "示例题目" in site.visitor().get(f"{_list(site, kind)}?lang={language}").text

    def test_the_list_of_each_type_can_be_narrowed_by_each_of_its_choices(self, site: Site) -> None:
        for kind in _types(site):
            _publish(site, kind)
            page = site.visitor().get(_list(site, kind))
            for way in _between(page.text, f'href="{_list(site, kind)}?only=', '"'):
                assert site.visitor().get(f"{_list(site, kind)}?only={way}").status_code == 200

    def test_each_type_has_its_desk(self, site: Site) -> None:
        for kind in _types(site):
            manager = site.visitor("manager")
            assert manager.get(f"/manage/{self.slug}/content/{kind.slug}/").status_code == 200
            desk = manager.get(f"/manage/{self.slug}/content/{kind.slug}/new")
            assert all(f'name="fields-{field.name}' in desk.text for field in kind.fields), kind.name

    def test_an_empty_desk_is_refused_and_writes_nothing(self, site: Site) -> None:
        for kind in _types(site):
            before = _count(site, kind)
            sent = {"title": "示例", "action": "publish", "version": "1"}
            refused = any(field.required for field in kind.fields)
            answer = site.visitor("manager").post(f"/manage/{self.slug}/content/{kind.slug}/new", data=sent)
            assert (answer.status_code == 422) is refused, kind.name
            assert (_count(site, kind) == before) is refused

    def test_what_an_item_says_is_words(self, site: Site) -> None:
        for kind in _types(site):
            item_id, _path = _publish(site, kind)
            with site.app.test_request_context():
                item = db.db.session.get_one(Item, item_id)
                assert bool(types.words(item, "zh")) is bool(types.words(item, "en")) is bool(kind.fields)

    def test_its_items_go_and_come_with_the_plugin(self, site: Site) -> None:
        for kind in _types(site):
            item_id, path = _publish(site, kind)
            _switch(site, on=False)
            try:
                assert site.visitor().get(path).status_code == 404
                left = site.visitor("office").get(f"/manage/consortium/left-content/{item_id}")
                assert left.status_code == 200
            finally:
                _switch(site, on=True)
            assert site.visitor().get(path).status_code == 200


def _types(site: Site) -> list[Type]:
    with site.app.app_context():
        return types.of_base(site.slug)


def _publish(site: Site, kind: Type) -> tuple[int, str]:
    """Publish an example of a type; return its id and its address."""
    path = publish(site, kind.slug, "示例题目")
    with site.app.app_context():
        return db.db.session.scalars(select(Item.id).where(Item.path == path.rpartition("/")[2])).one(), path


def _list(site: Site, kind: Type) -> str:
    return f"{address(site.slug)}/content/{kind.slug}/"


def _count(site: Site, kind: Type) -> int:
    with site.app.app_context():
        return db.db.session.query(Item).filter_by(type=kind.name).count()


def _between(text: str, start: str, end: str) -> list[str]:
    return [part.partition(end)[0] for part in text.split(start)[1:]]


def _switch(site: Site, *, on: bool) -> None:
    with site.app.app_context(), db.write() as session:
        state.enable(session, site.slug, on, actor_id=None)
