"""What stands around every page: where one is."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import SignIn


def open_links(page: str, class_name: str) -> list[str]:
    """Return the addresses of the links of a navigation that are marked as open."""
    links = re.findall(r"<a [^>]*>", page)
    return [
        match[1]
        for link in links
        if class_name in link and "aria-current" in link and (match := re.search('href="([^"]*)"', link))
    ]


@pytest.mark.parametrize(
    ("address", "section"),
    [
        ("/", ["/"]),
        ("/bases/", ["/bases/"]),
        ("/bases/cnc/", ["/bases/"]),
        ("/bases/cnc/calendar", ["/bases/"]),
        ("/calendar", ["/calendar"]),
        ("/announcements/", ["/announcements/"]),
        ("/help", ["/help"]),
        ("/privacy", []),
    ],
)
def test_the_navigation_marks_where_one_is(demo_client: FlaskClient, address: str, section: list[str]) -> None:
    assert open_links(demo_client.get(address).text, "nav-link") == section


def test_the_very_page_is_told_from_its_section(demo_client: FlaskClient) -> None:
    assert 'aria-current="page" href="/bases/"' in demo_client.get("/bases/").text
    assert 'aria-current="true" href="/bases/"' in demo_client.get("/bases/cnc/").text


def test_the_manage_navigation_marks_the_one_entry_that_is_open(demo_app: Flask, sign_in: SignIn) -> None:
    office = sign_in("administrator")
    page = office.get("/manage/organisations/").text
    assert set(open_links(page, "")) - {"/manage/"} == {"/manage/organisations/"}
