"""A dress rehearsal for a plugin's blueprints: one that fails midway would stay half alive in the real application."""

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
    _check_addresses(app, scratch, slug)


def _check_addresses(app: Flask, scratch: Flask, slug: str) -> None:
    taken = _second_parts(app, "/bases/<base>/") | {""}
    for rule in scratch.url_map.iter_rules():
        own = address(slug) + "/"
        if not rule.rule.startswith(own):
            raise PluginError(f"address {rule.rule}: a plugin's addresses are under {own}")
        if rule.rule.removeprefix(own).partition("/")[0] in taken:
            raise PluginError(f"address {rule.rule} belongs to the core")


def _second_parts(app: Flask, prefix: str) -> set[str]:
    rules = (rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith(prefix))
    return {rule.removeprefix(prefix).partition("/")[0] for rule in rules}
