"""Commands for the search."""

import click

from core import db
from core.cli.running import application
from core.content.search import indexing


@click.group()
def search() -> None:
    """Look after the full-text search."""


@search.command()
def rebuild() -> None:
    """Write anew what the search knows of every page, announcement, file, session and piece of equipment."""
    with application().app_context(), db.write() as session:
        count = indexing.rebuild(session)
    click.echo(f"{count} documents are indexed.")
