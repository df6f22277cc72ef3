"""Who reads what over CalDAV, and that nobody changes anything."""

import pytest
from lxml import etree
from sqlalchemy import event

from core import db
from core.accounts import services
from core.accounts.models import User
from core.calendars import tokens
from core.plugins import state
from tests.booking.shop import Shop
from tests.calendars.caldav.conftest import Program, SignIn, query_body, sync_body, xml

WRITING = [
    "PUT",
    "DELETE",
    "MKCALENDAR",
    "MKCOL",
    "PROPPATCH",
    "POST",
    "MOVE",
    "COPY",
    "LOCK",
    "UNLOCK",
    "ACL",
    "PATCH",
]

ALLOWED = "OPTIONS, GET, HEAD, PROPFIND, REPORT"

EVENTS = '<C:comp-filter name="VEVENT"/>'


@pytest.mark.parametrize("method", WRITING)
def test_nothing_can_be_changed(shop: Shop, base: str, anyone: Program, sign_in: SignIn, method: str) -> None:
    shop.session()
    before = anyone.sync(base)
    (path,) = before.paths
    manager = sign_in("manager")
    home = f"/caldav/users/{shop.user('manager').id}/"
    for program, where in ((anyone, base), (anyone, path), (manager, home), (manager, f"{home}new/")):
        answer = program.ask(method, where, "BEGIN:VCALENDAR", Destination="/caldav/calendars/portal/x.ics")
        assert (answer.status_code, answer.headers["Allow"], "DAV" in answer.headers) == (403, ALLOWED, True), where
        condition = etree.fromstring(answer.data)
        assert [one.tag for one in condition] == ["{DAV:}need-privileges"]
        assert condition.findtext(".//{DAV:}href") == where
    assert anyone.sync(base).token == before.token


@pytest.mark.parametrize("method", ["TRACE", "SEARCH", "BREW"])
def test_other_methods_are_not_known(base: str, anyone: Program, method: str) -> None:
    answer = anyone.ask(method, base)
    assert answer.status_code == 405
    assert "REPORT" in answer.headers["Allow"]


def test_a_folder_is_not_a_file(sign_in: SignIn) -> None:
    assert sign_in("north").ask("GET", "/caldav/").status_code == 405


def test_an_account_reads_its_own_calendars(shop: Shop, sign_in: SignIn, anyone: Program) -> None:
    shop.book(who="north")
    mine = f"/caldav/calendars/organisation-{shop.organisation('north')}/"
    assert len(sign_in("north").query(mine, EVENTS).paths) == 1
    home = f"/caldav/users/{shop.user('north').id}/"
    assert len(sign_in("north").query(f"{home}organisation-{shop.organisation('north')}/", EVENTS).paths) == 1
    assert anyone.ask("REPORT", mine, query_body(EVENTS)).status_code == 401


@pytest.mark.parametrize("report", [query_body(EVENTS), sync_body(), xml("D:propfind", "<D:allprop/>")])
def test_calendars_of_others_are_not_there(shop: Shop, sign_in: SignIn, report: str) -> None:
    booking = shop.book(who="north")
    user, school, base = shop.user("north").id, shop.organisation("north"), shop.base.id
    south = sign_in("south")
    method = "PROPFIND" if "propfind" in report else "REPORT"
    for path in (
        f"/caldav/calendars/organisation-{school}/",
        f"/caldav/calendars/user-{user}/",
        f"/caldav/calendars/desk-{base}/",
        f"/caldav/users/{user}/",
        f"/caldav/users/{user}/user-{user}/",
        f"/caldav/users/{shop.user('south').id}/organisation-{school}/",
        f"/caldav/users/{shop.user('south').id}/user-{user}/",
    ):
        answer = south.ask(method, path, report, Depth="0")
        assert answer.status_code == 404, path
        assert booking.ref not in answer.text


def test_whether_a_private_calendar_exists_is_nobodys_business(shop: Shop, anyone: Program) -> None:
    school = shop.organisation("north")
    answers = [anyone.ask("GET", f"/caldav/calendars/organisation-{number}/") for number in (school, 99999)]
    assert {(answer.status_code, answer.data) for answer in answers} == {(401, answers[0].data)}


def test_who_asks_without_credentials_is_told_in_the_same_time_whatever_there_is(shop: Shop, anyone: Program) -> None:
    asked: list[str] = []
    school = shop.organisation("north")
    with anyone.app.app_context():
        event.listen(db.db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    for number in (school, 99999):
        anyone.ask("GET", f"/caldav/calendars/organisation-{number}/")
    assert not [statement for statement in asked if "organisation" in statement]


def test_wrong_credentials_are_told_to_be_wrong(shop: Shop, base: str, sign_in: SignIn) -> None:
    north = sign_in("north")
    assert north.who is not None
    address, secret = north.who
    feed = tokens.make(actor=shop.user("north"), key=f"user:{shop.user('north').id}")
    for who in (
        (address, "wrong"),
        ("south@example.com", secret),
        (address, feed),
        ("", ""),
        ("\0", "\0"),
        (address, ""),
    ):
        wrong = Program(north.app, who)
        for path in ("/caldav/", base):
            answer = wrong.ask("PROPFIND", path, Depth="0")
            assert (answer.status_code, "Basic" in answer.headers["WWW-Authenticate"]) == (401, True), who
    for header in ("Bearer " + secret, "Basic", "Basic !!!", "Basic /////w==", "Digest username=x"):
        assert Program(north.app, None, {"Authorization": header}).ask("GET", base).status_code == 401, header


def test_a_password_that_is_taken_back_is_dead_at_once(shop: Shop, sign_in: SignIn) -> None:
    north = sign_in("north")
    assert north.ask("PROPFIND", "/caldav/", Depth="0").status_code == 207
    (token,) = tokens.tokens_of(shop.user("north").id)
    tokens.revoke(actor=shop.user("north"), token_id=token.id)
    assert north.ask("PROPFIND", "/caldav/", Depth="0").status_code == 401


def test_the_use_of_a_password_is_noted_with_the_program(shop: Shop, sign_in: SignIn) -> None:
    north = sign_in("north")
    north.headers["User-Agent"] = "DAVx5/4.4"
    north.ask("PROPFIND", "/caldav/", Depth="0")
    (token,) = tokens.tokens_of(shop.user("north").id)
    assert token.used_by == "DAVx5/4.4"
    assert token.used_at is not None


def test_an_account_that_is_closed_reads_nothing(shop: Shop, sign_in: SignIn) -> None:
    north = sign_in("north")
    assert north.ask("PROPFIND", "/caldav/", Depth="0").status_code == 207
    with db.write() as session:
        services.set_active(session, user=session.get_one(User, shop.user("north").id), active=False)
    assert north.ask("PROPFIND", "/caldav/", Depth="0").status_code == 401


def test_who_loses_a_role_is_not_answered_with_what_was_kept(shop: Shop, sign_in: SignIn) -> None:
    shop.book(who="north")
    north, school = sign_in("north"), shop.organisation("north")
    path = f"/caldav/users/{shop.user('north').id}/organisation-{school}/"
    assert north.sync(path).paths
    (item,) = north.sync(path).paths
    with db.write() as session:
        user = session.get_one(User, shop.user("north").id)
        user.grants = [grant for grant in user.grants if grant.organisation_id != school]
    assert north.ask("REPORT", path, sync_body()).status_code == 404
    assert north.ask("GET", item).status_code == 404


def test_a_base_that_is_switched_off_has_no_calendar(shop: Shop, base: str, anyone: Program) -> None:
    shop.session()
    (entry,) = anyone.sync(base).paths
    assert [anyone.ask("GET", path).status_code for path in (base, entry)] == [200, 200]
    with db.write() as session:
        state.enable(session, "workshop", False, actor_id=None)
    assert [anyone.ask("GET", path).status_code for path in (base, entry)] == [404, 404], "no password would help"
    assert anyone.ask("REPORT", base, sync_body()).status_code == 404
    assert base not in anyone.propfind("/caldav/calendars/", "D:displayname", depth="1").paths


@pytest.mark.parametrize(
    "path",
    [
        "no-such/",
        "base-0/",
        "base-999999999999999999999/",
        "base-1/a/b",
        "base-１/",
        "base:1/",
        "base-1/x.txt",
        "%00/",
        "base-1/%00.ics",
    ],
)
def test_what_is_not_there_is_not_there(anyone: Program, sign_in: SignIn, path: str) -> None:
    assert sign_in("north").ask("PROPFIND", f"/caldav/calendars/{path}", Depth="0").status_code == 404
    assert anyone.ask("PROPFIND", f"/caldav/calendars/{path}", Depth="0").status_code in {401, 404}


def test_answers_carry_what_every_answer_needs(base: str, anyone: Program) -> None:
    for answer in (anyone.ask("PROPFIND", base, Depth="0"), anyone.ask("PUT", base), anyone.ask("GET", "/caldav/")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers
