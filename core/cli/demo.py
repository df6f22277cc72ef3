"""The command that loads the demo."""

import json

import click

from core.cli.running import application
from core.demo import load
from core.upgrade import upgrade


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the accounts as JSON, for scripts.")
def demo(as_json: bool) -> None:
    """Load the consortium's demo and print its accounts; a second run changes nothing."""
    app = application()
    upgrade(app)
    accounts = load(app)
    if as_json:
        click.echo(json.dumps(accounts, ensure_ascii=False, indent=2))
        return
    settings = app.extensions["jidi_settings"]
    click.echo(f"Demo accounts, for {settings.base_url}/account/sign-in")
    for account in accounts:
        click.echo(f"{account['role']:<14} {account['email']:<34} {account['password']:<16} {account['name']}")
