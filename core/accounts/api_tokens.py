"""Bearer tokens with which programs use the API: made once, kept as a hash, revoked at once.

A token has 256 random bits (RFC 6750 5.2 asks for tokens nobody can guess), so a plain hash is enough to keep it.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import audit, clock, errors
from core.accounts.models import ApiToken, User
from core.db import db, write

PREFIX = "jidi_"
"""How a token begins, so that people and scanners of secrets know one when they see it."""

LONGEST_DAYS = 3660
"""Days after which a token ends, at most; one that does not end is made without."""

USE_NOTED = timedelta(minutes=5)
"""How exactly the last use is kept."""


def create(*, user_id: int, label: str = "", days: int | None = None, actor_id: int | None = None) -> str:
    """Make a token for a user, and return it: it cannot be read again.

    Args:
        user_id: as whom the program acts.
        label: what it is for, at most 80 characters.
        days: after how many days it ends, at most `LONGEST_DAYS`; None: never.
        actor_id: who makes it; None: the command line.

    Raises:
        errors.NotFound: there is no such user who may sign in.
    """
    token = PREFIX + secrets.token_urlsafe(32)
    now = clock.now()
    with write() as session:
        user = session.get(User, user_id)
        if user is None or not user.active:
            raise errors.NotFound
        row = ApiToken(
            user_id=user.id,
            label=label.strip()[:80],
            digest=_digest(token),
            created_at=now,
            expires_at=now + timedelta(days=days) if days is not None else None,
        )
        session.add(row)
        session.flush()
        audit.record(session, actor_id=actor_id, action="token.create", subject=f"token:{row.id}")
    return token


def find(token: str) -> ApiToken | None:
    """Return the token if it can be used now: neither revoked nor over, its user active."""
    row = db.session.scalar(
        select(ApiToken).join(ApiToken.user).where(ApiToken.digest == _digest(token), ApiToken.revoked_at.is_(None))
    )
    if row is None or not row.user.active or (row.expires_at is not None and row.expires_at <= clock.now()):
        return None
    return row


def tokens_of(user_id: int) -> list[ApiToken]:
    """Return a user's tokens that are not revoked, the newest first."""
    wanted = select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    return list(db.session.scalars(wanted.order_by(ApiToken.id.desc())))


def revoke(*, user_id: int, token_id: int, actor_id: int | None = None) -> None:
    """End a user's token, now.

    Raises:
        errors.NotFound: the user has no such token, or it is revoked already.
    """
    with write() as session:
        row = session.get(ApiToken, token_id)
        if row is None or row.user_id != user_id or row.revoked_at is not None:
            raise errors.NotFound
        row.revoked_at = clock.now()
        audit.record(session, actor_id=actor_id, action="token.revoke", subject=f"token:{row.id}")


def note_use(token_id: int, at: datetime) -> None:
    """Keep when a token was used last; called after the answer, and only once in a while (`is_use_stale`)."""
    with write() as session:
        session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=at))


def is_use_stale(token: ApiToken) -> bool:
    """Say whether the last use that is kept is old enough to be written anew."""
    return token.used_at is None or token.used_at < clock.now() - USE_NOTED


def end_all(session: Session, user: User) -> None:
    """Revoke every token of a user, in the current transaction."""
    session.execute(
        update(ApiToken)
        .where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
