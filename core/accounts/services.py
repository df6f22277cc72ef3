"""What changes users, step by step inside an open transaction.

These steps ask for no permission: pages go through `users.py`, which does; commands and demo data call them directly.
"""

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit, clock, events, outbox
from core.accounts import api_tokens, mails, tokens
from core.accounts.events import AccessChanged
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.errors import DomainError, Invalid


class LastAdministrator(DomainError):
    """Without an administrator nobody could manage the site any more."""

    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__(_l("This is the last administrator. Give the role to somebody else first."))


def address(email: str) -> str:
    """Return an e-mail address as it is kept: checked for its form, in small letters.

    Raises:
        Invalid: it is none.
    """
    try:
        checked = validate_email(email.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise Invalid({"email": _l("This is not an e-mail address. Example: name@school.cn")}) from None
    return checked.normalized.lower()


def create_user(
    session: Session,
    *,
    email: str,
    name: str,
    password_hash: str | None = None,
    phone: str | None = None,
    language: str | None = None,
    demo: bool = False,
    actor_id: int | None = None,
) -> User:
    """Create a user without any role.

    Args:
        session: the session of the open `db.write()`.
        email: address to sign in with; must be nobody else's.
        name: shown to others.
        password_hash: from `passwords.hashed`, made before the transaction; None: invited, no password yet.
        phone: kept encrypted.
        language: of messages; the site's default when None.
        demo: whether the account belongs to the demo.
        actor_id: who does it, for the audit log; None for the system.

    Raises:
        Invalid: the address is none, or somebody has it already.
    """
    user = User(
        email=address(email),
        name=name.strip(),
        password_hash=password_hash,
        phone=phone or None,
        language=language,
        demo=demo,
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:
        raise Invalid({"email": _l("There is an account with this e-mail address already.")}) from None
    audit.record(session, actor_id=actor_id, action="account.create", subject=f"user:{user.id}")
    return user


def grant(
    session: Session,
    *,
    user: User,
    role: Role,
    base_id: int | None = None,
    organisation_id: int | None = None,
    actor_id: int | None = None,
) -> None:
    """Give a user a role; does nothing when the role is held already.

    Args:
        session: the session of the open `db.write()`.
        user: a user of this session.
        role: what to give.
        base_id: the base, for manager, publisher and instructor.
        organisation_id: the organisation, for a contact.
        actor_id: who does it, for the audit log.

    Raises:
        Invalid: the role needs a base or organisation and has none.
    """
    base_id, organisation_id = scope_of(role, base_id, organisation_id)
    _settle(session, user)
    if user.holds(role, base_id=base_id, organisation_id=organisation_id):
        return
    given = Grant(role=role, base_id=base_id, organisation_id=organisation_id)
    user.grants.append(given)
    session.flush()
    _record_role(session, "account.grant", user, given, actor_id=actor_id)
    events.publish(session, AccessChanged(user))


def revoke(
    session: Session,
    *,
    user: User,
    role: Role,
    base_id: int | None = None,
    organisation_id: int | None = None,
    actor_id: int | None = None,
) -> None:
    """Take a role from a user; arguments as for `grant`.

    Raises:
        LastAdministrator: nobody else could manage the site.
    """
    if role == Role.ADMINISTRATOR and user.holds(role):
        _keep_an_administrator(session, without=user)
    base_id, organisation_id = scope_of(role, base_id, organisation_id)
    _settle(session, user)
    for held in list(user.grants):
        if (held.role, held.base_id, held.organisation_id) == (role, base_id, organisation_id):
            user.grants.remove(held)
            _record_role(session, "account.revoke", user, held, actor_id=actor_id)
    events.publish(session, AccessChanged(user))


def scope_of(role: Role, base_id: int | None, organisation_id: int | None) -> tuple[int | None, int | None]:
    """Return base and organisation as far as the role is bound to one.

    Raises:
        Invalid: the one it needs is missing.
    """
    if role in {Role.MANAGER, Role.PUBLISHER, Role.INSTRUCTOR}:
        if base_id is None:
            raise Invalid({"base": _l("Choose the base for which this role is held.")})
        return base_id, None
    if role == Role.CONTACT:
        if organisation_id is None:
            raise Invalid({"organisation": _l("Choose the organisation for which this role is held.")})
        return None, organisation_id
    return None, None


def set_password(session: Session, *, user: User, password_hash: str, actor_id: int | None = None) -> None:
    """Set a user's password, end all their sessions and tokens, and make their unused links worthless.

    Args:
        session: the session of the open `db.write()`.
        user: a user of this session.
        password_hash: from `passwords.hashed`, made before the transaction.
        actor_id: who does it, for the audit log.
    """
    user.password_hash = password_hash
    _end_all(session, user)
    audit.record(session, actor_id=actor_id, action="account.password", subject=f"user:{user.id}")


def set_active(session: Session, *, user: User, active: bool, actor_id: int | None = None) -> None:
    """Let a user sign in, or not: then all their sessions, tokens and links end.

    Raises:
        LastAdministrator: nobody else could manage the site.
    """
    if user.active == active:
        return
    if not active:
        if user.holds(Role.ADMINISTRATOR):
            _keep_an_administrator(session, without=user)
        _end_all(session, user)
    user.active = active
    action = "account.activate" if active else "account.deactivate"
    audit.record(session, actor_id=actor_id, action=action, subject=f"user:{user.id}")
    events.publish(session, AccessChanged(user))


def invite(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role,
    base_id: int | None = None,
    organisation_id: int | None = None,
    phone: str | None = None,
    language: str | None = None,
    actor_id: int | None = None,
) -> User:
    """Give somebody a role by mail: a new account comes with a link to set its password.

    Args:
        session: the session of the open `db.write()`.
        email: address; whoever has an account under it keeps their name and password.
        name: name of a new account.
        role: with base_id or organisation_id as for `grant`.
        phone, language: of a new account.
        actor_id: who invites.

    Raises:
        Invalid: the address is none, its account is deactivated, or the role lacks its base or organisation.
    """
    email = address(email)
    user = session.scalar(select(User).where(User.email == email))
    if user is None:
        user = create_user(session, email=email, name=name, phone=phone, language=language, actor_id=actor_id)
    elif not user.active:
        raise Invalid({"email": _l("The account with this e-mail address is deactivated. Activate it first.")})
    grant(session, user=user, role=role, base_id=base_id, organisation_id=organisation_id, actor_id=actor_id)
    if user.password_hash is None:
        send_invitation(session, user)
    else:
        _tell_of_role(session, user)
    return user


def send_invitation(session: Session, user: User) -> None:
    """Send a user without a password a new link to set one; earlier ones end."""
    token = tokens.make(session, user, "invitation")
    mails.send(
        session,
        user,
        subject=_l("Your account at Jidi"),
        body=_l("An account has been set up for you. Set your password to use it; the link works once, for 7 days."),
        link=outbox.path_to("accounts.invitation", token=token),
        action=_l("Set the password"),
        secret=True,
    )


def _tell_of_role(session: Session, user: User) -> None:
    mails.send(
        session,
        user,
        subject=_l("A new role for your account"),
        body=_l("Your account has been given a new role. Sign in as before to use it."),
        link=outbox.path_to("accounts.home"),
        action=_l("Open my account"),
    )


def _end_all(session: Session, user: User) -> None:
    """Let nobody in any more who got in before: not by a session, a link or a token."""
    user.session_version += 1
    tokens.end_all(session, user)
    api_tokens.end_all(session, user)


def _keep_an_administrator(session: Session, *, without: User) -> None:
    # All rows are locked, so that two administrators cannot remove each other at the same moment.
    held = select(Grant.user_id).join(User).where(Grant.role == Role.ADMINISTRATOR, User.active)
    holders = session.scalars(held.order_by(Grant.id).with_for_update()).all()
    if set(holders) <= {without.id}:
        raise LastAdministrator


def _settle(session: Session, user: User) -> None:
    """Read a user's roles again under a lock, so that two who change them at once follow one another."""
    session.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
    session.refresh(user, ["grants"])


def _record_role(session: Session, action: str, user: User, held: Grant, *, actor_id: int | None) -> None:
    audit.record(
        session,
        actor_id=actor_id,
        action=action,
        subject=f"user:{user.id}",
        role=str(held.role),
        base=held.base_id,
        organisation=held.organisation_id,
    )
