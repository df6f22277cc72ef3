"""Tokens with which programs act for a user: made once, kept as a hash, revoked at once.

A token has at least 128 random bits (RFC 6750 5.2 asks for tokens nobody can guess): a plain hash is enough to keep it.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from core import audit, clock, errors
from core.accounts.models import ApiToken, User
from core.db import db, write

PREFIX = "jidi_"
"""How a token begins, so that people and scanners of secrets know one when they see it."""

API = "api"
"""The purpose of a token that opens the API, and nothing else."""

LONGEST_PROGRAM = 120
"""Characters of a program's name that are kept."""

LONGEST_DAYS = 3660
"""Days after which a token ends, at most; one that does not end is made without."""

USE_NOTED = timedelta(minutes=5)
"""How exactly the last use is kept."""


def create(*, user_id: int, label: str = "", days: int | None = None, actor_id: int | None = None) -> str:
    """Make a token of the API for a user, and return it: it cannot be read again.

    Args:
        user_id: as whom the program acts.
        label: what it is for, at most 80 characters.
        days: after how many days it ends, at most `LONGEST_DAYS`; None: never.
        actor_id: who makes it; None: the command line.

    Raises:
        errors.NotFound: there is no such user who may sign in.
    """
    token = PREFIX + secrets.token_urlsafe(32)
    with write() as session:
        row = add(session, token, user_id=user_id, label=label, actor_id=actor_id)
        row.expires_at = row.created_at + timedelta(days=days) if days is not None else None
    return token


def add(
    session: Session,
    token: str,
    *,
    user_id: int,
    label: str,
    actor_id: int | None,
    purpose: str = API,
    scope: str = "",
) -> ApiToken:
    """Keep a token of any purpose, in the current transaction.

    Args:
        session: the session of the open `db.write()`.
        token: the secret, of 128 random bits at least; only its hash is kept.
        user_id: as whom the program acts.
        label: what it is for, cut to 80 characters.
        actor_id: who makes it; None: the command line.
        purpose, scope: what it opens (`ApiToken`).

    Raises:
        errors.NotFound: there is no such user who may sign in.
    """
    user = session.get(User, user_id)
    if user is None or not user.active:
        raise errors.NotFound
    row = ApiToken(
        user_id=user.id,
        label=label.strip()[:80],
        purpose=purpose,
        scope=scope,
        digest=digest(token),
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    about = {"purpose": purpose, "scope": scope} if purpose != API else {}
    audit.record(session, actor_id=actor_id, action="token.create", subject=f"token:{row.id}", **about)
    return row


def find(token: str, *, purpose: str = API) -> ApiToken | None:
    """Return the token if it can be used now for a purpose: neither revoked nor over, its user active."""
    row = db.session.scalar(
        select(ApiToken)
        .join(ApiToken.user)
        .where(ApiToken.digest == digest(token), ApiToken.purpose == purpose, ApiToken.revoked_at.is_(None))
    )
    if row is None or not row.user.active or (row.expires_at is not None and row.expires_at <= clock.now()):
        return None
    return row


def tokens_of(user_id: int, *, purpose: str = API) -> list[ApiToken]:
    """Return a user's tokens of a purpose that are not revoked, the newest first."""
    wanted = select(ApiToken).where(
        ApiToken.user_id == user_id, ApiToken.purpose == purpose, ApiToken.revoked_at.is_(None)
    )
    return list(db.session.scalars(wanted.order_by(ApiToken.id.desc())))


def revoke(*, user_id: int, token_id: int, actor_id: int | None = None, purpose: str = API) -> None:
    """End a user's token, now.

    Raises:
        errors.NotFound: the user has no such token, or it is revoked already.
    """
    with write() as session:
        end(session, own(session, user_id=user_id, token_id=token_id, purpose=purpose), actor_id=actor_id)


def own(session: Session, *, user_id: int, token_id: int, purpose: str) -> ApiToken:
    """Return a user's token of a purpose, locked until the end of the transaction.

    Raises:
        errors.NotFound: the user has no such token, or it is revoked.
    """
    row = session.get(ApiToken, token_id, with_for_update=True, populate_existing=True)
    if row is None or row.user_id != user_id or row.purpose != purpose or row.revoked_at is not None:
        raise errors.NotFound
    return row


def end(session: Session, row: ApiToken, *, actor_id: int | None) -> None:
    """Revoke a token in the current transaction."""
    row.revoked_at = clock.now()
    audit.record(session, actor_id=actor_id, action="token.revoke", subject=f"token:{row.id}")


def note_use(token_id: int, at: datetime, *, by: str = "") -> None:
    """Keep when, and by which program, a token was used last.

    Called after the answer, and only once in a while. The table is written and not the model: what a token opens has
    not changed, and nobody needs to look at it anew (`versions.py`).
    """
    with write() as session:
        table = cast("Table", ApiToken.__table__)
        session.execute(update(table).where(table.c.id == token_id).values(used_at=at, used_by=by[:LONGEST_PROGRAM]))


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


def digest(token: str) -> str:
    """Return the hash of a token that is kept."""
    return hashlib.sha256(token.encode()).hexdigest()
