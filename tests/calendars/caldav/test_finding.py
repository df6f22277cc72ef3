"""How a program finds the calendars: RFC 6764, RFC 5397, RFC 4791 6.2.1, RFC 4918 9.1."""

import pytest

from tests.booking.shop import Shop
from tests.calendars.caldav.conftest import NAMESPACES, Program, SignIn, prop, xml


@pytest.mark.parametrize("method", ["GET", "PROPFIND", "OPTIONS", "PUT", "REPORT"])
def test_the_well_known_address_leads_to_the_server(anyone: Program, method: str) -> None:
    answer = anyone.ask(method, "/.well-known/caldav")
    assert answer.status_code == (301 if method == "GET" else 308)
    assert answer.headers["Location"] == "/caldav/"


def test_options_say_what_the_server_can(anyone: Program) -> None:
    answer = anyone.ask("OPTIONS", "/caldav/")
    assert answer.status_code == 200
    assert answer.headers["DAV"] == "1, 3, calendar-access"
    assert answer.headers["Allow"] == "OPTIONS, GET, HEAD, PROPFIND, REPORT"


def test_without_credentials_the_server_asks_for_them(anyone: Program) -> None:
    answer = anyone.ask("PROPFIND", "/caldav/", Depth="0")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Jidi", charset="UTF-8"'


def test_an_account_finds_its_home_and_its_calendars(shop: Shop, sign_in: SignIn) -> None:
    north = sign_in("north")
    user, school = shop.user("north").id, shop.organisation("north")
    found = north.propfind("/caldav/", "D:current-user-principal").value("/caldav/", "D:current-user-principal")
    assert found is not None
    principal = found.findtext("D:href", "", NAMESPACES)
    assert principal == f"/caldav/users/{user}/"
    told = north.propfind(principal, "C:calendar-home-set", "D:displayname", "C:calendar-user-address-set")
    assert told.text(principal, "D:displayname") == "联系人"
    home = told.value(principal, "C:calendar-home-set")
    assert home is not None
    assert home.findtext("D:href", "", NAMESPACES) == principal
    members = north.propfind(principal, "D:resourcetype", "D:displayname", depth="1")
    own = [f"{principal}user-{user}/", f"{principal}organisation-{school}/"]
    assert members.paths == [principal, *own, f"{principal}portal/", f"{principal}base-{shop.base.id}/"]
    for path in members.paths[1:]:
        kind = members.value(path, "D:resourcetype")
        assert kind is not None
        assert kind.find("C:calendar", NAMESPACES) is not None
    assert members.text(own[0], "D:displayname") == "我的预约"


def test_all_public_calendars_are_listed_for_everybody(shop: Shop, anyone: Program) -> None:
    paths = anyone.propfind("/caldav/calendars/", "D:displayname", depth="1").paths
    wanted = {
        "portal",
        f"base-{shop.base.id}",
        f"resource-{shop.resource('lathe1')}",
        f"kind-{shop.kind_id('course')}",
    }
    assert {f"/caldav/calendars/{name}/" for name in wanted} <= set(paths)
    assert not [path for path in paths if "organisation" in path or "user" in path or "desk" in path]


def test_a_calendar_tells_what_programs_show_and_need(base: str, anyone: Program) -> None:
    names = ("D:displayname", "C:calendar-description", "A:calendar-color", "S:getctag", "D:sync-token", "D:getetag")
    told = anyone.propfind(base, *names, "C:supported-calendar-component-set", "D:supported-report-set", "D:owner")
    assert told.text(base, "D:displayname") == "示例车间"
    assert told.text(base, "A:calendar-color").startswith("#")
    assert told.text(base, "S:getctag") == told.text(base, "D:sync-token") != ""
    components = told.value(base, "C:supported-calendar-component-set")
    assert components is not None
    assert [one.get("name") for one in components] == ["VEVENT"]
    reports = told.value(base, "D:supported-report-set")
    assert reports is not None
    assert [one.tag.rpartition("}")[2] for one in reports.iterfind("D:supported-report/D:report/*", NAMESPACES)] == [
        "calendar-query",
        "calendar-multiget",
        "free-busy-query",
        "sync-collection",
    ]
    assert told.value(base, "D:owner") is None, "nobody owns what is asked for without credentials"


def test_a_reader_may_read_and_nothing_else(base: str, anyone: Program) -> None:
    may = anyone.propfind(base, "D:current-user-privilege-set").value(base, "D:current-user-privilege-set")
    assert may is not None
    assert {one[0].tag.rpartition("}")[2] for one in may} == {
        "read",
        "read-current-user-privilege-set",
        "read-free-busy",
    }


def test_the_mark_of_a_calendar_changes_with_what_is_in_it(shop: Shop, base: str, anyone: Program) -> None:
    before = anyone.propfind(base, "S:getctag").text(base, "S:getctag")
    assert anyone.propfind(base, "S:getctag").text(base, "S:getctag") == before
    shop.session()
    assert anyone.propfind(base, "S:getctag").text(base, "S:getctag") != before


def test_depth_one_lists_the_entries(shop: Shop, base: str, anyone: Program) -> None:
    shop.session()
    shop.book()
    told = anyone.propfind(base, "D:getetag", "D:getcontenttype", "D:getlastmodified", "D:getcontentlength", depth="1")
    assert len(told.paths) == 3
    for path in told.paths[1:]:
        answer = anyone.ask("GET", path)
        assert told.text(path, "D:getetag") == answer.headers["ETag"]
        assert told.text(path, "D:getcontentlength") == answer.headers["Content-Length"]
        assert told.text(path, "D:getlastmodified") == answer.headers["Last-Modified"]
        assert told.text(path, "D:getcontenttype").startswith("text/calendar")


def test_unknown_properties_are_told_to_be_missing(base: str, anyone: Program) -> None:
    ask = xml(
        "D:propfind", '<D:prop><D:displayname/><D:no-such/><x:thing xmlns:x="urn:a&amp;b"/><bare xmlns=""/></D:prop>'
    )
    told = anyone.told("PROPFIND", base, ask, Depth="0")
    assert told.text(base, "D:displayname")
    assert told.value(base, "D:no-such") is None
    assert told.value(base, "{urn:a&b}thing") is None
    assert told.value(base, "bare") is None


def test_a_program_that_wants_it_short_is_not_told_of_them(base: str, anyone: Program) -> None:
    ask = xml("D:propfind", prop("D:displayname", "D:no-such"))
    for header in ({"Prefer": "return=minimal"}, {"Brief": "t"}):
        assert b"no-such" not in anyone.ask("PROPFIND", base, ask, Depth="0", **header).data


def test_all_properties_and_all_names(base: str, anyone: Program) -> None:
    everything = anyone.told("PROPFIND", base, "", Depth="0")
    assert everything.text(base, "D:displayname")
    hidden = xml("D:propfind", "<D:allprop/><D:include><D:sync-token/></D:include>")
    assert anyone.told("PROPFIND", base, hidden, Depth="0").text(base, "D:sync-token")
    assert everything[base].find(".//D:sync-token", NAMESPACES) is None, "RFC 6578, 4: not unless it is asked for"
    names = anyone.told("PROPFIND", base, xml("D:propfind", "<D:propname/>"), Depth="1")
    found = names.value(base, "D:sync-token")
    assert found is not None
    assert found.text is None


@pytest.mark.parametrize("headers", [{"Depth": "infinity"}, {}])
def test_nobody_lists_everything_at_once(base: str, anyone: Program, headers: dict[str, str]) -> None:
    answer = anyone.ask("PROPFIND", base, xml("D:propfind", "<D:allprop/>"), **headers)
    assert answer.status_code == 403
    assert b"propfind-finite-depth" in answer.data
