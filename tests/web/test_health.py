"""Is it alive, is it ready."""

from datetime import timedelta
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import text

from core import clock, jobs
from core.db import db, write
from tests.conftest import MakeApp
from tests.support.statements import queries
from tests.web.conftest import SignIn


def test_alive_needs_nothing(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok\n"


def test_alive_does_not_even_look_up_who_asks(sign_in: SignIn) -> None:
    manager = sign_in("manager")
    with manager.application.app_context():
        assert queries(lambda: manager.get("/healthz")) == 0


def test_ready_tells_of_schema_worker_and_plugins(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json()["schema"] == "current"
    assert answer.get_json()["worker"].startswith("silent")
    assert {plugin["state"] for plugin in answer.get_json()["plugins"]} == {"active"}


def test_a_worker_that_was_heard_of_is_ok(client: FlaskClient) -> None:
    with client.application.app_context():
        jobs.beat("here:1")
    assert client.get("/readyz").get_json()["worker"] == "ok"


def test_a_worker_that_fell_silent_is_told(client: FlaskClient) -> None:
    with client.application.app_context(), clock.set_to(clock.now() - timedelta(minutes=2)):
        jobs.beat("here:1")
    assert client.get("/readyz").get_json()["worker"].startswith("silent")


def test_without_its_tables_it_is_not_ready(client: FlaskClient) -> None:
    with client.application.app_context(), write() as session:
        session.execute(text("DELETE FROM alembic_version"))
        db.session.flush()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["schema"] == "run `jidi upgrade`"


def test_a_broken_plugin_is_told_with_its_reason_and_the_site_stays_ready(
    make_app: MakeApp, migrated: str, tmp_path: Path
) -> None:
    folder = tmp_path / "instance-0" / "plugins" / "broken"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("def (:\n")
    (folder / "plugin.toml").write_text(
        'slug = "broken"\nname = "Broken"\nkind = "base"\nversion = "1"\nrequires_core = ">=0.1"\n'
    )
    answer = make_app(migrated, JIDI_STRICT="0").test_client().get("/readyz")
    told = {plugin["slug"]: plugin for plugin in answer.get_json()["plugins"]}
    assert answer.status_code == 200
    assert told["broken"]["state"] == "failed"
    assert "SyntaxError" in told["broken"]["reason"]
