"""CPU per CalDAV answer, as a ratio to a bare Flask page under the same server in the same run.

Run by `make bench-calendars`: both served by granian in processes of their own, asked in turns over one connection
each, as in `bench.visitors`, on a calendar of 10,000 entries.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from bench.calendars import changes, show
from bench.visitors import PORT, Served, served
from core import config, db
from core.app import create_app
from core.bases.models import Base
from core.upgrade import upgrade
from tests.support.many import fill

ROUNDS, BATCH, FEW = 9, 300, 12
NUMBER = 10_000

DECLARED = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        app = create_app(config.load({}, instance=Path(folder)))
        upgrade(app)
        slug = fill(app, NUMBER)
        with app.app_context():
            number = db.db.session.scalars(select(Base.id).where(Base.slug == slug)).one()
        settings = os.environ | {"JIDI_INSTANCE": folder, "JIDI_WORKERS": "1", "JIDI_THREADS": "2"}
        jidi = Path(sys.executable).with_name("jidi")
        site = stack.enter_context(served([str(jidi), "serve"], settings | {"JIDI_PORT": str(PORT)}, PORT))
        hello = stack.enter_context(served([sys.executable, "-m", "bench.visitors", "bare"], settings, PORT + 1))
        _measure(app, site, hello, f"/caldav/calendars/base-{number}/")


def _measure(app: Flask, site: Served, hello: Served, path: str) -> None:
    token = _token(_report(site, path, _sync("")))
    cancelled = changes(app)
    next(cancelled)
    words = count()
    follow = _follow(site, path, token, cancelled)
    rows: list[tuple[str, Callable[[], object], int, float | None]] = [
        ("sync after one change", lambda: _report(site, path, _sync(token)), BATCH, 2),
        (
            "the same, each asked in words of its own",
            lambda: _report(site, path, _sync(token, next(words))),
            BATCH,
            None,
        ),
        ("sync after each change", lambda: next(follow), FEW, None),
        ("first sync", lambda: _report(site, path, _sync("")), FEW, 40),
        ("first sync after one change", lambda: (next(cancelled), _report(site, path, _sync(""))), FEW, 40),
        ("calendar-query of a week", lambda: _report(site, path, _week(), Depth="1"), FEW, None),
    ]
    for name, ask, batch, bound in rows:
        ask()
        turns = [(site.cpu(ask, batch), hello.cpu(lambda: hello.ask("/"), BATCH)) for _ in range(ROUNDS)]
        show(f"CalDAV, {NUMBER} entries, {name}", turns, bound)


def _report(site: Served, path: str, body: str, **headers: str) -> bytes:
    site.connection.request("REPORT", path, body.encode(), headers)
    answer = site.connection.getresponse()
    assert answer.status == 207, answer.status
    return answer.read()


def _token(answer: bytes) -> str:
    return answer.rpartition(b"<D:sync-token>")[2].partition(b"<")[0].decode()


def _follow(site: Served, path: str, token: str, cancelled: Iterator[None]) -> Iterator[None]:
    """Ask after each change for what is new: no two answers are the same."""
    for _change in cancelled:
        token = _token(_report(site, path, _sync(token)))
        yield


def _sync(token: str, remark: int = 0) -> str:
    """Return the question what is new since a token; with a remark of its own it is one that nobody asked before."""
    asked = f"<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop>"
    return f"<D:sync-collection {DECLARED}><!-- {remark} -->{asked}</D:sync-collection>"


def _week() -> str:
    span = '<C:time-range start="20270104T000000Z" end="20270111T000000Z"/>'
    wanted = f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{span}</C:comp-filter></C:comp-filter>'
    asked = f"<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter>{wanted}</C:filter>"
    return f"<C:calendar-query {DECLARED}>{asked}</C:calendar-query>"


if __name__ == "__main__":
    main()
