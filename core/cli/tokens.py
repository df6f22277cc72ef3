"""Commands for bearer tokens, with which programs use the API as somebody."""

from datetime import datetime

import click

from core import clock
from core.accounts import api_tokens
from core.accounts.models import User
from core.accounts.queries import find_user
from core.cli.running import application
from core.errors import NotFound


@click.group()
def token() -> None:
    """Make, list and revoke the bearer tokens with which programs use the API."""


@token.command()
@click.argument("email")
@click.option("--label", default="", help="What it is for, at most 80 characters.")
@click.option("--days", type=click.IntRange(1, api_tokens.LONGEST_DAYS), help="Let it end after so many days.")
def create(email: str, label: str, days: int | None) -> None:
    """Make a token and print it; it cannot be read again."""
    with application(plugins=False).app_context():
        try:
            click.echo(api_tokens.create(user_id=_user(email).id, label=label, days=days))
        except NotFound:
            raise click.ClickException(f"{email} is deactivated and can have no token") from None


@token.command("list")
@click.argument("email")
def show(email: str) -> None:
    """List the tokens of an account that are not revoked: number, label, made, ends, last used."""
    with application(plugins=False).app_context():
        rows = api_tokens.tokens_of(_user(email).id)
        for row in rows:
            dates = f"made {_day(row.created_at)}, ends {_day(row.expires_at)}, last used {_day(row.used_at)}"
            click.echo(f"{row.id}  {row.label or '(no label)'}  {dates}")
        if not rows:
            click.echo(f"{email} has no token.")


@token.command()
@click.argument("email")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
def revoke(email: str, number: int) -> None:
    """End a token at once, by its number in the list."""
    with application(plugins=False).app_context():
        try:
            api_tokens.revoke(user_id=_user(email).id, token_id=number)
        except NotFound:
            raise click.ClickException(f"{email} has no token {number}: see `jidi token list {email}`") from None
        click.echo(f"Token {number} of {email} is revoked.")


def _user(email: str) -> User:
    known = find_user(email)
    if known is None:
        raise click.ClickException(f"there is no account {email}")
    return known


def _day(moment: datetime | None) -> str:
    return "never" if moment is None else f"{clock.local(moment):%Y-%m-%d}"
