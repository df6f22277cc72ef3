"""Who asks: the token says it, and nothing else does."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from core import clock, db
from core.accounts import api_tokens, passwords, services
from core.accounts.models import ApiToken, User
from tests.api.conftest import Api
from tests.api.test_problems import problem
from tests.booking.visitors import Visitors


def test_without_a_token_one_is_asked_for_one(api: Api) -> None:
    for method, address in (("GET", "bookings"), ("POST", "bookings"), ("POST", "series"), ("DELETE", "holds/JD-0000")):
        answer = api(method, address, who="")
        assert problem(answer, 401)["code"] == "unauthorized"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Bearer guessed", "Bearer ", "bearer \u00e9", "Basic bm9ydGg6eA==", "jidi_x"])
def test_what_is_no_token_is_refused_even_where_none_is_needed(api: Api, header: str) -> None:
    answer = api("GET", "bases", who="", headers={"Authorization": header})
    problem(answer, 401)


def test_a_cookie_says_nothing_and_none_is_set(visit: Visitors) -> None:
    client = visit("north")
    assert client.get("/bookings/").status_code == 200
    answer = client.get("/api/v1/bookings")
    assert answer.status_code == 401
    assert client.post("/api/v1/bookings", json={}).status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert client.get("/bookings/").status_code == 200


def test_a_token_is_no_way_into_the_pages(api: Api) -> None:
    answer = api.client.get("/bookings/", headers={"Authorization": f"Bearer {api.token('north')}"})
    assert answer.status_code == 302


def test_no_form_token_is_asked_of_programs(api: Api, shop_app: Flask) -> None:
    shop_app.config["WTF_CSRF_ENABLED"] = True
    api.made()


@pytest.mark.database
def test_only_a_hash_is_kept(api: Api) -> None:
    token = api.token("north")
    row = db.db.session.scalars(select(ApiToken)).one()
    assert token.startswith("jidi_")
    assert token not in str(vars(row))
    assert len(row.digest) == 64


def test_a_revoked_token_ends_at_once(api: Api) -> None:
    api("GET", "bookings")
    (row,) = api_tokens.tokens_of(api.shop.user("north").id)
    api_tokens.revoke(user_id=row.user_id, token_id=row.id)
    problem(api("GET", "bookings"), 401)
    problem(api("GET", "bases"), 401)


def test_a_token_ends_on_its_day(api: Api) -> None:
    north = api.shop.user("north").id
    api.tokens["north"] = api_tokens.create(user_id=north, days=30)
    assert api("GET", "bookings").status_code == 200
    with db.write() as session:
        session.execute(update(ApiToken).values(expires_at=clock.now() - timedelta(seconds=1)))
    problem(api("GET", "bookings"), 401)


def test_who_is_deactivated_is_out_and_stays_out(api: Api) -> None:
    api("GET", "bookings")
    north = api.shop.user("north").id
    for active in (False, True):
        with db.write() as session:
            services.set_active(session, user=session.get_one(User, north), active=active)
        problem(api("GET", "bookings"), 401)


def test_a_new_password_ends_all_tokens(api: Api) -> None:
    api("GET", "bookings")
    assert api("GET", "bookings", who="south").status_code == 200
    north = api.shop.user("north")
    digest = passwords.hashed("a long new password", email=north.email)
    with db.write() as session:
        services.set_password(session, user=session.get_one(User, north.id), password_hash=digest)
    problem(api("GET", "bookings"), 401)
    assert api("GET", "bookings", who="south").status_code == 200


@pytest.mark.database
def test_the_last_use_is_noted_once_in_a_while(api: Api) -> None:
    api("GET", "bases")
    first = _used()
    assert first is not None
    api("GET", "bases")
    assert _used() == first
    with db.write() as session:
        session.execute(update(ApiToken).values(used_at=first - timedelta(hours=1)))
    api("GET", "bases")
    assert _used() >= first


def test_what_a_signed_in_program_reads_is_kept_by_no_cache(api: Api) -> None:
    assert api("GET", "bases").headers["Cache-Control"] == "no-store"
    assert "no-cache" in api("GET", "bases", who="").headers["Cache-Control"]


def _used() -> Any:
    db.db.session.expire_all()
    return db.db.session.scalars(select(ApiToken.used_at)).one()
