"""The deeds of those who manage accounts, each with its permission, in one transaction."""

from sqlalchemy.orm import Session

from core.accounts import services
from core.accounts.models import Grant, User
from core.accounts.roles import Role, require
from core.db import write
from core.errors import Forbidden, NotFound, StateChanged

PERMISSION = "account.manage"


def invite(
    *,
    actor: User,
    email: str,
    name: str,
    role: Role,
    base_id: int | None = None,
    organisation_id: int | None = None,
    language: str | None = None,
) -> User:
    """Invite somebody by mail; see `services.invite`.

    Raises:
        Forbidden: the actor may not; only an administrator makes administrators.
        Invalid: the input cannot be used.
    """
    with write() as session:
        _allow(actor, role)
        return services.invite(
            session,
            email=email,
            name=name,
            role=role,
            base_id=base_id,
            organisation_id=organisation_id,
            language=language,
            actor_id=actor.id,
        )


def invite_again(*, actor: User, user_id: int) -> None:
    """Send a new invitation to somebody who has not set a password yet.

    Raises:
        StateChanged: the password has been set meanwhile, or the account is deactivated.
    """
    with write() as session:
        user = _managed(session, actor, user_id)
        if user.password_hash is not None or not user.active:
            raise StateChanged
        services.send_invitation(session, user)


def grant(
    *, actor: User, user_id: int, role: Role, base_id: int | None = None, organisation_id: int | None = None
) -> None:
    """Give a user a role; see `services.grant`."""
    with write() as session:
        _allow(actor, role)
        user = _managed(session, actor, user_id)
        services.grant(
            session, user=user, role=role, base_id=base_id, organisation_id=organisation_id, actor_id=actor.id
        )


def revoke(*, actor: User, user_id: int, grant_id: int) -> None:
    """Take a role from a user.

    Raises:
        services.LastAdministrator: nobody else could manage the site.
    """
    with write() as session:
        user = _managed(session, actor, user_id)
        held = session.get(Grant, grant_id)
        if held is None or held.user_id != user.id:
            raise StateChanged
        _allow(actor, Role(held.role))
        services.revoke(
            session,
            user=user,
            role=Role(held.role),
            base_id=held.base_id,
            organisation_id=held.organisation_id,
            actor_id=actor.id,
        )


def set_active(*, actor: User, user_id: int, active: bool) -> None:
    """Let a user sign in again, or end their sessions and keep them out; see `services.set_active`."""
    with write() as session:
        user = _managed(session, actor, user_id)
        services.set_active(session, user=user, active=active, actor_id=actor.id)


def _managed(session: Session, actor: User, user_id: int) -> User:
    require(actor, PERMISSION)
    user = session.get(User, user_id)
    if user is None:
        raise NotFound
    if user.holds(Role.ADMINISTRATOR):
        _allow(actor, Role.ADMINISTRATOR)
    return user


def _allow(actor: User, role: Role) -> None:
    require(actor, PERMISSION)
    # Whoever could make administrators, or change one, would be one.
    if role == Role.ADMINISTRATOR and not actor.holds(Role.ADMINISTRATOR):
        raise Forbidden
