"""What programs send, looked at before anything else reads it: JSON that no database and no reader can hold is refused.

The parser behind the views takes what RFC 8259 leaves open: texts that are no Unicode, numbers of any length, nesting
until the stack is full.
"""

import json
from typing import Any, NoReturn

from flask import Flask, request
from flask_babel import gettext as _

from core.errors import DomainError
from core.web.api.authentication import is_api

DEEPEST = 12
"""How many lists and objects may lie in one another; the deepest that is described needs half as many."""

GREATEST = 2**53
"""The greatest number that every JSON parser reads as it is (RFC 8259, 6)."""


class BadBody(DomainError):
    """The body is no JSON that can be used."""

    status = 400
    code = "bad_request"


def init_app(app: Flask) -> None:
    """Watch over the bodies of requests to the API."""
    app.before_request(_check)


def _check() -> None:
    if not is_api() or not request.is_json:
        return
    body = request.get_data(cache=True)
    if not body:
        return
    try:
        value = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadBody(_("The body is no JSON (RFC 8259) in UTF-8.")) from None
    if not _usable(value, DEEPEST):
        raise BadBody(_("The body holds a text that is no Unicode, a number too great, or too many levels."))


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _usable(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        return levels > 0 and all(_usable(key, 0) and _usable(part, levels - 1) for key, part in value.items())
    if isinstance(value, list):
        return levels > 0 and all(_usable(part, levels - 1) for part in value)
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)
    return not isinstance(value, int | float) or -GREATEST <= value <= GREATEST
