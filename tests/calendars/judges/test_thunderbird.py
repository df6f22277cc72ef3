"""Thunderbird keeps every entry of a feed and of a CalDAV calendar, the cancelled ones too, and is sent none twice."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core import clock
from tests.calendars.judges.clients import Thunderbird, until
from tests.calendars.judges.sites import Judged, watched

pytestmark = [pytest.mark.slow, pytest.mark.thunderbird]

SECONDS = 100
"""So long it may take to fill its calendars, and to ask for each again, which it does after a minute."""

KEY, FOLDER = "base:1", "/caldav/calendars/base-1/"


def test_thunderbird_keeps_feeds_and_is_told_that_nothing_changed(
    demo_judged: Judged, large_judged: Judged, tmp_path: Path
) -> None:
    with watched(demo_judged.address) as demo, watched(large_judged.address) as large:
        followed = {
            "demo": ("ics", demo.address + demo_judged.feed),
            "large": ("ics", large.address + large_judged.feed),
        }
        sites = {"demo": demo_judged, "large": large_judged}
        thunderbird = Thunderbird(tmp_path / "profile", followed)
        with thunderbird.running():
            assert_keeps(thunderbird, sites)
            for watch in (demo, large):
                assert until(lambda: len(watch.statuses("GET", demo_judged.feed)) > 1, SECONDS), watch.asked  # noqa: B023
        for watch in (demo, large):
            sent, *again = watch.statuses("GET", demo_judged.feed)
            assert (sent, set(again)) == (200, {304})
        assert_keeps(thunderbird, sites)


def test_thunderbird_keeps_caldav_calendars_and_is_sent_no_entry_twice(
    demo_judged: Judged, large_judged: Judged, tmp_path: Path
) -> None:
    with watched(demo_judged.address) as demo, watched(large_judged.address) as large:
        followed = {
            "demo": ("caldav", demo_judged.dav(KEY, demo.address)),
            "large": ("caldav", large_judged.dav(KEY, large.address)),
        }
        sites = {"demo": demo_judged, "large": large_judged}
        thunderbird = Thunderbird(tmp_path / "profile", followed)
        with thunderbird.running():
            assert_keeps(thunderbird, sites)
        sent = [len(watch.statuses("REPORT", FOLDER)) for watch in (demo, large)]
        with thunderbird.running():
            for watch, before in zip((demo, large), sent, strict=True):
                assert until(lambda: len(watch.statuses("REPORT", FOLDER)) > before, SECONDS), watch.asked  # noqa: B023
        assert not [one for watch in (demo, large) for one in watch.asked if one.status >= 400]
        # Once more the changes are asked for; were there any, their entries would be asked for too.
        assert [len(watch.statuses("REPORT", FOLDER)) for watch in (demo, large)] == [number + 1 for number in sent]
        assert_keeps(thunderbird, sites)


def assert_keeps(thunderbird: Thunderbird, sites: Mapping[str, Judged]) -> None:
    """Wait until Thunderbird keeps all that stands in the calendars it follows, and compare it."""
    stands = {name: site.stands(KEY) for name, site in sites.items()}
    complete = until(lambda: all(set(thunderbird.kept(name)) == set(stands[name]) for name in stands), SECONDS)
    assert complete, {name: (len(thunderbird.kept(name)), len(stands[name])) for name in stands}
    for name, entries in stands.items():
        for uid, (start, end, title, status) in thunderbird.kept(name).items():
            entry = entries[uid]
            assert title
            assert status == ("CANCELLED" if entry.cancelled else "CONFIRMED")
            if (start, end) != (_microseconds(entry.start), _microseconds(entry.end)):
                assert (start, end) == (_at_midnight(entry.start), _at_midnight(entry.end)), uid


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000


def _at_midnight(moment: datetime) -> int:
    """Return what it keeps of a day: midnight of its name, in no zone."""
    return _microseconds(moment.astimezone(clock.ZONE).replace(tzinfo=UTC))
