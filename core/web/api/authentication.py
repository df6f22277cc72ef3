"""Who asks the API: the user of the bearer token (RFC 6750), or nobody. A cookie says nothing here."""

import logging

from flask import Flask, Request, Response, g, has_request_context, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from core import clock
from core.accounts import api_tokens, limits, signing_in
from core.accounts.models import User
from core.errors import DomainError

log = logging.getLogger(__name__)

PREFIX = "/api/v1/"

SCHEME = "bearer "

WITH_ONE = "600 per minute"
WITHOUT = "300 per minute"
"""How often the API may be asked: with a token, and without one from the same address."""


class BadToken(DomainError):
    """The bearer token is unknown, revoked or over, or its user may not sign in."""

    status = 401
    code = "unauthorized"


class Sessions(SecureCookieSessionInterface):
    """Sessions of browsers; a request to the API has none, whatever cookies come with it."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a browser, and an empty one for the API."""
        return self.session_class() if request.path.startswith(PREFIX) else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write a browser's cookie; the API sets none."""
        if not request.path.startswith(PREFIX):
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    """Let Flask-Login find the user of a token, refuse bad ones, and count how often is asked."""
    app.session_interface = Sessions()
    signing_in.by_request(app, _load)
    app.before_request(_check)
    app.teardown_request(_note)


def is_api() -> bool:
    """Say whether the present request is one to the API."""
    return has_request_context() and request.path.startswith(PREFIX)


def _load(asked: Request) -> User | None:
    """Return the user of a valid token."""
    header = asked.headers.get("Authorization", "")
    if not is_api() or not header.lower().startswith(SCHEME):
        return None
    token = api_tokens.find(header[len(SCHEME) :].strip())
    if token is None:
        return None
    g.api_token = (token.id, api_tokens.is_use_stale(token))
    return token.user


def _check() -> None:
    if not is_api():
        return
    if "Authorization" in request.headers and not current_user.is_authenticated:
        raise BadToken(_("This token is unknown, revoked or over. Please make a new one in your account."))
    known = g.get("api_token")
    if known:
        limits.spend("api", limits.Limit(WITH_ONE, f"token {known[0]}"))
    else:
        limits.spend("api", limits.Limit(WITHOUT, limits.address()))


def _note(error: BaseException | None) -> None:
    """Keep when a token was used last, after the answer, and not each time: reading must not wait for writing."""
    token_id, stale = g.pop("api_token", (0, False))
    if not stale or error is not None:
        return
    try:
        api_tokens.note_use(token_id, clock.now())
    except SQLAlchemyError:
        log.warning("the last use of token %s could not be noted", token_id, exc_info=True)
