"""How plugins stand: which work at this moment, and why the others do not."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.plugins.failures import Failures
from core.plugins.loading import Plugin
from core.plugins.state import State, States


@dataclass(frozen=True, kw_only=True)
class Record:
    """A plugin as lists show it.

    Attributes:
        slug, name, kind, version: from its manifest; kind and version are "" when that cannot be used.
        origin: where it was found.
        state: `active`, `disabled`, `failed`, or `unknown` while the database does not answer.
        reason: why it does not work, and how to mend it; "" when it does or was switched off.
        loaded: whether its code runs in this process; if not, switching it on needs a restart.
        failures: how often its hooks failed while the site ran, since the last upgrade.
        failure: the last of them: the hook and what was raised.
    """

    slug: str
    name: str
    origin: str
    kind: str
    version: str
    state: str
    reason: str
    loaded: bool
    failures: int
    failure: str


def of(plugin: Plugin, states: States | None) -> tuple[str, str]:
    """Return a plugin's state and the reason for it; without the states in the database it is known only if broken."""
    if states is None and not plugin.skipped:
        return ("failed", plugin.reason) if plugin.reason else ("unknown", "")
    row = states.rows.get(plugin.slug) if states else None
    if plugin.skipped:
        return "disabled", plugin.skipped
    if row is not None and not row.enabled:
        return "disabled", plugin.reason
    reason = plugin.reason or _behind(plugin, row)
    return ("failed", reason) if reason else ("active", "")


def records(found: Sequence[Plugin], states: States | None, failures: Failures) -> list[Record]:
    """Return what was found and what became of it, then what is switched on but gone.

    Args:
        found: in the one order; of two with the same slug the first counts.
        states: what the database knows; None while it does not answer.
        failures: what failed since they were saved last.
    """
    first = {plugin.slug: plugin for plugin in reversed(found)}
    gone = sorted(slug for slug, row in states.rows.items() if row.enabled) if states else []
    return [
        *(_record(plugin, states, failures, counts=first[plugin.slug] is plugin) for plugin in found),
        *(_gone(slug) for slug in gone if slug not in first),
    ]


def _record(plugin: Plugin, states: States | None, failures: Failures, *, counts: bool) -> Record:
    manifest = plugin.candidate.manifest
    standing, reason = of(plugin, states) if counts else ("failed", plugin.reason)
    row = states.rows.get(plugin.slug) if states else None
    unsaved, last = failures.of(plugin.slug)
    return Record(
        slug=plugin.slug,
        name=manifest.name if manifest else plugin.slug,
        origin=plugin.candidate.origin,
        kind=manifest.kind if manifest else "",
        version=manifest.version if manifest else "",
        state=standing,
        reason=reason,
        loaded=plugin.loaded,
        failures=unsaved + (row.failures if row else 0),
        failure=last or (row.failure if row else ""),
    )


def _gone(slug: str) -> Record:
    return Record(
        slug=slug,
        name=slug,
        origin="nowhere",
        kind="",
        version="",
        state="failed",
        reason=f"its code is gone, its data is kept: install it again, or `jidi plugin disable {slug}` for good",
        loaded=False,
        failures=0,
        failure="",
    )


def _behind(plugin: Plugin, row: State | None) -> str:
    """Say what `jidi upgrade` has still to do for a plugin, or could not do."""
    if plugin.unmade:
        return plugin.unmade
    if row is None:
        return "it is not set up yet: run `jidi upgrade`"
    if row.migrations != plugin.migrations:
        return "its tables are not up to date: run `jidi upgrade`"
    return row.problem
