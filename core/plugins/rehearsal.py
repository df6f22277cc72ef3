"""A dress rehearsal for a plugin's blueprints: one that fails midway would stay half alive in the real application."""

import re
from collections.abc import Sequence

from flask import Blueprint, Flask

from core.plugins.errors import PluginError

_EVERYWHERE = (
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "url_value_preprocessors",
    "url_default_functions",
    "template_context_processors",
    "error_handler_spec",
)
_IN_TEMPLATES = ("filters", "tests", "globals")


def address(slug: str) -> str:
    """Return the address under which a plugin's blueprints are mounted."""
    return f"/bases/{slug}"


def rehearse(app: Flask, slug: str, blueprints: Sequence[Blueprint]) -> None:
    """Register blueprints on an application that is thrown away, and look at what they did.

    Args:
        app: the real application, with the core's addresses.
        slug: the plugin.
        blueprints: what `declare_blueprints` returned.

    Raises:
        PluginError: they cannot be registered, take an address of the core's, or reach beyond their own pages.
    """
    scratch = Flask("rehearsal", static_folder=None)
    before = {name: len(getattr(scratch, name)[None]) for name in _EVERYWHERE}
    words = {name: dict(getattr(scratch.jinja_env, name)) for name in _IN_TEMPLATES}
    for blueprint in blueprints:
        if blueprint.name != slug and not blueprint.name.startswith(f"{slug}_"):
            raise PluginError(f"blueprint {blueprint.name!r}: its name must be {slug!r} or begin with {slug}_")
        if blueprint.name in app.blueprints:
            raise PluginError(f"blueprint {blueprint.name!r}: there is one of this name already")
        try:
            scratch.register_blueprint(blueprint, url_prefix=address(slug))
        except Exception as error:
            raise PluginError(f"blueprint {blueprint.name!r} cannot be registered: {error!r}") from error
    for name in _EVERYWHERE:
        if len(getattr(scratch, name)[None]) != before[name]:
            raise PluginError(f"its blueprints add to {name} of every page; they may only serve their own pages")
    for name in _IN_TEMPLATES:
        for word, meaning in getattr(scratch.jinja_env, name).items():
            if words[name].get(word) is not meaning and not word.startswith(f"{slug}_"):
                raise PluginError(f"its blueprints add {word!r} to the {name} of all templates: begin it with {slug}_")
    _check_addresses(app, scratch, slug)


def _check_addresses(app: Flask, scratch: Flask, slug: str) -> None:
    taken = _second_parts(app) | {""}
    for rule in scratch.url_map.iter_rules():
        own = address(slug) + "/"
        if not rule.rule.startswith(own):
            raise PluginError(f"address {rule.rule}: a plugin's addresses are under {own}")
        first = rule.rule.removeprefix(own).partition("/")[0]
        if first in taken:
            raise PluginError(f"address {rule.rule} belongs to the core")
        if "<" in first:
            # It would be found before the core's own address, in which the base is the variable part.
            raise PluginError(
                f"address {rule.rule}: what follows {own} must be a word, a variable would hide the core's"
            )


def _second_parts(app: Flask) -> set[str]:
    """Return the words that the core's addresses have after the base's slug."""
    parts = (re.match(r"/bases/<[^>]+>/([^/]*)", rule.rule) for rule in app.url_map.iter_rules())
    return {part[1] for part in parts if part}
