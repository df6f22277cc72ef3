"""The command with which developers write a migration."""

import click

from core.cli.running import application
from core.plugins import migrate
from core.plugins.facade import plugins
from core.upgrade import CORE


@click.command()
@click.argument("message")
@click.option("--plugin", "slug", help="Of this plugin instead of the core.")
def migration(message: str, slug: str | None) -> None:
    """Write a migration from what differs between models and database; read it before you commit it."""
    app = application(strict=False)
    with app.app_context():
        owner = CORE
        if slug:
            plugin = plugins().find(slug)
            if plugin is None or plugin.candidate.folder is None:
                raise click.ClickException(f"there is no plugin {slug!r}")
            if not plugin.loaded:
                raise click.ClickException(f"{slug} is not loaded: {plugin.reason or plugin.skipped}")
            owner = migrate.Owner(slug, plugin.candidate.folder / "migrations")
        with migrate.connected(app.extensions["jidi_settings"].database_url) as connection:
            if not migrate.differences(connection, owner):
                raise click.ClickException("the tables are what the models say: there is nothing to write")
            click.echo(migrate.revise(connection, owner, message))
