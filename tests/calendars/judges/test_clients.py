"""vdirsyncer, the `caldav` client and khal follow the calendars of a site, and find no change where there is none."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import caldav
import pytest

from core import clock
from tests.calendars.judges import readers
from tests.calendars.judges.clients import Vdirsyncer, run
from tests.calendars.judges.readers import Read
from tests.calendars.judges.sites import Judged, Stands, moment
from tests.calendars.judges.test_readers import fetched

pytestmark = pytest.mark.slow


def stands(kept: dict[str, Read]) -> dict[str, Stands]:
    """Return what a client keeps in the words of the database."""
    return {
        uid: Stands(moment(event.start), moment(event.end), event.status == "CANCELLED", event.sequence)
        for uid, event in kept.items()
    }


def two_ahead(site: Judged, key: str) -> list[str]:
    """Return the UIDs of two entries that are ahead and not cancelled."""
    ahead = [uid for uid, entry in site.stands(key).items() if entry.start > clock.now() and not entry.cancelled]
    assert len(ahead) >= 2
    return ahead[:2]


def test_vdirsyncer_over_http_sees_no_change_where_there_is_none(site: Judged, key: str, tmp_path: Path) -> None:
    """Over http it names entries itself, by what they say: two that say the same are one to it."""
    client = Vdirsyncer(tmp_path / "home", {"type": "http", "url": site.address + site.feed})
    client.sync()
    says = {event._replace(uid="") for event in client.kept().values()}
    assert says == {event._replace(uid="") for event in readers.icalendar(fetched(site, site.feed))}
    assert set(stands(client.kept()).values()) == set(site.stands(key).values())
    assert client.sync() == 0


def test_vdirsyncer_over_caldav_sees_what_changed_and_khal_lists_it(site: Judged, key: str, tmp_path: Path) -> None:
    account = {"type": "caldav", "url": site.address + "/caldav/", "username": site.email, "password": site.password}
    name = key.replace(":", "-")
    client = Vdirsyncer(tmp_path / "home", account, f'["{name}"]')
    assert client.sync() == len(site.stands(key))
    assert stands(client.kept(name)) == site.stands(key)
    changed, cancelled = two_ahead(site, key)
    site.change(changed, summary="示例，改过")
    assert client.sync() == 1
    assert client.kept(name)[changed].summary == "示例，改过"
    site.cancel(cancelled)
    assert client.sync() == 1
    assert client.kept(name)[cancelled].status == "CANCELLED"
    assert stands(client.kept(name)) == site.stands(key)
    assert client.sync() == 0
    assert_khal_lists(site, key, client.home / "here" / name, tmp_path)


def test_the_caldav_client_finds_the_calendars_and_what_changed_in_them(site: Judged, key: str) -> None:
    with caldav.DAVClient(site.address + "/caldav/", username=site.email, password=site.password) as client:
        found = {
            calendar.url.path.rstrip("/").rpartition("/")[2]: calendar for calendar in client.principal().calendars()
        }
        calendar = found[key.replace(":", "-")]
        first = calendar.objects_by_sync_token(load_objects=False)
        assert len(list(first)) == len(site.stands(key))
        changed, cancelled = two_ahead(site, key)
        site.change(changed, summary="示例，再改")
        site.cancel(cancelled)
        second = calendar.objects_by_sync_token(sync_token=first.sync_token, load_objects=True)
        read = {event.uid: event for one in second for event in readers.icalendar(one.data.encode())}
        assert set(read) == {changed, cancelled}
        assert (read[changed].summary, read[cancelled].status) == ("示例，再改", "CANCELLED")
        third = calendar.objects_by_sync_token(sync_token=second.sync_token, load_objects=False)
        assert not list(third)


def test_the_caldav_client_finds_a_week_and_when_it_is_busy(site: Judged, key: str) -> None:
    start = clock.now().replace(minute=0, second=0, microsecond=0)
    end = start + timedelta(days=7)
    within = {uid: entry for uid, entry in site.stands(key).items() if entry.start < end and entry.end > start}
    with caldav.DAVClient(site.address + "/caldav/", username=site.email, password=site.password) as client:
        calendar = client.calendar(url=f"{site.address}/caldav/calendars/{key.replace(':', '-')}/")
        found: list[Any] = calendar.search(start=start, end=end, event=True, expand=True)
        assert {str(one.icalendar_component["UID"]) for one in found} == set(within)
        (busy,) = calendar.freebusy_request(start, end).icalendar_instance.walk("VFREEBUSY")
    found_busy = busy.get("FREEBUSY", [])
    periods = found_busy if isinstance(found_busy, list) else [found_busy]
    spans = [(period.start, period.end) for period in periods]
    taken = merged([(max(entry.start, start), min(entry.end, end)) for entry in within.values() if not entry.cancelled])
    assert merged(spans) == taken


def merged(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return spans in their order, those that touch made one."""
    found: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


KHAL = """\
[calendars]
[[here]]
path = {calendar}
[locale]
local_timezone = Asia/Shanghai
default_timezone = Asia/Shanghai
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
"""


def assert_khal_lists(site: Judged, key: str, calendar: Path, home: Path) -> None:
    """Compare a week as khal lists it from a folder with the database."""
    (home / "config").write_text(KHAL.format(calendar=calendar))
    start, end = clock.today(), clock.today() + timedelta(days=6)  # a day that khal lists too
    days = [start.isoformat(), end.isoformat()]
    arguments = ["list", "--format", "{uid}", "--day-format", "", "--once", *days]
    listed = run("khal", "--config", str(home / "config"), *arguments, home=home)
    first, last = clock.at(start, time()), clock.at(end + timedelta(days=1), time())
    within = {uid for uid, entry in site.stands(key).items() if entry.start < last and entry.end > first}
    assert set(listed.split()) == within


def test_khal_takes_a_feed_and_lists_a_week_of_it(demo_judged: Judged, tmp_path: Path) -> None:
    calendar = tmp_path / "calendar"
    calendar.mkdir()
    (tmp_path / "config").write_text(KHAL.format(calendar=calendar))
    (tmp_path / "feed.ics").write_bytes(fetched(demo_judged, demo_judged.feed))
    taken = ["import", "--batch", str(tmp_path / "feed.ics")]
    run("khal", "--config", str(tmp_path / "config"), *taken, home=tmp_path)
    assert_khal_lists(demo_judged, "base:1", calendar, tmp_path)
