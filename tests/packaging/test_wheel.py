"""The wheel carries all that a site needs: alone in an environment, it serves the demo from an empty folder."""

import json
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.support.servers import clean_environment, serving

ROOT = Path(__file__).parent.parent.parent
UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built in a copy so that the checkout stays as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    unwanted = shutil.ignore_patterns(".*", "node_modules", "instance", "build", "__pycache__", "*.egg-info")
    shutil.copytree(ROOT, folder / "checkout", symlinks=True, ignore=unwanted)
    build: list[str | Path] = [
        UV,
        "build",
        "--quiet",
        "--wheel",
        "--no-build-isolation",
        "--python",
        sys.executable,
        "--out-dir",
        folder,
    ]
    subprocess.run(build, cwd=folder / "checkout", check=True)
    (built,) = folder.glob("jidi-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `jidi` command of an environment that holds the wheel and what the wheel itself asks for."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, folder / "venv"], check=True)
    python = folder / "venv/bin/python"
    install: list[str | Path] = [
        UV,
        "pip",
        "install",
        "--quiet",
        "--python",
        python,
        "--constraint",
        ROOT / "requirements.txt",
        wheel,
    ]
    subprocess.run(install, check=True)
    return folder / "venv/bin/jidi"


@pytest.mark.slow
def test_the_demo_is_served_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    demo = subprocess.run(
        [installed, "demo", "--json"], cwd=tmp_path, env=clean_environment(), check=True, capture_output=True, text=True
    )
    accounts = json.loads(demo.stdout)
    with serving(tmp_path, {}, command=installed) as address:
        with urllib.request.urlopen(f"{address}/") as answer:
            page = answer.read().decode()
        with urllib.request.urlopen(f"{address}/static/dist/site.css") as answer:
            style = answer.read()
    assert accounts
    assert "重庆压铸技术公共实训基地" in page
    assert len(style) > 10_000
    assert (tmp_path / "instance").is_dir()
