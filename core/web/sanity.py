"""Refusing what no address or form can mean and no database can look for, before any view sees it."""

from collections.abc import Iterator

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

GREATEST_ID = 2**31 - 1
"""The greatest number that fits a column of ids on both engines."""


class Id(IntegerConverter):
    """A number in an address: what is greater than any id names nothing (404)."""

    def __init__(self, map: Map) -> None:  # noqa: A002 - Werkzeug's name
        super().__init__(map, max=GREATEST_ID)


def init_app(app: Flask) -> None:
    """Watch over addresses and forms; call it before any address is registered."""
    app.url_map.converters["int"] = Id
    app.before_request(_refuse_null)


def _refuse_null() -> None:
    """Answer 400 to a null character: PostgreSQL cannot hold it, and nobody types it."""
    if "\0" in request.path or b"%00" in request.query_string or any("\0" in text for text in _sent()):
        abort(400)


def _sent() -> Iterator[str]:
    if request.method != "POST":
        return
    for name, value in request.form.items(multi=True):
        yield name
        yield value
    for file in request.files.values():
        yield file.filename or ""
