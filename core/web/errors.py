"""Pages for what went wrong, written for people; the one place where the domain's errors become HTTP answers."""

import logging
import secrets
from urllib.parse import quote

from flask import Flask, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from core import upgrade
from core.accounts import signing_in
from core.content.errors import Gone
from core.db import db, is_busy
from core.errors import DomainError, Forbidden, Invalid
from core.hushed import hushed
from core.web.api import problems as refusals
from core.web.api.authentication import is_api

log = logging.getLogger(__name__)

PAGES = frozenset({400, 403, 404, 405, 409, 410, 413, 422, 429})
"""Statuses with words of their own in templates/web/errors/; the others share `other.html`."""


def init_app(app: Flask) -> None:
    """Answer the domain's errors, HTTP errors and failures with pages."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _failure)


def _domain(error: DomainError) -> ResponseReturnValue:
    if is_api():
        return refusals.domain(error)
    if isinstance(error, Forbidden) and not current_user.is_authenticated:
        return signing_in.ask()
    if isinstance(error, Gone):
        base = error.item.base
        return render_template("web/errors/gone.html", base=base, kind=error.item.type), error.status
    problems = list(error.problems.values()) if isinstance(error, Invalid) else []
    return _page(error.status, message=error.message, problems=problems)


def _csrf(error: CSRFError) -> ResponseReturnValue:
    return render_template("web/errors/expired.html"), 400


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < 400:
        return error  # a redirect, or an answer already made
    if is_api():
        return refusals.http(error)
    if error.code == 404 and (there := _without_slash()):
        return redirect(there, 301)
    body, status = _page(error.code)
    kept = [(name, value) for name, value in error.get_headers() if name not in {"Content-Type", "Content-Length"}]
    return body, status, kept


def _without_slash() -> str:
    """Return the address that was meant by one with a slash too many at its end, "" where there is none."""
    path = request.path.rstrip("/")
    if request.method not in {"GET", "HEAD"} or not path or path == request.path:
        return ""
    adapter = current_app.create_url_adapter(request)
    try:
        if adapter is None or not adapter.match(path, "GET"):
            return ""
    except HTTPException:  # also where that address leads back to the one with the slash, which would go on for ever
        return ""
    query = request.query_string.decode("ascii", "ignore")
    return f"{quote(path)}?{query}" if query else quote(path)


def _failure(error: InternalServerError) -> ResponseReturnValue:
    """Apologise with a reference that stands beside the traceback in the log. The page needs no database."""
    cause = error.original_exception
    if is_api():
        return refusals.failure(cause)
    if is_busy(cause):
        db.session.rollback()
        log.warning("%s %s gave up: others were writing", request.method, hushed(request.path))
        return render_template("web/errors/busy.html"), 503, {"Retry-After": "5"}
    if isinstance(cause, SQLAlchemyError) and _is_behind():
        log.error("the database is not up to date: run `jidi upgrade`")
        return render_template("web/errors/behind.html"), 503, {"Retry-After": "60"}
    reference = f"500-{secrets.token_hex(2).upper()}"
    db.session.rollback()  # PostgreSQL answers nothing more in a transaction that has failed
    log.error("%s: %s %s failed", reference, request.method, hushed(request.path), exc_info=cause or error)
    return render_template("web/errors/500.html", reference=reference), 500


def _is_behind() -> bool:
    """Say whether the tables are not those of this version: the site was started before, or while, it is upgraded."""
    try:
        return not upgrade.is_current()
    except SQLAlchemyError:
        return False


def _page(status: int, message: object = "", problems: list[object] | None = None) -> tuple[str, int]:
    name = status if status in PAGES else "other"
    return render_template(f"web/errors/{name}.html", message=message, problems=problems or [], status=status), status
