"""An environment of its own for a plugin that is installed as a package, made quickly."""

import subprocess
import sys
import sysconfig
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

UV = Path(sys.executable).with_name("uv")
ROOT = Path(__file__).parents[2]


def wheel(project: Path, target: Path) -> Path:
    """Build a project's wheel."""
    for source in project.glob("**/translations/**/*.po"):
        with source.open("rb") as po, source.with_suffix(".mo").open("wb") as mo:
            write_mo(mo, read_po(po))
    options = ("--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable)
    _run(UV, "build", *options, "--out-dir", target, project)
    (built,) = target.glob("*.whl")
    return built


def environment(folder: Path, package: Path) -> Path:
    """Make an environment with a package installed, in which Jidi and all it needs are borrowed from this one.

    Returns:
        Its Python.
    """
    _run(UV, "venv", "--quiet", "--python", sys.executable, folder)
    python = folder / "bin/python"
    _run(UV, "pip", "install", "--quiet", "--no-deps", "--offline", "--python", python, package)
    site = next(folder.glob("lib/python*/site-packages"))
    # `site.addsitedir` also reads the .pth files there, by which Jidi itself is installed from the checkout.
    (site / "borrowed.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    return python


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True)
