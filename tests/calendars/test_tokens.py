"""Secrets that open calendars: what each opens, until when, and that nothing else does."""

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select, update
from werkzeug import Response
from werkzeug.test import Client

from core import clock, db
from core.accounts import api_tokens, services
from core.accounts.models import ApiToken, User
from core.accounts.roles import Role
from core.audit import AuditEntry
from core.booking import instructors
from core.calendars import access, rebuild, tokens
from core.calendars.server import CalendarServer
from core.errors import NotFound
from core.hushed import hushed
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.people import at_once

pytestmark = pytest.mark.usefixtures("shop_app")


@pytest.fixture
def organisation(shop: Shop) -> str:
    return f"organisation:{shop.organisation('north')}"


@pytest.fixture
def secret(shop: Shop, organisation: str) -> str:
    """The address of the calendar of north's bookings, made by its contact."""
    return tokens.make(actor=shop.user("north"), key=organisation, label="手机")


def feed(secret: str) -> str:
    return f"/calendars/{secret}.ics"


def basic(email: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{email}:{password}".encode()).decode()}


@contextmanager
def broken(app: Flask) -> Iterator[None]:
    """Take a table away, so that every calendar fails."""
    db.db.session.rollback()
    with db.db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE calendar_membership RENAME TO elsewhere")
    app.extensions["jidi_calendars"].feeds.forget()
    yield
    db.db.session.rollback()
    with db.db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO calendar_membership")


def row() -> ApiToken:
    return db.db.session.scalars(select(ApiToken).order_by(ApiToken.id.desc())).first()  # type: ignore[return-value]


def dead(visitor: FlaskClient, secret: str) -> None:
    """Expect a secret to open nothing, and its address to answer as one that never was."""
    asked, unknown = visitor.get(feed(secret)), visitor.get(feed("a" * tokens.LENGTH))
    assert asked.status_code == unknown.status_code == 404
    assert asked.data == unknown.data
    assert dict(asked.headers) == dict(unknown.headers)
    assert tokens.find(secret) is None


@pytest.mark.database
def test_a_secret_opens_its_calendar_without_any_cookie(visitor: FlaskClient, shop: Shop, secret: str) -> None:
    booking = shop.book()
    answer = visitor.get(feed(secret))
    assert answer.status_code == 200, answer.text
    assert "Set-Cookie" not in answer.headers
    assert "private" in answer.headers["Cache-Control"]
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert booking.ref in event.to_ical().decode()


def test_a_secret_has_at_least_128_random_bits_and_only_its_hash_is_kept(secret: str) -> None:
    assert len(set(tokens.LETTERS)) ** len(secret) >= 2**128
    assert secret not in str(vars(row()))
    assert row().purpose == "calendar"


@pytest.mark.parametrize("guess", ["x", "a" * 28, "a" * 80, "..", "%2e%2e", "jidi_", "", "é"])
def test_a_guess_is_answered_as_any_address_that_never_was(visitor: FlaskClient, secret: str, guess: str) -> None:
    assert visitor.get(feed(guess)).status_code == 404
    dead(visitor, secret[:-1] + ("a" if secret[-1] != "a" else "b"))


def test_a_revoked_secret_is_dead_at_once(visitor: FlaskClient, shop: Shop, secret: str) -> None:
    assert visitor.get(feed(secret)).status_code == 200
    tokens.revoke(actor=shop.user("north"), token_id=row().id)
    dead(visitor, secret)


@pytest.mark.database
def test_a_new_address_kills_the_old_one(visitor: FlaskClient, shop: Shop, secret: str, organisation: str) -> None:
    assert visitor.get(feed(secret)).status_code == 200
    new, key = tokens.rotate(actor=shop.user("north"), token_id=row().id)
    assert key == organisation
    assert visitor.get(feed(new)).status_code == 200
    dead(visitor, secret)
    assert [one.label for one in tokens.tokens_of(shop.user("north").id)] == ["手机"]


def test_what_ends_is_dead_in_every_process_at_once(shop: Shop, shop_app: Flask, secret: str) -> None:
    workers = [Client(CalendarServer(shop_app), Response) for _ in range(2)]
    assert [worker.get(feed(secret)).status_code for worker in workers] == [200, 200]
    tokens.revoke(actor=shop.user("north"), token_id=row().id)
    assert [worker.get(feed(secret)).status_code for worker in workers] == [404, 404]


def test_what_has_ended_cannot_be_renewed_or_ended_again(shop: Shop, secret: str) -> None:
    north, token_id = shop.user("north"), row().id
    tokens.revoke(actor=north, token_id=token_id)
    with pytest.raises(NotFound):
        tokens.revoke(actor=north, token_id=token_id)
    with pytest.raises(NotFound):
        tokens.rotate(actor=north, token_id=token_id)


def test_nobody_ends_or_renews_the_secret_of_another(shop: Shop, visitor: FlaskClient, secret: str) -> None:
    for act in (tokens.revoke, tokens.rotate):
        with pytest.raises(NotFound):
            act(actor=shop.user("manager"), token_id=row().id)
    assert visitor.get(feed(secret)).status_code == 200


def test_a_secret_of_a_user_who_may_no_longer_sign_in_is_dead(visitor: FlaskClient, shop: Shop, secret: str) -> None:
    assert visitor.get(feed(secret)).status_code == 200
    with db.write() as session:
        services.set_active(session, user=session.get_one(User, shop.user("north").id), active=False)
    dead(visitor, secret)


def test_a_secret_that_is_over_is_dead(visitor: FlaskClient, secret: str) -> None:
    with db.write() as session:
        session.execute(update(ApiToken).values(expires_at=clock.now() - timedelta(seconds=1)))
    dead(visitor, secret)


def test_a_new_password_ends_every_secret(visitor: FlaskClient, shop: Shop, secret: str) -> None:
    assert visitor.get(feed(secret)).status_code == 200
    with db.write() as session:
        services.set_password(session, user=session.get_one(User, shop.user("north").id), password_hash="x")
    dead(visitor, secret)


@pytest.mark.database
def test_a_contact_who_has_moved_away_reads_no_more(visitor: FlaskClient, shop: Shop, secret: str) -> None:
    assert visitor.get(feed(secret)).status_code == 200
    with db.write() as session:
        user = session.get_one(User, shop.user("north").id)
        services.revoke(session, user=user, role=Role.CONTACT, organisation_id=shop.organisation("north"))
    dead(visitor, secret)


@pytest.mark.database
def test_what_a_contact_booked_leaves_their_own_calendar_with_the_role_and_comes_back_with_it(
    visitor: FlaskClient, shop: Shop
) -> None:
    booking = shop.book()
    north, organisation = shop.user("north"), shop.organisation("north")
    own = tokens.make(actor=north, key=f"user:{north.id}")

    def stands() -> bool:
        answer = visitor.get(feed(own))
        assert answer.status_code == 200
        return booking.ref.encode() in answer.data

    assert stands()
    with db.write() as session:
        user = session.get_one(User, north.id)
        services.revoke(session, user=user, role=Role.CONTACT, organisation_id=organisation)
        services.grant(session, user=user, role=Role.CONTACT, organisation_id=shop.organisation("south"))
    assert not stands()
    assert list(rebuild.differences()) == []
    with db.write() as session:
        user = session.get_one(User, north.id)
        services.grant(session, user=user, role=Role.CONTACT, organisation_id=organisation)
    assert stands()


def test_a_manager_who_was_removed_reads_no_more(visitor: FlaskClient, shop: Shop) -> None:
    base_id = shop.base.id
    secret = tokens.make(actor=shop.user("manager"), key=f"desk:{base_id}")
    assert visitor.get(feed(secret)).status_code == 200
    with db.write() as session:
        user = session.get_one(User, shop.user("manager").id)
        services.revoke(session, user=user, role=Role.MANAGER, base_id=base_id)
    dead(visitor, secret)


def test_no_secret_is_made_for_what_the_user_may_not_read(shop: Shop, organisation: str) -> None:
    for who, key in (
        ("south", organisation),
        ("north", f"desk:{shop.base.id}"),
        ("north", f"user:{shop.user('south').id}"),
        ("north", f"instructor:{shop.resource('coach')}"),
        ("manager", organisation),
        ("north", "organisation:999999"),
        ("north", "nonsense"),
        ("north", "organisation:x"),
    ):
        with pytest.raises(NotFound):
            tokens.make(actor=shop.user(who), key=key)


def test_a_secret_opens_one_calendar_and_no_account(visitor: FlaskClient, shop: Shop, secret: str) -> None:
    assert tokens.find_account(shop.user("north").email, secret) is None
    answer = visitor.open("/caldav/", method="PROPFIND", headers=basic(shop.user("north").email, secret))
    assert answer.status_code == 401


def test_an_app_password_is_good_for_its_own_user_only_and_opens_no_feed(visitor: FlaskClient, shop: Shop) -> None:
    north = shop.user("north")
    password = tokens.make(actor=north, key=tokens.ACCOUNT)
    for typed in (password, password.replace("-", ""), password.upper(), password.replace("-", " ")):
        found = tokens.find_account(f" {north.email.upper()} ", typed)
        assert found is not None
        assert found.user.id == north.id
    assert tokens.find_account(shop.user("south").email, password) is None
    assert visitor.get(feed(password)).status_code == 404
    assert visitor.get(feed(password.replace("-", ""))).status_code == 404


def test_a_token_of_the_api_opens_no_calendar_and_the_other_way_round(
    visitor: FlaskClient, shop: Shop, secret: str
) -> None:
    north = shop.user("north")
    password = tokens.make(actor=north, key=tokens.ACCOUNT)
    bearer = api_tokens.create(user_id=north.id)
    assert visitor.get(feed(bearer)).status_code == 404
    assert tokens.find_account(north.email, bearer) is None
    for calendar in (secret, password, password.replace("-", "")):
        answer = visitor.get("/api/v1/bookings", headers={"Authorization": f"Bearer {calendar}"})
        assert answer.status_code == 401
    assert [one.purpose for one in api_tokens.tokens_of(north.id)] == ["api"]
    with pytest.raises(NotFound):
        api_tokens.revoke(user_id=north.id, token_id=tokens.tokens_of(north.id)[0].id)


def test_the_last_use_and_its_program_are_kept_at_most_once_an_hour(
    visitor: FlaskClient, shop: Shop, secret: str
) -> None:
    before = db.db.session.execute(select(ApiToken.used_at, ApiToken.used_by)).one()
    assert tuple(before) == (None, "")
    program = "日历/1\t".encode().decode("latin-1") + "x" * 200
    visitor.get(feed(secret), headers={"User-Agent": program}).close()
    visitor.get(feed(secret), headers={"User-Agent": "Another/2"}).close()
    db.db.session.rollback()
    assert row().used_at is not None
    assert row().used_by.startswith("日历/1x")
    assert len(row().used_by) == 120


def test_who_uses_a_secret_changes_nothing_that_others_have_to_look_up_anew(secret: str) -> None:
    found = tokens.find(secret)
    assert found is not None
    chosen = "SELECT value FROM site_version WHERE topic = 'access'"
    before = db.db.session.connection().exec_driver_sql(chosen).scalar()
    tokens.note_use(found, "Calendar/1")
    assert db.db.session.connection().exec_driver_sql(chosen).scalar() == before
    assert not found.stale


def test_nobody_has_more_secrets_than_they_can_look_through(
    shop: Shop, organisation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST", 1)
    tokens.make(actor=shop.user("north"), key=organisation)
    with pytest.raises(tokens.TooManyTokens):
        tokens.make(actor=shop.user("north"), key=organisation)


@pytest.mark.database
def test_many_that_are_made_at_once_are_no_more_and_one_is_renewed_once(
    shop: Shop, shop_app: Flask, organisation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST", 2)

    def make() -> object:
        with shop_app.app_context():
            return tokens.make(actor=Shop().user("north"), key=organisation)

    def renew(number: int) -> object:
        with shop_app.app_context():
            return tokens.rotate(actor=Shop().user("north"), token_id=number)

    db.db.session.rollback()
    refused = [type(one) for one in at_once([make] * 4) if isinstance(one, Exception)]
    assert refused == [tokens.TooManyTokens] * 2
    number = row().id
    db.db.session.rollback()
    refused = [type(one) for one in at_once([partial(renew, number)] * 3) if isinstance(one, Exception)]
    assert refused == [NotFound] * 2
    assert len(tokens.tokens_of(shop.user("north").id)) == 2


def test_what_happens_to_a_secret_is_in_the_audit_log_and_the_secret_is_not(shop: Shop, secret: str) -> None:
    new, _key = tokens.rotate(actor=shop.user("north"), token_id=row().id)
    tokens.revoke(actor=shop.user("north"), token_id=row().id)
    entries = db.db.session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("token."))).all()
    assert [entry.action for entry in entries] == ["token.create", "token.revoke", "token.create", "token.revoke"]
    assert all(word not in str([vars(entry) for entry in entries]) for word in (secret, new))


def test_no_secret_stands_in_a_log(
    visit: Visitors, shop: Shop, secret: str, caplog: pytest.LogCaptureFixture, shop_app: Flask
) -> None:
    password = tokens.make(actor=shop.user("north"), key=tokens.ACCOUNT)
    visitor = visit()
    with caplog.at_level(logging.DEBUG):
        for address in (feed(secret), feed(secret) + "/", feed(secret)[:-4], feed(secret) + "x", feed(secret) + "?a=1"):
            visitor.get(address)
        visitor.open("/caldav/", method="PROPFIND", headers=basic(shop.user("north").email, password))
        with broken(shop_app):
            assert visitor.get(feed(secret)).status_code == 503
            answer = visitor.open("/caldav/", method="REPORT", headers=basic(shop.user("north").email, password))
            assert answer.status_code >= 400
    said = caplog.text
    assert said
    assert secret not in said
    assert password not in said
    assert password.replace("-", "") not in said


def test_instructors_read_their_own_calendar_while_they_are_instructors(shop: Shop, visitor: FlaskClient) -> None:
    with db.write() as session:
        teacher = session.get_one(User, shop.user("south").id)
        services.grant(session, user=teacher, role=Role.INSTRUCTOR, base_id=shop.base.id)
        office = services.create_user(session, email="office5@example.org", name="示例办公室")
        services.grant(session, user=office, role=Role.OFFICE)
    resource = instructors.add(actor=office, name="示例教师", bases=["workshop"], user_id=shop.user("south").id)
    key = f"instructor:{resource.id}"
    assert key in access.private_keys(shop.user("south"))
    assert not access.may_read(shop.user("north"), key)
    secret = tokens.make(actor=shop.user("south"), key=key)
    assert visitor.get(feed(secret)).status_code == 200
    instructors.change(actor=office, resource_id=resource.id, name="示例教师", bases=["workshop"], user_id=None)
    dead(visitor, secret)


def test_everybody_may_read_what_is_public_and_a_visitor_nothing_else(shop: Shop, organisation: str) -> None:
    assert access.may_read(None, "portal")
    assert access.may_read(None, f"base:{shop.base.id}")
    assert not access.may_read(None, organisation)
    assert not access.may_read(None, f"user:{shop.user('north').id}")
    assert not access.may_read(shop.user("north"), "")


def test_a_log_that_names_an_address_leaves_its_secret_out(secret: str) -> None:
    assert secret not in hushed(feed(secret))
