"""Templates of plugins, under their slug: `forge/board.html` is `templates/board.html` in the plugin's folder."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader


def beside(core: BaseLoader | None, folders: Mapping[str, Path]) -> BaseLoader:
    """Return a loader that finds the core's templates first, then the plugins'.

    Args:
        core: the core's own loader.
        folders: each plugin's folder of templates, by slug.
    """
    own = PrefixLoader({slug: FileSystemLoader(folder) for slug, folder in folders.items()})
    return ChoiceLoader([core, own] if core is not None else [own])
