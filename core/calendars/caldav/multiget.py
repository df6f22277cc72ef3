"""Entries by their addresses (CALDAV:calendar-multiget, RFC 4791, 7.9)."""

from urllib.parse import unquote, urlsplit

from werkzeug import Response

from core.calendars.caldav import answers, rows
from core.calendars.caldav.places import Place, uid_of
from core.calendars.caldav.questions import Question
from core.calendars.caldav.refusals import Refused
from core.calendars.caldav.xml import DAV


def answer(question: Question) -> Response:
    """Answer with the entries whose addresses are sent; 404 for each that is not in this calendar.

    Raises:
        Refused: 400, no address is sent.
    """
    hrefs = [(element.text or "").strip() for element in question.root.findall(f"{DAV}href")]
    if not hrefs:
        raise Refused(400, "at least one DAV:href is needed")
    named = {href: _uid(href, question.place) for href in dict.fromkeys(hrefs)}
    found, write = rows.named(question.calendar.key, [uid for uid in named.values() if uid]), question.writer()
    told = (write(found[uid]) if uid in found else answers.gone(href) for href, uid in named.items())
    return answers.multistatus(answers.body(told))


def _uid(href: str, place: Place) -> str:
    """Return the UID of an address in this calendar, or ""."""
    try:
        path = urlsplit(href).path
    except ValueError:
        return ""
    folder, _slash, name = path.rpartition("/")
    return uid_of(name) if unquote(folder) + "/" == unquote(place.folder) else ""
