"""Writing a new plugin from the skeleton that ships with the core."""

import re
from pathlib import Path
from string import Template

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from core import __version__
from core.plugins import manifest
from core.plugins.errors import PluginError

SKELETON = Path(__file__).parent / "skeleton"


def write(slug: str, folder: Path, *, name: str) -> Path:
    """Write a base plugin as a project that installs, runs and passes its tests.

    Args:
        slug: the plugin's.
        folder: where the project's folder is made.
        name: the base's name.

    Returns:
        The project's folder.

    Raises:
        PluginError: slug or name cannot be used, or the folder is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]{0,29}", slug) or slug in manifest.RESERVED:
        raise PluginError(
            f"{slug!r} cannot be a slug: a small letter, then small letters and digits, no word of the core"
        )
    if not name.strip() or len(name) > 120 or not name.isprintable() or set(name) & set('"\\'):
        raise PluginError(f'{name!r} cannot be a name: one line of at most 120 characters, without " and \\')
    project = (folder / f"jidi-{slug}").resolve()
    if project.exists():
        raise PluginError(f"{project} is there already")
    words = {"slug": slug, "name": name, "package": f"jidi_{slug}", "version": __version__}
    for source in sorted(SKELETON.rglob("*")):
        if source.is_file() and "__pycache__" not in source.parts:
            _write(source, project, words)
    _compile(project / words["package"] / "translations")
    return project


def _write(source: Path, project: Path, words: dict[str, str]) -> None:
    place = source.relative_to(SKELETON).as_posix().replace("PACKAGE", words["package"]).removesuffix(".in")
    target = project / place
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(Template(source.read_text("utf-8")).substitute(words), "utf-8")


def _compile(translations: Path) -> None:
    for source in translations.rglob("*.po"):
        with source.open("rb") as po, source.with_suffix(".mo").open("wb") as mo:
            write_mo(mo, read_po(po))
