"""Every feed of the demo and of a base with ten thousand entries is read alike by six readers; none complains."""

import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
import recurring_ical_events
from icalendar import Calendar

from core import clock
from core.calendars import collections
from tests.calendars.judges import readers
from tests.calendars.judges.readers import Reader
from tests.calendars.judges.sites import Judged, Stands, moment

pytestmark = pytest.mark.slow

READERS = [
    pytest.param(readers.icalendar, id="icalendar"),
    pytest.param(readers.vobjects, id="vobject"),
    pytest.param(readers.icaljs, id="ical.js"),
    pytest.param(readers.nodeical, id="node-ical"),
    pytest.param(readers.libical, id="libical", marks=pytest.mark.libical),
]


def fetched(site: Judged, path: str) -> bytes:
    """Return a feed as the served site sends it."""
    with urllib.request.urlopen(site.address + path, timeout=30) as answer:
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        data: bytes = answer.read()
    return data


def feeds(site: Judged, base_key: str) -> dict[str, str]:
    """Return the paths of the feeds that are looked at and not empty, by the keys of their calendars."""
    large = len(site.stands(base_key)) > 1000  # the others are those of the demo
    public = {calendar.key: calendar.path for calendar in site.look(collections.public_calendars)}
    paths = ({base_key: public[base_key]} if large else public) | site.private()
    return {calendar: path for calendar, path in paths.items() if site.stands(calendar)}


@pytest.mark.parametrize("read", READERS)
def test_every_feed_is_read_as_the_database_has_it(site: Judged, key: str, read: Reader) -> None:
    seen = 0
    for calendar, path in feeds(site, key).items():
        found = read(fetched(site, path))
        understood = {
            event.uid: Stands(moment(event.start), moment(event.end), event.status == "CANCELLED", event.sequence)
            for event in found
        }
        assert understood == site.stands(calendar), path
        assert len(found) == len(understood), path
        assert all(event.summary for event in found), path
        seen += len(found)
    assert seen > 20


def test_recurring_ical_events_finds_every_entry_once(site: Judged, key: str) -> None:
    for calendar, path in feeds(site, key).items():
        query = recurring_ical_events.of(Calendar.from_ical(fetched(site, path)))
        years = query.between(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
        stands = site.stands(calendar)
        assert sorted(str(event["UID"]) for event in years) == sorted(stands)
        week = clock.now().astimezone(clock.ZONE), clock.now().astimezone(clock.ZONE) + timedelta(days=7)
        within = {uid for uid, entry in stands.items() if entry.start < week[1] and entry.end > week[0]}
        assert {str(event["UID"]) for event in query.between(*week)} == within
