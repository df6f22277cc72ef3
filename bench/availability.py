"""What is free, of many resources: CPU beside the raw query, and the timeline of a thousand resources in a browser.

Run by `make bench-availability`. The API answers through WSGI without a server; the yardstick is the same query by the
driver alone, its rows fetched. The browser's time is told beside that of a blank page of the same server.
"""

import argparse
import gzip
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import event, select, text

from core import clock, config
from core.accounts import passwords
from core.accounts.models import User
from core.app import create_app
from core.booking import guards
from core.booking.models import Closure, Resource
from core.db import db, write
from core.upgrade import upgrade
from tests.booking.shop import Shop, people_and_rooms, place_plugin
from tests.support.browser import browser
from tests.support.servers import serving

ROUNDS = 7
DAYS = 30
PASSWORD = "only for measuring"  # noqa: S105 (accounts of a database that is thrown away)

RAW = """
SELECT allocation.resource_id, allocation.start_at, allocation.end_at, allocation.units, closure.reason
FROM allocation
LEFT JOIN booking ON booking.id = allocation.booking_id LEFT JOIN closure ON closure.id = allocation.closure_id
JOIN resource ON resource.id = allocation.resource_id
WHERE resource.own AND allocation.active AND allocation.end_at > ? AND allocation.start_at < ?
ORDER BY allocation.resource_id, allocation.start_at"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--resources", type=int, default=200)
    parser.add_argument("--allocations", type=int, default=20_000)
    parser.add_argument("--grid", type=int, default=1_000, help="resources of the timeline in the browser")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        month(Path(folder), wanted.resources, wanted.allocations)
    with tempfile.TemporaryDirectory() as folder:
        week(Path(folder), wanted.grid)


def month(instance: Path, resources: int, allocations: int) -> None:
    """Print what a month of availability costs beside the raw query."""
    app = site(instance, resources, allocations // resources, days=DAYS)
    client = app.test_client()
    start = clock.at(clock.today() + timedelta(days=1), datetime.min.time())
    span = start, start + timedelta(days=DAYS)
    address = "/api/v1/bases/workshop/availability?from={}&to={}".format(
        *(quote(moment.isoformat()) for moment in span)
    )
    raw = sqlite3.connect(instance / "jidi.db")
    bounds = [int(moment.timestamp()) for moment in span]

    def answered() -> bytes:
        answer = client.get(address)
        assert answer.status_code == 200, answer.data
        return answer.data

    rows = raw.execute(RAW, bounds).fetchall()
    body, statements = answered(), counted(app, answered)
    own, other = cpu(answered), cpu(lambda: raw.execute(RAW, bounds).fetchall())
    print(  # noqa: T201
        f"availability of {resources} resources over {DAYS} days, {len(rows)} allocations: {statements} statements, "
        f"{len(body) / 1e6:.1f} MB ({len(gzip.compress(body)) / 1e3:.0f} kB gzipped), "
        f"{own:.0f} ms of CPU, raw query {other:.0f} ms: {own / other:.1f} ×"
    )
    raw.close()


def week(instance: Path, resources: int) -> None:
    """Print how long the timeline of a week takes in a browser until its bars stand, beside a blank page."""
    app = site(instance, resources, 10, days=7)
    address = "/manage/workshop/timeline"
    with app.app_context(), write() as session:
        manager = session.scalars(select(User).where(User.email == "manager@example.com")).one()
        manager.password_hash = passwords.hashed(PASSWORD, email=manager.email)
    client = app.test_client()
    app.config.update(WTF_CSRF_ENABLED=False)
    client.post("/account/sign-in", data={"email": "manager@example.com", "password": PASSWORD})
    today = clock.today()
    query = f"{address}.json?start={today}&end={today + timedelta(days=7)}"
    body, statements = client.get(query).data, counted(app, lambda: client.get(query).data)
    settings = {"JIDI_INSTANCE": str(instance), "JIDI_PLUGINS": "workshop", **KEYS}
    with serving(instance, settings) as served, browser() as chromium:
        context = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.goto(f"{served}/account/sign-in")
        page.fill("[name=email]", "manager@example.com")
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        blank = seconds(lambda: page.goto(f"{served}/healthz"))

        def grid() -> None:
            page.goto(f"{served}{address}?view=week")
            page.wait_for_selector(".j-taken")

        usable = seconds(grid)
    print(  # noqa: T201
        f"timeline of a week, {resources} resources: {statements} statements, {len(gzip.compress(body)) / 1e3:.0f} kB "
        f"gzipped, {usable:.2f} s in Chromium until its bars stand, blank page {blank:.2f} s"
    )


KEYS = {"JIDI_SECRET_KEY": "only for measuring", "JIDI_DATA_KEYS": Fernet.generate_key().decode()}


def site(instance: Path, resources: int, each: int, *, days: int) -> Flask:
    """Make a site with machines that are each taken for an hour, some times in the days ahead."""
    place_plugin(instance)
    app = create_app(config.load({"JIDI_PLUGINS": "workshop", **KEYS}, instance=instance))
    upgrade(app)
    with app.app_context():
        people_and_rooms()
        base_id = Shop().base.id
        now = clock.now()
        with write() as session:
            for number in range(resources):
                name = {"zh": f"机床{number}", "en": f"Machine {number}"}
                session.add(
                    Resource(
                        base_id=base_id,
                        slug=f"m{number}",
                        kind="machine",
                        declared={"name": name},
                        capacity=1,
                        own=True,
                    )
                )
            session.flush()
            first = session.scalars(select(Resource.id).where(Resource.own).limit(1)).one()
            closure = Closure(
                resource_id=first, start_at=now, end_at=now + timedelta(hours=1), reason="占用", created_at=now
            )
            session.add(closure)
            session.flush()
            owner = closure.id
        midnight = int(clock.at(clock.today() + timedelta(days=1), datetime.min.time()).timestamp())
        with db.engine.begin() as connection:
            guards.lift(connection)
            connection.execute(
                text(
                    """
                    INSERT INTO allocation (resource_id, start_at, end_at, units, active, covering, closure_id)
                    WITH RECURSIVE k(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n + 1 < :each)
                    SELECT id, :midnight + n % :days * 86400 + 28800 + n / :days * 7200 + id % 2 * 3600,
                      :midnight + n % :days * 86400 + 32400 + n / :days * 7200 + id % 2 * 3600, 1, true, false, :owner
                    FROM resource CROSS JOIN k WHERE own
                    """
                ),
                {"each": each, "midnight": midnight, "days": days, "owner": owner},
            )
            guards.install(connection)
            connection.execute(text("ANALYZE"))
    return app


def counted(app: Flask, deed: Callable[[], object]) -> int:
    """Return how many statements a deed sends."""
    seen: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    deed()
    return len(seen)


def cpu(deed: Callable[[], object]) -> float:
    """Return the CPU milliseconds of a deed, the median of some."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        deed()
        times.append((time.process_time() - began) * 1000)
    return statistics.median(times)


def seconds(deed: Callable[[], object]) -> float:
    """Return how long a deed takes, the median of some."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        deed()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


if __name__ == "__main__":
    main()
