"""The command `jidi`, run as people run it."""

import json
import re
import socket
import subprocess
from pathlib import Path

import pytest

from core import config
from core.app import create_app
from tests.support.applications import close
from tests.support.databases import Databases
from tests.support.servers import COMMAND, clean_environment, serving


class Shell:
    """Runs `jidi` on one instance."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.settings = settings

    def __call__(self, *words: str, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *words],
            env=clean_environment(**self.settings | settings),
            cwd=self.folder,
            input=typed,
            check=False,
            capture_output=True,
            text=True,
        )


@pytest.fixture
def jidi(databases: Databases, migrated: str, keys: dict[str, str], tmp_path: Path) -> Shell:
    """The command on a database that is up to date."""
    url = databases.fresh(migrated)
    return Shell(tmp_path, {**keys, "JIDI_DATABASE_URL": url, "JIDI_INSTANCE": str(tmp_path / "instance")})


def test_settings_that_cannot_be_used_are_told_without_a_traceback(jidi: Shell) -> None:
    ended = jidi("serve", JIDI_PORT="abc", JIDI_STRICT="maybe")
    assert ended.returncode == 2
    assert "JIDI_PORT (environment): read 'abc', allowed is a whole number from 1 to 65535" in ended.stderr
    assert "JIDI_STRICT (environment): read 'maybe', allowed is 1 or 0" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_that_cannot_be_reached_is_told_without_a_traceback(jidi: Shell) -> None:
    ended = jidi("upgrade", JIDI_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert ended.returncode == 1
    assert "The database cannot be used" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_file_that_is_no_database_is_told_without_a_traceback(jidi: Shell, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database at all")
    ended = jidi("upgrade", JIDI_DATABASE_URL=f"sqlite:///{tmp_path}/text")
    assert ended.returncode == 1
    assert "The database cannot be used: file is not a database" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_search_is_built_anew_on_demand(jidi: Shell) -> None:
    ended = jidi("search", "rebuild")
    assert ended.returncode == 0
    assert re.fullmatch(r"[1-9]\d* documents are indexed\.\n", ended.stdout)


def test_a_port_in_use_is_told_in_a_sentence(jidi: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = jidi("serve", JIDI_PORT=port)
    assert ended.returncode == 2
    assert f"cannot listen at 127.0.0.1, port {port}: Address already in use" in ended.stderr
    unknown = jidi("serve", JIDI_HOST="no-such-host.invalid")
    assert "cannot listen at no-such-host.invalid" in unknown.stderr


def test_the_serving_processes_hold_no_connection_of_the_one_they_were_forked_from(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    settings = {"JIDI_INSTANCE": str(folder)}
    assert Shell(tmp_path, settings)("upgrade").returncode == 0
    with serving(tmp_path, settings | {"JIDI_HOST": "localhost"}):
        held = [file for file in Path("/proc").glob("[0-9]*/fd/*") if _leads_to(file, folder / "jidi.db")]
    assert held == []


def _leads_to(link: Path, file: Path) -> bool:
    try:
        return link.readlink() == file
    except OSError:
        return False


def test_serving_waits_for_the_upgrade(tmp_path: Path) -> None:
    ended = Shell(tmp_path, {"JIDI_INSTANCE": str(tmp_path / "empty")})("serve")
    assert ended.returncode == 1
    assert "run `jidi upgrade` first" in ended.stderr


def test_the_first_administrator_is_made_on_the_command_line_and_can_sign_in(jidi: Shell) -> None:
    made = jidi(
        "user", "create", "admin@example.org", "--name", "系统管理员", "--role", "administrator",
        typed="correct horse battery\ncorrect horse battery\n",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    app = create_app(config.load(jidi.settings, instance=jidi.folder / "instance"))
    app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    visitor = app.test_client()
    sent = {"email": "admin@example.org", "password": "correct horse battery"}
    assert visitor.post("/account/sign-in", data=sent).status_code == 302
    assert visitor.get("/manage/plugins/").status_code == 200
    close(app)


@pytest.mark.slow
def test_roles_are_given_and_taken_with_the_base_they_are_held_for(jidi: Shell) -> None:
    password = "correct horse battery\n" * 2
    jidi("user", "create", "m@example.org", "--name", "管理员", typed=password)
    assert "needs --at with one of: " in jidi("user", "role", "m@example.org", "manager").stderr
    assert jidi("user", "role", "m@example.org", "manager", "--at", "cnc").returncode == 0
    assert jidi("user", "role", "m@example.org", "manager", "--at", "cnc", "--take").returncode == 0
    assert "leave --at out" in jidi("user", "role", "m@example.org", "office", "--at", "cnc").stderr
    assert "there is no account" in jidi("user", "role", "x@example.org", "office").stderr


@pytest.mark.slow
def test_a_password_that_breaks_a_rule_is_refused_in_a_sentence(jidi: Shell) -> None:
    jidi("user", "create", "m@example.org", "--name", "管理员", typed="correct horse battery\n" * 2)
    assert jidi("user", "password", "m@example.org", typed="another long one\n" * 2).returncode == 0
    refused = jidi("user", "password", "m@example.org", typed="short\n" * 2)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


def test_check_says_what_is_wrong_and_how_to_mend_it(jidi: Shell, tmp_path: Path) -> None:
    (tmp_path / "instance/plugins/broken").mkdir(parents=True)
    (tmp_path / "instance/plugins/broken/__init__.py").touch()
    ended = jidi("check", JIDI_MAIL_URL="smtp://127.0.0.1:1")
    assert ended.returncode == 1
    lines = ended.stdout.splitlines()
    assert any(re.match(r"ok +database$", line) for line in lines)
    assert any(re.match(r"WRONG +plugin broken .*: plugin.toml is missing", line) for line in lines)
    assert any(re.match(r"WRONG +worker: .*start `jidi worker`", line) for line in lines)
    assert any(re.match(r"WRONG +mail: .*see JIDI_MAIL_URL", line) for line in lines)


def test_check_blames_the_database_and_not_the_plugins_when_it_does_not_answer(jidi: Shell) -> None:
    lines = jidi("check", JIDI_DATABASE_URL="sqlite:////no/such/folder/jidi.db").stdout.splitlines()
    assert [line.split()[1].rstrip(":") for line in lines if line.startswith("WRONG")] == ["database"]
    assert any(line == "ok     plugin cnc (plugins/cnc), unknown" for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"JIDI_PROT": "80"}, "settings .*: JIDI_PROT in the environment: there is no such setting"),
        ({"JIDI_PLUGINS": "cnc,cmc"}, "settings .*: JIDI_PLUGINS names cmc: there is no such plugin"),
        ({"JIDI_STORAGE_URL": "nowhere://x"}, "storage: cannot be written: .*; see JIDI_STORAGE_URL"),
    ],
)
def test_check_finds_settings_that_lead_nowhere(jidi: Shell, settings: dict[str, str], words: str) -> None:
    assert re.search(rf"^WRONG +{words}$", jidi("check", **settings).stdout, re.MULTILINE)


@pytest.mark.slow
def test_plugins_are_switched_without_importing_them(jidi: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "instance/plugins/hanging"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text('slug = "hanging"\nname = "hanging"\nkind = "feature"\nversion = "1"\n')
    (folder / "__init__.py").write_text("while True: pass")
    assert jidi("plugin", "disable", "hanging").returncode == 0
    assert jidi("plugin", "enable", "hanging").returncode == 0
    assert "there is no plugin 'nothing'; known are" in jidi("plugin", "enable", "nothing").stderr


def test_a_plugin_that_cannot_be_written_is_told_in_a_sentence(jidi: Shell) -> None:
    ended = jidi("plugin", "new", "Forge")
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: 'Forge' cannot be a slug")
    assert "broken" not in ended.stderr


MODELS = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from core.plugin_api import hookimpl, metadata

class Model(DeclarativeBase):
    metadata = metadata

class Note(Model):
    __tablename__ = "press_note"
    id: Mapped[int] = mapped_column(primary_key=True)

@hookimpl
def declare_models():
    return Model
"""


@pytest.mark.slow
def test_the_first_migration_of_a_plugin_is_written_from_its_models(jidi: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "instance/plugins/press"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text('slug = "press"\nname = "press"\nkind = "feature"\nversion = "1"\n')
    (folder / "__init__.py").write_text(MODELS)
    settings = {"JIDI_STRICT": "0"}
    assert "press is left out: it has tables but no migrations/" in jidi("upgrade", **settings).stderr
    assert jidi("migration", "--plugin", "press", "notes").returncode == 0
    assert 'create_table("press_note"' in (folder / "migrations/press_0001.py").read_text().replace("'", '"')
    assert "run `jidi upgrade`" in jidi("plugin", "check", "press").stdout
    assert jidi("upgrade", **settings).returncode == 0
    assert jidi("plugin", "check", "press").stdout.endswith("active\n")
    again = jidi("migration", "--plugin", "press", "nothing")
    assert "there is nothing to write" in again.stderr
    (folder / "__init__.py").write_text("1 / 0")
    assert "press is not loaded: ZeroDivisionError" in jidi("migration", "--plugin", "press", "broken").stderr


@pytest.mark.slow
def test_a_plugin_check_ends_with_1_when_something_is_wrong(jidi: Shell, tmp_path: Path) -> None:
    assert jidi("plugin", "check", "cnc").returncode == 0
    missing = jidi("plugin", "check", "nothing")
    assert missing.returncode == 1
    assert "nothing: not found" in missing.stdout
    (tmp_path / "instance/plugins/broken").mkdir(parents=True)
    (tmp_path / "instance/plugins/broken/__init__.py").touch()
    broken = jidi("plugin", "check")
    assert broken.returncode == 1
    assert "plugin.toml is missing" in broken.stdout


@pytest.mark.slow
def test_the_demo_refuses_a_database_with_real_users(jidi: Shell) -> None:
    jidi("user", "create", "m@example.org", "--name", "管理员", typed="correct horse battery\n" * 2)
    ended = jidi("demo")
    assert ended.returncode == 1
    assert "real users" in ended.stderr


def test_the_demo_prints_its_accounts_for_people_and_for_scripts(jidi: Shell) -> None:
    accounts = json.loads(jidi("demo", "--json").stdout)
    shown = jidi("demo").stdout
    assert {account["role"] for account in accounts} >= {"contact", "manager", "instructor", "office", "administrator"}
    assert all(account["email"] in shown and account["password"] in shown for account in accounts)


@pytest.mark.slow
@pytest.mark.database
def test_tokens_are_made_listed_and_revoked(jidi: Shell) -> None:
    mail = "contact@example.org"
    jidi("user", "create", mail, "--name", "联系人", "--password", "a long password")
    made = jidi("token", "create", mail, "--label", "课表导入", "--days", "30")
    assert re.fullmatch(r"jidi_[\w-]{43}\n", made.stdout)
    listed = jidi("token", "list", mail).stdout
    assert "课表导入" in listed
    assert made.stdout.strip() not in listed
    number = listed.split()[0]
    assert "is revoked" in jidi("token", "revoke", mail, number).stdout
    again = jidi("token", "revoke", mail, number)
    assert (again.returncode, "has no token" in again.stderr) == (1, True)
    assert "has no token" in jidi("token", "list", mail).stdout
    unknown = jidi("token", "create", "nobody@example.org")
    assert (unknown.returncode, "there is no account" in unknown.stderr) == (1, True)
