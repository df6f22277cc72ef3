"""CPU per answer of Radicale on the same 10,000 entries, as a ratio to a bare Flask page in the same run.

Run by `make bench-calendars`, for comparison: a calendar server that people run, in its own process, without accounts,
its calendar filled with the entries of a base (`tests/support/many.py`) as files.
"""

import http.client
import os
import re
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen

from sqlalchemy import select

from bench.calendars import show
from bench.visitors import PORT, Served, served
from core import config
from core.app import create_app
from core.calendars.components import alone
from core.calendars.models import Entry
from core.db import db
from core.upgrade import upgrade
from tests.support.many import fill

ROUNDS, BATCH = 3, 100
NUMBER = 10_000
CALENDAR = "/example/calendar/"

CONFIGURATION = """\
[server]
hosts = 127.0.0.1:{port}
[auth]
type = none
[rights]
type = authenticated
[storage]
filesystem_folder = {folder}
[logging]
level = error
"""

SYNC = (
    '<sync-collection xmlns="DAV:"><sync-token>{token}</sync-token><sync-level>1</sync-level>'
    "<prop><getetag/></prop></sync-collection>"
)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        files = _fill(Path(folder), NUMBER)
        command = [sys.executable, "-m", "bench.visitors", "bare"]
        hello = stack.enter_context(served(command, dict(os.environ), PORT + 1))
        radicale = stack.enter_context(_running(Path(folder), PORT + 2))
        _measure(radicale, hello, files)


def _measure(radicale: Served, hello: Served, files: list[Path]) -> None:
    known = {"If-None-Match": _ask(radicale, "GET", CALENDAR)[1]}
    token = _token(_sync(radicale, ""))
    changed = iter(files)

    def change_and_sync() -> None:
        _change(radicale, next(changed))
        _sync(radicale, token)

    rows: list[tuple[str, Callable[[], object]]] = [
        ("feed", lambda: _ask(radicale, "GET", CALENDAR)),
        ("feed it says we know", lambda: _ask(radicale, "GET", CALENDAR, **known)),
        ("sync after one change, the change itself included", change_and_sync),
        ("first sync", lambda: _sync(radicale, "")),
    ]
    for name, ask in rows:
        ask()
        turns = [(_spent_on(radicale, ask), _bare(hello)) for _ in range(ROUNDS)]
        show(f"Radicale, {NUMBER} entries, {name}", turns)
    status = _ask(radicale, "GET", CALENDAR, **known)[0]
    print(f"Radicale answers {status} to a reader that names the tag of the feed", flush=True)  # noqa: T201


def _spent_on(radicale: Served, ask: Callable[[], object]) -> float:
    """Return the CPU microseconds of one request; of the whole process, since its threads end with their requests."""
    before = _ticks(radicale.process)
    ask()
    return (_ticks(radicale.process) - before) * 1_000_000 / os.sysconf("SC_CLK_TCK")


def _ticks(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _bare(hello: Served) -> float:
    """Return the CPU microseconds of a bare page; over a connection of its own, for the last one has waited long."""
    hello.connection.close()
    hello.ask("/")
    return hello.cpu(lambda: hello.ask("/"), BATCH)


def _fill(folder: Path, number: int) -> list[Path]:
    """Write the entries of a base as Radicale keeps them: a file each."""
    app = create_app(config.load({}, instance=folder / "instance"))
    upgrade(app)
    fill(app, number)
    calendar = folder / "radicale" / "collection-root" / CALENDAR.strip("/")
    calendar.mkdir(parents=True)
    (calendar / ".Radicale.props").write_text('{"tag": "VCALENDAR"}')
    with app.app_context():
        rows = db.session.execute(select(Entry.uid, Entry.data).where(Entry.source.startswith("example:"))).all()
    for uid, data in rows:
        (calendar / f"{uid}.ics").write_bytes(alone(data, f"https://example.org/{uid}"))
    return [calendar / f"{uid}.ics" for uid, _data in rows]


@contextmanager
def _running(folder: Path, port: int) -> Iterator[Served]:
    settings = folder / "radicale.conf"
    settings.write_text(CONFIGURATION.format(port=port, folder=folder / "radicale"))
    command = [sys.executable, "-m", "radicale", "--config", str(settings)]
    with Popen(command, stdout=DEVNULL, stderr=DEVNULL) as process:  # noqa: S603 - our own command
        try:
            _wait(port)
            yield Served(process.pid, http.client.HTTPConnection("127.0.0.1", port, timeout=300))
        finally:
            process.terminate()


def _wait(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("Radicale does not answer")


def _ask(server: Served, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str, bytes]:
    """Return status, tag and content of an answer."""
    server.connection.request(method, path, body.encode(), headers)
    answer = server.connection.getresponse()
    content = answer.read()
    assert answer.status in {200, 201, 204, 207, 304}, (path, answer.status, content[:200])
    return answer.status, answer.headers.get("ETag", ""), content


def _sync(server: Served, token: str) -> bytes:
    return _ask(server, "REPORT", CALENDAR, SYNC.format(token=token))[2]


def _token(answer: bytes) -> str:
    found = re.search(rb"<(?:\w+:)?sync-token>([^<]+)<", answer)
    assert found, answer[-300:]
    return found[1].decode()


def _change(server: Served, file: Path) -> None:
    """Give an entry another title, through the server."""
    said = re.sub(r"SUMMARY:[^\n]*", "SUMMARY:示例，改过", file.read_text(encoding="utf-8"))
    _ask(server, "PUT", f"{CALENDAR}{file.name}", said)


if __name__ == "__main__":
    main()
