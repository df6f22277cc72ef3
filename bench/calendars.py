"""CPU per answer of calendar feeds, as a ratio to a bare Flask page in the same run.

Run by `make bench-calendars`. First under the server: both served by granian in processes of their own, asked in turns
over one connection each, as in `bench.visitors`. Then through WSGI alone, in one process, as in `bench.pages`: there a
large plain file does not pay for its way through the server and the kernel. At the end, a cold rebuild.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from bench.pages import bare
from bench.visitors import PORT, served
from core import config
from core.app import create_app
from core.calendars import entries
from core.calendars.models import Entry
from core.db import db, write
from core.upgrade import upgrade
from tests.support.many import fill

ROUNDS, BATCH, FEW = 9, 300, 12
SIZES = (1_000, 10_000)
HUGE = 100_000
GZIP = {"Accept-Encoding": "gzip"}

Row = tuple[str, Callable[[], object], int, float]
"""Name, how to ask, how often in a batch, and the bound."""


def main() -> None:
    """Measure and print."""
    if sys.argv[1:2] == ["fetch"]:
        _fetch(*sys.argv[2:])
        return
    for number in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            app, path = _site(folder, number)
            _served_ratios(app, folder, path, number)
            _process_ratios(app, path, number)
    for number in (SIZES[-1], HUGE):
        _cold(number)


def _site(folder: str, number: int) -> tuple[Flask, str]:
    """Return a site with so many entries in a base's calendar, and the path of its feed."""
    app = create_app(config.load({}, instance=Path(folder)))
    upgrade(app)
    return app, f"/bases/{fill(app, number)}/calendar.ics"


def _served_ratios(app: Flask, folder: str, path: str, number: int) -> None:
    settings = os.environ | {"JIDI_INSTANCE": folder, "JIDI_WORKERS": "1", "JIDI_THREADS": "2"}
    jidi = Path(sys.executable).with_name("jidi")
    with ExitStack() as stack:
        site = stack.enter_context(served([str(jidi), "serve"], settings | {"JIDI_PORT": str(PORT)}, PORT))
        command = [sys.executable, "-m", "bench.visitors", "bare"]
        hello = stack.enter_context(served(command, settings, PORT + 1))
        known = {"If-None-Match": site.ask(path)["etag"]}
        cancelled = changes(app)
        rows: list[Row] = [
            ("304", lambda: site.ask(path, known), BATCH, 1.3),
            ("gzip", lambda: site.ask(path, GZIP), BATCH, 1.6),
            ("plain", lambda: site.ask(path), FEW, 5),
            ("gzip after one change", lambda: (next(cancelled), site.ask(path, GZIP)), FEW, 40),
        ]
        for name, ask, batch, bound in rows:
            ask()
            turns = [(site.cpu(ask, batch), hello.cpu(lambda: hello.ask("/"), BATCH)) for _ in range(ROUNDS)]
            show(f"served by granian, {number} entries, {name}", turns, bound)


def _process_ratios(app: Flask, path: str, number: int) -> None:
    client, hello = app.test_client(), bare()
    known = {"If-None-Match": client.get(path).headers["ETag"]}
    rows: list[Row] = [
        ("304", lambda: client.get(path, headers=known), BATCH, 1.3),
        ("gzip", lambda: client.get(path, headers=GZIP), BATCH, 1.6),
        ("plain", lambda: client.get(path), FEW, 5),
    ]
    for name, ask, batch, bound in rows:
        ask()
        turns = [(_cpu(ask, batch), _cpu(hello, BATCH)) for _ in range(ROUNDS)]
        show(f"WSGI alone, {number} entries, {name}", turns, bound)


def changes(app: Flask) -> Iterator[None]:
    """Cancel one entry after the other, from the middle of the calendar on; the server has no part in that work."""
    chosen = select(Entry.id).where(Entry.source.startswith("example:"), Entry.cancelled.is_(False))
    with app.app_context():
        numbers = db.session.scalars(chosen.order_by(Entry.start_at)).all()
    for number in numbers[len(numbers) // 2 :]:
        with app.app_context(), write() as session:
            entries.cancel(session, session.get_one(Entry, number))
        yield


def _cpu(ask: Callable[[], object], times: int) -> float:
    """Return the CPU microseconds of one request in this process."""
    before = time.process_time()
    for _ in range(times):
        ask()
    return (time.process_time() - before) * 1_000_000 / times


def _cold(number: int) -> None:
    """Have a feed made by a process that knows nothing of it, and say what that took."""
    with tempfile.TemporaryDirectory() as folder:
        _app, path = _site(folder, number)
        subprocess.run([sys.executable, "-m", "bench.calendars", "fetch", folder, path], check=True)  # noqa: S603


def _fetch(folder: str, path: str) -> None:
    app = create_app(config.load({}, instance=Path(folder)))
    client = app.test_client()
    client.get("/calendar.ics")
    begun = time.process_time()
    answer = client.get(path, headers=GZIP, buffered=False)
    size = sum(map(len, answer.iter_encoded()))
    spent = time.process_time() - begun
    memory = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
    bounds = "   bounds: 10,000 entries in 0.5 s, 100,000 in 400 MB"
    print(f"cold, {size:,} bytes of gzip: {spent:.2f} s of CPU, {memory} MB at most in all{bounds}", flush=True)  # noqa: T201


def show(name: str, turns: list[tuple[float, float]], bound: float | None = None) -> None:
    """Print what an answer and a bare page took, turn by turn, as the median ratio."""
    ratio = statistics.median(own / other for own, other in turns)
    spent = statistics.median(own for own, _other in turns)
    told = f"   bound {bound:g}" if bound else ""
    print(f"{name:68}{ratio:8.2f} × bare{spent:9.0f} µs{told}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
