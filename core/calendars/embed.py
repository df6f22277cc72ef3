"""Calendars to be shown in other sites by `<iframe>`: small, without script, forms or cookies.

These are the only pages that may be framed by others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlencode
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Blueprint, Response, render_template, request

from core import clock, dates
from core.bases.models import Base
from core.bases.queries import find_base, visible_bases
from core.caching import public_page
from core.calendars import shown
from core.calendars.narrowing import Narrowing
from core.calendars.place import read_day
from core.calendars.weeks import Week, weeks_of
from core.localised import LANGUAGES

bp = Blueprint("embed", __name__, url_prefix="/embed")

POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors *"
)
ARGS = ("date", "limit", "view")
CHOSEN = Narrowing(sorts=frozenset({"sessions", "events"}))
AHEAD = timedelta(days=180)
"""How far a list looks ahead."""

LIMITS = range(1, 51)
USUAL = 10
MOST = 6
"""Lines of a day's cell."""


@dataclass(frozen=True)
class Part:
    """What is embedded: the next entries as a list, or a month's weeks.

    Attributes:
        listed: the entries of the list.
        month: its first day; None for a list.
    """

    listed: shown.Listed
    weeks: list[Week]
    month: date | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is on in the month."""
        return all(day.is_empty for week in self.weeks for day in week.days)

    @property
    def title(self) -> str:
        """The month in words, 2026年12月."""
        return dates.month_of_year(self.month) if self.month else ""

    @property
    def previous(self) -> str:
        """The query of the month before."""
        return _query(self.month - timedelta(days=1)) if self.month else ""

    @property
    def following(self) -> str:
        """The query of the month after."""
        return _query(self.month + timedelta(days=31)) if self.month else ""


@bp.get("/calendar", endpoint="portal")
@public_page("content", "booking", args=ARGS)
def of_portal() -> str:
    """Show what is on at all bases."""
    return render_template("calendars/embed.html", base=None, part=_part(visible_bases()))


@bp.get("/bases/<base>/calendar", endpoint="base")
@public_page("content", "booking", args=ARGS)
def of_base(base: str) -> str:
    """Show what is on at a base."""
    row = find_base(base)
    return render_template("calendars/embed.html", base=row, part=_part([row], own=row))


@bp.after_request
def let_be_framed(response: Response) -> Response:
    """Let any site frame these pages; a 304 says so too, for a browser takes its headers for the page's."""
    if response.status_code in {200, 304}:
        response.headers["Content-Security-Policy"] = POLICY
    return response


class WithoutCookies:
    """Lets these pages see no cookie: they are the same for everybody. `?lang=en` holds for one answer only."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request; others' pages are passed on as they are."""
        if environ.get("PATH_INFO", "").startswith("/embed/"):
            _forget_reader(environ)
        return self._app(environ, start_response)


def _forget_reader(environ: WSGIEnvironment) -> None:
    environ.pop("HTTP_COOKIE", None)
    query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True, errors="werkzeug.url_quote")
    wanted = dict(query).get("lang")
    if wanted in LANGUAGES:
        environ["HTTP_COOKIE"] = f"lang={wanted}"
    environ["QUERY_STRING"] = urlencode([(name, value) for name, value in query if name != "lang"])


def _part(bases: list[Base], own: Base | None = None) -> Part:
    day = read_day("date") or clock.today()
    if request.args.get("view") == "month":
        first = day.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        found = _found(bases, own, first, last)
        return Part(shown.Listed([], cut=False), weeks_of(first, last, found, {}, most=MOST), first)
    return Part(shown.listed(_found(bases, own, day, day + AHEAD), _limit()), [], None)


def _found(bases: list[Base], own: Base | None, first: date, last: date) -> list[shown.Shown]:
    start, end = clock.bounds(first)[0], clock.bounds(last)[1]
    return shown.at_base(own, start, end, CHOSEN) if own else shown.everywhere(bases, start, end, CHOSEN)


def _limit() -> int:
    """Return how many entries a list has: `?limit=`, at most 50."""
    text = request.args.get("limit", "")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else USUAL
    return min(max(number, LIMITS[0]), LIMITS[-1])


def _query(month: date) -> str:
    return urlencode({"view": "month", "date": month.replace(day=1).isoformat()})
