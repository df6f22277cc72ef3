"""Refusals: always `application/problem+json` with what RFC 9457 asks for, and never 500."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests.api.conftest import Api

DEEP = "[" * 100_000 + "]" * 100_000
HOSTILE = (
    "{",
    "",
    "null",
    "[]",
    '"text"',
    "1e999",
    "NaN",
    '{"base": NaN}',
    '{"base": "\\ud800", "kind": "machine"}',
    '{"base": "\\u0000", "kind": "machine"}',
    '{"base": {"a": 1}, "kind": ["machine"]}',
    '{"base": "workshop", "base": 1, "kind": "machine"}',
    '{"base": "workshop", "kind": "machine", "units": ' + "9" * 5000 + "}",
    '{"base": "workshop", "kind": "machine", "units": 1e400}',
    '{"base": "workshop", "kind": "machine", "units": -1}',
    '{"base": "workshop", "kind": "machine", "session": 99999999999999999999}',
    '{"base": "workshop", "kind": "machine", "answers": ' + DEEP + "}",
    DEEP,
    '{"base": "workshop", "kind": "machine", "start": "0001-01-01T00:00:00+14:00", "end": "9999-12-31T23:59:59-14:00"}',
    '{"base": "workshop", "kind": "machine", "start": "2026-12-01T09:00:00", "end": "2026-12-01T11:00:00"}',
    '{"base": "workshop", "kind": "machine", "start": 1, "end": {}}',
    '{"base": "workshop", "kind": "machine", "legs": [{"any_of": ["lathe1", "lathe1"]}], "answers": {"purpose": 1}}',
    '{"base": "workshop", "kind": "machine", "answers": {"purpose": "\\ud800"}}',
    '{"base": "workshop", "kind": "machine", "answers": {"purpose": "\\u0000"}}',
    '{"base": "workshop", "kind": "machine", "organisation": "\\ud800\\u0000"}',
    '{"base": "workshop", "kind": "machine", "strange": true}',
)


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """Return a refusal after a look at its form."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.get_data(as_text=True))
    assert {"type", "title", "status", "code"} <= set(body)
    assert body["status"] == status
    assert answer.headers["Cache-Control"] == "no-store"
    return body


@pytest.mark.parametrize(
    "address", ["nowhere", "bases/nowhere", "bases/../x", "bookings/JD-0000", "bases/workshop/kinds/x"]
)
def test_what_is_not_there_is_a_problem_document(api: Api, address: str) -> None:
    assert problem(api("GET", address), 404)["code"] == "not_found"


def test_a_wrong_method_is_told_which_are_right(api: Api) -> None:
    answer = api("DELETE", "bookings")
    problem(answer, 405)
    assert {"GET", "POST"} <= set(answer.headers["Allow"].replace(" ", "").split(","))


def test_another_type_than_json_is_refused(api: Api) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = api("POST", "bookings", data="base=workshop", content_type=content_type)
        assert problem(answer, answer.status_code)["status"] in {415, 422}


def test_what_is_missing_is_pointed_at(api: Api) -> None:
    body = problem(api("POST", "bookings", {"answers": {}, "legs": [{"count": "x"}]}), 422)
    pointers = {error["pointer"] for error in body["errors"]}
    assert {"/base", "/kind", "/legs/0/count"} <= pointers


def test_too_much_is_refused_before_it_is_read(api: Api, shop_app: Flask) -> None:
    shop_app.config["MAX_CONTENT_LENGTH"] = 1000
    problem(api("POST", "bookings", api.wish(answers={"purpose": "x" * 2000})), 413)


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: body[:60])
@pytest.mark.parametrize("address", ["bookings", "holds", "series", "series/preview"])
def test_hostile_input_is_refused(api: Api, address: str, body: str) -> None:
    answer = api("POST", address, data=body.encode("utf-8", "surrogatepass"), content_type="application/json")
    assert answer.status_code in {400, 404, 422}, answer.get_data(as_text=True)
    problem(answer, answer.status_code)


@pytest.mark.parametrize("raw", [b"\xff\xfe{}", b'{"base": "\xff"}', b"\x00"])
def test_bytes_that_are_no_text_are_refused(api: Api, raw: bytes) -> None:
    answer = api("POST", "bookings", data=raw, content_type="application/json")
    assert answer.status_code in {400, 422}
    problem(answer, answer.status_code)


def test_texts_follow_the_language_that_is_accepted_and_codes_do_not(api: Api) -> None:
    chinese = problem(api("GET", "bookings", who="", headers={"Accept-Language": "zh-CN,zh;q=0.9"}), 401)
    english = problem(api("GET", "bookings", who="", headers={"Accept-Language": "en-GB,en;q=0.9"}), 401)
    other = problem(api("GET", "bookings", who="", headers={"Accept-Language": "tlh"}), 401)
    assert chinese["code"] == english["code"] == "unauthorized"
    assert english["detail"] == "This needs a bearer token."
    assert chinese["detail"] == other["detail"] != english["detail"]


def test_a_switch_of_language_sets_no_cookie(api: Api) -> None:
    assert "Set-Cookie" not in api("GET", "bases?lang=en").headers


def test_a_failure_has_a_reference_and_tells_nothing(
    api: Api, shop_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("secret detail")

    shop_app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    monkeypatch.setitem(shop_app.view_functions, "bases_api.bases", fail)
    answer = api("GET", "bases")
    body = problem(answer, 500)
    assert "500-" in body["detail"]
    assert "secret" not in answer.get_data(as_text=True)


def test_a_busy_database_is_told_to_come_back_to(api: Api, shop_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("", {}, Exception("database is locked"))

    shop_app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    monkeypatch.setitem(shop_app.view_functions, "bases_api.bases", fail)
    answer = api("GET", "bases")
    assert problem(answer, 503)["code"] == "busy"
    assert int(answer.headers["Retry-After"]) > 0


def test_who_asks_too_often_is_told_when_to_come_back(api: Api, shop_app: Flask) -> None:
    shop_app.config["RATELIMIT_ENABLED"] = True
    answers = [api("GET", "bases", who="") for _number in range(301)]
    assert {answer.status_code for answer in answers[:300]} == {200}
    problem(answers[300], 429)
    assert 0 < int(answers[300].headers["Retry-After"]) <= 60
    assert api("GET", "bases", who="north").status_code == 200  # counted by token, not by address
