"""What every answer carries, and what may be kept."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import paths
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


@pytest.mark.parametrize("name", ["/static/favicon.svg", "/bases.css"])
def test_what_names_its_content_in_its_address_is_kept_for_ever(client: FlaskClient, name: str) -> None:
    address = re.search(rf'href="({re.escape(name)}\?v=[^"]+)"', client.get("/").text)
    assert address
    with client.get(address[1]) as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_font_is_named_by_its_content_and_kept_for_ever(client: FlaskClient) -> None:
    font = next((paths.STATIC / "dist").glob("*.woff2"))
    with client.get(f"/static/dist/{font.name}") as answer:
        assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("address", ["/bases.css?v=older", "/bases.css"])
def test_the_colours_of_the_bases_are_asked_for_anew_under_any_other_address(client: FlaskClient, address: str) -> None:
    first = client.get(address)
    assert first.headers["Cache-Control"] == "no-cache"
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_that_a_file_is_missing_is_not_kept(client: FlaskClient) -> None:
    answer = client.get("/static/dist/gone.css?v=0123456789")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_entries_of_the_calendar_are_asked_for_anew(client: FlaskClient) -> None:
    address = "/calendar/events.json?start=2026-12-01&end=2026-12-08"
    first = client.get(address)
    assert first.headers["Cache-Control"] == "no-cache"
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("address", ["/", "/help", "/bases.css", "/calendar", "/announcements/", "/no-such-page"])
def test_a_visitor_who_only_reads_is_given_no_cookie(client: FlaskClient, address: str) -> None:
    assert "Set-Cookie" not in client.get(address).headers
