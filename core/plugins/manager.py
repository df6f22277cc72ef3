"""Loads the plugins of one application and joins what they bring to it."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial

import pluggy
from flask import Flask, abort, request

from core.config import Settings
from core.plugins import discovery, hookspecs, loading, rehearsal, templates
from core.plugins.errors import PluginError
from core.plugins.facade import Facade
from core.plugins.isolation import attempt
from core.plugins.loading import Plugin

log = logging.getLogger(__name__)


def init_app(app: Flask, settings: Settings) -> None:
    """Find and load the plugins, and join their pages, templates, texts and hooks to the application.

    Call it last: a plugin's addresses and names are checked against the core's.

    Raises:
        PluginError: with JIDI_STRICT, a plugin was quarantined.
    """
    manager = pluggy.PluginManager("jidi")
    manager.add_hookspecs(hookspecs)
    found = []
    owners: dict[str, str] = {}
    for candidate in discovery.discover(settings):
        skipped = _skipped(candidate.slug, settings)
        plugin = Plugin(candidate, skipped=skipped) if skipped else loading.load(app, manager, candidate)
        owners |= _mount(app, manager, plugin)
        found.append(plugin)
    for slug in sorted(set(settings.plugins or ()) - {plugin.slug for plugin in found}):
        log.warning("JIDI_PLUGINS names %s: there is no such plugin", slug)
    if settings.strict:
        _be_loud(found)
    facade = Facade(app, manager, found, strict=settings.strict)
    app.extensions["jidi_plugins"] = facade
    app.jinja_env.globals["region"] = facade.render_region
    _join_templates(app, facade)
    _join_texts(app, facade)
    _close_disabled(app, facade, owners)
    app.teardown_request(lambda error: facade.save_failures())


def _skipped(slug: str, settings: Settings) -> str:
    if settings.safe_mode:
        return "not loaded: JIDI_SAFE_MODE is set"
    if settings.plugins is not None and slug not in settings.plugins:
        return "not loaded: JIDI_PLUGINS does not name it"
    return ""


def _mount(app: Flask, manager: pluggy.PluginManager, plugin: Plugin) -> dict[str, str]:
    """Register a plugin's blueprints and return whose each is, also one that broke here and not at the rehearsal."""
    if not plugin.loaded:
        return {}
    register = partial(app.register_blueprint, url_prefix=rehearsal.address(plugin.slug))
    for blueprint in plugin.blueprints:
        try:
            attempt(partial(register, blueprint))
        except PluginError as error:
            loading.quarantine(manager, plugin, f"blueprint {blueprint.name!r} cannot be registered: {error}")
            break
    return {blueprint.name: plugin.slug for blueprint in plugin.blueprints}


def _be_loud(found: Sequence[Plugin]) -> None:
    failed = [f"plugin {plugin.slug} ({plugin.candidate.origin}): {plugin.reason}" for plugin in found if plugin.reason]
    if failed:
        raise PluginError("\n".join(failed))


def _join_templates(app: Flask, facade: Facade) -> None:
    folders = {plugin.slug: plugin.folder("templates") for plugin in facade.loaded()}
    own = {slug: folder for slug, folder in folders.items() if folder is not None}
    app.jinja_loader = templates.beside(app.jinja_loader, own)


def _join_texts(app: Flask, facade: Facade) -> None:
    """Add the plugins' catalogues. The core's comes last: what comes later wins, and no plugin rewords the core."""
    folders = [plugin.folder("translations") for plugin in facade.loaded()]
    app.extensions["babel"].translation_directories[:0] = [str(folder) for folder in folders if folder is not None]


def _close_disabled(app: Flask, facade: Facade, owners: Mapping[str, str]) -> None:
    @app.before_request
    def close() -> None:
        """Answer 404 at the addresses of a plugin that is not active."""
        owner = owners.get(request.blueprints[-1]) if request.blueprints else None
        if owner is not None and not facade.is_active(owner):
            abort(404)
