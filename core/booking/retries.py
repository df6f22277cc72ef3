"""A request that is sent twice is carried out once: the same key with the same content gets the same booking again."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, errors
from core.accounts.models import User
from core.booking.models import Retry


class Kept:
    """The answer to a program's request: rendered and stored in the transaction, or found there again.

    Attributes:
        render: makes the answer, a JSON value, of what the service remembers; called inside the transaction.
        found: the answer to an earlier request of the same key and content.
    """

    def __init__(self, render: Callable[[Session, Any], Any]) -> None:
        self.render = render
        self.found: Any = None


_kept: ContextVar[Kept | None] = ContextVar("jidi_kept_answer", default=None)


@contextmanager
def keeping(kept: Kept) -> Iterator[None]:
    """Let what services remember and find in this context carry the whole answer."""
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)


def fingerprint(content: Mapping[str, Any]) -> str:
    """Return what changes whenever a request's content does, and tells nothing of it."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    secret = current_app.extensions["jidi_settings"].secret_key
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def earlier(session: Session, *, actor: User, route: str, key: str, mark: str) -> Any:
    """Return what was remembered of an earlier request of the same actor, route and key, or None.

    The actor's row is locked, so that two requests with one key follow one another.

    Raises:
        errors.Invalid: the key was used with other content.
    """
    session.execute(select(User.id).where(User.id == actor.id).with_for_update(key_share=True))
    wanted = (Retry.actor_id == actor.id, Retry.route == route, Retry.key == _fitting(key))
    known = session.scalar(select(Retry).where(*wanted))
    if known is None:
        return None
    if known.created_at < clock.now() - Retry.KEPT:
        session.delete(known)
        session.flush()
        return None
    if known.fingerprint != mark:
        raise errors.Invalid(
            {"": _("This form was sent before with other content. Please look at your bookings, then open it anew.")}
        )
    kept = _kept.get()
    if kept is not None:
        kept.found = known.answer.get("answer")
    return known.answer


def remember(session: Session, *, actor: User, route: str, key: str, mark: str, answer: Any) -> None:
    """Keep an answer (a JSON object) to this key, in the transaction that makes what it tells of."""
    kept = _kept.get()
    if kept is not None:
        session.flush()
        answer = {**answer, "answer": kept.render(session, answer)}
    session.add(
        Retry(
            actor_id=actor.id,
            route=route,
            key=_fitting(key),
            fingerprint=mark,
            answer=answer,
            created_at=clock.now(),
        )
    )


def _fitting(key: str) -> str:
    """Return a key as it is kept: the sender may make it of any length."""
    return key if len(key) <= Retry.LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()
