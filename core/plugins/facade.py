"""The only caller of plugins' hooks: one typed method per hook, each with its rule for failure.

First what there is, then the hooks. Isolation, and which plugins are active for a base, live here. Features ask
`plugins()`.
"""

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import pluggy
from flask import Flask, current_app
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core import caching
from core.db import db
from core.errors import NotFound
from core.plugins import loading, standing, state, values
from core.plugins.declarations import (
    BaseDeclaration,
    BookingChange,
    BookingKind,
    BookingRequest,
    CalendarEntry,
    CalendarText,
    ContentType,
    DemoData,
    Problem,
    ResourceDeclaration,
)
from core.plugins.errors import PluginError, PluginFailed
from core.plugins.failures import Failures
from core.plugins.isolation import attempt
from core.plugins.loading import Plugin
from core.plugins.standing import Record

log = logging.getLogger(__name__)

T = TypeVar("T")

CALENDAR_FIELDS = tuple(CalendarText.__dataclass_fields__)


class Facade:
    """All plugins of one application, in the one order."""

    def __init__(self, app: Flask, manager: pluggy.PluginManager, found: Sequence[Plugin], *, strict: bool) -> None:
        self._app = app
        self._manager = manager
        self._found = tuple(found)
        self._strict = strict
        self._failures = Failures(app)
        self._by_slug = {plugin.slug: plugin for plugin in reversed(found)}

    def records(self) -> list[Record]:
        """Return what was found and what became of it, then what is switched on but gone. Works without a database."""
        states: state.States | None
        try:
            states = state.read()
        except SQLAlchemyError:
            db.session.rollback()
            states = None
        return standing.records(self._found, states, self._failures)

    def is_active(self, slug: str) -> bool:
        """Say whether a plugin works at this moment: loaded, switched on, its tables up to date."""
        plugin = self._by_slug.get(slug)
        return plugin is not None and standing.of(plugin, state.read())[0] == "active"

    def version(self) -> int:
        """Return a number that grows whenever a plugin is switched on or off."""
        return state.read().version

    def steady(self) -> AbstractContextManager[None]:
        """Return a context in which plugins are as they are at its beginning; for work on many rows at once."""
        return state.read_once()

    def loaded(self) -> list[Plugin]:
        """Return the plugins whose code runs in this process, switched on or not."""
        return [plugin for plugin in self._found if plugin.loaded]

    def find(self, slug: str) -> Plugin | None:
        """Return a plugin that was found, loaded or not."""
        return self._by_slug.get(slug)

    def bases(self) -> dict[str, BaseDeclaration]:
        """Return the declared bases of loaded plugins, in order."""
        return {plugin.slug: plugin.base for plugin in self.loaded() if plugin.base is not None}

    def resources(self, slug: str) -> Sequence[ResourceDeclaration]:
        """Return the resources a base's plugin declares, in the order shown."""
        plugin = self._by_slug.get(slug)
        return plugin.resources if plugin is not None and plugin.loaded else ()

    def kinds(self, slug: str) -> Sequence[BookingKind]:
        """Return the booking kinds a base's plugin declares, in the order shown."""
        plugin = self._by_slug.get(slug)
        return plugin.kinds if plugin is not None and plugin.loaded else ()

    def kind(self, base: str, kind: str) -> BookingKind | None:
        """Return a booking kind, or None when there is none or its plugin is not active."""
        if not self.is_active(base):
            return None
        return next((known for known in self.kinds(base) if known.slug == kind), None)

    def content_types(self, slug: str) -> Sequence[ContentType]:
        """Return the content types a base's plugin declares, in the order shown."""
        plugin = self._by_slug.get(slug)
        return plugin.content if plugin is not None and plugin.loaded else ()

    def folder(self, slug: str, name: str) -> Path | None:
        """Return a folder a loaded plugin ships (`pages`, `static`, …), or None where it has none."""
        plugin = self._by_slug.get(slug)
        return plugin.folder(name) if plugin is not None and plugin.loaded else None

    def pages_folder(self, slug: str) -> Path | None:
        """Return the folder of the Markdown pages a plugin ships, or None."""
        return self.folder(slug, "pages")

    def switch(self, session: Session, slug: str, *, on: bool, actor_id: int) -> None:
        """Switch a plugin on or off, in all processes; whether the actor may is the caller's to ask.

        Args:
            session: the session of the open `db.write()`.
            slug: one that was found, or that the database knows.
            on: whether it is to work.
            actor_id: the user who does it, for the audit log.

        Raises:
            NotFound: there is no such plugin.
        """
        if slug not in self._by_slug and slug not in state.read().rows:
            raise NotFound(_l("There is no plugin %(slug)s.", slug=slug))
        state.enable(session, slug, on, actor_id=actor_id)

    def quarantine(self, slug: str, reason: str) -> None:
        """Take a plugin out for the rest of this process."""
        loading.quarantine(self._manager, self._by_slug[slug], reason)

    def demo(self, slug: str) -> DemoData | None:
        """Call `declare_demo`; a plugin that fails has no demo."""
        plugin = self._by_slug.get(slug)
        if plugin is None or not loading.implements(self._manager, plugin, "declare_demo"):
            return None
        with self._isolated(plugin, "declare_demo"):
            return cast("DemoData", self._call(plugin, "declare_demo", DemoData))
        return None

    def decide_booking(self, request: BookingRequest) -> list[Problem]:
        """Call `decide_booking` of the base's plugin and of every feature plugin.

        Called inside the transaction. Each hook runs in a savepoint without autoflush.

        Raises:
            PluginFailed: one failed, or a feature plugin with `decides` is quarantined: the booking is refused.
        """
        problems: list[Problem] = []
        states = state.read()
        for plugin in self._found:
            manifest = plugin.candidate.manifest
            if manifest is not None and manifest.decides and standing.of(plugin, states)[0] == "failed":
                raise self._refusal(plugin, PluginError("it decides on bookings, but cannot run"))
        for plugin in self._serving(request.base, "decide_booking"):
            try:
                problems += self._in_savepoint(
                    lambda plugin=plugin: self._call(plugin, "decide_booking", Sequence[Problem], request=request)  # type: ignore[misc]
                )
            except PluginError as error:
                raise self._refusal(plugin, error) from error
        return problems

    def notify_booking(self, change: BookingChange) -> None:
        """Call `notify_booking` after the commit, each in a session of its own; failures are logged and counted."""
        for plugin in self._serving(change.base, "notify_booking"):
            with self._isolated(plugin, "notify_booking"), self._app.app_context():
                self._call(plugin, "notify_booking", None, change=change)
        self._failures.save()

    def render_region(self, region: str, base: str) -> Markup:
        """Call `render_region` while a page of a base is made; what fails stays empty and is logged."""
        pieces = Markup()
        for plugin in self._serving(base, "render_region"):
            with self._isolated(plugin, "render_region"):
                pieces += self._in_savepoint(
                    lambda plugin=plugin: (
                        self._call(plugin, "render_region", Markup | None, region=region, base=base)  # type: ignore[misc]
                        or Markup()
                    )
                )
        return pieces

    def render_calendar_entry(self, entry: CalendarEntry) -> list[CalendarText]:
        """Call `render_calendar_entry` while an entry is written; what fails adds nothing and is logged.

        Called inside the transaction, each hook in a savepoint; the texts returned are plain, in the language that is
        set.
        """
        texts: list[CalendarText] = []
        for plugin in self._serving(entry.base, "render_calendar_entry"):
            with self._isolated(plugin, "render_calendar_entry"):
                text = self._in_savepoint(
                    lambda plugin=plugin: _plain(  # type: ignore[misc]
                        self._call(plugin, "render_calendar_entry", CalendarText | None, entry=entry)
                    )
                )
                texts += [text] if text is not None else []
        return texts

    def save_failures(self) -> None:
        """Keep in the database what failed while a request was answered; called at its end."""
        self._failures.save()

    def _serving(self, base: str, hook: str) -> Iterator[Plugin]:
        """Yield the active plugins that implement a hook and serve a base: its own, and those of kind feature."""
        states = state.read()
        for plugin in self._found:
            if (
                (plugin.slug == base or plugin.is_feature)
                and loading.implements(self._manager, plugin, hook)
                and standing.of(plugin, states)[0] == "active"
            ):
                yield plugin

    def _call(self, plugin: Plugin, hook: str, wanted: Any, **arguments: Any) -> Any:
        value = attempt(lambda: loading.call(self._manager, plugin, hook, arguments))
        return values.expect(hook, value, wanted)

    def _in_savepoint(self, job: Callable[[], T]) -> T:
        with db.session.begin_nested(), db.session.no_autoflush:
            return job()

    @contextmanager
    def _isolated(self, plugin: Plugin, hook: str) -> Iterator[None]:
        """Swallow, log and count what a hook raises; with JIDI_STRICT let it through."""
        try:
            yield
        except PluginError as error:
            log.error("plugin %s: %s failed: %s", plugin.slug, hook, error, exc_info=error)
            self._failures.note(plugin.slug, hook, error)
            caching.show_once()
            if self._strict:
                raise

    def _refusal(self, plugin: Plugin, error: PluginError) -> Exception:
        """Log why a decision failed and return what refuses the booking."""
        if self._strict:
            return error
        reference = secrets.token_hex(4).upper()
        self._failures.note(plugin.slug, "decide_booking", error)
        log.error("plugin %s: decide_booking failed, reference %s: %s", plugin.slug, reference, error, exc_info=error)
        return PluginFailed(reference)


def _plain(text: CalendarText | None) -> CalendarText | None:
    """Return a text with its lazy words said; that is the plugin's code as well.

    Raises:
        PluginError: they cannot be said.
    """
    if text is None:
        return None
    said = attempt(lambda: [str(getattr(text, name)) for name in CALENDAR_FIELDS])
    return CalendarText(**dict(zip(CALENDAR_FIELDS, said, strict=True)))


def plugins() -> Facade:
    """Return the plugins of the current application."""
    return cast("Facade", current_app.extensions["jidi_plugins"])
