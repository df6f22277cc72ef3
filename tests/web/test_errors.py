"""Pages for what went wrong."""

import sqlite3
from pathlib import Path

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError

from core import config
from core.app import create_app
from core.errors import DomainError, Forbidden, Invalid, NotFound, StateChanged
from tests.conftest import MakeApp
from tests.support.applications import close
from tests.web.conftest import SignIn


@pytest.fixture
def app(make_app: MakeApp, migrated: str) -> Flask:
    """An application that nobody has asked yet: the tests add addresses to it."""
    return make_app(migrated)


def raising(app: Flask, error: Exception) -> FlaskClient:
    """A visitor of a site where the address /raise goes wrong in a certain way."""

    def go_wrong() -> str:
        raise error

    app.add_url_rule("/raise", view_func=go_wrong, methods=["GET", "POST"])
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    return app.test_client()


def test_an_unknown_address_is_answered_in_words(client: FlaskClient) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert "没有找到这个页面" in answer.text


def test_english_readers_are_told_in_english(client: FlaskClient) -> None:
    assert "This page was not found" in client.get("/no-such-page?lang=en").text


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NotFound(), 404, "没有找到这个页面"),
        (StateChanged(), 409, "这里刚刚有了变动"),
        (DomainError("压铸单元1已被订走。"), 409, "压铸单元1已被订走。"),
        (Invalid({"name": "请填名称。"}), 422, "请填名称。"),
    ],
)
def test_errors_of_the_domain_say_what_and_what_next(app: Flask, error: DomainError, status: int, words: str) -> None:
    answer = raising(app, error).get("/raise")
    assert answer.status_code == status
    assert words in answer.text


@pytest.mark.parametrize(
    ("status", "words"), [(410, "链接已不能使用"), (413, "文件太大"), (429, "操作太频繁"), (418, "没有成功")]
)
def test_other_refusals_have_pages_too(app: Flask, status: int, words: str) -> None:
    app.add_url_rule("/refused", view_func=lambda: abort(status))
    answer = app.test_client().get("/refused")
    assert answer.status_code == status
    assert words in answer.text


def test_a_wrong_method_keeps_the_header_that_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.post("/help")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_failure_apologises_with_a_reference_and_tells_nothing_of_the_inside(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    answer = raising(app, RuntimeError("secret of the house")).get("/raise")
    assert answer.status_code == 500
    assert "secret of the house" not in answer.text
    reference = next(record.args[0] for record in caplog.records if isinstance(record.args, tuple) and record.args)
    assert str(reference) in answer.text


def test_a_visitor_is_led_to_sign_in_and_back(app: Flask) -> None:
    answer = raising(app, Forbidden()).get("/raise?x=1")
    assert answer.status_code == 302
    assert answer.location == "/account/sign-in?next=/raise?x%3D1"


def test_who_is_signed_in_but_not_allowed_is_told_whom_to_ask(sign_in: SignIn) -> None:
    answer = sign_in("contact").get("/manage/")
    assert answer.status_code == 403
    assert "请联系基地管理员" in answer.text


def test_a_form_without_its_token_is_refused_with_the_way_on(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = app.test_client().post("/account/sign-in", data={"email": "a@b.example", "password": "x"})
    assert answer.status_code == 400
    assert "表单只能从打开它的页面提交" in answer.text


@pytest.mark.parametrize("address", ["/", "/bases/cnc/"])
def test_a_site_whose_database_was_not_upgraded_says_what_to_do(
    keys: dict[str, str], tmp_path: Path, address: str
) -> None:
    app = create_app(config.load(keys, instance=tmp_path))
    answer = app.test_client().get(address)
    assert answer.status_code == 503
    assert "jidi upgrade" in answer.text
    close(app)


@pytest.mark.parametrize("orig", [sqlite3.OperationalError("database is locked"), DeadlockDetected()])
def test_who_stood_in_anothers_way_is_asked_to_try_again(app: Flask, orig: Exception) -> None:
    answer = raising(app, OperationalError("UPDATE …", {}, orig)).post("/raise")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "过几秒再提交" in answer.text
