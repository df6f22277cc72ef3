"""A fifth base, written by somebody else: a wheel in an environment, found by its entry point, nothing else changed."""

import re
import shutil
import subprocess
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest
from icalendar import Calendar

from tests.plugins.environment import environment, wheel
from tests.support.servers import clean_environment, serving

SOURCE = Path(__file__).parent / "fifth"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment in which the plugin is installed; its sources are outside of the checkout."""
    folder = tmp_path_factory.mktemp("fifth")
    shutil.copytree(SOURCE, folder / "source")
    return environment(folder / "venv", wheel(folder / "source", folder / "dist"))


@pytest.fixture
def command(installed: Path, tmp_path: Path) -> Path:
    """A `jidi` of that environment."""
    script = tmp_path / "jidi"
    script.write_text(f'#!/bin/sh\nexec {installed} -c "from core.cli import main; main()" "$@"\n')
    script.chmod(0o755)
    return script


def read(address: str) -> str:
    """Return what is at an address."""
    with urllib.request.urlopen(address) as answer:
        return str(answer.read().decode())


def ran(command: Sequence[object], folder: Path, **settings: str) -> str:
    """Run a command in a folder and return what it printed."""
    words = [str(word) for word in command]
    ended = subprocess.run(
        words, check=False, cwd=folder, env=clean_environment(**settings), capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.slow
def test_a_wheel_brings_a_base_with_calendar_form_and_pages(command: Path, tmp_path: Path) -> None:
    settings = {"JIDI_INSTANCE": str(tmp_path / "instance"), "JIDI_STRICT": "1"}
    ran([command, "upgrade"], tmp_path, **settings)
    listed = ran([command, "plugin", "list"], tmp_path, **settings)
    assert re.search(r"welding +1\.0 +active +package jidi-welding 1\.0 \(jidi_welding\)", listed)
    with serving(tmp_path, settings, command=command) as address:
        assert "焊接实训基地（示例）" in read(f"{address}/")
        assert "焊接工位" in read(f"{address}/bases/welding/pages/about")
        assert "焊接实训基地（示例）" in read(f"{address}/bases/welding/calendar")
        assert "工位练习" in read(f"{address}/bases/welding/book/")
        assert Calendar.from_ical(read(f"{address}/bases/welding/calendar.ics")).errors == []
        assert Calendar.from_ical(read(f"{address}/bases/welding/resources/booth1.ics")).errors == []
        assert "数控" in read(f"{address}/bases/cnc/")


@pytest.mark.slow
def test_it_passes_the_contract(installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copyfile(SOURCE / "tests/contract.py", tmp_path / "test_contract.py")
    printed = ran([installed, "-m", "pytest", "-q", "-W", "error", "test_contract.py"], tmp_path)
    (passed,) = re.findall(r"(\d+) passed", printed)
    sources = [file for file in SOURCE.rglob("*") if file.suffix in {".py", ".toml", ".md", ".po"}]
    lines = sum(len(file.read_text("utf-8").splitlines()) for file in sources)
    with capsys.disabled():
        print(f"\nA fifth base as a wheel: {lines} lines, passes {passed} checks of the contract.")  # noqa: T201
    assert int(passed) >= 30
    assert lines < 250
