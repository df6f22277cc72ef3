"""Three readers of iCalendar, each by other authors, take the feeds of every base without complaint."""

import json
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import vobject
from flask import Flask
from icalendar import Calendar, Event
from sqlalchemy import select

from core.bases.models import Base
from core.booking.models import Resource, TrainingSession
from core.db import db

HERE = Path(__file__).parent
NODE = shutil.which("node") or str(Path(sys.executable).with_name("node"))


def addresses(app: Flask) -> list[str]:
    """Return the addresses of all feeds of a site."""
    with app.app_context():
        bases = {base.id: base.slug for base in db.session.scalars(select(Base))}
        resources = db.session.scalars(select(Resource).where(Resource.base_id.is_not(None))).all()
    return [f"/bases/{slug}/calendar.ics" for slug in bases.values()] + [
        f"/bases/{bases[resource.base_id]}/resources/{resource.slug}.ics" for resource in resources if resource.base_id
    ]


@pytest.fixture
def files(demo_app: Flask) -> dict[str, bytes]:
    """Every feed of the demo that has entries."""
    client = demo_app.test_client()
    found = {address: client.get(address).data for address in addresses(demo_app)}
    full = {address: data for address, data in found.items() if b"BEGIN:VEVENT" in data}
    assert len([address for address in full if address.endswith("/calendar.ics")]) == 4
    return full


@pytest.fixture
def heard() -> Iterator[list[warnings.WarningMessage]]:
    """What a reader grumbles about without refusing."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def moments(data: bytes) -> list[tuple[str, datetime, datetime]]:
    """Return UID, start and end of each entry, as icalendar reads them."""
    events = [event for event in Calendar.from_ical(data).walk("VEVENT") if isinstance(event, Event)]
    return [(str(event["UID"]), event.start, event.end) for event in events]  # type: ignore[misc]


def test_icalendar_finds_no_error(files: dict[str, bytes], heard: list[warnings.WarningMessage]) -> None:
    for address, data in files.items():
        calendar = Calendar.from_ical(data)
        parts = [calendar, *calendar.walk("VTIMEZONE"), *calendar.walk("VEVENT")]
        assert not [(address, part.errors) for part in parts if part.errors]
        assert not calendar.get_missing_tzids()
        assert calendar["VERSION"] == "2.0"
        for event in calendar.walk("VEVENT"):
            assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS"} <= set(event)
    assert not heard


def test_vobject_finds_no_error(files: dict[str, bytes]) -> None:
    for address, data in files.items():
        calendar = vobject.readOne(data.decode())
        assert calendar.validate(raiseException=True), address
        assert [event.uid.value for event in calendar.vevent_list] == [uid for uid, _start, _end in moments(data)]


def test_icaljs_reads_the_same_moments(files: dict[str, bytes]) -> None:
    for address, data in files.items():
        done = subprocess.run([NODE, "read.mjs"], cwd=HERE, input=data, capture_output=True, check=False)
        assert done.returncode == 0, (address, done.stderr.decode())
        assert not done.stderr
        read = json.loads(done.stdout)
        assert read["name"]
        found = [
            (event["uid"], datetime.fromisoformat(event["start"]), datetime.fromisoformat(event["end"]))
            for event in read["events"]
        ]
        assert found == moments(data), address


def test_a_session_as_a_file_is_read_by_all_three(demo_app: Flask) -> None:
    with demo_app.app_context():
        session = db.session.scalars(select(TrainingSession).where(TrainingSession.state == "published")).first()
        assert session is not None
        address, title = f"/bases/{session.base.slug}/sessions/{session.id}.ics", session.title
    answer = demo_app.test_client().get(address)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert event["SUMMARY"] == title
    assert vobject.readOne(answer.text).validate(raiseException=True)
    done = subprocess.run([NODE, "read.mjs"], cwd=HERE, input=answer.data, capture_output=True, check=True)
    assert [event["summary"] for event in json.loads(done.stdout)["events"]] == [title]
