"""The core knows no base by name."""

import re

from core import paths
from core.plugins import manifest

ENDINGS = {".py", ".html", ".txt", ".css", ".js", ".toml", ".mako", ".in", ".po"}


def test_no_base_is_named_in_the_core_its_templates_or_migrations() -> None:
    bases = [manifest.read(file.parent) for file in paths.PLUGINS.glob("*/plugin.toml")]
    assert len(bases) == 4
    slugs = "|".join(base.slug for base in bases)
    names = "|".join(re.escape(base.name) for base in bases)
    named = re.compile(rf"\b({slugs})\b|{names}")
    found = [
        f"{file}:{number}"
        for root in (paths.PACKAGE, paths.TEMPLATES, paths.MIGRATIONS)
        for file in root.rglob("*")
        if file.suffix in ENDINGS and "dist" not in file.parts
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if named.search(line)
    ]
    assert found == []
