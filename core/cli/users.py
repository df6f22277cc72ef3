"""Commands for accounts: the first administrator, and help for those who are locked out."""

import click
from sqlalchemy import select

from core import db
from core.accounts import passwords, services
from core.accounts.models import User
from core.accounts.queries import find_user
from core.accounts.roles import GLOBAL, Role
from core.bases.models import Base
from core.cli.running import application
from core.organisations.models import Organisation

ROLES = click.Choice([role.value for role in Role])


@click.group()
def user() -> None:
    """Create accounts, give roles, set passwords."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="What others see; may be a role.")
@click.option("--role", type=ROLES, help="A first role.")
@click.option("--at", "place", help="The role's base or organisation: its slug.")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def create(email: str, name: str, role: str | None, place: str | None, password: str) -> None:
    """Create an account; `--role administrator` makes the first one of a site."""
    with application(plugins=False).app_context():
        password_hash = passwords.hashed(password, email=email)
        scope = _scope(Role(role), place) if role else {}
        with db.write() as session:
            made = services.create_user(session, email=email, name=name, password_hash=password_hash)
            if role:
                services.grant(session, user=made, role=Role(role), **scope)
        click.echo(f"{email} can sign in.")


@user.command()
@click.argument("email")
@click.argument("role", type=ROLES)
@click.option("--at", "place", help="The role's base or organisation: its slug.")
@click.option("--take", is_flag=True, help="Take the role away instead.")
def role(email: str, role: str, place: str | None, take: bool) -> None:
    """Give a role, or take it away."""
    with application(plugins=False).app_context():
        user_id = _user(email).id
        scope = _scope(Role(role), place)
        with db.write() as session:
            changed = session.get_one(User, user_id)
            (services.revoke if take else services.grant)(session, user=changed, role=Role(role), **scope)
        click.echo(f"{email} {'no longer has' if take else 'has'} the role {role}.")


@user.command()
@click.argument("email")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def password(email: str, password: str) -> None:
    """Set a password; ends all sessions of the account."""
    with application(plugins=False).app_context():
        known = _user(email)
        password_hash = passwords.hashed(password, email=known.email)
        user_id = known.id
        with db.write() as session:
            services.set_password(session, user=session.get_one(User, user_id), password_hash=password_hash)
        click.echo(f"The password of {email} is set.")


def _user(email: str) -> User:
    known = find_user(email)
    if known is None:
        raise click.ClickException(f"there is no account {email}")
    return known


def _scope(role: Role, place: str | None) -> dict[str, int]:
    """Return the base or organisation a role is held for, as `services.grant` takes it."""
    if role in GLOBAL:
        if place:
            raise click.ClickException(f"the role {role.value} is held for the whole consortium: leave --at out")
        return {}
    model, key = (Organisation, "organisation_id") if role == Role.CONTACT else (Base, "base_id")
    found = db.db.session.scalar(select(model.id).where(model.slug == place))
    if found is None:
        slugs = ", ".join(db.db.session.scalars(select(model.slug).order_by(model.slug)))
        raise click.ClickException(f"the role {role.value} needs --at with one of: {slugs or 'none there yet'}")
    return {key: found}
