"""Entries as bytes: whatever people typed stays inside its property, and no line is too long."""

from datetime import timedelta

import pytest
from icalendar import Event

from core import clock
from core.calendars.components import LINE, Facts, cancelled, clean, serialise, text, with_url

LONG = "压铸区安全培训，先听讲解再进车间；请带学生证\\并穿工作服🏭" * 6
NOW = clock.now().replace(microsecond=0)


def public(summary: str = "示例", description: str = "", location: str = "") -> Facts:
    """Return what a source says, for an hour from now on."""
    return Facts(summary=summary, description=description, location=location, start=NOW, end=NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    "nasty", ["END:VEVENT\r\nBEGIN:VEVENT", "a\nATTACH:http://example.org", "a\x0b\x0cb", "；，\\,;", LONG]
)
def test_no_text_gets_out_of_its_property(nasty: str) -> None:
    data = serialise(public(summary=nasty, description=nasty, location=nasty), uid="1", sequence=0, modified=NOW)
    assert data.count(b"END:VEVENT\r\n") == 1
    assert max(map(len, data.split(b"\r\n"))) <= LINE
    event = Event.from_ical(data)
    assert "ATTACH" not in event
    for name in ("SUMMARY", "DESCRIPTION", "LOCATION"):
        assert str(event[name]) == clean(nasty)


def test_a_cancelled_entry_keeps_all_but_status_sequence_and_stamps() -> None:
    before = serialise(public(summary=LONG, location="车间"), uid="1", sequence=4, modified=NOW)
    later = NOW + timedelta(hours=1)
    after = Event.from_ical(cancelled(before, sequence=5, modified=later))
    assert (after["STATUS"], after["TRANSP"], after["SEQUENCE"]) == ("CANCELLED", "TRANSPARENT", 5)
    assert after.DTSTAMP == after.LAST_MODIFIED == later
    assert (after["UID"], after["SUMMARY"], after["LOCATION"]) == ("1", LONG, "车间")
    assert isinstance(after, Event)
    assert (after.start, after.end) == (NOW, NOW + timedelta(hours=1))


@pytest.mark.parametrize("path", ["a", "a" * 55, "a" * 200, "基地"])
def test_an_address_stands_in_its_entry_folded_where_it_is_long(path: str) -> None:
    address = f"https://example.org/{path}"
    whole = with_url(serialise(public(), uid="1", sequence=0, modified=NOW), address)
    assert max(map(len, whole.split(b"\r\n"))) <= LINE
    assert Event.from_ical(whole)["URL"] == address


def test_the_name_of_a_calendar_may_hold_what_icalendar_gives_a_meaning() -> None:
    assert text("一;二,三\\四\r\n五") == "一\\;二\\,三\\\\四\\n五"


def test_a_text_stands_in_calendars_without_what_they_cannot_carry() -> None:
    assert clean("\ufeff一\r\n二\r三\u2028四\x85五\x00\x1b\x7f\uffff\t六 𠮷🏭") == "一\n二\n三\n四\n五\t六 𠮷🏭"
    assert clean("a\ud842b\udfb7 \ud842\udfb7") == "a\ufffdb\ufffd 𠮷"
