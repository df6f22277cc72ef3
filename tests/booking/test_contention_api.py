"""Two servers on one database, and programs that ask both of them at the same moment."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from core import config, db
from core.app import create_app
from tests.booking.conftest import Workshop
from tests.booking.customers import Customers
from tests.booking.invariants import in_order
from tests.booking.program import Answer, Program, machine, seats, servers, tokens
from tests.booking.shop import Shop, settings
from tests.booking.test_waiting import policy
from tests.support.applications import close
from tests.support.databases import Databases

pytestmark = pytest.mark.database

MANY = 50


@dataclass(frozen=True)
class Two:
    """The workshop, and two servers of one process each on its database; shared by the tests of this module."""

    shop: Shop
    addresses: tuple[str, ...]

    def program(self, number: int, token: str) -> Program:
        """Return a program that asks one server or the other."""
        return Program(self.addresses[number % len(self.addresses)], token)


@pytest.fixture(scope="module")
def two(
    databases: Databases, workshop: Workshop, keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Two]:
    """The workshop served twice."""
    url = databases.fresh(workshop.template)
    surroundings = settings(keys, url)
    app = create_app(config.load(surroundings, instance=workshop.instance))
    place = {**surroundings, "JIDI_INSTANCE": str(workshop.instance)}
    with app.app_context(), servers(tmp_path_factory.mktemp("two"), place, 2) as running:
        yield Two(Shop(), tuple(server.address for server in running))
    close(app)
    databases.drop(url)


def all_at_once(two: Two, wish: Callable[[int], dict[str, Any]]) -> list[Answer]:
    """Let fifty programs of two organisations ask for bookings, each second one asking the other server."""
    known = [*tokens(two.shop, "north", 1), *tokens(two.shop, "south", 1)]
    db.db.session.rollback()
    start = threading.Barrier(MANY, timeout=60)

    def ask(number: int) -> Answer:
        start.wait()
        return two.program(number, known[number // 2 % 2]).post("bookings", wish(number), f"{number}")

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(ask, range(MANY)))


def test_of_fifty_who_ask_two_servers_for_one_machine_exactly_one_gets_it(two: Two) -> None:
    """Of unequal times that all overlap at eleven. Of other systems measured, one accepts up to sixteen of fifty."""
    answers = all_at_once(
        two, lambda number: machine(two.shop, 8 + number % 4, hours=4 - number % 2 * 0.5, lathe="lathe1")
    )
    assert Counter(answer.status for answer in answers) == {201: 1, 409: MANY - 1}
    assert {answer.code for answer in answers} == {"", "resource_taken"}
    in_order()


def test_of_fifty_who_ask_two_servers_for_the_last_seat_exactly_one_gets_it(two: Two) -> None:
    training = two.shop.session(seats=3)
    two.shop.book("course", training_id=training.id, people=2)
    number = training.id
    answers = all_at_once(two, lambda _number: seats(number))
    assert Counter((answer.status, answer.code) for answer in answers) == {
        (201, ""): 1,
        (409, "session_full"): MANY - 1,
    }
    assert two.shop.taken(training.seats_resource_id or 0) == 3
    in_order()


def test_a_key_sent_to_two_servers_at_once_books_once(two: Two) -> None:
    (token,) = tokens(two.shop, "north", 1)
    wish = machine(two.shop, day=16)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: two.program(number, token).post("bookings", wish, "one"), range(20)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["ref"] for answer in answers}) == 1
    in_order()


def test_customers_of_two_servers_who_do_everything_at_once_meet_no_failure(two: Two) -> None:
    """No deadlock, no timeout, no answer but success and the refusals that are to be expected."""
    shop = two.shop
    policy(shop, "course", "strict")
    sessions = [shop.session(seats=6, day=day).id for day in (20, 21)]
    known = [*tokens(shop, "north", 2), *tokens(shop, "south", 2), *tokens(shop, "manager", 1)]
    customers = Customers(shop, two.addresses, known, sessions, seed=1)
    db.db.session.rollback()
    customers.start(10, each=12)
    customers.wait()
    assert [(sent.path, sent.answer) for sent in customers.strange()] == []
    statuses = customers.statuses()
    print(f"answers of two servers: {dict(statuses)}")  # noqa: T201
    assert statuses[201] > 30
    assert not statuses[0]
    in_order()
