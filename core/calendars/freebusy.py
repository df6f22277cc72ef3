"""When a resource is busy, without a word on why or by whom (VFREEBUSY, RFC 5545 3.6.4; RFC 4791 7.10)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import func, select
from werkzeug import Request, Response

from core import clock, identity
from core.booking import free
from core.booking.models import Resource
from core.calendars.components import PRODUCT, fold, utc
from core.db import db
from core.versions import SiteVersion

BUSY = "BUSY"
"""No unit is left."""

UNAVAILABLE = "BUSY-UNAVAILABLE"
"""It can be used by nobody: outside the hours, on a holiday, during a closure."""

DAYS = 60
"""Days that are told of unless asked otherwise, today included."""

MOST_DAYS = 400
"""Most days in one answer."""

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
EARLIEST, LATEST = clock.bounds(FIRST_DAY)[0], clock.bounds(LAST_DAY)[1]


class Period(NamedTuple):
    """A span in which no unit can be taken; `start` and `end` are aware, `kind` is `BUSY` or `BUSY-UNAVAILABLE`."""

    start: datetime
    end: datetime
    kind: str


class Unusable(ValueError):
    """The days that are asked for cannot be used; the message says why and how to mend it."""


def periods(resource: Resource, start: datetime, end: datetime) -> list[Period]:
    """Return when nothing can be taken of a resource in `[start, end)`, in order of time, none touching its like.

    It is the complement of what the booking engine calls free, so that both always agree; `BUSY-TENTATIVE` does not
    occur: what waits for a decision takes its place as firmly as what is confirmed.

    Args:
        resource: one of a base.
        start, end: aware moments.

    Raises:
        ValueError: the resource belongs to no base.
    """
    if resource.base is None:
        raise ValueError("only what a base has is open at known hours")
    (found,) = free.availability(db.session(), resource.base, [resource], start, end)
    window = int(start.timestamp()), int(end.timestamp())
    closed = [(span.start, span.end) for span in found.closed]
    busy = _gaps(((span.start, span.end) for span in found.free), window)
    return [Period(_moment(begins), _moment(ends), kind) for begins, ends, kind in _cut(busy, closed)]


def lines(resource: Resource, start: datetime, end: datetime) -> list[str]:
    """Return the FREEBUSY lines of a resource in `[start, end)`, not folded; each fits on a line.

    Raises:
        Unusable: the span is too long, or lies in no year of use.
    """
    if start < EARLIEST or end > LATEST or end - start > timedelta(days=MOST_DAYS):
        raise Unusable(_too_long())
    return [f"FREEBUSY;FBTYPE={kind}:{utc(begins)}/{utc(ends)}" for begins, ends, kind in periods(resource, start, end)]


def united(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order of time as a union: those that touch or overlap are one."""
    union: list[tuple[int, int]] = []
    for begins, ends in sorted(spans):
        if union and begins <= union[-1][1]:
            union[-1] = union[-1][0], max(union[-1][1], ends)
        else:
            union.append((begins, ends))
    return union


def answer(request: Request, resource: Resource, *, url: str = "") -> Response:
    """Answer who asks when a resource is busy: 200, 304 or 400.

    The tag is a weak one (RFC 9110 8.8.1): it stays while the resource is as busy as before, whatever else has changed.

    Args:
        request: `?start=` and `?end=` are days, both included; today and the 59 days after it unless told.
        resource: one of a base, in service.
        url: address of its page.
    """
    try:
        first, last = _days(request)
    except Unusable as problem:
        return Response(f"{problem}\n", 400, mimetype="text/plain")
    start, end = clock.bounds(first)[0], clock.bounds(last)[1]
    told = _told(resource, start, end, url)
    response = Response(mimetype="text/calendar")
    response.set_etag(sha256("\n".join(told).encode()).hexdigest()[:32], weak=True)
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    if response.status_code == 200:
        head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\n".encode()
        response.set_data(head + _component(told) + b"END:VCALENDAR\r\n")
    return response


def _told(resource: Resource, start: datetime, end: datetime, url: str) -> list[str]:
    """Return the lines that say something: all but the one that says when it was revised."""
    head = [f"UID:{identity.name_of(f'freebusy:{resource.id}')}", f"DTSTART:{utc(start)}", f"DTEND:{utc(end)}"]
    return [*head, *([f"URL:{url}"] if url else []), *lines(resource, start, end)]


def _component(told: Iterable[str]) -> bytes:
    written = ["BEGIN:VFREEBUSY", f"DTSTAMP:{utc(_revised())}", *told, "END:VFREEBUSY"]
    return b"".join(map(fold, written))


def _revised() -> datetime:
    """Return when bookings, closures, hours or holidays were last changed at all."""
    changed = db.session.scalar(select(func.max(SiteVersion.value)).where(SiteVersion.topic.in_(("booking", "site"))))
    return _moment((changed or 0) // 1_000_000)


def _days(request: Request) -> tuple[date, date]:
    first = _day(request.args.get("start")) or clock.today()
    last = _day(request.args.get("end")) or min(first + timedelta(days=DAYS - 1), LAST_DAY)
    if last < first:
        raise Unusable(_("The last day (end) lies before the first (start)."))
    if (last - first).days >= MOST_DAYS:
        raise Unusable(_too_long())
    return first, last


def _too_long() -> str:
    return str(_("At most %(most)s days at once, please: choose a later start or an earlier end.", most=MOST_DAYS))


def _day(written: str | None) -> date | None:
    if not written:
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise Unusable(_("Please write start and end as days from 2000 to 2099, like 2026-12-08."))
    return day


def _gaps(free_spans: Iterable[tuple[int, int]], window: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield what lies between ordered spans within a window."""
    reached = window[0]
    for begins, ends in [*free_spans, (window[1], window[1])]:
        if reached < begins:
            yield reached, begins
        reached = max(reached, ends)


def _cut(busy: Iterable[tuple[int, int]], closed: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """Yield busy spans, cut where they begin or cease to be closed."""
    shut = united(closed)
    number = 0
    for begins, ends in busy:
        reached = begins
        while number < len(shut) and shut[number][1] <= begins:
            number += 1
        other = number
        while other < len(shut) and shut[other][0] < ends:
            starts, stops = shut[other]
            other += 1
            if reached < starts:
                yield reached, starts, BUSY
            yield max(reached, starts), min(stops, ends), UNAVAILABLE
            reached = min(stops, ends)
        if reached < ends:
            yield reached, ends, BUSY


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
