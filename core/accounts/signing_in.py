"""Who is signed in (Flask-Login): checking, starting and ending a session, and where to go afterwards."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

import flask_login
from flask import Flask, Request, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, login_user, logout_user

from core.accounts import limits, passwords
from core.accounts.models import User
from core.accounts.queries import find_user
from core.accounts.roles import Role
from core.db import db, write

P = ParamSpec("P")
R = TypeVar("R")


def login_required(view: Callable[P, R]) -> Callable[P, R]:
    """Let only those who are signed in see a view; others are asked to sign in first."""
    return cast("Callable[P, R]", flask_login.login_required(view))


def init_app(app: Flask) -> None:
    """Set up sign-in and rate limits for an application."""
    manager = LoginManager()
    manager.init_app(app)
    manager.user_loader(_load)
    manager.unauthorized_handler(ask)
    limits.init_app(app)


def by_request(app: Flask, load: Callable[[Request], User | None]) -> None:
    """Let requests that bring something else than a session say whose they are: `load` returns the user, or None."""
    manager: LoginManager = app.login_manager  # type: ignore[attr-defined]
    manager.request_loader(load)


def check(email: str, password: str) -> User | None:
    """Return the user whose e-mail and password these are, or None; takes the same time for unknown addresses.

    Raises:
        limits.TooMany: it was tried too often, from here or for this address.
    """
    email = email.strip().lower()
    pair = limits.Limit("10 per 10 minutes", f"{limits.address()} {email}")
    limits.spend(
        "sign-in",
        pair,
        limits.Limit("300 per hour", limits.address()),
        limits.Limit("100 per hour", email),
    )
    user = find_user(email)
    if not passwords.matches(password, user.password_hash if user else None) or user is None or not user.active:
        return None
    limits.forgive("sign-in", [pair])
    if user.password_hash and passwords.outdated(user.password_hash):
        _renew(user.id, passwords.rehashed(password))
    return user


def start(user: User) -> None:
    """Sign a user in with a new session: nothing of the one before survives, so that nobody can have planted it."""
    session.clear()
    login_user(user)


def end() -> None:
    """Sign out whoever is signed in."""
    logout_user()
    session.clear()


def inside(target: str | None) -> str | None:
    """Return a path within the site as it is, and None for everything else that could lead elsewhere."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    # Browsers read a backslash as a slash and drop control characters: "/\evil" and "/<tab>/evil" lead elsewhere.
    if "\\" in target or any(ord(character) < 33 or ord(character) == 127 for character in target):
        return None
    return target


def came_from() -> str | None:
    """Return the page of this site that the reader came from, but none of the account's own."""
    try:
        here, there = urlsplit(request.host_url), urlsplit(request.referrer or "")
    except ValueError:  # "http://[" is no address
        return None
    if (there.scheme, there.netloc) != (here.scheme, here.netloc) or there.path.startswith("/account/"):
        return None
    return inside(there.path + (f"?{there.query}" if there.query else ""))


def landing(user: User) -> str:
    """Return the page where a user's work begins."""
    roles = {grant.role for grant in user.grants}
    if roles - {Role.CONTACT}:
        return url_for("web.manage")
    return url_for("booking.index") if roles else url_for("web.portal")


def _load(identity: str) -> User | None:
    """Return the user of a session, unless it was ended (`User.get_id`)."""
    user_id, _dot, version = identity.partition(".")
    if not (user_id.isascii() and user_id.isdecimal()):
        return None
    user = db.session.get(User, int(user_id))
    return user if user is not None and user.active and str(user.session_version) == version else None


def ask() -> ResponseReturnValue:
    """Ask a visitor to sign in first, and remember where they wanted to go."""
    wanted = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else came_from()
    flash(_("Please sign in first."), "info")
    return redirect(url_for("accounts.sign_in", next=wanted))


def _renew(user_id: int, password_hash: str) -> None:
    with write() as db_session:
        if user := db_session.get(User, user_id):
            user.password_hash = password_hash
