"""Programs in front of the workshop's calendars, speaking the protocol by hand."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask import Flask
from lxml import etree
from werkzeug.test import Client, TestResponse

from core.calendars import tokens
from tests.booking.shop import Shop

NAMESPACES = {
    "D": "DAV:",
    "C": "urn:ietf:params:xml:ns:caldav",
    "S": "http://calendarserver.org/ns/",
    "A": "http://apple.com/ns/ical/",
}

DECLARED = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMESPACES.items())


def xml(name: str, inside: str = "") -> str:
    """Return a body with all namespaces declared: `xml("D:propfind", "<D:allprop/>")`."""
    return f'<?xml version="1.0" encoding="utf-8"?><{name} {DECLARED}>{inside}</{name}>'


def prop(*names: str) -> str:
    """Return DAV:prop of some properties: `prop("D:getetag", "C:calendar-data")`."""
    return f"<D:prop>{''.join(f'<{name}/>' for name in names)}</D:prop>"


@dataclass(frozen=True)
class Told:
    """A 207: the responses by their paths, and the sync token."""

    tree: etree._Element

    def __getitem__(self, path: str) -> etree._Element:
        return next(one for one in self.responses if one.findtext("D:href", namespaces=NAMESPACES) == path)

    @property
    def responses(self) -> list[etree._Element]:
        """All responses, in their order."""
        return list(self.tree.findall("D:response", NAMESPACES))

    @property
    def paths(self) -> list[str]:
        """The paths of what is there, in their order."""
        return [path for path, status in self.statuses.items() if status == 200]

    @property
    def statuses(self) -> dict[str, int]:
        """The status of each path; 200 where it has properties."""
        return {
            one.findtext("D:href", "", NAMESPACES): int(one.findtext("D:status", "- 200", NAMESPACES).split()[1])
            for one in self.responses
        }

    @property
    def token(self) -> str:
        """The sync token."""
        return str(self.tree.findtext("D:sync-token", "", NAMESPACES))

    def value(self, path: str, name: str) -> etree._Element | None:
        """Return a property of a path, or None when it is told not to be there."""
        for stat in self[path].findall("D:propstat", NAMESPACES):
            found = stat.find(f"D:prop/{name}", NAMESPACES)
            if found is not None:
                assert stat.findtext("D:status", "", NAMESPACES) in {"HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"}
                return found if "200" in stat.findtext("D:status", "", NAMESPACES) else None
        raise AssertionError(f"{name} is not in the answer for {path}")

    def text(self, path: str, name: str) -> str:
        """Return the text of a property that is there."""
        found = self.value(path, name)
        assert found is not None, name
        return found.text or ""


@dataclass
class Program:
    """A calendar program; `who` are its credentials."""

    app: Flask
    who: tuple[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: str | bytes = "", **headers: str) -> TestResponse:
        """Send a request."""
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        if self.who:
            sent["Authorization"] = "Basic " + b64encode(":".join(self.who).encode()).decode()
        data = body.encode() if isinstance(body, str) else body
        return Client(self.app.wsgi_app).open(path, method=method, data=data, headers=sent, buffered=True)

    def told(self, method: str, path: str, body: str, **headers: str) -> Told:
        """Send a request that is answered with 207."""
        answer = self.ask(method, path, body, **headers)
        assert answer.status_code == 207, (answer.status_code, answer.text)
        return Told(etree.fromstring(answer.data))

    def propfind(self, path: str, *names: str, depth: str = "0") -> Told:
        """Ask for properties."""
        return self.told("PROPFIND", path, xml("D:propfind", prop(*names)), Depth=depth)

    def sync(
        self, path: str, token: str = "", *, most: int | None = None, names: tuple[str, ...] = ("D:getetag",)
    ) -> Told:
        """Ask for what has changed since a token."""
        return self.told("REPORT", path, sync_body(token, most=most, names=names))

    def query(self, path: str, inside: str, *names: str) -> Told:
        """Ask for the entries that a filter inside VCALENDAR lets through."""
        return self.told("REPORT", path, query_body(inside, *names), Depth="1")


def sync_body(token: str = "", *, most: int | None = None, names: tuple[str, ...] = ("D:getetag",)) -> str:
    """Return the body of a sync-collection report."""
    limit = "" if most is None else f"<D:limit><D:nresults>{most}</D:nresults></D:limit>"
    level = f"<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
    return xml("D:sync-collection", level + limit + prop(*names))


def query_body(inside: str, *names: str) -> str:
    """Return the body of a calendar-query report."""
    wanted = f'<C:filter><C:comp-filter name="VCALENDAR">{inside}</C:comp-filter></C:filter>'
    return xml("C:calendar-query", prop(*(names or ("D:getetag",))) + wanted)


SignIn = Callable[[str], Program]


@pytest.fixture
def anyone(shop_app: Flask, shop: Shop) -> Program:
    """A program without credentials."""
    return Program(shop_app)


@pytest.fixture
def sign_in(shop_app: Flask, shop: Shop) -> SignIn:
    """Return a program with an app password of `north`, `south` or `manager`."""

    def sign_in(name: str) -> Program:
        user = shop.user(name)
        return Program(shop_app, (user.email, tokens.make(actor=user, key=tokens.ACCOUNT, label="phone")))

    return sign_in


@pytest.fixture
def base(shop: Shop) -> str:
    """The path of the workshop's calendar."""
    return f"/caldav/calendars/base-{shop.base.id}/"
