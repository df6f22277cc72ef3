"""The calendar server: a WSGI application before Flask's, for programs that ask often (docs/decisions/0012).

It answers every calendar address itself and passes all else on. Its readers are programs: they have no cookie, no
language and no form, and what Flask does for those costs more than most of these answers. Flask's own map holds the
same addresses to make links of (`addresses.py`).

A handler gets a werkzeug request and the variables of its address, inside an application context. It raises the
domain's errors or returns a response; a refusal or failure is a short text, never a page and never led elsewhere.
"""

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from sqlalchemy import exc
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from core.calendars import files
from core.calendars.caldav import server as caldav
from core.calendars.feeds import PRIVATE, PUBLIC, Feeds
from core.errors import DomainError
from core.hushed import hushed

log = logging.getLogger(__name__)

HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)
"""What every answer carries."""

STAY = ("Strict-Transport-Security", "max-age=31536000")
"""What it carries over https."""


@dataclass(frozen=True)
class Route:
    """Addresses that are answered by a handler.

    Attributes:
        pattern: of the whole path; its named groups are the handler's arguments.
        handler: called with the request and these.
        methods: what it answers; none: the handler sees to that.
    """

    pattern: re.Pattern[str]
    handler: Callable[..., Response]
    methods: frozenset[str] = frozenset({"GET", "HEAD"})


def _route(pattern: str, handler: Callable[..., Response]) -> Route:
    return Route(re.compile(pattern, re.ASCII), handler)


ROUTES = (
    _route(r"/bases/(?P<base>[\w-]{1,60})/sessions/(?P<number>\d{1,9})\.ics", files.session_file),
    _route(r"/bases/(?P<base>[\w-]{1,60})/announcements/(?P<slug>[\w-]{1,120})\.ics", files.announcement_file),
    _route(r"/announcements/(?P<slug>[\w-]{1,120})\.ics", files.announcement_file),
    _route(r"/bases/(?P<base>[\w-]{1,60})/resources/(?P<resource>[\w-]{1,60})\.ifb", files.freebusy_file),
    Route(re.compile(r"/caldav(?:/.*)?|/\.well-known/caldav/?", re.DOTALL), caldav.answer, frozenset()),
)

ENDINGS = (".ics", ".ifb")
BEGINNINGS = ("/caldav", "/.well-known/caldav")
"""What every calendar address ends or begins with: all others are passed on at the first glance."""


def init_app(app: Flask) -> None:
    """Put the calendar server before the application, once the shelf of its pages stands there."""
    server = CalendarServer(app)
    app.extensions["jidi_calendars"] = server
    app.wsgi_app = server  # type: ignore[method-assign]


class CalendarServer:
    """Answers calendar addresses, and passes all others on."""

    def __init__(self, app: Flask) -> None:
        self.feeds = Feeds(app)
        self._app = app
        self._next: WSGIApplication = app.wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        path = environ.get("PATH_INFO", "")
        if not path.endswith(ENDINGS) and not path.startswith(BEGINNINGS):
            return self._next(environ, start_response)
        answer = self._answering(path)
        if answer is None:
            return self._next(environ, start_response)

        added = (*HEADERS, STAY) if environ["wsgi.url_scheme"] == "https" else HEADERS

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            return start_response(status, [*headers, *added], exc_info)

        try:
            return answer(environ, start)
        except Exception as error:  # noqa: BLE001 (whatever it is, a program gets an answer it understands)
            with self._app.app_context():
                return _refusal(error, path)(environ, start)

    def _answering(self, path: str) -> WSGIApplication | None:
        """Return what answers an address, or None when it is none of a calendar."""
        if PUBLIC.fullmatch(path) or PRIVATE.fullmatch(path):
            return self._feed
        for route in ROUTES:
            if found := route.pattern.fullmatch(path):
                return self._handled(route, found.groupdict())
        return None

    def _feed(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            raise MethodNotAllowed(("GET", "HEAD"))
        return self.feeds(environ, start_response)

    def _handled(self, route: Route, found: dict[str, str]) -> WSGIApplication:
        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if route.methods and environ["REQUEST_METHOD"] not in route.methods:
                raise MethodNotAllowed(sorted(route.methods))
            with self._app.app_context():
                return route.handler(Request(environ), **found)(environ, start_response)

        return answer


def _refusal(error: Exception, path: str) -> Response:
    """Return the answer to a request that cannot be answered; the path goes to the log only where it is no secret."""
    if isinstance(error, DomainError):
        answer = Response(f"{error}\n", error.status, mimetype="text/plain")
    elif isinstance(error, HTTPException):
        answer = Response(f"{error.name}\n", error.code, mimetype="text/plain")
        if isinstance(error, MethodNotAllowed):
            answer.allow.update(error.valid_methods or ())
    elif isinstance(error, (exc.DBAPIError, exc.TimeoutError)):
        log.error("%s: the database does not answer", hushed(path), exc_info=error)
        answer = Response("Service Unavailable\n", 503, [("Retry-After", "60")], mimetype="text/plain")
    else:
        log.error("%s failed", hushed(path), exc_info=error)
        answer = Response("Internal Server Error\n", 500, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    return answer
