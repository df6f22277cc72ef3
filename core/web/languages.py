"""Chinese by default, English by a switch: `?lang=en` is kept in a cookie."""

from flask import Flask, Response, has_request_context, request
from flask_babel import Babel

from core import paths
from core.localised import LANGUAGES
from core.web.api.authentication import is_api

COOKIE = "lang"
COOKIE_AGE = 365 * 24 * 3600  # seconds


def init_app(app: Flask) -> None:
    """Set up translations, and keep the language that was asked for."""
    Babel().init_app(
        app,
        default_locale=LANGUAGES[0],
        default_timezone="Asia/Shanghai",
        default_translation_directories=str(paths.TRANSLATIONS),
        locale_selector=_language,
    )
    app.after_request(_keep)


def _language() -> str:
    """Return the reader's language. Without a request (worker, commands) it is the default."""
    if not has_request_context():
        return LANGUAGES[0]
    if is_api():
        return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])
    wanted = request.args.get("lang") or request.cookies.get(COOKIE)
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def _keep(response: Response) -> Response:
    wanted = request.args.get("lang")
    if wanted in LANGUAGES and not is_api() and wanted != request.cookies.get(COOKIE):
        response.set_cookie(COOKIE, wanted, max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=request.is_secure)
    return response
