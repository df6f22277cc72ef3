"""One-time links sent by mail: only a hash is kept, one use, a limited time."""

import hashlib
import secrets
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.accounts.models import MailedToken, User
from core.db import db
from core.errors import NotFound

LIFETIMES = {"invitation": timedelta(days=7), "reset": timedelta(hours=24)}
"""How long a link can be used, by its purpose."""


class LinkOver(NotFound):
    """A link that is unknown, used, replaced or too old: which of them is not told."""

    status = 410
    code = "link_over"

    def __init__(self) -> None:
        super().__init__(
            _l("This link has been used, replaced by a newer one, or is too old. Please ask for a new one.")
        )


def make(session: Session, user: User, purpose: str) -> str:
    """Make the one valid link of its purpose for a user, and return its token (256 random bits)."""
    session.execute(delete(MailedToken).where(MailedToken.user_id == user.id, MailedToken.purpose == purpose))
    token = secrets.token_urlsafe(32)
    expires_at = clock.now() + LIFETIMES[purpose]
    session.add(MailedToken(user_id=user.id, purpose=purpose, digest=_digest(token), expires_at=expires_at))
    return token


def holder(token: str, purpose: str) -> User:
    """Return the user whose link this is, without using it.

    Raises:
        LinkOver: it cannot be used.
    """
    user: User | None = db.session.scalar(select(User).join(MailedToken).where(_valid(token, purpose)))
    if user is None:
        raise LinkOver
    return user


def use(session: Session, token: str, purpose: str) -> User:
    """Use up a link in the current transaction and return its user; of two at once only one succeeds.

    Raises:
        LinkOver: it cannot be used.
    """
    found = session.scalar(select(MailedToken).join(User).where(_valid(token, purpose)).with_for_update(of=MailedToken))
    if found is None:
        raise LinkOver
    found.used_at = clock.now()
    return found.user


def end_all(session: Session, user: User) -> None:
    """Make every unused link of a user worthless."""
    session.execute(delete(MailedToken).where(MailedToken.user_id == user.id, MailedToken.used_at.is_(None)))


def clean(session: Session) -> None:
    """Remove links that are used or too old."""
    gone = or_(MailedToken.used_at.is_not(None), MailedToken.expires_at <= clock.now())
    session.execute(delete(MailedToken).where(gone))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _valid(token: str, purpose: str) -> ColumnElement[bool]:
    return and_(
        MailedToken.digest == _digest(token),
        MailedToken.purpose == purpose,
        MailedToken.used_at.is_(None),
        MailedToken.expires_at > clock.now(),
        User.active,
    )
