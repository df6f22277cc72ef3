"""A site with broken plugins in its instance folder, and one with a plugin's folder gone, run as real processes."""

import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import Demo
from tests.plugins.conftest import Instance
from tests.plugins.test_migrations import FIRST, MODELS, SECOND
from tests.support.databases import Databases
from tests.support.servers import COMMAND, clean_environment, serving

ROOT = Path(__file__).parents[2]
BASES = ("competition", "diecasting", "callcenter", "cnc")


def status(address: str) -> int:
    """Return the status of an answer."""
    try:
        with urllib.request.urlopen(address) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.database
def test_broken_plugins_are_told_with_their_reasons_and_the_bases_are_served(instance: Instance) -> None:
    instance.drop("syntax", "def (:")
    instance.drop("press", MODELS, files={"migrations/press_0001.py": FIRST})
    instance.drop("press", files={"__init__.py": "", "migrations/press_0002.py": SECOND.format(failure="1 / 0")})
    instance.drop("raising", "@hookimpl\ndef declare_blueprints():\n    raise RuntimeError('the hook is broken')")
    instance.drop("late", "@hookimpl\ndef render_region(region, base):\n    raise RuntimeError('too late')")
    reasons = {
        "syntax": "SyntaxError: ",
        "press": "its migrations failed: ZeroDivisionError: division by zero",
        "raising": "hook declare_blueprints raised RuntimeError: the hook is broken",
    }
    settings = {**instance.settings, "JIDI_INSTANCE": str(instance.folder)}
    environment = clean_environment(**settings)
    subprocess.run([COMMAND, "upgrade"], env=environment, check=True, capture_output=True)
    with serving(instance.folder, settings) as address:
        for base in BASES:
            assert status(f"{address}/bases/{base}/") == 200
        assert status(f"{address}/") == 200
        with urllib.request.urlopen(f"{address}/readyz") as answer:
            plugins = {plugin["slug"]: plugin for plugin in json.load(answer)["plugins"]}
    listed = subprocess.run([COMMAND, "plugin", "list"], env=environment, check=True, capture_output=True, text=True)
    for slug, reason in reasons.items():
        assert plugins[slug]["state"] == "failed"
        assert reason in plugins[slug]["reason"]
        assert reason in listed.stdout
    assert plugins["late"]["state"] == "active"
    assert "render_region: RuntimeError: too late" in plugins["late"]["failure"]
    assert "render_region: RuntimeError: too late" in listed.stdout
    assert {plugins[base]["state"] for base in BASES} == {"active"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what runs: the core and all plugins."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("core", "plugins", "templates", "migrations"):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("gone", BASES)
def test_a_site_goes_on_without_the_folder_of_any_plugin(
    gone: str, checkout: Path, databases: Databases, demo: Demo, keys: dict[str, str], tmp_path: Path
) -> None:
    """Bookings of the base can still be read, its pages answer 404, the others and the demo's data are as before."""
    url = databases.fresh(demo.template)
    settings = {
        **keys,
        "JIDI_DATABASE_URL": url,
        "JIDI_INSTANCE": str(tmp_path / "instance"),
        "PYTHONPATH": str(checkout),
    }
    command = tmp_path / "jidi"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from core.cli import main; main()" "$@"\n')
    command.chmod(0o755)
    shutil.move(checkout / "plugins" / gone, tmp_path / "gone")
    try:
        subprocess.run([command, "upgrade"], cwd=tmp_path, env=clean_environment(**settings), check=True)
        with serving(tmp_path, settings, command=command) as address:
            for base in BASES:
                assert status(f"{address}/bases/{base}/") == (404 if base == gone else 200)
                assert status(f"{address}/bases/{base}/calendar.ics") == (404 if base == gone else 200)
            for path in ("/", "/calendar", "/announcements/", "/bases/", "/readyz"):
                assert status(f"{address}{path}") == 200, path
    finally:
        shutil.move(tmp_path / "gone", checkout / "plugins" / gone)
        databases.drop(url)
