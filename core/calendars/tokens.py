"""Secrets that open calendars: the address of one private calendar, or the password of a calendar account.

They are rows of `ApiToken` with the purpose `calendar`, made, found and ended by the code of the API's tokens; each is
good for its own purpose only. People type app passwords on their phones: the letters are ones nobody confuses, in
groups, and the groups and capitals do not matter.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core import clock, errors
from core.accounts import api_tokens
from core.accounts.models import ApiToken, User
from core.calendars import access, collections
from core.db import write

log = logging.getLogger(__name__)

PURPOSE = "calendar"

ACCOUNT = ""
"""The scope of an app password: every calendar of its user, by CalDAV only."""

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 28
"""Letters of a secret: 138 random bits."""

GROUP = 4

MOST = 50
"""Secrets a user may have at a time."""

USE_NOTED = timedelta(hours=1)
"""How exactly the last use is kept: programs ask often, and each note is a write."""

_NOTED = "jidi_calendar_uses"


class TooManyTokens(errors.DomainError):
    """The user has as many as they may have."""

    status = 409
    code = "too_many_tokens"

    def __init__(self) -> None:
        super().__init__(
            _l("You have %(count)s addresses and passwords already. Please revoke those you no longer use.", count=MOST)
        )


@dataclass(frozen=True)
class Found:
    """A secret that is good now.

    Attributes:
        token_id: its row.
        user: whose it is.
        key: of the one calendar it opens, or `ACCOUNT`.
        used_at: when it was last used, as far as was noted when it was found.
    """

    token_id: int
    user: User
    key: str
    used_at: datetime | None

    @property
    def stale(self) -> bool:
        """Whether its last use should be noted anew."""
        noted = _noted().get(self.token_id, self.used_at)
        return noted is None or noted < clock.now() - USE_NOTED


def make(*, actor: User, key: str, label: str = "") -> str:
    """Make a secret for one of a user's calendars, and return it: it cannot be read again.

    Args:
        actor: the user; nobody makes one for others.
        key: of the calendar, or `ACCOUNT`.
        label: what it is for (“my phone”), cut to 80 characters.

    Raises:
        errors.NotFound: there is no such calendar, or the user may not read it.
        TooManyTokens: they have `MOST` already.
    """
    secret = _new()
    with write() as session:
        _check(_locked(session, actor), key)
        if len(tokens_of(actor.id)) >= MOST:
            raise TooManyTokens
        api_tokens.add(session, secret, user_id=actor.id, label=label, actor_id=actor.id, purpose=PURPOSE, scope=key)
    return _shown(secret, key)


def find(secret: str) -> Found | None:
    """Return what a secret opens, or None: unknown, revoked, its user not active, or not allowed to read it now."""
    row = api_tokens.find(_plain(secret), purpose=PURPOSE)
    if row is None or (row.scope and not access.may_read(row.user, row.scope)):
        return None
    return Found(row.id, row.user, row.scope, row.used_at)


def find_account(email: str, password: str) -> Found | None:
    """Return the calendar account of an e-mail address and an app password, or None."""
    found = find(password)
    if found is None or found.key != ACCOUNT or found.user.email != email.strip().lower():
        return None
    return found


def tokens_of(user_id: int) -> list[ApiToken]:
    """Return a user's secrets that are not revoked, the newest first."""
    return api_tokens.tokens_of(user_id, purpose=PURPOSE)


def rotate(*, actor: User, token_id: int) -> tuple[str, str]:
    """Put a new secret in the place of one that is dead from now on; return it, and the key of what it opens.

    Raises:
        errors.NotFound: the user has no such secret, or may no longer read its calendar.
    """
    secret = _new()
    with write() as session:
        user = _locked(session, actor)
        row = api_tokens.own(session, user_id=actor.id, token_id=token_id, purpose=PURPOSE)
        _check(user, row.scope)
        api_tokens.end(session, row, actor_id=actor.id)
        key, label = row.scope, row.label
        api_tokens.add(session, secret, user_id=actor.id, label=label, actor_id=actor.id, purpose=PURPOSE, scope=key)
    return _shown(secret, key), key


def revoke(*, actor: User, token_id: int) -> None:
    """End one of a user's secrets, now.

    Raises:
        errors.NotFound: the user has no such secret, or it is revoked already.
    """
    api_tokens.revoke(user_id=actor.id, token_id=token_id, actor_id=actor.id, purpose=PURPOSE)


def note_use(found: Found, program: str) -> None:
    """Keep when a secret was used last; called after every answer, writes at most once in `USE_NOTED`.

    Args:
        found: the secret.
        program: what asked, as it calls itself (`User-Agent`), a character for each byte, as WSGI hands it over.
    """
    if not found.stale:
        return
    now = clock.now()
    _noted()[found.token_id] = now
    name = program.encode("latin-1", "ignore").decode(errors="ignore")  # programs here call themselves 日历, too
    try:
        api_tokens.note_use(found.token_id, now, by="".join(filter(str.isprintable, name)))
    except SQLAlchemyError:  # reading must not depend on writing
        log.warning("the last use of token %s could not be noted", found.token_id, exc_info=True)


def _locked(session: Session, actor: User) -> User:
    """Return the user, of whom nothing else makes a secret, or ends them all, meanwhile."""
    return session.get_one(User, actor.id, with_for_update={"key_share": True}, populate_existing=True)


def _check(user: User, key: str) -> None:
    if key != ACCOUNT and (not access.may_read(user, key) or collections.find(key) is None):
        raise errors.NotFound


def _shown(secret: str, key: str) -> str:
    """Return a secret as it is shown: what people read and type in groups."""
    if key != ACCOUNT:
        return secret
    return "-".join(secret[start : start + GROUP] for start in range(0, len(secret), GROUP))


def _new() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def _plain(secret: str) -> str:
    """Return a secret as it was made, however it was typed."""
    return secret.replace("-", "").replace(" ", "").lower()


def _noted() -> dict[int, datetime]:
    """Return when this process last noted the use of each secret."""
    noted: dict[int, datetime] = current_app.extensions.setdefault(_NOTED, {})
    return noted
