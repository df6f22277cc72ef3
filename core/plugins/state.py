"""Which plugins are switched on, read from the database so that all processes agree, without a restart."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from flask import g, has_request_context
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import audit, clock
from core.db import Model, db
from core.plugins.models import PluginState


@dataclass(frozen=True)
class State:
    """One plugin's row, as read."""

    enabled: bool
    migrations: str
    problem: str
    failures: int
    failure: str


@dataclass(frozen=True)
class States:
    """The state of every plugin at one version.

    Attributes:
        version: grows whenever any plugin's state changes.
        rows: by slug; a plugin that has never been through `jidi upgrade` is missing.
    """

    version: int
    rows: Mapping[str, State]


def read() -> States:
    """Read the states: one small query, at most once in a request and inside of `read_once`."""
    if has_request_context() and "jidi_plugin_states" not in g:
        g.jidi_plugin_states = _read()
    return cast("States", g.jidi_plugin_states) if "jidi_plugin_states" in g else _read()


@contextmanager
def read_once() -> Iterator[None]:
    """Read the states once for all that is done inside; a process without requests reads them each time otherwise."""
    if "jidi_plugin_states" in g:
        yield
        return
    g.jidi_plugin_states = _read()
    try:
        yield
    finally:
        g.pop("jidi_plugin_states", None)


def _read() -> States:
    row = PluginState
    version = 0
    rows = {}
    columns = (row.changes, row.slug, row.enabled, row.migrations, row.problem, row.failures, row.failure)
    for changes, slug, enabled, migrations, problem, failures, failure in db.session.execute(select(*columns)):
        version += changes
        rows[slug] = State(enabled, migrations, problem, failures, failure)
    return States(version, rows)


def enable(session: Session, slug: str, enabled: bool, *, actor_id: int | None) -> None:
    """Switch a plugin on or off; its data stays. Recorded in the audit log.

    Args:
        session: the session of the open `db.write()`.
        slug: the plugin.
        enabled: whether it is to work.
        actor_id: the user who does it, or None for the command line.
    """
    state = _row(session, slug)
    if state.enabled == enabled:
        return
    state.enabled = enabled
    _touch(state)
    action = "plugin.enable" if enabled else "plugin.disable"
    audit.record(session, actor_id=actor_id, action=action, subject=f"plugin:{slug}")


def remember_upgrade(session: Session, slug: str, *, migrations: str, problem: str) -> None:
    """Keep what became of a plugin's tables at an upgrade.

    Args:
        session: the session of the open `db.write()`.
        slug: the plugin.
        migrations: fingerprint of its migrations.
        problem: why they could not be applied, or "".
    """
    state = _row(session, slug)
    state.failures, state.failure = 0, ""
    if (state.migrations, state.problem) != (migrations, problem):
        state.migrations, state.problem = migrations, problem
        _touch(state)


def remember_failures(session: Session, slug: str, *, count: int, last: str) -> None:
    """Add failures of a plugin's hooks to those known.

    Past the session, which would count it as a change of the site: all pages and calendars would be made anew, the hook
    fail again, and so on without end.

    Args:
        session: the session of the open `db.write()`.
        slug: the plugin.
        count: how many there were.
        last: the hook and what was raised.
    """
    _row(session, slug)
    session.flush()
    table = Model.metadata.tables[PluginState.__tablename__]
    counted = update(table).where(table.c.slug == slug).values(failures=table.c.failures + count, failure=last)
    session.execute(counted)


def _row(session: Session, slug: str) -> PluginState:
    state = session.get(PluginState, slug, with_for_update=True)
    if state is None:
        state = PluginState(slug=slug, enabled=True, migrations="", problem="", failures=0, failure="", changes=0)
        _touch(state)
        session.add(state)
    return state


def _touch(state: PluginState) -> None:
    state.changes += 1
    state.changed_at = clock.now()
    g.pop("jidi_plugin_states", None)
