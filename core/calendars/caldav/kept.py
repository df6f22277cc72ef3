"""Answers about a calendar, kept by this process until anything changes that they tell of.

Programs that follow the same calendar ask the same: after a change, each of them with the token that all of them had.
"""

from collections.abc import Callable

from flask import current_app
from werkzeug import Request, Response

from core.calendars.caldav import answers
from core.calendars.caldav.places import Place
from core.shelf import Kept, Shelf

SIZE = 32 * 1024 * 1024
"""Bytes of answers that a process keeps."""

LONGEST = 2000
"""Bytes of a question beyond which its answer is not kept: nobody else asks for the same entries by their names."""

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
    if place.calendar is None or len(body) > LONGEST:
        return make()
    shelf: Shelf = current_app.extensions.setdefault(_SHELF, Shelf(SIZE))
    # Read before the answer is made: it can be kept under a number too old, and is made anew, never under one too new.
    numbers = dict(zip(("site", "access", "change"), place.numbers, strict=True))
    sent = request.environ
    what = (request.method, place.path, place.home, body.decode("latin-1"), *(sent.get(name, "") for name in HEADERS))
    kept = shelf.get(what)
    if kept is not None and kept.versions == numbers:
        return answers.multistatus(kept.body)
    made = make()
    if made.status_code == 207:
        shelf.put(what, Kept((), made.get_data(), "", numbers, 0, 0))
    return made


HEADERS = ("HTTP_DEPTH", "HTTP_PREFER", "HTTP_BRIEF")
"""Headers of a request that its answer depends on."""
