"""Public pages kept ready for readers who are not signed in.

`public_page` marks a view whose answer depends on the address, the language, versioned topics (`versions.py`), known
moments (`moments.py`) and the clock, and on nothing else. Its answers carry an ETag made of these; who has the present
one gets 304 before anything is rendered. `Front` stands before the application: what is on its shelf and still good is
sent without waking Flask. Each answer costs one small query, for the versions; what is published is there at once, in
every process.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from typing import Any, Literal, ParamSpec, cast
from urllib.parse import parse_qsl, urlencode
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Response, current_app, g, has_request_context, make_response, request, session
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_login import current_user
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import MultiDict
from werkzeug.http import parse_cookie

from core import clock, versions
from core.db import db
from core.localised import LANGUAGES
from core.moments import Columns, Moments
from core.shelf import Kept, Place, Shelf

P = ParamSpec("P")

SIZE = 32 * 1024 * 1024
"""Bytes of pages that a process keeps."""

LONGEST = 300
"""Characters of an address beyond which its answer is not kept."""

UNTIL = {"minute": 60, "day": 24 * 3600}
"""Seconds after which what is shown changes by the clock alone; days begin at the bases' midnight."""

_FRONT = "jidi_front"
_PASSING = "jidi_passing"
_PLAN = "jidi.plan"
_VERSIONS = "jidi.versions"


@dataclass(frozen=True)
class _Plan:
    """Where to keep the answer that is being made, and while what it will hold."""

    place: Place
    tag: str
    versions: Mapping[str, int]
    since: float
    until: float
    args: tuple[str, ...]


def init_app(app: Flask, *, columns: Columns, language_cookie: str, build: Callable[[], str]) -> None:
    """Put the shelf before the application.

    Args:
        app: the application, its database connected.
        columns: the moments at which topics change by themselves.
        language_cookie: name of the cookie that holds the reader's language.
        build: returns the mark of what this process runs; asked once, when all is loaded.
    """
    with app.app_context():
        engine = versions.reading(db.engine, app.extensions["jidi_settings"].threads)
    front = Front(app, engine, Moments(columns), language_cookie, build)
    app.extensions[_FRONT] = front
    app.wsgi_app = front  # type: ignore[method-assign]


def public_page(
    *topics: str, args: Iterable[str] = (), until: Literal["minute", "day"] = "day"
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Keep the answers of a public GET view for readers who are not signed in.

    Args:
        topics: what the page shows, beside `site`: `content`, `booking`.
        args: the query arguments that the view knows; all others are taken away before it sees them.
        until: how fine the page tells the time: by the `minute` (open now), or by the `day`.
    """
    known = tuple(sorted(args))
    shown = ("site", *topics)

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def answer(*positional: P.args, **named: P.kwargs) -> ResponseReturnValue:
            if not _may_be_kept():
                return view(*positional, **named)
            _forget_unknown(known)
            front: Front = current_app.extensions[_FRONT]
            plan = front.plan(shown, known, until)
            if request.if_none_match.contains(plan.tag):
                return _marked(Response(status=304), plan.tag)
            kept = front.shelf.get(plan.place)
            if kept is not None and kept.tag == plan.tag:
                return Response(kept.body, headers=list(kept.headers))
            made = make_response(view(*positional, **named))
            if made.status_code != 200 or made.is_streamed or session.modified or "csrf_token" in g or _PASSING in g:
                return made
            request.environ[_PLAN] = plan
            return _marked(made, plan.tag)

        return cast("Callable[P, ResponseReturnValue]", answer)

    return decorate


def show_once() -> None:
    """Say that the page being made lacks something that the next one may have: it is not kept."""
    if has_request_context():
        setattr(g, _PASSING, True)


def _may_be_kept() -> bool:
    """Say whether the answer is one for everybody: nobody signed in, nothing to be told, no language switched."""
    if request.method not in {"GET", "HEAD"} or "lang" in request.args or len(request.full_path) > LONGEST:
        return False
    return not session.get("_flashes") and not current_user.is_authenticated


def _forget_unknown(known: Iterable[str]) -> None:
    """Take away what the view does not know, so that a page for all says nothing of one reader's address."""
    kept = _known(request.args, known)
    query = urlencode(kept)
    if query.encode() != request.query_string:
        request.query_string = query.encode()
        request.args = MultiDict(kept)


def _known(args: Mapping[str, str], known: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, args[name]) for name in known if name in args]


def _marked(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Cookie")
    return response


class Front:
    """The WSGI application before Flask's: sends what is on the shelf, and puts there what may be kept."""

    def __init__(
        self, app: Flask, engine: Engine, moments: Moments, language_cookie: str, build: Callable[[], str]
    ) -> None:
        self.shelf = Shelf(SIZE)
        self._flask = app.wsgi_app
        self._engine = engine
        self._moments = moments
        self._language_cookie = language_cookie
        self._session_cookie = app.config["SESSION_COOKIE_NAME"]
        self._build = build
        self._mark = ""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        kept = self._find(environ)
        if kept is not None and self._holds(kept, environ):
            return _send(kept, environ, start_response)
        return self._keep(environ, start_response)

    @property
    def engine(self) -> Engine:
        """The connections with which small questions are asked that come with every answer (`versions.reading`)."""
        return self._engine

    def forget(self) -> None:
        """Forget what is kept: the next answers are made anew."""
        self.shelf.clear()
        self._moments.forget()

    def close(self) -> None:
        """Forget what is kept, and give up idle connections to the database."""
        self.forget()
        self._engine.dispose()

    def plan(self, topics: Iterable[str], args: tuple[str, ...], until: str) -> _Plan:
        """Return where and how long the answer to the present request may be kept."""
        numbers = request.environ.get(_VERSIONS)
        if numbers is None:
            db.session.rollback()  # who is asked before (an account that is gone) has opened a view of the past
            numbers = versions.read(self._engine)
        shown = {topic: numbers.get(topic, 0) for topic in topics}
        windows = [self._moments.around(topic, number) for topic, number in shown.items()]
        now, step = clock.now().timestamp(), UNTIL[until]
        started = now - (now + clock.local(clock.now()).utcoffset().total_seconds()) % step  # type: ignore[union-attr]
        since = max([started, *(window.since for window in windows)])
        ends = min([started + step, *(window.until for window in windows)])
        locale = get_locale()
        place = _place(request.environ, request.query_string.decode(), locale.language if locale else LANGUAGES[0])
        tag = sha256(repr((self._built(), place, shown, since)).encode()).hexdigest()[:32]
        return _Plan(place, tag, shown, since, ends, args)

    def _built(self) -> str:
        self._mark = self._mark or self._build()
        return self._mark

    def _find(self, environ: WSGIEnvironment) -> Kept | None:
        """Return what lies ready, good or not. A page without arguments tells which of them its view knows."""
        language = self._language(environ)
        plain = self.shelf.get(_place(environ, "", language)) if language else None
        query = environ.get("QUERY_STRING", "")
        if plain is None or not query:
            return plain
        args = MultiDict(parse_qsl(query, keep_blank_values=True, errors="werkzeug.url_quote"))
        if "lang" in args:
            return None
        return self.shelf.get(_place(environ, urlencode(_known(args, plain.args)), language))

    def _language(self, environ: WSGIEnvironment) -> str:
        """Return the language of a reader for whom something may lie ready, or "" when Flask has to look closer."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return ""
        if "HTTP_COOKIE" not in environ:
            return LANGUAGES[0]
        cookies = parse_cookie(environ)
        if self._session_cookie in cookies:
            return ""
        wanted = cookies.get(self._language_cookie)
        return wanted if wanted in LANGUAGES else LANGUAGES[0]

    def _holds(self, kept: Kept, environ: WSGIEnvironment) -> bool:
        try:
            numbers = versions.read(self._engine)
        except SQLAlchemyError:
            return False  # the application says what is wrong
        environ[_VERSIONS] = numbers
        return kept.holds(numbers, clock.now().timestamp())

    def _keep(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Let the application answer, and keep what it planned to."""
        head: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            head[:] = status, headers
            return start_response(status, headers, exc_info)

        answer = self._flask(environ, start)
        plan: _Plan | None = environ.get(_PLAN)
        if plan is None or environ["REQUEST_METHOD"] != "GET" or not head or not _is_for_all(*head):
            return answer
        body = b"".join(answer)
        if close := getattr(answer, "close", None):
            close()
        made = Kept(tuple(head[1]), body, plan.tag, plan.versions, plan.since, plan.until, plan.args)
        self.shelf.put(plan.place, made)
        return [body]


def _is_for_all(status: str, headers: list[tuple[str, str]]) -> bool:
    names = {name.lower(): value for name, value in headers}
    if "set-cookie" in names or "content-encoding" in names:
        return False
    return status.startswith("200 ") and names.get("cache-control") == "no-cache"


def _place(environ: WSGIEnvironment, query: str, language: str) -> Place:
    scheme, host = environ["wsgi.url_scheme"], environ.get("HTTP_HOST", "")
    return (scheme, host, environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", ""), query, language)


def _send(kept: Kept, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    if _is_known(kept.tag, environ.get("HTTP_IF_NONE_MATCH", "")):
        start_response("304 Not Modified", [header for header in kept.headers if header[0] not in OF_BODY])
        return []
    start_response("200 OK", list(kept.headers))
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [kept.body]


OF_BODY = frozenset({"Content-Type", "Content-Length"})
"""Headers that a 304 leaves away."""


def _is_known(tag: str, asked: str) -> bool:
    """Say whether `If-None-Match` names a tag (compared weakly, RFC 9110, 13.1.2) or everything."""
    return bool(asked) and (asked.strip() == "*" or f'"{tag}"' in asked)
