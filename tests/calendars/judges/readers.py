"""Readers of iCalendar by other authors, each made to say in the same words what it found; none may complain."""

import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import vobject
from icalendar import Calendar, Event

HERE = Path(__file__).parent
NODE = shutil.which("node") or str(Path(sys.executable).with_name("node"))
DEBIAN_PYTHON = "/usr/bin/python3"


class Read(NamedTuple):
    """An entry as a reader understood it; moments in UTC, dates of what lasts whole days, the end not included."""

    uid: str
    summary: str
    description: str
    location: str
    category: str
    status: str
    sequence: int
    start: datetime | date
    end: datetime | date


Reader = Callable[[bytes], list[Read]]


def icalendar(data: bytes) -> list[Read]:
    """Read with icalendar, which must neither warn nor note down an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        calendar = Calendar.from_ical(data)
    assert not [part.errors for part in calendar.walk() if part.errors]
    assert not calendar.get_missing_tzids()
    return [_event(event) for event in calendar.walk("VEVENT") if isinstance(event, Event)]


def _event(event: Event) -> Read:
    return Read(
        uid=str(event["UID"]),
        summary=str(event.get("SUMMARY", "")),
        description=str(event.get("DESCRIPTION", "")),
        location=str(event.get("LOCATION", "")),
        category=str(next(iter(event.categories), "")),
        status=str(event["STATUS"]),
        sequence=event.sequence,
        start=_moment(event.start),
        end=_moment(event.end),
    )


def _moment(value: datetime | date) -> datetime | date:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def vobjects(data: bytes) -> list[Read]:
    """Read with vobject, which must hold the calendar valid."""
    calendar = vobject.readOne(data.decode())
    assert calendar.validate(raiseException=True)
    return [
        Read(
            uid=event.uid.value,
            summary=_value(event, "summary"),
            description=_value(event, "description"),
            location=_value(event, "location"),
            category="".join(_value(event, "categories")),
            status=event.status.value,
            sequence=int(event.sequence.value),
            start=_moment(event.dtstart.value),
            end=_moment(event.dtend.value),
        )
        for event in getattr(calendar, "vevent_list", [])
    ]


def _value(event: Any, name: str) -> Any:
    line = getattr(event, name, None)
    return line.value if line is not None else ""


def icaljs(data: bytes) -> list[Read]:
    """Read with ical.js in strict mode."""
    return _told(json.loads(_run([NODE, str(HERE / "read.mjs"), "ical.js"], data)))


def nodeical(data: bytes) -> list[Read]:
    """Read with node-ical."""
    return _told(json.loads(_run([NODE, str(HERE / "read.mjs"), "node-ical"], data)))


def libical(data: bytes) -> list[Read]:
    """Read with libical, which must note down no X-LIC-ERROR and no broken restriction of RFC 5546."""
    told = json.loads(_run([DEBIAN_PYTHON, str(HERE / "read_libical.py")], data))
    assert (told["complaints"], told["errors"], told["kept"]) == ([], 0, True)
    return _told(told["events"])


def _run(command: list[str], data: bytes) -> bytes:
    done = subprocess.run(
        command, input=data, capture_output=True, check=False, timeout=60, env=os.environ | {"TZ": "UTC"}
    )
    assert done.returncode == 0, done.stderr.decode()
    assert not done.stderr, done.stderr.decode()
    return done.stdout


def _told(events: list[dict[str, Any]]) -> list[Read]:
    read = []
    for event in events:
        understand = date.fromisoformat if event.pop("all_day") else datetime.fromisoformat
        read.append(Read(**event | {"start": understand(event["start"]), "end": understand(event["end"])}))
    return read
