"""Reports on calendars: RFC 4791, 7."""

from datetime import datetime, timedelta

import pytest
from icalendar import Calendar

from core import clock, db
from core.booking import sessions, workflow
from core.calendars import entries
from core.calendars.components import Facts
from tests.booking.shop import Shop
from tests.calendars.caldav.conftest import Program, SignIn, prop, query_body, xml

pytestmark = pytest.mark.database


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


def _between(start: datetime, end: datetime, more: str = "") -> str:
    span = f'<C:time-range start="{_utc(start)}" end="{_utc(end)}"/>'
    return f'<C:comp-filter name="VEVENT">{span}{more}</C:comp-filter>'


EVENTS = '<C:comp-filter name="VEVENT"/>'


def _titled(match: str) -> str:
    return f'<C:comp-filter name="VEVENT"><C:prop-filter name="SUMMARY">{match}</C:prop-filter></C:comp-filter>'


def _titles(program: Program, path: str, inside: str) -> list[str]:
    told = program.query(path, inside, "C:calendar-data")
    files = [told.text(one, "C:calendar-data") for one in told.paths]
    return [str(event["SUMMARY"]) for file in files for event in Calendar.from_ical(file).walk("VEVENT")]


def test_entries_of_a_span_are_found_by_their_times(shop: Shop, base: str, anyone: Program) -> None:
    for hour, title in ((9, "早"), (13, "晚")):
        shop.session(hour=hour, title=title)
    assert _titles(anyone, base, _between(shop.at(12), shop.at(13))) == [], "what only touches a span is not in it"
    assert _titles(anyone, base, _between(shop.at(11), shop.at(13))) == ["早"]
    assert _titles(anyone, base, _between(shop.at(10), shop.at(14))) == ["早", "晚"]
    assert _titles(anyone, base, EVENTS) == ["早", "晚"]
    assert _titles(anyone, base, "") == ["早", "晚"]


@pytest.mark.parametrize(
    ("match", "found"),
    [
        ("<C:text-match>铣</C:text-match>", ["铣工ABC"]),
        ("<C:text-match>abc</C:text-match>", ["铣工ABC"]),
        ('<C:text-match collation="i;octet">abc</C:text-match>', []),
        ('<C:text-match collation="i;unicode-casemap">abc</C:text-match>', ["铣工ABC"]),
        ('<C:text-match negate-condition="yes">铣</C:text-match>', ["车工"]),
        ("<C:is-not-defined/>", []),
        ("", ["车工", "铣工ABC"]),
    ],
)
def test_entries_are_found_by_their_texts(shop: Shop, base: str, anyone: Program, match: str, found: list[str]) -> None:
    shop.session(title="车工")
    shop.session(hour=13, title="铣工ABC")
    assert _titles(anyone, base, _titled(match)) == found


def test_entries_are_found_by_what_stands_in_their_files_only(shop: Shop, base: str, anyone: Program) -> None:
    shop.session(title="车工")
    linked = '<C:comp-filter name="VEVENT"><C:prop-filter name="URL">{}</C:prop-filter></C:comp-filter>'
    assert _titles(anyone, base, linked.format("")) == ["车工"]
    assert _titles(anyone, base, linked.format("<C:text-match>/sessions/</C:text-match>")) == ["车工"]
    assert _titles(anyone, base, linked.format("<C:is-not-defined/>")) == []


def test_days_are_found_by_their_dates(shop: Shop, base: str, anyone: Program) -> None:
    day = shop.at(0).astimezone(clock.ZONE).date()
    start, end = clock.bounds(day)
    with db.write() as session:
        facts = Facts(summary="全天", start=start, end=end, all_day=True)
        entries.put_all(
            session, [entries.Wanted(source="event:1", facts=facts, keys=[base.split("/")[3].replace("-", ":")])]
        )
    begins = '<C:prop-filter name="DTSTART"><C:time-range start="{}" end="{}"/></C:prop-filter>'
    for first, last, found in ((-1, 1, ["全天"]), (1, 2, []), (-2, -1, [])):
        span = begins.format(*(_utc(facts.start + timedelta(hours=hours)) for hours in (first, last)))
        assert _titles(anyone, base, f'<C:comp-filter name="VEVENT">{span}</C:comp-filter>') == found


def test_spans_of_all_time_are_told_as_they_were_asked(shop: Shop, base: str, anyone: Program) -> None:
    span = '<C:time-range start="00010101T000000Z" end="99991231T235959Z"/>'
    shop.session()
    assert len(anyone.query(base, f'<C:comp-filter name="VEVENT">{span}</C:comp-filter>').paths) == 1
    answer = anyone.ask("REPORT", base, xml("C:free-busy-query", span))
    assert "\r\nDTSTART:00010101T000000Z\r\nDTEND:99991231T235959Z\r\n" in answer.text


def test_only_events_are_here(shop: Shop, base: str, anyone: Program) -> None:
    shop.session()
    assert _titles(anyone, base, '<C:comp-filter name="VTODO"/>') == []
    assert len(_titles(anyone, base, '<C:comp-filter name="VTODO"><C:is-not-defined/></C:comp-filter>')) == 1
    alarms = '<C:comp-filter name="VEVENT"><C:comp-filter name="VALARM"/></C:comp-filter>'
    assert _titles(anyone, base, alarms) == []


@pytest.mark.parametrize(
    ("inside", "condition"),
    [
        ('<C:comp-filter name="VEVENT"><C:time-range start="2026-12-01"/></C:comp-filter>', b"valid-filter"),
        ('<C:comp-filter name="VEVENT"><C:time-range start="20269901T000000Z"/></C:comp-filter>', b"valid-filter"),
        ('<C:comp-filter name="VEVENT"><C:time-range/></C:comp-filter>', b"valid-filter"),
        ("<C:comp-filter/>", b"valid-filter"),
        (_titled('<C:text-match collation="i;klingon">a</C:text-match>'), b"supported-collation"),
        ('<C:comp-filter name="VEVENT"><C:loud-filter name="SUMMARY"/></C:comp-filter>', b"supported-filter"),
        ('<C:comp-filter name="VEVENT"><prop-filter name="X"/></C:comp-filter>', b"supported-filter"),
        (_titled("<C:time-range start='20261201T000000Z'/>"), b"supported-filter"),
        ('<C:comp-filter name="VTIMEZONE"><C:prop-filter name="TZID"/></C:comp-filter>', b"supported-filter"),
    ],
)
def test_a_filter_that_says_nothing_is_refused(base: str, anyone: Program, inside: str, condition: bytes) -> None:
    answer = anyone.ask("REPORT", base, query_body(inside), Depth="1")
    assert answer.status_code == 403
    assert condition in answer.data


def test_entries_are_got_by_their_addresses(shop: Shop, base: str, anyone: Program) -> None:
    shop.session()
    shop.session(hour=13)
    one, other = anyone.query(base, EVENTS).paths
    strange = [f"{base}no-such.ics", "/caldav/calendars/portal/" + one.rpartition("/")[2], "http://[", "/etc/passwd"]
    hrefs = "".join(f"<D:href>{path}</D:href>" for path in [one, f"http://localhost{other}", *strange])
    told = anyone.told("REPORT", base, xml("C:calendar-multiget", prop("D:getetag", "C:calendar-data") + hrefs))
    assert told.statuses == {one: 200, other: 200} | dict.fromkeys(strange, 404)
    file = anyone.ask("GET", one)
    assert told.text(one, "C:calendar-data").encode() == file.data, "to the byte, line ends and all"
    assert told.text(one, "D:getetag") == file.headers["ETag"]


def _asking_for(form: str, inside: str = "") -> str:
    """Return a calendar-query for entries in a form of their own."""
    return query_body(inside).replace("<D:getetag/>", f"<C:calendar-data>{form}</C:calendar-data>")


def test_an_expanded_entry_is_in_universal_time(shop: Shop, base: str, anyone: Program) -> None:
    shop.session(hour=9)
    expand = f'<C:expand start="{_utc(shop.at(0))}" end="{_utc(shop.at(24))}"/>'
    told = anyone.told("REPORT", base, _asking_for(expand, _between(shop.at(0), shop.at(24))))
    file = told.text(told.paths[0], "C:calendar-data")
    assert f"\r\nDTSTART:{_utc(shop.at(9))}\r\n" in file
    assert "VTIMEZONE" not in file
    assert "TZID" not in file


def test_a_program_gets_the_lines_it_asks_for(shop: Shop, base: str, anyone: Program) -> None:
    shop.session(title="很长的标题，" * 20)
    wanted = '<C:prop name="UID"/><C:prop name="SUMMARY"/><C:prop name="URL" novalue="yes"/>'
    lines = f'<C:comp name="VCALENDAR"><C:comp name="VEVENT">{wanted}</C:comp></C:comp>'
    told = anyone.told("REPORT", base, _asking_for(lines))
    (event,) = Calendar.from_ical(told.text(told.paths[0], "C:calendar-data")).walk("VEVENT")
    assert set(event) == {"UID", "SUMMARY", "URL"}
    assert (event["SUMMARY"], event["URL"]) == ("很长的标题，" * 20, "")


def test_what_is_not_icalendar_is_not_here(base: str, anyone: Program) -> None:
    ask = _asking_for("").replace("<C:calendar-data", '<C:calendar-data content-type="application/calendar+json"')
    answer = anyone.ask("REPORT", base, ask)
    assert (answer.status_code, b"supported-calendar-data" in answer.data) == (403, True)


def _busy(program: Program, path: str, start: datetime, end: datetime) -> list[str]:
    span = f'<C:time-range start="{_utc(start)}" end="{_utc(end)}"/>'
    answer = program.ask("REPORT", path, xml("C:free-busy-query", span), Depth="1")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    (component,) = Calendar.from_ical(answer.data).walk("VFREEBUSY")
    assert "SUMMARY" not in component
    return [line for line in answer.text.split("\r\n") if line.startswith("FREEBUSY")]


def test_a_calendar_tells_when_it_is_busy(shop: Shop, base: str, anyone: Program) -> None:
    first = shop.session(hour=9)
    shop.session(hour=11)
    cancelled = shop.session(hour=16)
    sessions.cancel(actor=shop.user("manager"), session_id=cancelled.id, reason="不开了")
    assert _busy(anyone, base, shop.at(10), shop.at(20)) == [
        f"FREEBUSY;FBTYPE=BUSY:{_utc(shop.at(10))}/{_utc(shop.at(14))}"
    ], "one span for what overlaps, cut to what is asked for, without what is cancelled"
    assert first.title not in "".join(_busy(anyone, base, shop.at(0), shop.at(24)))


def test_what_is_not_decided_is_tentative(shop: Shop, sign_in: SignIn) -> None:
    north = sign_in("north")
    booking = shop.book("machine")
    path = f"/caldav/users/{shop.user('north').id}/organisation-{shop.organisation('north')}/"
    (line,) = _busy(north, path, shop.at(0), shop.at(24))
    kind = "BUSY" if booking.state == "confirmed" else "BUSY-TENTATIVE"
    assert line.startswith(f"FREEBUSY;FBTYPE={kind}:")
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="cancel", reason="不来了")
    assert _busy(north, path, shop.at(0), shop.at(24)) == []


@pytest.mark.parametrize("span", ["", '<C:time-range start="20261201T000000Z"/>', '<C:time-range start="x" end="y"/>'])
def test_busy_when_is_not_told_without_a_span(base: str, anyone: Program, span: str) -> None:
    answer = anyone.ask("REPORT", base, xml("C:free-busy-query", span))
    assert (answer.status_code, b"valid-filter" in answer.data) == (403, True)


def test_an_entry_is_a_file_with_its_tag(shop: Shop, base: str, anyone: Program) -> None:
    shop.session()
    (path,) = anyone.query(base, EVENTS).paths
    file = anyone.ask("GET", path)
    assert file.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(file.data)
    assert [one.name for one in calendar.subcomponents] == ["VTIMEZONE", "VEVENT"]
    assert str(calendar.walk("VEVENT")[0]["UID"]) + ".ics" == path.rpartition("/")[2]
    known = anyone.ask("GET", path, If_None_Match=file.headers["ETag"])
    assert (known.status_code, known.data) == (304, b"")
    head = anyone.ask("HEAD", path)
    assert (head.data, head.headers["ETag"]) == (b"", file.headers["ETag"])
    whole = anyone.ask("GET", base)
    assert len(Calendar.from_ical(whole.data).walk("VEVENT")) == 1
    assert anyone.ask("GET", base, If_None_Match=whole.headers["ETag"]).status_code == 304


def test_reports_that_are_not_known_are_refused(base: str, anyone: Program) -> None:
    for path, report in ((base, "D:expand-property"), ("/caldav/calendars/", "D:sync-collection")):
        answer = anyone.ask("REPORT", path, xml(report))
        assert (answer.status_code, b"supported-report" in answer.data) == (403, True)
