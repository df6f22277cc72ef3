"""What protects every answer: content policy, headers, CSRF, and what may be kept by a cache."""

import re

from flask import Flask, Response, g, request
from flask_login import current_user
from flask_wtf import CSRFProtect

from core.web import appearance
from core.web.api.authentication import is_api

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HASHED = re.compile(r"-[0-9A-Z]{8}\.woff2?$")
"""Fonts, as the build names them by their content."""

FOR_EVER = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Switch on CSRF protection and set the headers of every answer."""
    # A token lives as long as its session: a long form must not be lost because it took an hour to fill in.
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    csrf = CSRFProtect(app)
    # A program brings its token with each request: nothing a browser sends by itself says who it is there.
    app.before_request(lambda: None if is_api() or not app.config["WTF_CSRF_ENABLED"] else csrf.protect())
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if _is_marked() and response.status_code in {200, 304}:
        response.headers["Cache-Control"] = FOR_EVER
    elif "Cache-Control" not in response.headers:
        _say_how_long(response)
    return response


def _is_marked() -> bool:
    """Say whether the address names the content that is sent, so that it can never mean anything else."""
    if request.endpoint == "static":
        return "v" in request.args or HASHED.search(request.path) is not None
    return request.endpoint == "web.appearance" and request.args.get("v") == appearance.version()


def _say_how_long(response: Response) -> None:
    """Keep pages with forms and what signed-in people see out of every cache; let what is public be asked for anew."""
    # Refusals come first: when the database is down, nobody can say who is signed in.
    # Flask-WTF notes the token in `g` when a form was drawn.
    if response.status_code != 200 or "csrf_token" in g or current_user.is_authenticated:
        response.headers["Cache-Control"] = "no-store"
        return
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Accept-Language" if is_api() else "Cookie")
    if request.method in {"GET", "HEAD"} and not response.is_streamed:
        response.add_etag()
        response.make_conditional(request)
