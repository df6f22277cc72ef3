"""Fifty requests at once to a served site of two processes, for one machine and overlapping times of unequal length."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from sqlalchemy import select

from core import clock, config, db
from core.app import create_app
from core.bases.models import Base
from core.bases.opening import timetable
from tests.conftest import Demo
from tests.support.applications import close
from tests.support.databases import Databases
from tests.support.servers import serving

pytestmark = pytest.mark.database

MANY = 50
FORM = "/bases/cnc/book/class"


class Reader:
    """Somebody with cookies of their own."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        """Return a page."""
        with self._opener.open(self._address + path, timeout=60) as answer:
            return str(answer.read().decode())

    def post(self, path: str, **values: str) -> tuple[int, str]:
        """Send a form and return the status and address where it ended."""
        data = urllib.parse.urlencode(values).encode()
        try:
            with self._opener.open(self._address + path, data, timeout=60) as answer:
                return answer.status, answer.url
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.url


@pytest.fixture
def url(databases: Databases, demo: Demo) -> Iterator[str]:
    """A database with the demo."""
    fresh = databases.fresh(demo.template)
    yield fresh
    databases.drop(fresh)


@pytest.fixture
def day(url: str, keys: dict[str, str], tmp_path: Path) -> str:
    """A day on which the base is open, far enough ahead for the demo to have nothing on it."""
    app = create_app(config.load(keys | {"JIDI_DATABASE_URL": url}, instance=tmp_path))
    with app.app_context():
        base = db.db.session.scalars(select(Base).where(Base.slug == "cnc")).one()
        days = (clock.today() + timedelta(days=number) for number in range(90, 150))
        found = next(day for day in days if opened(base, day))
    close(app)
    return found.isoformat()


def opened(base: Base, day: date) -> bool:
    """Say whether a base is open from nine to one."""
    start, end = clock.at(day, time(9)), clock.at(day, time(13))
    return timetable(base, start, end).is_open(start, end)


@pytest.fixture
def address(url: str, keys: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """The demo, served by two processes."""
    settings = keys | {"JIDI_DATABASE_URL": url, "JIDI_INSTANCE": str(tmp_path), "JIDI_WORKERS": "2"}
    with serving(tmp_path, settings) as served:
        yield served


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field of a page."""
    (field,) = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)[:1]
    return str(re.findall(r'value="([^"]*)"', field)[0])


def test_of_fifty_requests_for_one_machine_exactly_one_wins(address: str, day: str, demo: Demo) -> None:
    account = next(known for known in demo.accounts if known["role"] == "contact")
    reader = Reader(address)
    token = hidden(reader.get("/account/sign-in"), "csrf_token")
    reader.post("/account/sign-in", csrf_token=token, email=account["email"], password=account["password"])
    form = reader.get(f"{FORM}?date={day}")
    machine = re.findall(r'<option value="(\d+)"', form.split('name="pick-0"')[1])[0]
    common = {
        "csrf_token": hidden(form, "csrf_token"),
        "for-organisation": re.findall(r'value="(\d+)"', form.split('name="for-organisation"')[1])[0],
        "on-day": day,
        "pick-0": machine,
        "class_name": "示例班",
        "programme": "senior",
        "people": "10",
        "content": "车阶梯轴",
    }

    def ask(number: int) -> int:
        # All overlap at eleven: 9 to 12, 10 to 12, 10 to 13, 9 to 13 …
        times = {"on-start": f"{9 + number % 2:02}:00", "on-end": f"{12 + number // 2 % 2}:00"}
        return reader.post(FORM, **common, **times, **{"retry-key": f"one-of-many-{number}"})[0]

    with ThreadPoolExecutor(MANY) as pool:
        statuses = Counter(pool.map(ask, range(MANY)))
    assert statuses == {200: 1, 409: MANY - 1}
