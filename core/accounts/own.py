"""What users do with their own account: profile, password, invitation, a forgotten password."""

from flask_babel import lazy_gettext as _l

from core import jobs, outbox
from core.accounts import mails, passwords, services, tokens
from core.accounts.models import User
from core.accounts.queries import find_user
from core.db import write
from core.errors import Invalid

FORGOTTEN = "accounts.forgotten"


def change_profile(*, actor: User, name: str, phone: str | None, language: str | None) -> None:
    """Change a user's own name, phone and language of messages."""
    with write() as session:
        user = session.get_one(User, actor.id)
        user.name, user.phone, user.language = name.strip(), phone or None, language or None


def change_password(*, actor: User, current: str, new: str) -> User:
    """Change a user's own password; every other session of theirs ends.

    Raises:
        Invalid: the current password is wrong, or the new one breaks a rule.
    """
    if not passwords.matches(current, actor.password_hash):
        raise Invalid({"current": _l("This is not your present password.")})
    digest = passwords.hashed(new, email=actor.email)
    with write() as session:
        user = session.get_one(User, actor.id)
        services.set_password(session, user=user, password_hash=digest, actor_id=user.id)
        return user


def set_password(*, token: str, purpose: str, password: str, name: str | None = None, phone: str | None = None) -> User:
    """Set a password with a link from a mail, and use the link up.

    Args:
        token: from the link.
        purpose: "invitation" or "reset".
        password: the new one, as typed.
        name, phone: as filled in with an invitation; None leaves them.

    Raises:
        tokens.LinkOver: the link cannot be used.
        Invalid: the password breaks a rule; the link stays.
    """
    digest = passwords.hashed(password, email=tokens.holder(token, purpose).email)
    with write() as session:
        user = tokens.use(session, token, purpose)
        services.set_password(session, user=user, password_hash=digest, actor_id=user.id)
        if name:
            user.name = name.strip()
        if phone:
            user.phone = phone
        return user


def forgot(email: str) -> None:
    """Ask for a link to set a new password.

    Whether there is such an account is not told, not even by the time it takes: the worker does the rest.
    """
    user = find_user(email)
    with write() as session:
        jobs.enqueue(session, FORGOTTEN, {"user": user.id if user else None})


@jobs.handler(FORGOTTEN)
def send_reset(task: jobs.Task) -> None:
    """Send the link to set a new password, or an invitation to who never had one."""
    with write() as session:
        user = session.get(User, task.payload["user"]) if task.payload["user"] else None
        if user is None or not user.active:
            return
        if user.password_hash is None:
            services.send_invitation(session, user)
            return
        token = tokens.make(session, user, "reset")
        mails.send(
            session,
            user,
            subject=_l("Set a new password"),
            body=_l(
                "Somebody, probably you, asked for a new password. The link works once, for 24 hours.\n\n"
                "If it was not you, you need not do anything: your password stays as it is."
            ),
            link=outbox.path_to("accounts.reset", token=token),
            action=_l("Set a new password"),
            secret=True,
        )
