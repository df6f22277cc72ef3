"""Served sites for calendar programs to be judged with, and what their database says stands in a calendar."""

import http.client
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from flask import Flask
from sqlalchemy import select

from core import clock
from core.accounts.models import User
from core.calendars import access, entries, tokens
from core.calendars.components import Facts
from core.calendars.models import Collection, Entry, Membership
from core.db import db, write
from tests.calendars.kept import put
from tests.support.servers import serving


class Stands(NamedTuple):
    """An entry as the database has it: what every client must agree with."""

    start: datetime
    end: datetime
    cancelled: bool
    sequence: int


@dataclass(frozen=True)
class Judged:
    """A site served by a process of its own, an application on the same database, and somebody with an account there.

    Attributes:
        address: of the served site.
        app: on the same database, to look into it and to change what stands there.
        base: slug of the base that is looked at.
        email, password: credentials of a calendar account.
    """

    address: str
    app: Flask
    base: str
    email: str
    password: str

    @property
    def feed(self) -> str:
        """The path of the base's public feed."""
        return f"/bases/{self.base}/calendar.ics"

    def look(self, question: Callable[[], Any]) -> Any:
        """Answer a question in an application context."""
        with self.app.app_context():
            return question()

    def stands(self, key: str) -> dict[str, Stands]:
        """Return by UID what stands in a calendar now."""
        chosen = (
            select(Entry.uid, Entry.start_at, Entry.end_at, Entry.cancelled, Entry.sequence)
            .join(Membership, Membership.entry_id == Entry.id)
            .join(Collection, Collection.id == Membership.collection_id)
            .where(Collection.key == key, Membership.deleted.is_(False))
        )
        rows = self.look(lambda: db.session.execute(chosen).all())
        return {row.uid: Stands(row.start_at, row.end_at, row.cancelled, row.sequence) for row in rows}

    def change(self, uid: str, **said: Any) -> None:
        """Let an entry begin an hour later and say something else, as if its source did."""
        with self.app.app_context(), write() as session:
            entry = session.scalars(select(Entry).where(Entry.uid == uid)).one()
            keys = session.scalars(
                select(Collection.key)
                .join(Membership, Membership.collection_id == Collection.id)
                .where(Membership.entry_id == entry.id, Membership.deleted.is_(False))
            ).all()
            start = entry.start_at + timedelta(hours=1)
            facts = Facts(start=start, end=start + timedelta(hours=2), **said)
            put(session, entry.source, facts, keys, audience=entry.audience)

    def cancel(self, uid: str) -> None:
        """Cancel an entry."""
        with self.app.app_context(), write() as session:
            entries.cancel(session, session.scalars(select(Entry).where(Entry.uid == uid)).one())

    def private(self) -> dict[str, str]:
        """Return the path of a private feed for each private calendar of the account, by key; new ones each time."""
        with self.app.app_context():
            user = db.session.scalars(select(User).where(User.email == self.email)).one()
            keys = [calendar.key for calendar in access.private_calendars(user)]
            return {key: f"/calendars/{tokens.make(actor=user, key=key)}.ics" for key in keys}

    def dav(self, key: str, address: str = "") -> str:
        """Return the address of a calendar in CalDAV, with the credentials in it where programs want them so."""
        parts = urlsplit(address or self.address)
        who = f"{quote(self.email, safe='')}:{self.password}"
        return f"{parts.scheme}://{who}@{parts.netloc}/caldav/calendars/{key.replace(':', '-')}/"


@contextmanager
def judged(app: Flask, folder: Path, settings: Mapping[str, str], *, base: str, email: str) -> Iterator[Judged]:
    """Serve the database of an application, with a calendar account of the user with this e-mail address."""
    with app.app_context():
        user = db.session.scalars(select(User).where(User.email == email)).one()
        password = tokens.make(actor=user, key=tokens.ACCOUNT, label="示例")
    with serving(folder, settings) as address:
        yield Judged(address, app, base, email, password)


def moment(value: datetime | date) -> datetime:
    """Return a moment; of a date the midnight at the bases."""
    return value if isinstance(value, datetime) else clock.at(value, time())


class Asked(NamedTuple):
    """A request that went by, and the status of its answer."""

    method: str
    path: str
    status: int


@dataclass(eq=False)
class Watch:
    """A relay before a site that notes down what is asked."""

    address: str
    asked: list[Asked] = field(default_factory=list)

    def statuses(self, method: str, path: str) -> list[int]:
        """Return the statuses of the answers to the requests of a path, in their order."""
        return [one.status for one in list(self.asked) if (one.method, one.path) == (method, path)]


@contextmanager
def watched(address: str) -> Iterator[Watch]:
    """Relay what is asked at another port to a site, and note it down."""
    target = urlsplit(address).netloc

    class Relay(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):  # whatever the method
                return self.relay
            raise AttributeError(name)

        def relay(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            connection = http.client.HTTPConnection(target, timeout=60)
            try:
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                content = answer.read()
            finally:
                connection.close()
            watch.asked.append(Asked(self.command, self.path, answer.status))
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"connection", "transfer-encoding", "content-length", "date", "server"}:
                    self.send_header(name, value)
            if answer.status not in {204, 304}:
                length = answer.headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(content))
                self.send_header("Content-Length", length)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    watch = Watch(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield watch
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
