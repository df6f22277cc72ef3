"""CPU per request of what visitors read without signing in, as a ratio to a bare Flask page under the same server.

Run by `make bench-pages`. Both are served by granian in processes of their own, asked in turns over one connection
each; what is compared is the CPU time of the whole process trees. Each address is measured on a site with the demo's
pages, and again with 10,000 more.
"""

import http.client
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from subprocess import Popen

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from sqlalchemy import insert, select

from core import clock, config, db, demo, versions
from core.app import create_app
from core.bases.models import Base
from core.content.models import ANNOUNCEMENT, PAGE, Item
from core.upgrade import upgrade

ROUNDS, BATCH, COLD_BATCH = 9, 400, 12
MANY = 10_000
PORT = 5170


def main() -> None:
    """Measure and print."""
    if sys.argv[1:] == ["bare"]:
        _serve_bare()
        return
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(config.load({}, instance=Path(folder)))
        upgrade(app)
        demo.load(app)
        settings = os.environ | {"JIDI_INSTANCE": folder, "JIDI_WORKERS": "1", "JIDI_THREADS": "2"}
        with ExitStack() as stack:
            jidi = Path(sys.executable).with_name("jidi")
            site = stack.enter_context(served([str(jidi), "serve"], settings | {"JIDI_PORT": str(PORT)}, PORT))
            bare = stack.enter_context(served([sys.executable, "-m", "bench.visitors", "bare"], settings, PORT + 1))
            print(f"{'address':52}{'pages':>8}{'× bare page':>13}{'CPU µs':>9}")  # noqa: T201
            for number in (0, MANY):
                _write_pages(app, number)
                _measure(app, site, bare)


def _measure(app: Flask, site: "Served", bare: "Served") -> None:
    with app.app_context():
        page = db.db.session.scalars(select(Item).where(Item.type == PAGE, Item.base_id.is_not(None))).first()
        assert page is not None
        count = len(db.db.session.scalars(select(Item.id)).all())
        where = f"/bases/{page.base.slug}/pages/{page.path}"  # type: ignore[union-attr]
        base = f"/bases/{page.base.slug}/"  # type: ignore[union-attr]
    known = {"If-None-Match": site.ask(where)["etag"]}
    rows: list[tuple[str, Callable[[], object], int]] = [
        (where, lambda: site.ask(where), BATCH),
        (f"{where} (304)", lambda: site.ask(where, known), BATCH),
        ("/", lambda: site.ask("/"), BATCH),
        (base, lambda: site.ask(base), BATCH),
        ("/announcements/", lambda: site.ask("/announcements/"), BATCH),
        ("/announcements/?page=2", lambda: site.ask("/announcements/?page=2"), BATCH),
        (f"{where} (cold)", lambda: (_touch(app), site.ask(where)), COLD_BATCH),
        ("/ (cold)", lambda: (_touch(app), site.ask("/")), COLD_BATCH),
        ("/announcements/ (cold)", lambda: (_touch(app), site.ask("/announcements/")), COLD_BATCH),
    ]
    for name, ask, batch in rows:
        ask()
        turns = [(site.cpu(ask, batch), bare.cpu(lambda: bare.ask("/"), BATCH)) for _ in range(ROUNDS)]
        ratio = statistics.median(own / other for own, other in turns)
        spent = statistics.median(own for own, _other in turns)
        print(f"{name:52}{count:8}{ratio:13.2f}{spent:9.0f}", flush=True)  # noqa: T201


@dataclass(frozen=True)
class Served:
    """A server in processes of its own, and a connection to it."""

    process: int
    connection: http.client.HTTPConnection

    def ask(self, path: str, headers: dict[str, str] | None = None) -> dict[str, str]:
        """Ask for an address and return the answer's headers."""
        self.connection.request("GET", path, headers=headers or {})
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status in {200, 304}, (path, answer.status)
        return {name.lower(): value for name, value in answer.getheaders()}

    def cpu(self, ask: Callable[[], object], times: int) -> float:
        """Return the CPU microseconds that the server spends on one request."""
        before = _spent(self.process)
        for _ in range(times):
            ask()
        return (_spent(self.process) - before) / times


@contextmanager
def served(command: list[str], environment: dict[str, str], port: int) -> Iterator[Served]:
    with Popen(command, env=environment) as process:  # noqa: S603 - our own command
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            served = Served(process.pid, connection)
            _wait(served)
            yield served
        finally:
            process.terminate()


def _wait(served: Served) -> None:
    for _ in range(300):
        try:
            served.ask("/")
        except OSError:
            served.connection.close()
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server does not answer")


def _spent(process: int) -> float:
    """Return the CPU microseconds that a process and its children have spent so far (Linux)."""
    tasks = Path(f"/proc/{process}/task")
    spent = sum(int((task / "schedstat").read_text().split()[0]) / 1000 for task in tasks.iterdir())
    children = " ".join((task / "children").read_text() for task in tasks.iterdir()).split()
    return spent + sum(_spent(int(child)) for child in children)


def _touch(app: Flask) -> None:
    with app.app_context(), db.write() as session:
        versions.touch(session, "content")


def _write_pages(app: Flask, number: int) -> None:
    """Add pages and announcements, half of each, of all bases in turn, each with a moment ahead at which it expires."""
    if not number:
        return
    now, expires = clock.now(), clock.now() + timedelta(days=900)
    common = {
        "title": "示例", "body": "<p>示例文字。</p>" * 100, "state": "published", "in_navigation": False,
        "publish_at": now, "created_at": now, "updated_at": now, "expire_at": expires,
    }  # fmt: skip
    with app.app_context(), db.write() as session:
        bases = cycle(session.scalars(select(Base.id)).all())
        rows = []
        for kind in (PAGE, ANNOUNCEMENT):
            slugs = (secrets.token_hex(8) for _ in range(number // 2))
            rows += [common | {"type": kind, "base_id": next(bases), "slug": slug, "path": slug} for slug in slugs]
        session.execute(insert(Item), rows)


def bare() -> Flask:
    """Return a Flask application that says hello and does nothing else."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "hello")
    return app


def _serve_bare() -> None:
    Granian(
        "bench.visitors:bare",
        factory=True,
        address="127.0.0.1",
        port=PORT + 1,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=2,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main()
