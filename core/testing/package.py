"""Checks of the package: manifest, imports, files."""

import ast
import re
from pathlib import Path
from typing import ClassVar

from core.plugins import manifest
from core.testing.site import Site

_SCRIPTED = re.compile(
    r"""<script(?![^>]*\ssrc=)|<style|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:""", re.IGNORECASE
)
LARGEST = 1024 * 1024  # bytes of a static file


class PackageChecks:
    """What can be told from the plugin's files alone."""

    slug: ClassVar[str]

    def test_the_manifest_bears_the_slug_and_a_name(self, site: Site) -> None:
        read = manifest.read(site.folder)
        assert read.slug == self.slug
        assert read.name != read.slug

    def test_the_manifest_says_which_cores_it_works_with(self, site: Site) -> None:
        assert manifest.read(site.folder).requires_core, 'requires_core is missing, for instance ">=0.1"'

    def test_there_is_no_second_plugin_of_its_slug(self, site: Site) -> None:
        with site.app.app_context():
            origins = [record.origin for record in site.facade.records() if record.slug == self.slug]
        assert len(origins) == 1, origins

    def test_it_imports_nothing_of_the_core_but_the_plugin_api(self, site: Site) -> None:
        stray = {
            f"{file.relative_to(site.folder)}: {name}"
            for file in _sources(site.folder)
            for name in _imported(file)
            if name.partition(".")[0] == "core" and name != "core.plugin_api"
        }
        assert not stray

    def test_its_templates_hold_no_inline_script_or_style(self, site: Site) -> None:
        found = {
            f"{file.relative_to(site.folder)}: {match.group()}"
            for file in site.folder.glob("templates/**/*.html")
            for match in _SCRIPTED.finditer(file.read_text("utf-8"))
        }
        assert not found, "the site's content security policy forbids them"

    def test_its_templates_compile(self, site: Site) -> None:
        for file in site.folder.glob("templates/**/*.html"):
            site.app.jinja_env.get_template(f"{self.slug}/{file.relative_to(site.folder / 'templates').as_posix()}")

    def test_its_static_files_are_small_enough_for_a_phone(self, site: Site) -> None:
        large = [
            file.name for file in site.folder.glob("static/**/*") if file.is_file() and file.stat().st_size > LARGEST
        ]
        assert not large

    def test_its_catalogues_are_compiled(self, site: Site) -> None:
        missing = [
            file.name for file in site.folder.glob("translations/**/*.po") if not file.with_suffix(".mo").is_file()
        ]
        assert not missing, "compile them: pybabel compile"


def _sources(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*.py") if "tests" not in file.relative_to(folder).parts]


def _imported(file: Path) -> set[str]:
    """Return the modules a file imports; `from core import x` counts as core.x."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names} if node.module == "core" else {node.module}
            names |= whole
    return names
