"""What changed since a token: RFC 6578."""

import gzip
import re
from collections.abc import Callable

import pytest
from lxml import etree

from core import db
from core.booking import sessions
from core.calendars import entries
from core.calendars.models import Entry, Membership
from tests.booking.shop import Shop
from tests.calendars.caldav.conftest import Program, sync_body

pytestmark = pytest.mark.database


def test_a_sync_tells_what_is_new_changed_and_gone(shop: Shop, base: str, anyone: Program) -> None:
    kept, other = shop.session(), shop.session(hour=13)
    first = anyone.sync(base)
    assert len(first.paths) == 2
    assert anyone.sync(base, first.token).paths == []
    start, end = kept.start_at, kept.end_at
    manager = shop.user("manager")
    sessions.edit(actor=manager, session_id=kept.id, title="改了", text="", start=start, end=end, seats=10)
    second = anyone.sync(base, first.token)
    assert len(second.paths) == 1
    assert second.text(second.paths[0], "D:getetag") != first.text(second.paths[0], "D:getetag")
    _take_out(shop, f"session:{other.id}")
    third = anyone.sync(base, second.token)
    assert list(third.statuses.values()) == [404]
    assert set(third.statuses) | set(second.paths) == set(first.paths)
    assert len(anyone.sync(base, first.token).responses) == 2, "an old token tells all since"
    assert anyone.sync(base).paths == second.paths, "what is gone is not told to who begins"


def _take_out(shop: Shop, source: str) -> None:
    """Let an entry leave all calendars, as the worker does when its time is over."""
    with db.write() as session:
        entry = session.query(Entry).filter_by(source=source).one()
        for membership in session.query(Membership).filter_by(entry_id=entry.id):
            membership.deleted, membership.change = True, Membership.PENDING
        entries.touched()


def test_a_sync_gives_the_entries_as_well_when_asked(shop: Shop, base: str, anyone: Program) -> None:
    shop.session()
    told = anyone.sync(base, names=("D:getetag", "C:calendar-data"))
    assert told.text(told.paths[0], "C:calendar-data").encode() == anyone.ask("GET", told.paths[0]).data
    again = anyone.sync(base, names=("D:getetag",))
    assert again.value(told.paths[0], "D:getetag") is not None
    assert b"calendar-data" not in anyone.ask("REPORT", base, sync_body()).data


@pytest.mark.parametrize("begun", [False, True])
def test_a_limit_is_kept_and_the_rest_comes_after(shop: Shop, base: str, anyone: Program, begun: bool) -> None:
    token = anyone.sync(base).token if begun else ""
    for hour in (6, 9, 12, 15, 18):
        shop.session(hour=hour)
    found: list[str] = []
    cut = 0
    while True:
        told = anyone.sync(base, token, most=2)
        token = told.token
        found += told.paths
        assert len(told.paths) <= 2
        if told.statuses.get(base) != 507:
            break
        assert b"number-of-matches-within-limits" in _error(told[base])
        cut += 1
    assert cut == 2
    assert len(found) == len(set(found)) == 5
    assert anyone.sync(base, token).responses == []


def _error(response: etree._Element) -> bytes:
    return bytes(etree.tostring(response))


def test_changes_under_one_number_are_cut_as_well(shop: Shop, base: str, anyone: Program) -> None:
    for hour in (6, 9, 12):
        shop.session(hour=hour)
    with db.write() as session:
        for membership in session.query(Membership):
            membership.change = Membership.PENDING
        entries.touched()
    token, found = "", set()
    for _page in range(3):
        told = anyone.sync(base, token, most=1)
        token = told.token
        found |= set(told.paths)
    assert len(found) == 3
    assert anyone.sync(base, token).responses == []


def test_when_nothing_fits_it_is_said(shop: Shop, base: str, anyone: Program) -> None:
    answer = anyone.ask("REPORT", base, sync_body(most=0))
    assert (answer.status_code, b"number-of-matches-within-limits" in answer.data) == (507, True)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: "nonsense",
        lambda token: "data:,",
        lambda token: token + "0",
        lambda token: token.replace("data:,", "data:,0"),
        lambda token: re.sub("^data:,.", lambda found: "data:," + ("a" if found[0][-1] != "a" else "b"), token),
        lambda token: "http://sabre.io/ns/sync/1",
        lambda token: "data:," + "9" * 5000,
        lambda token: token + "-" + "9" * 30,
    ],
)
def test_a_bad_token_is_refused(shop: Shop, base: str, anyone: Program, spoil: Callable[[str], str]) -> None:
    shop.session()
    bad = spoil(anyone.sync(base).token)
    answer = anyone.ask("REPORT", base, sync_body(bad))
    assert (answer.status_code, b"valid-sync-token" in answer.data) == (403, True), bad


def test_a_token_of_another_calendar_is_refused(shop: Shop, base: str, anyone: Program) -> None:
    shop.session()
    other = anyone.sync("/caldav/calendars/portal/").token
    answer = anyone.ask("REPORT", base, sync_body(other))
    assert (answer.status_code, b"valid-sync-token" in answer.data) == (403, True)


@pytest.mark.parametrize(
    "body",
    ["<D:limit/>", "<D:limit><D:nresults>-1</D:nresults></D:limit>", "<D:limit><D:nresults>二</D:nresults></D:limit>"],
)
def test_a_limit_is_a_number(base: str, anyone: Program, body: str) -> None:
    sent = sync_body().replace("<D:prop>", body + "<D:prop>")
    assert anyone.ask("REPORT", base, sent).status_code == 400


def test_a_long_answer_is_packed_for_who_reads_that(shop: Shop, base: str, anyone: Program) -> None:
    for hour in (6, 9, 12, 15, 18):
        shop.session(hour=hour)
    plain = anyone.ask("REPORT", base, sync_body())
    for _time in ("made", "kept"):
        packed = anyone.ask("REPORT", base, sync_body(), Accept_Encoding="gzip, deflate")
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
        assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    refused = anyone.ask("REPORT", base, sync_body(), Accept_Encoding="gzip;q=0")
    assert "Content-Encoding" not in refused.headers


def test_a_level_is_one_or_infinite(base: str, anyone: Program) -> None:
    assert anyone.ask("REPORT", base, sync_body().replace(">1<", ">2<")).status_code == 400
    assert anyone.ask("REPORT", base, sync_body().replace(">1<", ">infinite<")).status_code == 207
