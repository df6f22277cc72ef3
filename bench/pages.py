"""CPU per answer of the main pages and feeds, as a ratio to a bare Flask page in the same process.

Run by `make bench-pages`. The requests go through WSGI without a server: what is compared is the work of the
application alone. The two take turns, so that a machine that changes its speed changes it for both.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from sqlalchemy import event

from core import config, demo
from core.app import create_app
from core.db import db
from core.upgrade import upgrade

ROUNDS, BATCH = 15, 10
BASE = "/bases/{base}"
PUBLIC = ("/", BASE + "/", BASE + "/calendar", BASE + "/calendar/events.json?start=2026-01-01&end=2026-04-01")
FEED = BASE + "/calendar.ics"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(config.load({}, instance=Path(folder)))
        upgrade(app)
        accounts = demo.load(app)
        with app.app_context():
            engine = db.engine
        contact = next(account for account in accounts if account["role"] == "contact")
        base = next(account["at"] for account in accounts if account["role"] == "manager")
        visitor, owner = app.test_client(), app.test_client()
        app.config.update(WTF_CSRF_ENABLED=False)
        owner.post("/account/sign-in", data={"email": contact["email"], "password": contact["password"]})
        feed = FEED.format(base=base)
        known = {"If-None-Match": visitor.get(feed).headers["ETag"]}
        asked: dict[str, Callable[[], object]] = {
            address: lambda address=address: visitor.get(address)  # type: ignore[misc]
            for address in (template.format(base=base) for template in PUBLIC)
        }
        asked[feed] = lambda: visitor.get(feed)
        asked[f"{feed} (304)"] = lambda: visitor.get(feed, headers=known)
        asked["/bookings/ (signed in)"] = lambda: owner.get("/bookings/")

        yardstick = bare()
        statements: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        print(f"{'address':64}{'× bare page':>12}{'CPU ms':>9}{'SQL':>5}")  # noqa: T201
        for name, ask in asked.items():
            ask()
            statements.clear()
            ask()
            count = len(statements)
            own, other = zip(*((cpu(ask), cpu(yardstick)) for _ in range(ROUNDS)), strict=True)
            ratio = statistics.median(a / b for a, b in zip(own, other, strict=True))
            print(f"{name:64}{ratio:12.1f}{statistics.median(own):9.2f}{count:5}")  # noqa: T201


def bare() -> Callable[[], object]:
    """Return a request to a Flask application that says hello and does nothing else."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "hello")
    client = app.test_client()
    return lambda: client.get("/")


def cpu(ask: Callable[[], object]) -> float:
    """Return the CPU milliseconds of one request, averaged over a batch."""
    started = time.process_time()
    for _ in range(BATCH):
        ask()
    return (time.process_time() - started) * 1000 / BATCH


if __name__ == "__main__":
    main()
