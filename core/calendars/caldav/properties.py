"""What can be asked of each thing (RFC 4918, 15; RFC 3744; RFC 4791, 5.2; RFC 5397; RFC 6578, 4), as ready XML."""

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.http import http_date

from core.calendars.caldav import files, marks, rows
from core.calendars.caldav.places import Account, Place
from core.calendars.caldav.xml import APPLE, CAL, DAV, LARGEST, SERVER, element, href, text_element
from core.calendars.collections import Calendar
from core.calendars.components import PRODUCT, TIMEZONE

Values = dict[str, str]
"""Elements by their names: each is the whole property."""

CALENDAR_DATA = f"{CAL}calendar-data"

TYPE = "text/calendar; charset=utf-8; component=VEVENT"
"""Media type of an entry; a program learns from it that it holds an event (RFC 5545, 8.1)."""

HIDDEN = frozenset({
    f"{CAL}calendar-description", f"{CAL}calendar-home-set", f"{CAL}calendar-timezone",
    f"{CAL}calendar-user-address-set", f"{CAL}max-resource-size", f"{CAL}supported-calendar-component-set",
    f"{CAL}supported-calendar-data", f"{CAL}supported-collation-set", f"{DAV}current-user-principal",
    f"{DAV}current-user-privilege-set", f"{DAV}owner", f"{DAV}principal-URL", f"{DAV}supported-report-set",
    f"{DAV}sync-token",
})  # fmt: skip
"""What DAV:allprop leaves out, as each of their standards asks."""

COLLATIONS = ("i;ascii-casemap", "i;octet", "i;unicode-casemap")

REPORTS = (f"{CAL}calendar-query", f"{CAL}calendar-multiget", f"{CAL}free-busy-query", f"{DAV}sync-collection")
"""What a calendar answers to REPORT."""


_MAY = "".join(
    element(f"{DAV}privilege", element(name))
    for name in (f"{DAV}read", f"{DAV}read-current-user-privilege-set", f"{CAL}read-free-busy")
)

_ALIKE = {
    f"{DAV}current-user-privilege-set": element(f"{DAV}current-user-privilege-set", _MAY),
    f"{DAV}supported-report-set": element(f"{DAV}supported-report-set"),
}
"""What is the same of all things, where nothing else is said."""

_OF_ITEMS = {
    f"{DAV}resourcetype": element(f"{DAV}resourcetype"),
    f"{DAV}getcontenttype": text_element(f"{DAV}getcontenttype", TYPE),
}


def of(place: Place, change: int) -> Values:
    """Return all properties of a place but those of items.

    Args:
        place: the place.
        change: the change number of its calendar; 0 where it has none.
    """
    if place.calendar is not None:
        return _of_calendar(place.calendar, change, place.home)
    values = _common(place.home)
    kinds = element(f"{DAV}collection")
    if place.account is not None:
        values |= _of_principal(place.account, place.home)
        if place.kind == "home":
            kinds += element(f"{DAV}principal")
            values[f"{DAV}displayname"] = text_element(f"{DAV}displayname", place.account.name)
    return values | {f"{DAV}resourcetype": element(f"{DAV}resourcetype", kinds)}


def _of_calendar(calendar: Calendar, change: int, home: str) -> Values:
    token = marks.sync_token(calendar.key, change)
    texts = {
        f"{DAV}displayname": calendar.title,
        f"{DAV}getetag": marks.etag(change),
        f"{DAV}sync-token": token,
        f"{SERVER}getctag": token,
        f"{CAL}calendar-description": calendar.description,
        f"{CAL}max-resource-size": str(LARGEST),
        f"{CAL}calendar-timezone": f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\n"
        f"{TIMEZONE.decode()}END:VCALENDAR\r\n",
        f"{APPLE}calendar-color": f"{calendar.colour}FF",
    }
    kinds = element(f"{DAV}collection") + element(f"{CAL}calendar")
    inside = {
        f"{DAV}resourcetype": kinds,
        f"{DAV}supported-report-set": "".join(map(_report, REPORTS)),
        f"{CAL}supported-calendar-component-set": '<C:comp name="VEVENT"/>',
        f"{CAL}supported-calendar-data": '<C:calendar-data content-type="text/calendar" version="2.0"/>',
        f"{CAL}supported-collation-set": "".join(
            text_element(f"{CAL}supported-collation", name) for name in COLLATIONS
        ),
    }
    values = _common(home)
    values |= {name: text_element(name, text) for name, text in texts.items()}
    values |= {name: element(name, told) for name, told in inside.items()}
    if home:
        values[f"{DAV}owner"] = element(f"{DAV}owner", href(home))
    return values


def _common(home: str) -> Values:
    who = href(home) if home else "<D:unauthenticated/>"
    return _ALIKE | {f"{DAV}current-user-principal": f"<D:current-user-principal>{who}</D:current-user-principal>"}


def _of_principal(account: Account, home: str) -> Values:
    inside = {
        f"{DAV}principal-URL": href(home),
        f"{DAV}owner": href(home),
        f"{CAL}calendar-home-set": href(home),
        f"{CAL}calendar-user-address-set": href(home) + href(f"mailto:{account.email}"),
    }
    return {name: element(name, told) for name, told in inside.items()}


def _report(name: str) -> str:
    return element(f"{DAV}supported-report", element(f"{DAV}report", element(name)))


Part = str | Callable[[Any], str]
"""A property: ready where all entries have the same, else made of each (`rows.Item` or `rows.Change`)."""


def of_items(home: str, data: Callable[[rows.Item], bytes]) -> Mapping[str, Part]:
    """Return the properties of entries.

    Args:
        home: path of the account that asks, or "".
        data: what returns an entry as a file, in the form that is asked for.
    """
    parts: dict[str, Part] = {**_common(home), **_OF_ITEMS}
    if home:
        parts[f"{DAV}owner"] = element(f"{DAV}owner", href(home))
    return parts | {
        f"{DAV}getetag": _etag(marks.mark()),
        f"{DAV}getlastmodified": _last_modified,
        f"{DAV}getcontentlength": lambda item: element(f"{DAV}getcontentlength", str(len(files.whole(item)))),
        CALENDAR_DATA: lambda item: text_element(CALENDAR_DATA, data(item).decode()),
    }


NEED_DATA = frozenset({f"{DAV}getcontentlength", CALENDAR_DATA})
"""Properties of entries that cannot be told from their numbers."""


def _etag(mark: str) -> Callable[[rows.Item | rows.Change], str]:
    return lambda item: f'<D:getetag>"{item.change}-{mark}"</D:getetag>'


def _last_modified(item: rows.Item | rows.Change) -> str:
    return element(f"{DAV}getlastmodified", http_date(marks.moment(item.change)))
