"""What commands share: the application, with or without plugins."""

from dataclasses import replace

from flask import Flask

from core import config
from core.app import create_app


def application(*, plugins: bool = True, strict: bool | None = None) -> Flask:
    """Return the application for a command.

    Args:
        plugins: whether to load them; without, a broken one cannot get in the way.
        strict: over JIDI_STRICT, for commands that report on broken plugins.
    """
    settings = config.load()
    if not plugins:
        settings = replace(settings, safe_mode=True)
    if strict is not None:
        settings = replace(settings, strict=strict)
    return create_app(settings)
