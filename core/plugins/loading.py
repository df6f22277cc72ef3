"""Loading one plugin: import, hooks, declarations, models, blueprints; whatever goes wrong quarantines it whole."""

import difflib
import hashlib
import importlib
import importlib.util
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pluggy
from babel.support import Translations
from flask import Blueprint, Flask
from sqlalchemy.orm import DeclarativeBase

from core.localised import LANGUAGES
from core.plugins import hookspecs, rehearsal, tables, validation, values
from core.plugins.declarations import BaseDeclaration, BookingKind, ContentType, ResourceDeclaration
from core.plugins.discovery import Candidate
from core.plugins.errors import PluginError
from core.plugins.isolation import attempt

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Plugin:
    """A plugin in one application, and what became of it.

    Attributes:
        candidate: where it was found and what it says of itself.
        reason: why it is quarantined, or "".
        skipped: why it was not loaded although nothing is wrong with it, or "".
        module: its package, once imported.
        base, resources, kinds, content, models, blueprints: what it declared.
    """

    candidate: Candidate
    reason: str = ""
    skipped: str = ""
    module: ModuleType | None = None
    base: BaseDeclaration | None = None
    resources: Sequence[ResourceDeclaration] = ()
    kinds: Sequence[BookingKind] = ()
    content: Sequence[ContentType] = ()
    models: type[DeclarativeBase] | None = None
    blueprints: Sequence[Blueprint] = ()

    @property
    def slug(self) -> str:
        """Its key."""
        return self.candidate.slug

    @property
    def is_feature(self) -> bool:
        """Whether it serves all bases instead of bringing one."""
        return self.candidate.manifest is not None and self.candidate.manifest.kind == "feature"

    @property
    def loaded(self) -> bool:
        """Whether its code runs in this process."""
        return self.module is not None and not self.reason

    def folder(self, name: str) -> Path | None:
        """Return a folder inside the plugin's own (`pages`, `static`, …), or None where it has none."""
        folder = self.candidate.folder / name if self.candidate.folder else None
        return folder if folder is not None and folder.is_dir() else None

    @property
    def migrations(self) -> str:
        """A fingerprint of its migrations: changes when one is added or taken away; "" when it has none."""
        folder = self.folder("migrations")
        names = sorted(file.name for file in folder.glob("*.py") if file.name != "__init__.py") if folder else []
        return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16] if names else ""

    @property
    def unmade(self) -> str:
        """Why its tables cannot be there, or "". Its code is loaded all the same: the migration is written from it."""
        if self.loaded and not self.migrations and tables.of(self.slug):
            return f'it has tables but no migrations/ that make them: `jidi migration --plugin {self.slug} "first"`'
        return ""


def load(app: Flask, manager: pluggy.PluginManager, candidate: Candidate) -> Plugin:
    """Load a plugin. Never raises on its account: what is wrong stands in the result's `reason`."""
    plugin = Plugin(candidate, reason=candidate.reason)
    if plugin.reason:
        return plugin
    before = tables.names()
    try:
        plugin.module = _import(plugin, before)
        _register(manager, plugin.slug, plugin.module)
        _declare(manager, plugin)
        tables.check(plugin.slug, plugin.models, tables.names() - before)
        rehearsal.rehearse(app, plugin.slug, plugin.blueprints)
        attempt(lambda: _check_catalogue(plugin))
    except PluginError as error:
        log.warning("plugin %s (%s) is quarantined: %s", plugin.slug, candidate.origin, error, exc_info=error.__cause__)
        quarantine(manager, plugin, str(error))
        tables.remove(tables.names() - before)
    return plugin


def quarantine(manager: pluggy.PluginManager, plugin: Plugin, reason: str) -> None:
    """Take a plugin out of everything: its hooks, its tables, its modules."""
    plugin.reason = reason
    if plugin.module is not None and manager.is_registered(plugin.module):
        manager.unregister(plugin.module)
    tables.forget(plugin.slug, plugin.models)
    _forget_modules(plugin.candidate.module)


def call(manager: pluggy.PluginManager, plugin: Plugin, hook: str, arguments: dict[str, Any]) -> Any:
    """Call one plugin's implementation of a hook; returns what it returns, or None where it has none."""
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        if implementation.plugin is plugin.module:
            return implementation.function(*(arguments[name] for name in implementation.argnames))
    return None


def implements(manager: pluggy.PluginManager, plugin: Plugin, hook: str) -> bool:
    """Say whether a plugin implements a hook."""
    return any(known.plugin is plugin.module for known in getattr(manager.hook, hook).get_hookimpls())


def _import(plugin: Plugin, before: set[str]) -> ModuleType:
    name, folder = plugin.candidate.module, plugin.candidate.folder
    if name in sys.modules:
        return sys.modules[name]
    # Another application of this process may have loaded a plugin of the same slug from somewhere else.
    tables.remove(name for name in before if name.startswith(f"{plugin.slug}_"))
    try:
        with tables.closed(tables.names()):
            if plugin.candidate.installed or folder is None:
                return attempt(lambda: importlib.import_module(name))
            return attempt(lambda: _import_file(name, folder))
    except PluginError:
        _forget_modules(name)
        raise


def _import_file(name: str, folder: Path) -> ModuleType:
    if not (folder / "__init__.py").is_file():
        raise PluginError("its folder holds no __init__.py")
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise PluginError(f"{folder} holds no package")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _forget_modules(name: str) -> None:
    for module in [known for known in sys.modules if known == name or known.startswith(f"{name}.")]:
        del sys.modules[module]


def _register(manager: pluggy.PluginManager, slug: str, module: ModuleType) -> None:
    known = [name for name in vars(hookspecs) if name.startswith(("declare_", "decide_", "notify_", "render_"))]
    for name in vars(module):
        options = manager.parse_hookimpl_opts(module, name)
        if options is None:
            continue
        if options.get("wrapper") or options.get("hookwrapper"):
            raise PluginError(f"hook {name}: wrappers around other plugins' hooks are not allowed")
        hook = options.get("specname") or name
        if hook not in known:
            near = difflib.get_close_matches(hook, known, 1)
            raise PluginError(f"there is no hook {hook!r}" + (f"; is {near[0]!r} meant?" if near else ""))
    try:
        manager.register(module, slug)
    except pluggy.PluginValidationError as error:
        raise PluginError(" ".join(str(error).split())) from error


def _declare(manager: pluggy.PluginManager, plugin: Plugin) -> None:
    """Call the declare hooks and check what they return."""

    def ask(hook: str, wanted: Any) -> Any:
        if not implements(manager, plugin, hook):
            return None
        try:
            value = attempt(lambda: call(manager, plugin, hook, {}))
        except PluginError as error:
            raise PluginError(f"hook {hook} raised {error}") from error.__cause__
        return values.expect(hook, value, wanted)

    plugin.base = ask("declare_base", BaseDeclaration)
    plugin.resources = tuple(ask("declare_resources", Sequence[ResourceDeclaration]) or ())
    plugin.kinds = tuple(ask("declare_kinds", Sequence[BookingKind]) or ())
    plugin.content = tuple(ask("declare_content", Sequence[ContentType]) or ())
    plugin.models = ask("declare_models", type[DeclarativeBase])
    plugin.blueprints = tuple(ask("declare_blueprints", Sequence[Blueprint]) or ())
    if plugin.is_feature and (plugin.base or plugin.resources or plugin.kinds or plugin.content):
        raise PluginError("a plugin of kind feature declares no base, resources, booking kinds or content types")
    if not plugin.is_feature:
        if plugin.base is None:
            raise PluginError("a plugin of kind base must implement declare_base")
        _named("declare_base", lambda: validation.check_base(cast("BaseDeclaration", plugin.base)))
    _named("declare_resources", lambda: validation.check_resources(plugin.resources))
    _named("declare_kinds", lambda: validation.check_kinds(plugin.kinds, plugin.resources))
    _named(
        "declare_content",
        lambda: validation.check_content(plugin.content, plugin.resources, plugin.folder("templates")),
    )


def _named(hook: str, check: Callable[[], None]) -> None:
    try:
        check()
    except PluginError as error:
        raise PluginError(f"hook {hook}: {error}") from None


def _check_catalogue(plugin: Plugin) -> None:
    folder = plugin.folder("translations")
    if folder is not None:
        for language in LANGUAGES:
            Translations.load(folder, [language])
