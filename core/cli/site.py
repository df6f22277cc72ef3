"""Commands that bring the site up to date and run it."""

import click

from core import config
from core import worker as working
from core.cli.running import application
from core.db import db
from core.serve import serve as serving
from core.serve import serve_reloading
from core.upgrade import is_current
from core.upgrade import upgrade as upgrading


@click.command()
def upgrade() -> None:
    """Create or migrate the database, and take in what the plugins declare."""
    problems = upgrading(application())
    for slug, problem in problems.items():
        click.echo(f"plugin {slug} is left out: {problem}", err=True)
    click.echo("The database is up to date.")


@click.command()
@click.option("--reload", is_flag=True, help="Start anew when a file changes (development).")
def serve(reload: bool) -> None:
    """Serve the site at JIDI_HOST and JIDI_PORT."""
    settings = config.load()
    if reload:
        serve_reloading(settings)
        return
    _be_current()
    serving(settings)


@click.command()
def worker() -> None:
    """Do what is due: mails, lapsed bookings, cleaning up. Runs until told to end."""
    _be_current()
    working.run(application())


def _be_current() -> None:
    with application(plugins=False).app_context():
        current = is_current()
        # The server's processes are forked from this one: a connection taken along would share its locks with them.
        db.engine.dispose()
    if not current:
        raise click.ClickException("the database is not up to date: run `jidi upgrade` first")
