"""Reads an iCalendar file from the standard input with libical, run by Debian's own Python; prints JSON.

Printed are its complaints (X-LIC-ERROR, broken restrictions of RFC 5546) and its entries.
"""

import json
import sys
from typing import Any

import gi  # type: ignore[import-not-found]  # a package of Debian, not in .venv

gi.require_version("ICalGLib", "3.0")
from gi.repository import ICalGLib  # type: ignore[import-not-found]  # noqa: E402


def complaints(component: Any) -> list[str]:
    """Return what libical noted down at a component and at those inside it."""
    found = []
    line = component.get_first_property(ICalGLib.PropertyKind.XLICERROR_PROPERTY)
    while line:
        found.append(line.as_ical_string())
        line = component.get_next_property(ICalGLib.PropertyKind.XLICERROR_PROPERTY)
    inner = component.get_first_component(ICalGLib.ComponentKind.ANY_COMPONENT)
    while inner:
        found += complaints(inner)
        inner = component.get_next_component(ICalGLib.ComponentKind.ANY_COMPONENT)
    return found


def category(event: Any) -> str:
    """Return the category of an event."""
    line = event.get_first_property(ICalGLib.PropertyKind.CATEGORIES_PROPERTY)
    return line.get_categories() if line else ""


def moment(time: Any) -> str:
    """Return a date as 2026-11-24, a time as it is in UTC."""
    if time.is_date():
        return f"{time.get_year():04}-{time.get_month():02}-{time.get_day():02}"
    utc = time.convert_to_zone(ICalGLib.Timezone.get_utc_timezone())
    date = f"{utc.get_year():04}-{utc.get_month():02}-{utc.get_day():02}"
    return f"{date}T{utc.get_hour():02}:{utc.get_minute():02}:{utc.get_second():02}Z"


def events(calendar: Any) -> list[dict[str, Any]]:
    """Return the events of a calendar."""
    found = []
    event = calendar.get_first_component(ICalGLib.ComponentKind.VEVENT_COMPONENT)
    while event:
        start, end = event.get_dtstart(), event.get_dtend()
        found.append(
            {
                "uid": event.get_uid(),
                "summary": event.get_summary() or "",
                "description": event.get_description() or "",
                "location": event.get_location() or "",
                "category": category(event),
                "status": event.get_status().value_nick.upper(),
                "sequence": event.get_sequence(),
                "all_day": start.is_date(),
                "start": moment(start),
                "end": moment(end),
            }
        )
        event = calendar.get_next_component(ICalGLib.ComponentKind.VEVENT_COMPONENT)
    return found


calendar = ICalGLib.Component.new_from_string(sys.stdin.buffer.read().decode())
read = events(calendar)
kept = ICalGLib.restriction_check(calendar)
json.dump(
    {"events": read, "complaints": complaints(calendar), "errors": calendar.count_errors(), "kept": kept}, sys.stdout
)
