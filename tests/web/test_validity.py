"""The main pages are valid HTML, as the Nu HTML checker of the W3C and WHATWG sees them: no error, no warning.

One start of Java for all pages: it takes longer to start than to read."""

import json
import subprocess
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.content.addresses import address as address_of
from core.content.addresses import writing_address
from core.content.models import Item
from core.db import db
from tests.web.conftest import SignIn

CHECKER = Path(__file__).parents[2] / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"

PAGES = {
    "": (
        "/",
        "/bases/",
        "/bases/diecasting/",
        "/bases/diecasting/calendar",
        "/bases/diecasting/announcements/",
        "/bases/diecasting/announcements/?category=closure",
        "/announcements/",
        "announcement",
        "page",
        "/pages/about",
        "/bases/competition/content/results/",
        "competition.results",
        "cnc.equipment",
        "/calendar?view=list",
        "/bases/diecasting/calendar?view=timeline",
        "/bases/diecasting/calendar/term",
        "/embed/calendar",
        "/embed/bases/diecasting/calendar?view=month",
        "/search?q=压铸",
        "/search?q=压铸&type=file",
        "/account/sign-in",
        "/help",
        "/privacy",
        "/nowhere",
        "/?lang=en",
    ),
    "contact": ("/bookings/", "/bases/competition/book/camp?session=1", "/bases/diecasting/book/trial"),
    "office": (
        "/manage/",
        "/manage/diecasting/",
        "/manage/diecasting/bookings/",
        "/manage/diecasting/announcements/",
        "/manage/diecasting/announcements/new",
        "/manage/competition/content/results/new",
        "/manage/diecasting/pages/",
        "/manage/diecasting/media/",
        "/manage/diecasting/bin",
        "/manage/diecasting/review",
        "/manage/consortium/portal/",
        "/manage/consortium/synonyms",
        "/manage/waiting",
        "announcement edit",
        "page edit",
        "announcement items",
        "announcement items history",
        "announcement items move",
    ),
}
"""Pages by the role that looks at them. A type without a slash is the item of it in the demo that holds the most; words
after it, one of its manage pages."""


@pytest.fixture
def pages(demo_app: Flask, demo_client: FlaskClient, sign_in: SignIn, tmp_path: Path) -> Path:
    """The pages as files, named by role and address."""
    for role, addresses in PAGES.items():
        client = sign_in(role) if role else demo_client
        for address in addresses:
            found = _address(demo_app, address)
            answer = client.get(found)
            assert answer.status_code == (404 if address == "/nowhere" else 200), found
            (tmp_path / f"{role}{found.replace('/', '_').replace('?', '-')}.html").write_bytes(answer.data)
    return tmp_path


def _address(app: Flask, address: str) -> str:
    """Return the address that an entry of `PAGES` means."""
    if address.startswith("/"):
        return address
    kind, *way = address.split()
    with app.test_request_context():
        chosen = select(Item).where(Item.type == kind, Item.state == "published")
        items = db.session.scalars(chosen).all()
        item = max((item for item in items if item.is_public), key=_richness)
        if not way:
            return address_of(item)
        if way == ["edit"]:
            return writing_address(_scope(item), item)
        return "/".join(["/manage", _scope(item), "items", str(item.id), *(way[1:] or [""])])


def _scope(item: Item) -> str:
    return item.base.slug if item.base else "consortium"


def _richness(item: Item) -> tuple[int, int]:
    return len(item.attachments), item.body.count("<t")


@pytest.mark.java
def test_the_main_pages_are_valid(pages: Path) -> None:
    command = ["java", "-Xss2m", "-jar", str(CHECKER), "--format", "json", "--exit-zero-always", str(pages)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    found = json.loads(done.stderr)["messages"]
    said = [
        f"{Path(one['url']).name}:{one.get('lastLine')}: {one['message']} {one.get('extract', '')!r}" for one in found
    ]
    assert said == []
