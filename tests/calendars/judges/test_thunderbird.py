"""Thunderbird keeps every entry of a feed and of a CalDAV calendar, the cancelled ones too, and is sent none twice."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core import clock
from tests.calendars.judges.clients import Thunderbird, until
from tests.calendars.judges.sites import Judged, watched

pytestmark = [pytest.mark.slow, pytest.mark.thunderbird]

SECONDS = 180
"""So long it may take to fill its calendars, and to ask for each again, which it does after a minute."""

KEY, FOLDER = "base:1", "/caldav/calendars/base-1/"


def test_thunderbird_keeps_every_entry_and_is_sent_nothing_twice(
    demo_judged: Judged, large_judged: Judged, tmp_path: Path
) -> None:
    feed = demo_judged.feed
    with watched(demo_judged.address) as demo, watched(large_judged.address) as large:
        sites = {"demo": demo_judged, "large": large_judged}
        feeds = Thunderbird(
            tmp_path / "feeds", {"demo": ("ics", demo.address + feed), "large": ("ics", large.address + feed)}
        )
        accounts = Thunderbird(
            tmp_path / "accounts",
            {
                "demo": ("caldav", demo_judged.dav(KEY, demo.address)),
                "large": ("caldav", large_judged.dav(KEY, large.address)),
            },
        )
        with feeds.running():
            assert_keeps(feeds, sites)
            with accounts.running():  # meanwhile: the feeds are asked for again after a minute
                assert_keeps(accounts, sites)
            sent = [len(watch.statuses("REPORT", FOLDER)) for watch in (demo, large)]
            with accounts.running():
                for watch, before in zip((demo, large), sent, strict=True):
                    assert until(lambda: len(watch.statuses("REPORT", FOLDER)) > before, SECONDS), watch.asked  # noqa: B023
            for watch in (demo, large):
                assert until(lambda: len(watch.statuses("GET", feed)) > 1, SECONDS), watch.asked  # noqa: B023
    for watch in (demo, large):
        first, *again = watch.statuses("GET", feed)
        assert (first, set(again)) == (200, {304})
        assert not [one for one in watch.asked if one.status >= 400]
    # Once more the changes were asked for; had there been any, their entries would have been asked for too.
    assert [len(watch.statuses("REPORT", FOLDER)) for watch in (demo, large)] == [number + 1 for number in sent]
    assert_keeps(feeds, sites)
    assert_keeps(accounts, sites)


def assert_keeps(thunderbird: Thunderbird, sites: Mapping[str, Judged]) -> None:
    """Wait until Thunderbird keeps all that stands in the calendars it follows, and compare it."""
    stands = {name: site.stands(KEY) for name, site in sites.items()}
    complete = until(lambda: all(set(thunderbird.kept(name)) == set(stands[name]) for name in stands), SECONDS)
    assert complete, ({name: (len(thunderbird.kept(name)), len(stands[name])) for name in stands}, thunderbird.log())
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
