"""`jidi plugin new` writes a plugin that installs, runs and passes at once; the tutorial says what is so."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.plugins import scaffold
from core.plugins.errors import PluginError
from tests.plugins.environment import environment, wheel
from tests.plugins.test_fifth import ran

TUTORIAL = Path(__file__).parents[2] / "docs/plugins/tutorial.md"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plugin as `jidi plugin new` writes it."""
    return scaffold.write("forge", tmp_path_factory.mktemp("new"), name="锻造实训基地")


def test_a_new_plugin_is_installed_and_passes_its_tests(project: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv", wheel(project, tmp_path / "dist"))
    printed = ran([python, "-m", "pytest", "-q", "-W", "error", project], tmp_path)
    assert re.search(r"[3-9]\d passed", printed)


@pytest.mark.slow
def test_a_new_plugin_is_served(project: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv", wheel(project, tmp_path / "dist"))
    command = [python, "-c", "from core.cli import main; main()"]
    ran([*command, "upgrade"], tmp_path, JIDI_INSTANCE=str(tmp_path / "instance"))
    listed = ran([*command, "plugin", "list"], tmp_path, JIDI_INSTANCE=str(tmp_path / "instance"))
    assert re.search(r"forge +0\.1\.0 +active +package jidi-forge", listed)


@pytest.mark.parametrize("slug", ["booking", "Forge", "under_score", "1st", ""])
def test_a_slug_that_cannot_be_used_is_refused(tmp_path: Path, slug: str) -> None:
    with pytest.raises(PluginError, match="cannot be a slug"):
        scaffold.write(slug, tmp_path, name="x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ['锻造"实训', "a\nb", "a\\b", "x" * 121, " "])
def test_a_name_that_would_break_the_files_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PluginError, match="cannot be a name"):
        scaffold.write("forge", tmp_path, name=name)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(project: Path) -> None:
    with pytest.raises(PluginError, match="is there already"):
        scaffold.write("forge", project.parent, name="x")


def test_the_commands_for_texts_in_the_tutorial_find_those_of_code_and_templates(project: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(project, tmp_path / "copy")
    (copy / "jidi_forge/templates").mkdir()
    (copy / "jidi_forge/templates/note.html").write_text('{{ _("Wear safety shoes.") }}')
    (commands,) = re.findall(r"^   ```sh\n(.*?)   ```", TUTORIAL.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    subprocess.run(["sh", "-e", "-c", commands], cwd=copy, env=os.environ | {"PATH": path}, check=True)
    texts = (copy / "jidi_forge/translations/zh/LC_MESSAGES/messages.po").read_text("utf-8")
    assert 'msgid "Wear safety shoes."' in texts
    assert 'msgstr "实训的地方。"' in texts


def test_the_tutorial_shows_the_files_that_are_written(project: Path) -> None:
    (tree,) = re.findall(r"^```\n(jidi-forge/\n.*?)^```", TUTORIAL.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    files = {file.relative_to(project).as_posix() for file in project.rglob("*") if file.is_file()}
    for name in (
        "pyproject.toml",
        "babel.cfg",
        "jidi_forge/plugin.toml",
        "jidi_forge/__init__.py",
        "tests/test_contract.py",
    ):
        assert name in files
        assert name.rpartition("/")[2] in tree
    assert {"jidi_forge/pages/about.zh.md", "jidi_forge/pages/about.en.md"} <= files
