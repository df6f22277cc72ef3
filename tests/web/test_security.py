"""What every answer carries, and what may be kept."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import SignIn

PAGES = ["/", "/help", "/privacy", "/bases/", "/calendar", "/announcements/", "/account/sign-in", "/no-such-page"]


@pytest.mark.parametrize("address", PAGES)
def test_pages_have_no_inline_script_or_style(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert "'unsafe" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", answer.text)


def test_a_public_page_is_not_sent_again_unless_it_changed(client: FlaskClient) -> None:
    first = client.get("/help")
    assert first.headers["Cache-Control"] == "no-cache"
    assert "Cookie" in first.headers["Vary"]
    again = client.get("/help", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_language_is_part_of_what_may_be_kept(client: FlaskClient) -> None:
    chinese = client.get("/help").headers["ETag"]
    assert client.get("/help?lang=en", headers={"If-None-Match": chinese}).status_code == 200


def test_a_page_with_a_form_is_never_kept(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.get("/account/sign-in").headers["Cache-Control"] == "no-store"


def test_a_page_of_somebody_signed_in_is_never_kept(sign_in: SignIn) -> None:
    assert sign_in("contact").get("/help").headers["Cache-Control"] == "no-store"


def test_style_sheets_are_kept_for_ever_under_an_address_that_names_their_content(client: FlaskClient) -> None:
    address = re.search(r'href="(/static/favicon\.svg\?v=[^"]+)"', client.get("/").text)
    assert address
    with client.get(address[1]) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
