"""XML that means harm, or nothing: a clear refusal, never an error of ours."""

import os
from pathlib import Path

import pytest

from core.calendars.caldav import xml as reading
from tests.booking.shop import Shop
from tests.calendars.caldav.conftest import Program, prop, query_body, sync_body, xml

LAUGHS = """<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><D:propfind xmlns:D="DAV:"><D:prop><D:displayname>&c;</D:displayname></D:prop>
</D:propfind>"""

OUTSIDE = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>
<D:propfind xmlns:D="DAV:"><D:prop>&e;</D:prop></D:propfind>"""

PARAMETER = """<!DOCTYPE x SYSTEM "http://127.0.0.1:1/evil.dtd"><D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>"""

BAD: dict[str, bytes] = {
    "billion laughs": LAUGHS.encode(),
    "an entity from outside": OUTSIDE.encode(),
    "a document type from outside": PARAMETER.encode(),
    "a document type in UTF-16": LAUGHS.replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16"),
    "an entity nobody declared": xml("D:propfind", "<D:prop>&nobody;</D:prop>").encode(),
    "another namespace": b'<propfind xmlns="urn:other"><prop/></propfind>',
    "no namespace": b"<propfind><prop/></propfind>",
    "not UTF-8": xml("D:propfind", "<D:prop/>").encode().replace(b"<D:prop/>", b"<D:prop>\xff\xfe\xc3\x28</D:prop>"),
    "half of UTF-16": b"\xff\xfe<",
    "no end": b'<D:propfind xmlns:D="DAV:"><D:prop>',
    "nothing but a text": "你好".encode(),
    "NUL": b'<D:propfind xmlns:D="DAV:">\0</D:propfind>',
    "no properties": xml("D:propfind").encode(),
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
def test_bad_xml_is_refused(base: str, anyone: Program, method: str, body: bytes) -> None:
    answer = anyone.ask(method, base, body, Depth="0")
    assert answer.status_code in ({400} if method == "PROPFIND" else {400, 403})
    assert "root:" not in answer.text


GREEDY = {
    "very many properties": prop(*(f"D:a{number}" for number in range(5000))),
    "names without end": prop(*(f"D:{letter * 3000}" for letter in "abc")),
    "names beside all": f"<D:allprop/><D:include>{''.join(f'<D:a{number}/>' for number in range(200))}</D:include>",
}


@pytest.mark.parametrize("asked", GREEDY.values(), ids=GREEDY.keys())
def test_an_answer_does_not_repeat_a_great_question_for_each_entry(
    shop: Shop, base: str, anyone: Program, asked: str
) -> None:
    shop.session()
    for method, name, more in (("PROPFIND", "D:propfind", ""), ("REPORT", "D:sync-collection", "<D:sync-token/>")):
        answer = anyone.ask(method, base, xml(name, more + asked), Depth="1")
        assert (answer.status_code, len(answer.data) < 1000) == (507, True)


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
def test_a_long_body_is_refused(base: str, anyone: Program, method: str) -> None:
    long = xml("D:propfind", "<D:allprop/>" + " " * 10_000_000)
    answer = anyone.ask(method, base, long, Depth="0")
    assert answer.status_code == 413
    whole = xml("D:propfind", "<D:allprop/>")
    fits = whole.encode() + b" " * (reading.LARGEST - len(whole))
    assert anyone.ask("PROPFIND", base, fits, Depth="0").status_code == 207


def test_names_that_were_sent_once_are_not_kept_for_ever() -> None:
    def sent(number: int) -> None:
        reading.read(f"<D:x xmlns:D='DAV:'>{''.join(f'<D:n{number}-{one}/>' for one in range(20_000))}</D:x>".encode())

    sent(0)
    before = _resident()
    for number in range(1, 6):
        sent(number)
    assert _resident() - before < 1_500_000


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_utf_16_is_read(base: str, anyone: Program) -> None:
    body = xml("D:propfind", prop("D:displayname")).replace("utf-8", "utf-16").encode("utf-16")
    assert anyone.ask("PROPFIND", base, body, Depth="0").status_code == 207


STRANGE = {
    "great depth": sync_body().replace("<D:getetag/>", "<D:a>" * 100_000 + "</D:a>" * 100_000),
    "a filter of great depth": query_body('<C:comp-filter name="VEVENT">' * 20_000 + "</C:comp-filter>" * 20_000),
    "a filter in itself": query_body('<C:comp-filter name="VEVENT">' * 100 + "</C:comp-filter>" * 100),
    "a name that is none": query_body('<C:comp-filter name="&#128512;%s%n"/>'),
    "properties of strange names": sync_body(names=("D:a%s", "C:b%d")).replace("%", "·"),
    "percent signs in a namespace": sync_body().replace("<D:getetag/>", '<x:y xmlns:x="urn:%s%d%(a)s"/>'),
    "a hundred thousand hrefs": xml("C:calendar-multiget", prop("D:getetag") + "<D:href>/a.ics</D:href>" * 30_000),
    "an empty href": xml("C:calendar-multiget", prop("D:getetag") + "<D:href/>"),
    "no href": xml("C:calendar-multiget", prop("D:getetag")),
    "a report of another": xml("D:version-tree"),
    "two tokens": sync_body().replace("<D:sync-level>", "<D:sync-token>a</D:sync-token><D:sync-level>"),
    "comments and instructions": sync_body().replace("<D:prop>", "<!-- <D:prop/> --><?php exit ?><D:prop><!-- x -->"),
}


@pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE.keys())
def test_strange_reports_are_answered_or_refused(base: str, anyone: Program, body: str) -> None:
    answer = anyone.ask("REPORT", base, body, Depth="1")
    assert answer.status_code in {207, 400, 403, 413}
    if answer.status_code == 207:
        reading.read(answer.data)


@pytest.mark.parametrize("depth", ["2", "-1", "infinity,noroot", "１", ""])
def test_strange_depths_are_refused(base: str, anyone: Program, depth: str) -> None:
    answer = anyone.ask("PROPFIND", base, xml("D:propfind", "<D:allprop/>"), Depth=depth.encode().decode("latin-1"))
    assert answer.status_code == 400
