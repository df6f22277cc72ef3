import re

import pytest
from sqlalchemy import select

from core.accounts.models import ApiToken
from core.db import db
from tests.support.people import People

MAIL = "contact@example.com"
OTHER = "other@example.com"


def made(people: People, mail: str = MAIL, **changes: str) -> str:
    page = people.client(mail).post("/account/tokens", data={"label": "课表导入", "days": "90"} | changes)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    (token,) = re.findall(r"value=\"(jidi_[\w-]{43})\"", page.text)
    return str(token)


@pytest.mark.database
def test_a_token_is_made_shown_once_and_works(people: People) -> None:
    people.add(MAIL)
    token = made(people)
    assert (
        people.app.test_client().get("/api/v1/bookings", headers={"Authorization": f"Bearer {token}"}).status_code
        == 200
    )
    page = people.client(MAIL).get("/account/tokens").text
    assert "课表导入" in page
    assert token not in page


def test_a_token_ends_when_it_was_said_to(people: People) -> None:
    people.add(MAIL)
    for days in ("30", ""):
        made(people, days=days)
    with people.app.app_context():
        first, second = db.session.scalars(select(ApiToken).order_by(ApiToken.id))
        assert first.expires_at is not None
        assert (first.expires_at - first.created_at).days == 30
        assert second.expires_at is None


def test_a_token_is_revoked_by_its_owner_alone(people: People) -> None:
    people.add(MAIL)
    people.add(OTHER)
    token = made(people)
    headers = {"Authorization": f"Bearer {token}"}
    assert people.client(OTHER).post("/account/tokens/1/revoke").status_code == 404
    assert people.app.test_client().get("/api/v1/bases", headers=headers).status_code == 200
    assert people.client(MAIL).post("/account/tokens/1/revoke").status_code == 302
    assert people.app.test_client().get("/api/v1/bases", headers=headers).status_code == 401
    assert people.client(MAIL).post("/account/tokens/1/revoke").status_code == 404


@pytest.mark.parametrize("data", [{"label": ""}, {"label": "甲" * 81}, {"label": "甲", "days": "5"}, {"days": "-1"}])
def test_a_token_that_cannot_be_meant_is_not_made(people: People, data: dict[str, str]) -> None:
    people.add(MAIL)
    assert people.client(MAIL).post("/account/tokens", data={"days": "30"} | data).status_code == 422
    with people.app.app_context():
        assert db.session.scalars(select(ApiToken)).all() == []


def test_tokens_are_asked_for_where_the_account_is(people: People) -> None:
    people.add(MAIL)
    assert "/account/tokens" in people.client(MAIL).get("/account/").text
