"""The command `jidi`."""

import logging
import sys

import click
from sqlalchemy.exc import DBAPIError

from core.cli import check, demo, migrations, plugins, search, site, tokens, users
from core.config import SettingsError
from core.errors import DomainError
from core.plugins.errors import PluginError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jidi", prog_name="jidi")
def jidi() -> None:
    """Jidi, the portal for shared training bases."""


for command in (
    site.upgrade,
    site.serve,
    site.worker,
    demo.demo,
    users.user,
    tokens.token,
    plugins.plugin,
    check.check,
    search.search,
    migrations.migration,
):
    jidi.add_command(command)


def main() -> None:
    """Run a command; what goes wrong is told in a sentence, not as a traceback."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        jidi()
    except SettingsError as error:
        _end(2, f"The settings cannot be used:\n{error}")
    except PluginError as error:
        _end(1, f"A plugin is broken:\n{error}\n`jidi plugin list` shows all of them.")
    except DomainError as error:
        _end(1, str(error))
    except DBAPIError as error:
        _end(1, f"The database cannot be used: {error.orig}\n`jidi check` says more.")


def _end(status: int, text: str) -> None:
    click.echo(text, err=True)
    sys.exit(status)
