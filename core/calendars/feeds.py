"""Feeds: whole calendars as files that programs fetch again and again (RFC 5545, RFC 7986).

A feed holds what ended at most 13 months ago, and all that is ahead (`tidy.py` takes out what leaves this window). What
an answer costs is one small question to the database; what an address means, and the bytes, lie ready (`kept.py`) and
are as good as the numbers that come back. Nothing in an answer depends on who asks or under which name the site is
reached.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask
from werkzeug.datastructures import Accept
from werkzeug.http import http_date, parse_accept_header, parse_date
from werkzeug.wsgi import ClosingIterator

from core import errors
from core.calendars import collections, reading, tokens
from core.calendars.collections import Calendar
from core.calendars.components import PRODUCT, TIMEZONE, fold, text
from core.calendars.kept import Kept
from core.db import db
from core.plugins.facade import plugins

CONTENT_TYPE = "text/calendar; charset=utf-8"

FORM = 2
"""Raised when feeds are written another way, so that every client fetches them anew."""

INTERVAL = "PT1H"
"""How often a client is to look: an answer to one who knows the feed already costs next to nothing."""

PUBLIC = re.compile(r"/calendar\.ics|/bases/[\w-]{1,60}/(?:calendar|(?:resources|kinds)/[\w-]{1,60})\.ics", re.ASCII)
PRIVATE = re.compile(r"/calendars/([\w-]{1,80})\.ics", re.ASCII)

MOST_KNOWN = 10_000
"""Addresses whose meaning a process remembers."""

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Feed:
    """What an address means.

    Attributes:
        key: the collection's.
        head: what the file begins with.
        mark: of all that is in its bytes beside the entries.
        numbers: of the topics that say what an address means and who may read it, when it was looked up.
        opened: the secret in the address, for a private feed.
    """

    key: str
    head: bytes
    mark: str
    numbers: Mapping[str, int]
    opened: tokens.Found | None = None

    def holds(self, numbers: Mapping[str, int]) -> bool:
        """Say whether the address still means this."""
        return all(numbers.get(topic, 0) == number for topic, number in self.numbers.items())


class Feeds:
    """The feeds of one application, as a WSGI application for their addresses."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._questions = app.extensions["jidi_front"].engine
        self._site = str(app.extensions["jidi_settings"].base_url).rstrip("/")
        with app.app_context():
            self.kept = Kept(db.engine, self._site)
        self._known: dict[str, Feed] = {}
        self._noted: dict[int, float] = {}

    def forget(self) -> None:
        """Forget what is kept: the next answers are made anew."""
        self._known = {}
        self._noted = {}
        self.kept.clear()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer GET or HEAD of a feed's address.

        Raises:
            errors.NotFound: nobody's calendar is there now.
            SQLAlchemyError: the database does not answer.
        """
        path = environ["PATH_INFO"]
        private = PRIVATE.fullmatch(path)
        feed, numbers = self._find(path, private.group(1) if private else "")
        change = numbers.get("", 0)
        packed = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        changed = max(change, feed.numbers["site"])
        note = self._noting(feed, environ)
        if _is_known(environ, f"{change}-{feed.mark}", changed):
            start_response("304 Not Modified", _headers(feed, change, changed, packed=packed))
            return ClosingIterator([], note) if note else []
        body = self.kept.body(feed.key, feed.head, change, packed=packed)
        headers = _headers(feed, body.change, max(changed, body.change), packed=packed)
        headers += [("Content-Type", CONTENT_TYPE), ("Content-Length", str(body.size))]
        if packed:
            headers.append(("Content-Encoding", "gzip"))
        start_response("200 OK", headers)
        parts = body.parts
        if environ["REQUEST_METHOD"] == "HEAD":
            body.close()
            parts = []
        return ClosingIterator(parts, note) if note else parts

    def _find(self, path: str, secret: str) -> tuple[Feed, Mapping[str, int]]:
        """Return what an address means now, and the present numbers; that of its collection stands at ""."""
        place = sha256(secret.encode()).hexdigest() if secret else path
        feed = self._known.get(place)
        numbers = self._ask(feed.key if feed else "")
        if feed is not None and feed.holds(numbers):
            return feed, numbers
        self._known.pop(place, None)
        feed = self._look_up(path, secret, numbers)
        numbers = self._ask(feed.key)
        if len(self._known) >= MOST_KNOWN:  # a secret can be written in many ways
            self._known = {}
        self._known[place] = feed
        return feed, numbers

    def _ask(self, key: str) -> Mapping[str, int]:
        return dict(reading.ask(self._questions, reading.NUMBERS, key))

    def _look_up(self, path: str, secret: str, numbers: Mapping[str, int]) -> Feed:
        topics = ("site", "access") if secret else ("site",)
        shown = {topic: numbers.get(topic, 0) for topic in topics}
        with self._app.app_context(), plugins().steady():
            opened = tokens.find(secret) if secret else None
            calendar = collections.find(opened.key) if opened else None if secret else collections.find_public(path)
            if calendar is None:
                raise errors.NotFound
        head = head_of(calendar, self._site)
        mark = sha256(f"{FORM} {self._site} ".encode() + head).hexdigest()[:8]
        return Feed(calendar.key, head, mark, shown, opened)

    def _noting(self, feed: Feed, environ: WSGIEnvironment) -> Callable[[], None] | None:
        """Return what keeps the use of a private feed's secret once the answer is sent, when it is time to.

        That it is not is known here too: the application's context, in which it is kept, costs more than most answers.
        """
        found = feed.opened
        if found is None:
            return None
        now = time.monotonic()
        if now - self._noted.get(found.token_id, -NOTED) < NOTED:
            return None
        self._noted[found.token_id] = now
        program = environ.get("HTTP_USER_AGENT", "")

        def note() -> None:
            with self._app.app_context():
                tokens.note_use(found, program)

        return note


NOTED = tokens.USE_NOTED.total_seconds()


def head_of(calendar: Calendar, site: str) -> bytes:
    """Return what the file of a calendar begins with: what RFC 7986 says of it, and what clients read who know only the
    older names. A private one does not say where it is: its address is a secret.

    Args:
        calendar: what is followed.
        site: the site's address.
    """
    title, description = text(calendar.title), text(calendar.description)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"NAME:{title}",
        f"X-WR-CALNAME:{title}",
        f"DESCRIPTION:{description}",
        f"X-WR-CALDESC:{description}",
        f"COLOR:{calendar.colour_name}",
        f"X-APPLE-CALENDAR-COLOR:{calendar.colour}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{INTERVAL}",
        f"X-PUBLISHED-TTL:{INTERVAL}",
        "X-WR-TIMEZONE:Asia/Shanghai",
    ]
    if calendar.page:
        lines.append(f"URL:{site}{calendar.page}")
    if calendar.path:
        lines.append(f"SOURCE;VALUE=URI:{site}{calendar.path}")
    return b"".join(map(fold, lines)) + TIMEZONE


def _headers(feed: Feed, change: int, changed: int, *, packed: bool) -> Headers:
    """Return the headers of 200 and 304 alike. The tag of a gzip file is weak: packed anew it may be other bytes for
    the same calendar; so it is known whichever coding was fetched before (RFC 9110 8.8.3.3, 13.1.2)."""
    tag = f'"{change}-{feed.mark}"'
    headers = [
        ("ETag", f"W/{tag}" if packed else tag),
        ("Cache-Control", "private, no-cache" if feed.opened else "public, no-cache"),
        ("Vary", "Accept-Encoding"),
    ]
    if moment := _moment(changed):
        headers.append(("Last-Modified", _date(moment)))
    return headers


def _is_known(environ: WSGIEnvironment, tag: str, changed: int) -> bool:
    """Say whether a client has the present feed: by its tag if it sends any, else by the date (RFC 9110 13.2.2)."""
    asked = environ.get("HTTP_IF_NONE_MATCH")
    if asked is not None:
        return f'"{tag}"' in asked or asked.strip() == "*"
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    if not since:
        return False
    date = parse_date(since)
    moment = _moment(changed)
    return date is not None and moment > 0 and moment <= date.timestamp()


def _moment(changed: int) -> int:
    """Return the Last-Modified of a number, in seconds since 1970; 0: nothing has ever changed.

    Never the second that is running: what changes later in it would have the same date, and not be fetched. Nor the one
    before: a change has its number a moment before its commit, and that moment may end in the next second.
    """
    return min(changed // 1_000_000, int(time.time()) - 2) if changed else 0


@lru_cache(maxsize=256)
def _date(seconds: int) -> str:
    return http_date(seconds)


@lru_cache(maxsize=256)
def takes_gzip(accepts: str) -> bool:
    """Say whether a client would rather have gzip than plain bytes (`Accept-Encoding`, RFC 9110 12.5.3)."""
    codings = parse_accept_header(accepts, Accept)
    return 0 < codings.quality("gzip") >= codings.quality("identity")
