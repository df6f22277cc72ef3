"""Feeds that a process keeps: bounded, made by one thread, and never those of a past that was put back."""

import gzip
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Barrier, Event

import pytest
from flask import Flask
from sqlalchemy import select, update

from core.bases.models import Base
from core.calendars import entries, kept
from core.calendars.kept import Kept
from core.calendars.models import Collection, Entry, Membership
from core.db import db, write
from tests.support.many import fill

HEAD = b"BEGIN:VCALENDAR\r\n"
SITE = "https://jidi.example"
CLIENTS = 200


@pytest.fixture
def many(app: Flask) -> Iterator[str]:
    """The key of a collection of 600 entries."""
    with app.app_context():
        slug = fill(app, 600)
        yield f"base:{db.session.scalars(select(Base.id).where(Base.slug == slug)).one()}"


def number(key: str) -> int:
    db.session.rollback()
    return db.session.scalars(select(Collection.change).where(Collection.key == key)).one()


def change(key: str) -> int:
    """Cancel an entry of a collection; return the collection's new number."""
    with write() as session:
        stands = select(Membership.entry_id).join(Collection).where(Collection.key == key)
        chosen = select(Entry).where(Entry.cancelled.is_(False), Entry.id.in_(stands)).order_by(Entry.id.desc())
        entry = session.scalars(chosen.limit(1)).one()
        entries.cancel(session, entry)
    return number(key)


def sent(feeds: Kept, key: str, at: int, *, packed: bool = True) -> bytes:
    """Return a feed as it is sent, unpacked."""
    body = feeds.body(key, HEAD, at, packed=packed)
    data = b"".join(body.parts)
    assert len(data) == body.size
    return gzip.decompress(data) if packed else data


def fresh(key: str, *, packed: bool = False) -> bytes:
    """Return a feed as a process makes it that knows nothing yet."""
    return sent(Kept(db.engine, SITE), key, number(key), packed=packed)


def test_what_was_changed_is_the_same_as_what_is_made_anew(many: str) -> None:
    feeds = Kept(db.engine, SITE)
    for _ in range(5):
        at = change(many)
        assert sent(feeds, many, at) == sent(feeds, many, at, packed=False) == fresh(many)
    assert feeds.rebuilt == 5


def test_many_threads_after_a_change_make_it_once(many: str) -> None:
    feeds = Kept(db.engine, SITE)
    sent(feeds, many, number(many))
    at, together = change(many), Barrier(CLIENTS)

    def fetch(_: int) -> bytes:
        together.wait()
        return sent(feeds, many, at)

    with ThreadPoolExecutor(CLIENTS) as pool:
        bodies = set(pool.map(fetch, range(CLIENTS)))
    assert bodies == {fresh(many)}
    assert feeds.rebuilt == 2, "the first time, and once for all of them"


def test_what_was_asked_for_longest_ago_makes_room(many: str) -> None:
    keys = list(db.session.scalars(select(Collection.key).where(Collection.key.startswith("resource:")).limit(4)))
    feeds = Kept(db.engine, SITE)
    for key in keys:
        sent(feeds, key, number(key))
    feeds.limit = feeds.used - 1
    assert len(keys) == 4
    sent(feeds, keys[1], number(keys[1]), packed=False)
    assert feeds.used <= feeds.limit
    before = feeds.rebuilt
    sent(feeds, keys[1], number(keys[1]))
    assert feeds.rebuilt == before, "it was asked for last"
    sent(feeds, keys[0], number(keys[0]))
    assert feeds.rebuilt == before + 1


@pytest.mark.parametrize("packed", [True, False])
def test_a_feed_too_large_to_be_kept_is_sent_whole_through_a_file(many: str, *, packed: bool) -> None:
    feeds = Kept(db.engine, SITE, limit=100_000)
    whole = fresh(many)
    tracemalloc.start()
    assert sent(feeds, many, number(many), packed=packed) == whole
    assert feeds.used == 0
    at = number(many)
    tracemalloc.reset_peak()
    begun = tracemalloc.get_traced_memory()[0]
    for _part in feeds.body(many, HEAD, at, packed=packed).parts:
        pass
    peak = tracemalloc.get_traced_memory()[1] - begun
    tracemalloc.stop()
    assert peak < 2 * kept.BLOCK + 400_000


def test_a_feed_that_grows_too_large_is_no_longer_kept(many: str) -> None:
    feeds = Kept(db.engine, SITE)
    sent(feeds, many, number(many))
    feeds.limit = 100_000
    assert sent(feeds, many, change(many)) == fresh(many)
    assert feeds.used == 0


def test_an_older_state_that_was_put_back_is_not_mixed_with_what_is_known(many: str) -> None:
    feeds = Kept(db.engine, SITE)
    past, older = number(many), fresh(many)
    sent(feeds, many, change(many))
    with write() as session:
        session.execute(update(Collection).where(Collection.key == many).values(change=past))
        session.execute(update(Membership).values(change=past))
    assert number(many) == past
    assert sent(feeds, many, past) == fresh(many) != older


def test_a_calendar_without_any_entry_has_a_feed(many: str) -> None:
    assert sent(Kept(db.engine, SITE), "kind:999", 0) == HEAD + b"END:VCALENDAR\r\n"


@pytest.mark.database
def test_what_is_kept_under_a_number_is_all_of_it_whoever_commits_meanwhile(app: Flask, many: str) -> None:
    feeds = Kept(db.engine, SITE)
    with app.app_context():
        stands = select(Membership.entry_id).join(Collection).where(Collection.key == many)
        ids = list(db.session.scalars(stands.order_by(Membership.entry_id).limit(30)))
    seen: defaultdict[int, set[bytes]] = defaultdict(set)
    ended = Event()

    def write_some(numbers: list[int]) -> None:
        with app.app_context():
            for one in numbers:
                with write() as session:
                    entries.cancel(session, session.get_one(Entry, one, with_for_update=True))

    def follow(made: Callable[[], Kept]) -> None:
        with app.app_context():
            while not ended.is_set():
                body = made().body(many, HEAD, number(many), packed=True)
                seen[body.change].add(sha256(gzip.decompress(b"".join(body.parts))).digest())

    readers = [lambda: feeds, lambda: feeds, lambda: Kept(db.engine, SITE)]
    db.session.rollback()
    with ThreadPoolExecutor(6) as pool:
        reading = [pool.submit(follow, made) for made in readers]
        for writing in [pool.submit(write_some, ids[first::3]) for first in range(3)]:
            writing.result()
        ended.set()
        for each in reading:
            each.result()
    assert len(seen) > 5
    assert max(map(len, seen.values())) == 1
