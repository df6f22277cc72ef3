"""Refusals of the API as `application/problem+json` (RFC 9457); the API's counterpart of `core/web/errors.py`."""

import logging
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from apiflask.exceptions import HTTPError
from flask import Flask, Response, json, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from core.accounts.limits import TooMany
from core.booking.api import shown
from core.booking.errors import OutsideHours, ResourceTaken, RuleBroken
from core.booking.series import SeriesClash
from core.db import db, is_busy
from core.errors import DomainError, Invalid

log = logging.getLogger(__name__)

TYPE = "application/problem+json"

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many",
}
"""Stable codes of refusals that have none of their own, by status."""


def init_app(app: Flask) -> None:
    """Answer what APIFlask refuses; the rest comes through `core/web/errors.py`."""
    app.register_error_handler(HTTPError, http)


def domain(error: DomainError) -> Response:
    """Answer a refusal of the domain."""
    more: dict[str, Any] = {}
    headers = {}
    if isinstance(error, Invalid):
        more["errors"] = [pointed(name, "invalid", message) for name, message in error.problems.items()]
    if isinstance(error, RuleBroken):
        more["errors"] = [
            pointed(f"answers/{problem.field}" if problem.field else "", problem.code, problem.message)
            for problem in error.problems
        ]
    if isinstance(error, ResourceTaken | OutsideHours):
        conflicts = error.conflicts if isinstance(error, ResourceTaken) else ()
        slugs = shown.named(conflicts, error.alternatives)
        more["conflicts"] = shown.conflicts(conflicts, slugs)
        more["alternatives"] = shown.alternatives(error.alternatives, slugs)
    if isinstance(error, SeriesClash):
        more["occurrences"] = shown.occurrences(error.occurrences)
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.seconds)
    return answer(error.status, error.code, str(error.message), more, headers)


def http(error: HTTPException | HTTPError) -> Response:
    """Answer what the framework refuses: a wrong address, method, type or form of the input."""
    if isinstance(error, HTTPError):
        pairs = list(_flat(error.detail)) if isinstance(error.detail, dict) else []
        problems = [pointed(pointer, "invalid", message) for pointer, message in pairs]
        return answer(
            error.status_code,
            CODES.get(error.status_code, "invalid"),
            _("The input cannot be used."),
            {"errors": problems},
            {},
        )
    status = error.code or 500
    kept = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After", "WWW-Authenticate"}}
    return answer(status, CODES.get(status, "refused"), "", {}, kept)


def failure(cause: BaseException | None) -> Response:
    """Apologise for what should not happen, with a reference that stands beside the traceback in the log."""
    db.session.rollback()
    if is_busy(cause):
        return answer(503, "busy", _("Others are writing. Please try again in a moment."), {}, {"Retry-After": "5"})
    reference = f"500-{secrets.token_hex(2).upper()}"
    log.error("%s: %s %s failed", reference, request.method, request.path, exc_info=cause)
    text = _("Something went wrong here. Please name %(reference)s when you tell us.", reference=reference)
    return answer(500, "failure", text, {}, {})


def answer(status: int, code: str, detail: str, more: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    """Return a problem document."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        **({"detail": detail} if detail else {}),
        **{name: value for name, value in more.items() if value},
    }
    response = Response(json.dumps(body, ensure_ascii=False), status=status, content_type=TYPE)
    response.headers.update(headers)
    return response


def pointed(name: str, code: str, message: object) -> dict[str, str]:
    """Return what is wrong with one value; `name` is its path in the input, parts parted by slashes."""
    return {"pointer": f"/{name}" if name else "", "code": code, "message": str(message)}


def _flat(detail: Mapping[Any, Any], path: Sequence[str] = ()) -> Any:
    for name, value in detail.items():
        here = path if name in {"json", "query", "path", "headers"} and not path else (*path, str(name))
        if isinstance(value, Mapping):
            yield from _flat(value, here)
        else:
            for message in value if isinstance(value, list) else [value]:
                yield "/".join(here), message
