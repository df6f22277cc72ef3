"""Commands for plugins."""

import logging
from pathlib import Path

import click

from core import config, db
from core.cli.running import application
from core.plugins import discovery, scaffold, state
from core.plugins.errors import PluginError
from core.plugins.facade import plugins
from core.plugins.standing import Record


@click.group()
def plugin() -> None:
    """List, check, switch and write plugins."""


@plugin.command("list")
def list_all() -> None:
    """Show every plugin found: its state, where it was found, and what is wrong with it."""
    for record in _records():
        click.echo(f"{record.slug:<16}{record.version or '-':<10}{record.state:<10}{record.origin}")
        if record.reason:
            click.echo(f"{'':<16}{record.reason}")
        if record.failures:
            click.echo(f"{'':<16}its hooks failed {record.failures} times, the last: {record.failure}")


@plugin.command()
@click.argument("slugs", nargs=-1)
def check(slugs: tuple[str, ...]) -> None:
    """Load plugins and say what is wrong; ends with 1 when anything is."""
    records = [record for record in _records() if not slugs or record.slug in slugs]
    missing = set(slugs) - {record.slug for record in records}
    for slug in sorted(missing):
        click.echo(f"{slug}: not found in plugins/, installed packages or the instance's plugins/")
    for record in records:
        click.echo(f"{record.slug} ({record.origin}): {record.reason or record.state}")
    if missing or any(record.state == "failed" for record in records):
        raise SystemExit(1)


@plugin.command()
@click.argument("slug")
def enable(slug: str) -> None:
    """Switch a plugin on; a running site follows at once."""
    _switch(slug, on=True)
    click.echo(
        f"{slug} is switched on. If it was not loaded when the site started, restart `jidi serve` and `jidi worker`."
    )


@plugin.command()
@click.argument("slug")
def disable(slug: str) -> None:
    """Switch a plugin off; a running site follows at once, and its data stays."""
    _switch(slug, on=False)
    click.echo(f"{slug} is switched off. Its addresses answer 404; its bookings can still be read and cancelled.")


@plugin.command()
@click.argument("slug")
@click.option("--to", "folder", type=click.Path(path_type=Path), default=Path(), help="Where its folder is made.")
@click.option("--name", help="The base's name.")
def new(slug: str, folder: Path, name: str | None) -> None:
    """Write a base plugin that installs, runs and passes its tests at once."""
    try:
        made = scaffold.write(slug, folder, name=name or slug)
    except PluginError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{made} is ready. Next, in the environment of the site:")
    click.echo(f"  pip install --editable {made}")
    click.echo(f"  jidi upgrade && jidi serve     → /bases/{slug}/")
    click.echo(f"  pytest {made}")


def _records() -> list[Record]:
    logging.getLogger("core.plugins").setLevel(logging.CRITICAL)  # the reasons are printed anyway
    with application(strict=False).app_context():
        return plugins().records()


def _switch(slug: str, *, on: bool) -> None:
    known = {candidate.slug for candidate in discovery.discover(config.load())}
    with application(plugins=False).app_context(), db.write() as session:
        if slug not in known | set(state.read().rows):
            raise click.ClickException(f"there is no plugin {slug!r}; known are {', '.join(sorted(known))}")
        state.enable(session, slug, on, actor_id=None)
