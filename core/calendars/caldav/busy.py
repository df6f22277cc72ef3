"""When a calendar is busy (CALDAV:free-busy-query, RFC 4791, 7.10)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from werkzeug import Response

from core.booking.models import Resource
from core.calendars import freebusy
from core.calendars.caldav import filters, marks, rows
from core.calendars.caldav.questions import Question
from core.calendars.caldav.refusals import Refused
from core.calendars.caldav.xml import CAL, DAV, element
from core.calendars.components import PRODUCT, fold, utc
from core.db import db

KINDS = {False: "BUSY", True: "BUSY-TENTATIVE"}
"""How it is said whether an entry is only tentative."""


def answer(question: Question) -> Response:
    """Answer with one VFREEBUSY: the union of what takes time, without a word on what it is.

    A resource is busy when nothing of it can be taken, as its `.ifb` says as well.

    Raises:
        Refused: 403, the span is not told as the standard says; 507, it is too long for a resource.
    """
    found, key = question.root.find(f"{CAL}time-range"), question.calendar.key
    start, end = filters.time_range(found) if found is not None else (None, None)
    if start is None or end is None:
        raise Refused(403, "a time-range with start and end is needed", element(f"{CAL}valid-filter"))
    change = rows.standing(key).change
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "BEGIN:VFREEBUSY",
        f"UID:{marks.name_of(key)}", f"DTSTAMP:{utc(marks.moment(change))}",
        f"DTSTART:{utc(start)}", f"DTEND:{utc(end)}",
        *_told(key, start, end),
        "END:VFREEBUSY", "END:VCALENDAR",
    ]  # fmt: skip
    return Response(b"".join(map(fold, lines)), content_type="text/calendar; charset=utf-8")


def _told(key: str, start: datetime, end: datetime) -> Iterable[str]:
    kind, _colon, number = key.partition(":")
    if kind != "resource":
        return _periods(rows.busy(key, start, end), start, end)
    try:
        return freebusy.lines(db.session.get_one(Resource, int(number)), start, end)
    except freebusy.Unusable as problem:
        raise Refused(507, str(problem), element(f"{DAV}number-of-matches-within-limits")) from None


def _periods(found: list[tuple[int, int, bool]], start: datetime, end: datetime) -> Iterator[str]:
    first, last = int(start.timestamp()), int(end.timestamp())
    for tentative, kind in KINDS.items():
        cut = ((max(starts, first), min(ends, last)) for starts, ends, maybe in found if maybe is tentative)
        for starts, ends in freebusy.united(cut):
            yield f"FREEBUSY;FBTYPE={kind}:{utc(_moment(starts))}/{utc(_moment(ends))}"


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
