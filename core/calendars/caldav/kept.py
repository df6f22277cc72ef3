"""Answers about a calendar, kept by this process until anything changes that they tell of.

Programs that follow the same calendar ask the same: after a change, each of them with the token that all of them had.
"""

import gzip
from collections.abc import Callable

from flask import current_app
from werkzeug import Request, Response

from core.calendars.caldav.places import Place
from core.calendars.feeds import takes_gzip
from core.shelf import Kept, Shelf

SIZE = 32 * 1024 * 1024
"""Bytes of answers that a process keeps."""

LONGEST = 2000
"""Bytes of a question beyond which its answer is not kept: nobody else asks for the same entries by their names."""

SHORTEST = 1400
"""Bytes of an answer below which it is not packed: it is one packet anyhow."""

LEVEL = 1
"""Of compression: the cheapest makes a tenth of it already."""

_SHELF = "jidi_caldav_shelf"


def answer(request: Request, place: Place, body: bytes, make: Callable[[], Response]) -> Response:
    """Answer a question about a calendar with what lies ready, or make it.

    Args:
        request: PROPFIND or REPORT.
        place: of the calendar, or of an entry in it.
        body: what is asked.
        make: makes the answer, which depends on nothing but these, on what stands in the calendar and on the
            numbers of the place; or refuses.
    """
    packs = takes_gzip(request.environ.get("HTTP_ACCEPT_ENCODING", ""))
    if place.calendar is None or len(body) > LONGEST:
        return _packed(make(), packs=packs)
    shelf: Shelf = current_app.extensions.setdefault(_SHELF, Shelf(SIZE))
    # Read before the answer is made: it can be kept under a number too old, and is made anew, never under one too new.
    numbers = dict(zip(("site", "access", "change"), place.numbers, strict=True))
    sent = request.environ
    told = (sent.get(name, "") for name in HEADERS)
    what = (request.method, place.path, place.home, body.decode("latin-1"), "gzip" if packs else "", *told)
    kept = shelf.get(what)
    if kept is not None and kept.versions == numbers:
        return Response(kept.body, 207, kept.headers)
    made = _packed(make(), packs=packs)
    if made.status_code == 207:
        shelf.put(what, Kept(tuple(made.headers), made.get_data(), "", numbers, 0, 0))
    return made


def _packed(response: Response, *, packs: bool) -> Response:
    """Pack a long answer for who reads that: a first sync is mostly the same words, and phones pay for each byte."""
    response.headers["Vary"] = "Accept-Encoding"
    data = response.get_data()
    if packs and len(data) >= SHORTEST:
        response.set_data(gzip.compress(data, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


HEADERS = ("HTTP_DEPTH", "HTTP_PREFER", "HTTP_BRIEF")
"""Headers of a request that its answer depends on."""
