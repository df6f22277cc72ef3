"""What protects every answer: content policy, headers, CSRF, and what may be kept by a cache."""

from flask import Flask, Response, g, request
from flask_login import current_user
from flask_wtf import CSRFProtect

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
FOR_EVER = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Switch on CSRF protection and set the headers of every answer."""
    # A token lives as long as its session: a long form must not be lost because it took an hour to fill in.
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    CSRFProtect(app)
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint == "static" and "v" in request.args:
        response.headers["Cache-Control"] = FOR_EVER
    elif response.mimetype == "text/html":
        _say_how_long(response)
    return response


def _say_how_long(response: Response) -> None:
    """Keep pages with forms and pages of signed-in people out of every cache; let public pages be asked for anew."""
    # Flask-WTF notes the token in `g` when a form was drawn.
    if "csrf_token" in g or current_user.is_authenticated or response.status_code != 200:
        response.headers["Cache-Control"] = "no-store"
        return
    response.headers.setdefault("Cache-Control", "no-cache")
    response.vary.add("Cookie")
    if request.method in {"GET", "HEAD"} and not response.is_streamed:
        response.add_etag()
        response.make_conditional(request)
