"""The CalDAV server's one entrance: read-only calendars for programs (docs/decisions/0013).

RFC 4918 (WebDAV, without locks), RFC 4791 (CalDAV), RFC 6578 (sync), RFC 6764 (where it is found), RFC 5397.
"""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from flask import Flask, current_app
from werkzeug import Request, Response
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.utils import redirect

from core.calendars import reading, tokens
from core.calendars.caldav import answers, busy, files, kept, marks, multiget, places, propfind, query, sync, xml
from core.calendars.caldav.places import Place
from core.calendars.caldav.questions import Question
from core.calendars.caldav.refusals import Refused, Unauthorized
from core.calendars.caldav.xml import CAL, DAV, element, href

READING = ("OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT")

WRITING = frozenset({
    "PUT", "DELETE", "MKCALENDAR", "MKCOL", "PROPPATCH", "POST", "MOVE", "COPY", "LOCK", "UNLOCK", "ACL", "PATCH",
})  # fmt: skip
"""Methods that would change something: nobody may."""

COMPLIANCE = "1, 3, calendar-access"

CHALLENGE = 'Basic realm="Jidi", charset="UTF-8"'

REPORTS: Mapping[str, Callable[[Question], Response]] = {
    f"{CAL}calendar-query": query.answer,
    f"{CAL}calendar-multiget": multiget.answer,
    f"{CAL}free-busy-query": busy.answer,
    f"{DAV}sync-collection": sync.answer,
}

WELL_KNOWN = "/.well-known/caldav"


def answer(request: Request) -> Response:
    """Answer a request to an address of the CalDAV server, whatever it asks."""
    try:
        response = _answer(request)
    except Unauthorized:
        response = Response("an e-mail address and an app password are needed\n", 401, mimetype="text/plain")
        response.headers["WWW-Authenticate"] = CHALLENGE
    except Refused as refused:
        response = answers.refusal(refused)
    if request.method in WRITING:
        response.headers["Allow"] = ", ".join(READING)
    response.headers["DAV"] = COMPLIANCE
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _answer(request: Request) -> Response:
    script = request.root_path.rstrip("/")
    if request.path.startswith(WELL_KNOWN) or request.path == places.ROOT.rstrip("/"):
        # Within the site, whatever name it goes by here; 308 keeps the method (RFC 6764, 5; RFC 9110, 15.4.9).
        return redirect(script + places.ROOT, 301 if request.method in {"GET", "HEAD"} else 308)
    if request.method == "OPTIONS":
        return Response(headers=[("Allow", ", ".join(READING))])
    if request.method not in WRITING and request.method not in READING:
        raise MethodNotAllowed(READING)
    with reading.together():
        try:
            place = places.find(request)
        except Refused:
            if request.method in WRITING:
                raise _forbidden(script + quote(request.path)) from None
            raise
        response = _at(request, place)
    if place.account is not None and place.account.found.stale:
        response.call_on_close(_noting(place.account.found, request))
    return response


def _at(request: Request, place: Place) -> Response:
    """Answer what is asked of a place."""
    if request.method in WRITING:
        raise _forbidden(place.path)
    if request.method in {"GET", "HEAD"}:
        return _file(request, place)
    body = _body(request)
    return kept.answer(request, place, body, lambda: _told(request, place, body))


def _told(request: Request, place: Place, body: bytes) -> Response:
    """Answer PROPFIND or REPORT."""
    if request.method == "PROPFIND":
        return propfind.answer(request, place, xml.read(body) if body.strip() else None)
    root = xml.read(body)
    report = REPORTS.get(str(root.tag))
    if report is None or place.calendar is None or (place.uid and report not in OF_ITEMS):
        raise Refused(403, "this report is not answered here", element(f"{DAV}supported-report"))
    return report(Question(request, place, place.calendar, root))


OF_ITEMS = frozenset({query.answer, multiget.answer})
"""Reports that an entry answers as well; the others are asked of calendars."""


def _file(request: Request, place: Place) -> Response:
    """Answer GET and HEAD: an entry, or a whole calendar."""
    if place.calendar is None:
        raise MethodNotAllowed([method for method in READING if method not in {"GET", "HEAD"}])
    if place.uid:
        item = place.item()
        change, data = item.change, files.whole(item)
    else:
        change, data = files.calendar(place.calendar)
    response = Response(data, content_type=files.TYPE)
    response.headers["ETag"] = marks.etag(change)
    response.last_modified = marks.moment(change)
    response.headers["Cache-Control"] = "private, no-cache" if place.account else "no-cache"
    return response.make_conditional(request)


def _forbidden(path: str) -> Refused:
    """Return the refusal of a change (RFC 3744, 7.1.1), also of what is not there: nothing can be put anywhere."""
    privilege = element(f"{DAV}privilege", element(f"{DAV}write"))
    needed = element(f"{DAV}resource", href(path) + privilege)
    return Refused(403, "calendars here can only be read", element(f"{DAV}need-privileges", needed))


def _body(request: Request) -> bytes:
    """Return a request's body.

    Raises:
        Refused: 413, it is too long.
    """
    length = request.content_length
    if length is None:  # in pieces: as many as there are
        body = request.stream.read(xml.LARGEST + 1)
    else:
        body = request.environ["wsgi.input"].read(length) if length <= xml.LARGEST else b""
    if max(length or 0, len(body)) > xml.LARGEST:
        raise Refused(413, f"a request has {xml.LARGEST} bytes at most")
    return body


def _noting(found: tokens.Found, request: Request) -> Callable[[], None]:
    """Return what keeps that a password was used, once the answer is sent."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    program = request.headers.get("User-Agent", "")

    def note() -> None:
        with app.app_context():
            tokens.note_use(found, program)

    return note
