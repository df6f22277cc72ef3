"""Where the shipped files lie, in a checkout and in an installed wheel alike."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str) -> Path:
    # A wheel carries the top-level folders inside the package; a checkout keeps them beside it.
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


TEMPLATES = _shipped("templates")
MIGRATIONS = _shipped("migrations")
STATIC = PACKAGE / "static"
TRANSLATIONS = PACKAGE / "translations"
PLUGINS = PACKAGE.parent / "plugins"


def default_instance() -> Path:
    """Return the instance folder when none is set: the checkout's own, else `instance/` in the current folder."""
    checkout = PACKAGE.parent
    root = checkout if (checkout / "wsgi.py").is_file() and (checkout / "setup.cfg").is_file() else Path.cwd()
    return root / "instance"
