"""Bookings per second through a served site, beside the bare insert through the same schema in the same run.

Run by `make bench-booking`. Eight clients with a token each send bookings through the REST API to `jidi serve`; each
booking takes one of many machines for an hour of its own, so that all are accepted. The yardstick writes the same rows
(a booking and its allocation, the guards' triggers included) with plain SQL from eight threads. Then the same again
with a thousand and with a million allocations in the table.
"""

import argparse
import http.client
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import insert, select, text

from core import clock, config
from core.accounts import api_tokens
from core.accounts.models import User
from core.app import create_app
from core.booking import guards
from core.booking.models import Allocation, Booking, Closure, Kind, Resource
from core.db import db, write
from core.upgrade import upgrade
from tests.booking.shop import Shop, people_and_rooms, place_plugin
from tests.support.databases import postgresql_server
from tests.support.servers import serving

CLIENTS = 8
TOKENS = 40
"""Tokens of each client, so that the limit per token is not what is measured."""

MACHINES = 200
HOURS = range(8, 20)
SIZES = (1_000, 1_000_000)


class Figures(NamedTuple):
    """Of one run: deeds a second, and milliseconds of the median and of the slowest twentieth."""

    rate: float
    p50: float
    p95: float


def main() -> None:
    """Measure both engines and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bookings", type=int, default=1600, help="bookings of each run")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES), help="existing allocations")
    wanted = parser.parse_args()
    heads = ("through HTTP", "p50 ms", "p95 ms", "bare insert", "p50 ms", "HTTP ÷ bare")
    print(f"{'engine':12}{'existing':>10}" + "".join(f"{head:>14}" for head in heads))  # noqa: T201
    for engine in ("sqlite", "postgresql"):
        with database(engine) as url, tempfile.TemporaryDirectory() as folder:
            measure(engine, url, Path(folder), wanted.bookings, wanted.sizes)


def measure(engine: str, url: str, instance: Path, bookings: int, sizes: list[int]) -> None:
    """Print a line for each size of the archive; the last one with the ratio to the first."""
    settings = {
        "JIDI_DATABASE_URL": url,
        "JIDI_PLUGINS": "workshop",
        "JIDI_SECRET_KEY": "only for measuring",
        "JIDI_DATA_KEYS": Fernet.generate_key().decode(),
    }
    place_plugin(instance)
    app = create_app(config.load(settings, instance=instance))
    upgrade(app)
    with app.app_context():
        people_and_rooms()
        tokens = prepare()
    medians, day = [], 20
    for size in sizes:
        with app.app_context():
            fill(size)
        with serving(instance, {**settings, "JIDI_INSTANCE": str(instance), "JIDI_WORKERS": "2"}) as address:
            warm = through_http(address, tokens, CLIENTS * 10, day)
            assert warm.rate
            served = through_http(address, tokens, bookings, day + 5)
        bare = at_once(inserts(app, day + 60), bookings)
        day += 120
        medians.append(served.p50)
        figures = (f"{served.rate:.0f}/s", f"{served.p50:.1f}", f"{served.p95:.1f}")
        figures += (f"{bare.rate:.0f}/s", f"{bare.p50:.1f}", f"{served.rate / bare.rate:.2f}")
        print(f"{engine:12}{size:10}" + "".join(f"{figure:>14}" for figure in figures))  # noqa: T201
    print(f"{engine:12}median at {sizes[-1]} ÷ at {sizes[0]}: {medians[-1] / medians[0]:.2f}")  # noqa: T201


@contextmanager
def database(engine: str) -> Iterator[str]:
    """Yield the address of an empty database."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/bench.db"
        return
    with postgresql_server() as address:
        yield address.replace("postgresql://", "postgresql+psycopg://")


def prepare() -> list[str]:
    """Add machines and return tokens of two contacts."""
    shop = Shop()
    base_id = shop.base.id
    with write() as session:
        for number in range(MACHINES):
            name = {"zh": f"机床{number}", "en": f"Machine {number}"}
            session.add(
                Resource(
                    base_id=base_id, slug=f"m{number}", kind="machine", declared={"name": name}, capacity=1, own=True
                )
            )
    users = list(db.session.scalars(select(User.id).where(User.email.in_(("north@example.com", "south@example.com")))))
    return [api_tokens.create(user_id=users[number % 2]) for number in range(CLIENTS * TOKENS)]


def fill(size: int) -> None:
    """Bring the table to a number of allocations: of each machine two fifths ahead, at night, the rest long gone."""
    now = clock.now()
    with write() as session:
        machines = list(session.scalars(select(Resource.id).where(Resource.slug.startswith("m"), Resource.own)))
        closure = Closure(
            resource_id=machines[0], start_at=now, end_at=now + timedelta(hours=1), reason="archive", created_at=now
        )
        session.add(closure)
        session.flush()
        owner = closure.id
    with db.engine.begin() as connection:
        there = connection.execute(text("SELECT count(*) FROM allocation")).scalar_one()
        each = max(0, size - there) // MACHINES
        guards.lift(connection)
        midnight = int(clock.at(clock.today(), datetime.min.time()).timestamp())
        postgresql = connection.dialect.name == "postgresql"
        if postgresql:
            connection.execute(text("ALTER TABLE allocation DISABLE TRIGGER USER"))
        numbers = (
            "SELECT generate_series(0, :each - 1) AS n"
            if postgresql
            else "WITH RECURSIVE k(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n + 1 < :each) SELECT n FROM k"
        )
        # Ahead: hour n % 12 of the night of day n / 12 + 1; behind: every second hour.
        connection.execute(
            text(
                f"""
                INSERT INTO allocation (resource_id, start_at, end_at, units, active, covering, closure_id)
                SELECT id, start_at, start_at + 3600, 1, true, false, :owner FROM (
                  SELECT id, CASE WHEN n < :ahead
                    THEN :midnight + (n / 12 + 1) * 86400 + 72000 + (n % 12) * 3600
                    ELSE :midnight - (n - :ahead + 1) * 7200 END AS start_at
                  FROM resource CROSS JOIN ({numbers}) AS numbers
                  WHERE own AND slug LIKE 'm%'
                ) AS planned
                """  # noqa: S608 (no value from outside)
            ),
            {"each": each, "ahead": each * 2 // 5, "midnight": midnight, "owner": owner},
        ) if each else None
        if postgresql:
            connection.execute(text("ALTER TABLE allocation ENABLE TRIGGER USER"))
        guards.install(connection)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def place(number: int, day: int) -> tuple[int, datetime, datetime]:
    """Return a machine and an hour of its own for a deed."""
    machine, slot = number % MACHINES, number // MACHINES
    start = clock.at(clock.today() + timedelta(days=day + slot // len(HOURS)), datetime.min.time())
    start += timedelta(hours=HOURS[slot % len(HOURS)])
    return machine, start, start + timedelta(hours=1)


def through_http(address: str, tokens: list[str], bookings: int, day: int) -> Figures:
    """Send bookings from all clients at once."""
    local = threading.local()
    parts = urlsplit(address)

    def book(number: int) -> None:
        if not hasattr(local, "connection"):
            local.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        machine, start, end = place(number, day)
        wish = {
            "base": "workshop",
            "kind": "machine",
            "start": start.isoformat(),
            "end": end.isoformat(),
            "legs": [{"resource": f"m{machine}"}],
            "answers": {"purpose": "练习"},
        }
        headers = {"Authorization": f"Bearer {tokens[number % len(tokens)]}", "Content-Type": "application/json"}
        local.connection.request("POST", "/api/v1/bookings", json.dumps(wish), headers)
        answer = local.connection.getresponse()
        body = answer.read()
        assert answer.status == 201, body

    return at_once(book, bookings)


def inserts(app: Flask, day: int) -> Callable[[int], None]:
    """Return a deed that writes a booking and its allocation with plain SQL, guards and all."""
    with app.app_context():
        shop = Shop()
        engine, base_id, organisation_id = db.engine, shop.base.id, shop.organisation("north")
        kind_id = db.session.scalars(select(Kind.id).where(Kind.slug == "machine")).one()
        answer_id = db.session.scalars(select(Booking.answer_id).limit(1)).one()
        machines = list(
            db.session.scalars(
                select(Resource.id).where(Resource.own, Resource.slug.startswith("m")).order_by(Resource.id)
            )
        )
    run = time.time_ns() % 1_000_000

    def write_rows(number: int) -> None:
        machine, start, end = place(number, day)
        row = {
            "ref": f"B{run}-{number}"[-12:],
            "base_id": base_id,
            "kind_id": kind_id,
            "organisation_id": organisation_id,
            "start_at": start,
            "end_at": end,
            "units": 1,
            "state": "confirmed",
            "answer_id": answer_id,
            "created_at": clock.now(),
        }
        with engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection, connection.begin():
            made = connection.execute(insert(Booking).values(row)).inserted_primary_key
            assert made is not None
            taken = {"resource_id": machines[machine], "start_at": start, "end_at": end, "units": 1, "active": True}
            connection.execute(insert(Allocation).values(taken | {"booking_id": made[0], "covering": False}))

    return write_rows


def at_once(deed: Callable[[int], None], number: int) -> Figures:
    """Carry out numbered deeds from all clients at once."""
    times: list[float] = []
    failures: list[BaseException] = []
    start = threading.Barrier(CLIENTS + 1)

    def client(first: int) -> None:
        start.wait()
        for each in range(first, number, CLIENTS):
            began = time.perf_counter()
            try:
                deed(each)
            except BaseException as error:  # noqa: BLE001 (told below, in the thread that prints)
                failures.append(error)
                return
            times.append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=client, args=(first,)) for first in range(CLIENTS)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if failures:
        raise failures[0]
    return Figures(number / seconds, statistics.median(times), statistics.quantiles(times, n=20)[-1])


if __name__ == "__main__":
    main()
