"""Two hundred clients at once after a change, before a served site of two processes, and a booking beside them."""

import gzip
import http.client
import json
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from threading import Event
from urllib.parse import urlsplit

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from core import clock, config
from core.accounts import api_tokens
from core.accounts.models import User
from core.app import create_app
from core.calendars import tokens
from core.db import db
from tests.booking.conftest import Workshop
from tests.booking.shop import Shop, settings
from tests.calendars.conftest import FEED
from tests.support.applications import close
from tests.support.databases import Databases
from tests.support.many import fill
from tests.support.servers import serving

pytestmark = [pytest.mark.slow, pytest.mark.database]

CLIENTS, ROUNDS, ENTRIES = 200, 25, 10_000


@dataclass(frozen=True)
class Crowded:
    """A served site with very many entries, and tokens to book with."""

    address: str
    tokens: list[str]
    secret: str
    hours: Iterator[int]
    app: Flask

    def book(self) -> float:
        """Book a machine for an hour of its own, which changes the base's calendar; return the seconds it took."""
        hour = next(self.hours)
        day = clock.bounds(clock.today() + timedelta(days=1 + hour // 10))[0]
        start = day + timedelta(hours=8 + hour % 10)
        wish = {
            "base": "workshop",
            "kind": "machine",
            "start": start.isoformat(),
            "end": (start + timedelta(hours=1)).isoformat(),
            "legs": [{"resource": "lathe1"}],
            "answers": {"purpose": "练习"},
        }
        token = self.tokens[hour % len(self.tokens)]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        begun = time.perf_counter()
        with closing(self.connect()) as connection:
            connection.request("POST", "/api/v1/bookings", json.dumps(wish), headers)
            response = connection.getresponse()
            said = response.read()
        spent = time.perf_counter() - begun
        assert response.status == 201, said
        return spent

    def was_used(self) -> bool:
        """Say whether the use of the secret was noted."""
        with self.app.app_context():
            user = db.session.scalars(select(User).where(User.email == "north@example.com")).one()
            return tokens.tokens_of(user.id)[0].used_at is not None

    def connect(self) -> http.client.HTTPConnection:
        """Return a new connection, to whichever process takes it."""
        parts = urlsplit(self.address)
        return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)

    def crowd(self, beside: Callable[[], float]) -> tuple[list[bytes], float]:
        """Ask for the feed from all clients at once; do something beside it; return what they got, and what it took."""
        sockets: list[socket.socket] = []
        for _ in range(CLIENTS):
            connection = self.connect()
            connection.connect()
            sockets.append(connection.sock)
        question = f"GET {FEED} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n".encode()
        for each in sockets:
            each.sendall(question)
        spent = beside()
        return [_everything(each) for each in sockets], spent


def _everything(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes, and close."""
    parts = []
    with connection:
        while part := connection.recv(1 << 20):
            parts.append(part)
    return b"".join(parts)


@pytest.fixture(scope="module")
def crowded(databases: Databases, workshop: Workshop, keys: dict[str, str]) -> Iterator[Crowded]:
    """The workshop with ten thousand entries, served by two processes."""
    url = databases.fresh(workshop.template)
    surroundings = settings(keys, url)
    app = create_app(config.load(surroundings, instance=workshop.instance))
    with app.app_context():
        user = Shop().user("north")
        secret = tokens.make(actor=user, key=f"user:{user.id}")
        passes = [api_tokens.create(user_id=user.id) for _ in range(20)]
    fill(app, ENTRIES)
    served = surroundings | {"JIDI_INSTANCE": str(workshop.instance), "JIDI_WORKERS": "2"}
    with serving(workshop.instance, served) as address:
        site = Crowded(address, passes, secret, count(), app)
        site.crowd(site.book)
        yield site
    close(app)
    databases.drop(url)


def test_a_crowd_after_a_change_is_served_and_a_booking_beside_it_is_not_kept_waiting(crowded: Crowded) -> None:
    alone, beside = [], []
    for _ in range(ROUNDS):
        alone.append(crowded.book())  # which is the change
        answers, spent = crowded.crowd(crowded.book)
        beside.append(spent)
        assert {answer[:15] for answer in answers} == {b"HTTP/1.1 200 OK"}
    entries = gzip.decompress(answers[-1].partition(b"\r\n\r\n")[2]).count(b"BEGIN:VEVENT")
    assert entries > ENTRIES
    ratio = statistics.median(beside) / statistics.median(alone)
    print(f"a booking: {statistics.median(alone) * 1000:.1f} ms, beside the crowd {ratio:.2f} × as long")  # noqa: T201
    assert ratio <= 2


def test_a_change_is_to_be_seen_in_every_process_at_once(crowded: Crowded) -> None:
    crowded.book()
    tags = set()
    for _ in range(40):  # each a new connection
        with closing(crowded.connect()) as connection:
            connection.request("HEAD", FEED)
            tags.add(connection.getresponse().headers["ETag"])
    assert len(tags) == 1
    with closing(crowded.connect()) as connection:
        connection.request("GET", FEED)
        events = Calendar.from_ical(connection.getresponse().read()).events
    assert len([event for event in events if "占用" in str(event["SUMMARY"])]) == next(crowded.hours)


def test_the_server_in_front_changes_nothing_about_an_answer(crowded: Crowded) -> None:
    path = f"/calendars/{crowded.secret}.ics"
    with closing(crowded.connect()) as connection:  # the same one for all, as a client keeps it

        def ask(method: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
            connection.request(method, path, headers={name.replace("_", "-"): each for name, each in headers.items()})
            answer = connection.getresponse()
            return answer.status, {name.lower(): each for name, each in answer.getheaders()}, answer.read()

        _status, got, body = ask("GET")
        assert int(got["content-length"]) == len(body) > 0
        assert gzip.decompress(ask("GET", Accept_Encoding="gzip")[2]) == body
        status, head, nothing = ask("HEAD")
        assert (status, head["content-length"], nothing) == (200, got["content-length"], b"")
        assert ask("GET", If_None_Match=got["etag"])[::2] == (304, b"")
        assert ask("POST")[0] == 405
    assert any(crowded.was_used() or Event().wait(0.05) for _ in range(100)), "noted once the answer had gone out"
