"""Plugins are switched on and off while the site runs, and all processes agree."""

import shutil

import pytest
from flask import Flask

from core import db
from core.errors import Forbidden, NotFound
from core.plugins import state
from core.testing.site import Site, site
from core.web.switching import switch
from tests.plugins.conftest import Instance, facade, record

PAGE = """
pages = Blueprint("feature", __name__)

@pages.get("/page")
def page():
    return "here"

@hookimpl
def declare_blueprints():
    return [pages]
"""


def turn(app: Flask, slug: str, *, on: bool) -> None:
    """Switch a plugin as the command line does."""
    with app.app_context(), db.write() as session:
        state.enable(session, slug, on, actor_id=None)


def test_switched_off_a_plugin_answers_404_in_every_process_at_once(instance: Instance) -> None:
    instance.drop("feature", PAGE)
    one, other = instance.start(), instance.start(upgraded=False)
    assert other.test_client().get("/bases/feature/page").text == "here"
    turn(one, "feature", on=False)
    assert other.test_client().get("/bases/feature/page").status_code == 404
    turn(one, "feature", on=True)
    assert other.test_client().get("/bases/feature/page").text == "here"


def test_a_base_that_is_switched_off_is_gone_from_the_portal(instance: Instance) -> None:
    app = instance.start()
    name = facade(app).bases()["cnc"].name
    assert name in app.test_client().get("/").text
    turn(app, "cnc", on=False)
    assert name not in app.test_client().get("/").text
    assert app.test_client().get("/bases/cnc/").status_code == 404


def test_the_version_grows_with_each_change_and_only_then(instance: Instance) -> None:
    app = instance.start()

    def version() -> int:
        with app.app_context():
            return facade(app).version()

    before = version()
    turn(app, "cnc", on=False)
    assert version() == before + 1
    turn(app, "cnc", on=False)
    assert version() == before + 1


def test_a_plugin_that_was_switched_off_while_broken_is_not_counted_as_failed(instance: Instance) -> None:
    instance.drop("feature", "1 / 0")
    app = instance.start()
    turn(app, "feature", on=False)
    assert record(app, "feature").state == "disabled"
    assert "ZeroDivisionError" in record(app, "feature").reason


def test_a_plugin_whose_code_is_gone_is_told_until_it_is_switched_off(instance: Instance) -> None:
    folder = instance.drop("feature")
    instance.start()
    shutil.rmtree(folder)
    app = instance.start()
    assert record(app, "feature").state == "failed"
    assert "its code is gone, its data is kept" in record(app, "feature").reason
    turn(app, "feature", on=False)
    with app.app_context():
        assert "feature" not in [entry.slug for entry in facade(app).records()]
    instance.drop("feature")
    assert record(instance.start(), "feature").state == "disabled"


@pytest.fixture
def cnc(instance: Instance) -> Site:
    """A site with people and one base."""
    with site("cnc", instance.folder) as made:
        return made


def test_only_an_administrator_switches(cnc: Site) -> None:
    with cnc.app.app_context():
        with pytest.raises(Forbidden):
            switch(actor=cnc.user("manager"), slug="cnc", on=False)
        with pytest.raises(NotFound):
            switch(actor=cnc.user("administrator"), slug="nothing", on=False)
        switch(actor=cnc.user("administrator"), slug="cnc", on=False)
        assert not cnc.facade.is_active("cnc")


def test_the_page_lists_plugins_and_switches_them(cnc: Site) -> None:
    administrator = cnc.visitor("administrator")
    assert "运行中" in administrator.get("/manage/plugins/").text
    answer = administrator.post("/manage/plugins/cnc/disable", follow_redirects=True)
    assert "插件已关闭" in answer.text
    assert administrator.get("/bases/cnc/").status_code == 404
    assert "插件已开启" in administrator.post("/manage/plugins/cnc/enable", follow_redirects=True).text
    assert administrator.get("/bases/cnc/").status_code == 200


def test_the_page_is_not_for_managers_of_a_base(cnc: Site) -> None:
    assert cnc.visitor("manager").get("/manage/plugins/").status_code == 403


def test_static_files_of_a_plugin_are_sent_while_it_is_active(instance: Instance) -> None:
    folder = instance.drop("feature", files={"static/piece.css": "p {}"})
    app = instance.start()
    client = app.test_client()
    with client.get("/bases/feature/static/piece.css") as answer:
        assert answer.data == b"p {}"
    assert client.get("/bases/feature/static/../plugin.toml").status_code == 404
    assert client.get("/bases/cnc/static/piece.css").status_code == 404
    turn(app, "feature", on=False)
    assert client.get("/bases/feature/static/piece.css").status_code == 404
    assert folder.is_dir()


def test_templates_and_texts_of_a_plugin_are_found_under_its_slug_and_reword_nothing(instance: Instance) -> None:
    instance.drop("feature", files={"templates/piece.html": "a piece", "templates/layout.html": "not the core's"})
    app = instance.start()
    with app.app_context():
        assert app.jinja_env.get_template("feature/piece.html").render() == "a piece"
        core, own = (app.jinja_env.get_template(name).filename for name in ("layout.html", "feature/layout.html"))
        assert core != own
