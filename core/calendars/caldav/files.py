"""Entries as files of their own: whole, in part, or in universal time (RFC 4791, 9.6)."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from flask import current_app

from core.calendars.caldav import marks
from core.calendars.caldav.refusals import Refused
from core.calendars.caldav.rows import Item, standing
from core.calendars.caldav.xml import CAL, element
from core.calendars.collections import Calendar
from core.calendars.components import PRODUCT, TIMEZONE, with_url
from core.calendars.feeds import Feeds, head_of
from core.clock import ZONE

HEAD = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\nCALSCALE:GREGORIAN\r\n".encode()
TYPE = "text/calendar; charset=utf-8"

TAIL = b"END:VCALENDAR\r\n"

_LINE_END = re.compile(rb"\r\n(?![ \t])")
_NAME = re.compile(rb"[A-Za-z0-9-]+")
_LOCAL = re.compile(rb"(?m)^(DTSTART|DTEND);TZID=Asia/Shanghai:(\d{8}T\d{6})\r$")


def whole(item: Item) -> bytes:
    """Return an entry as a file."""
    return b"".join((HEAD, TIMEZONE, event(item), TAIL))


def event(item: Item) -> bytes:
    """Return an entry's VEVENT with the address of its page."""
    return with_url(item.data, marks.site() + item.path) if item.path else item.data


def calendar(found: Calendar) -> tuple[int, bytes]:
    """Return a whole calendar, as its feed has it, and its change number."""
    feeds: Feeds = current_app.extensions["jidi_calendars"].feeds
    body = feeds.kept.body(found.key, head_of(found, marks.site()), standing(found.key).change, packed=False)
    return body.change, b"".join(body.parts)


def form(asked: Element | None) -> Callable[[Item], bytes]:
    """Return what makes files in the form that CALDAV:calendar-data asks for.

    Raises:
        Refused: 403, it asks for another media type than iCalendar 2.0.
    """
    if asked is None:
        return whole
    if asked.get("content-type", "text/calendar") != "text/calendar" or asked.get("version", "2.0") != "2.0":
        raise Refused(403, "only iCalendar 2.0 is here", element(f"{CAL}supported-calendar-data"))
    lines = _lines(asked)
    expanded = asked.find(f"{CAL}expand") is not None

    def file(item: Item) -> bytes:
        told = event(item)
        if expanded:
            told = _universal(told)
        if lines is not None:
            told = only(told, lines)
        return b"".join((HEAD, b"" if expanded else TIMEZONE, told, TAIL))

    return file


def _lines(asked: Element) -> Mapping[bytes, bool] | None:
    """Return the properties of VEVENT that are wanted, each with whether its value is left out; None: all of them."""
    for calendar in asked.findall(f"{CAL}comp"):
        for comp in calendar.findall(f"{CAL}comp"):
            if comp.get("name", "").upper() == "VEVENT" and comp.find(f"{CAL}allprop") is None:
                wanted = comp.findall(f"{CAL}prop")
                return {prop.get("name", "").upper().encode(): prop.get("novalue") == "yes" for prop in wanted}
    return None


def only(told: bytes, wanted: Mapping[bytes, bool]) -> bytes:
    """Return a VEVENT with some of its properties.

    Args:
        told: the VEVENT.
        wanted: names of properties, each with whether its value is left out.
    """
    kept = []
    for line in _LINE_END.split(told.removesuffix(b"\r\n")):
        found = _NAME.match(line)
        name = found[0].upper() if found else b""
        if name in {b"BEGIN", b"END"}:
            kept.append(line)
        elif name in wanted:
            kept.append(name + b":" if wanted[name] else line)
    return b"".join(line + b"\r\n" for line in kept)


def _universal(told: bytes) -> bytes:
    """Return a VEVENT whose times are in UTC, as an expanded one has them (RFC 4791, 9.6.5)."""

    def moved(found: re.Match[bytes]) -> bytes:
        moment = datetime.strptime(found[2].decode(), "%Y%m%dT%H%M%S").replace(tzinfo=ZONE).astimezone(UTC)
        return b"%b:%b\r" % (found[1], moment.strftime("%Y%m%dT%H%M%SZ").encode())

    return _LOCAL.sub(moved, told)
