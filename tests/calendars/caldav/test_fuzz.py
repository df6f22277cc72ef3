"""Random life in a calendar, and programs that follow it: after each sync a replica is what the server has.

Their tokens are kept for long, answers are cut short by random limits, and now and then a token is spoilt.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock, db
from core.calendars import entries
from core.calendars.components import Facts
from core.calendars.models import Collection, Entry, Membership
from tests.booking.shop import Shop
from tests.calendars.caldav.conftest import Program, Told, prop, sync_body, xml
from tests.calendars.kept import put

pytestmark = pytest.mark.database


@dataclass
class Replica:
    """What one program believes stands in the calendar: tags and texts by their paths."""

    token: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


class World:
    """A calendar with everything that happens to it, and programs that follow it in their own ways."""

    def __init__(self, program: Program, path: str, key: str, seed: int) -> None:
        self.random = random.Random(seed)
        self.program, self.path, self.key = program, path, key
        self.replicas = [Replica() for _ in range(4)]
        self.old: list[tuple[str, dict[str, str]]] = []  # tokens of long ago, each with what was known then
        self.sources: list[str] = []
        self.number = 0
        self.compared = 0

    def step(self) -> str:
        """Let one thing happen, and return what."""
        deeds = [self.add, self.add, self.change, self.change, self.cancel, self.leave, self.together]
        deeds += [self.sync, self.sync, self.sync, self.sync_in_pieces, self.sync_from_long_ago, self.spoil]
        deed = self.random.choice(deeds)
        deed()
        return deed.__name__

    def _facts(self) -> Facts:
        start = clock.now() + timedelta(hours=self.random.randrange(1, 2000))
        title = "".join(self.random.choices("压铸车工𝄞😀<&>;,\\ ]]>", k=8))
        return Facts(summary=f"课{title}课", start=start, end=start + timedelta(hours=self.random.randrange(1, 9)))

    def _pick(self) -> list[str]:
        return self.random.sample(self.sources, min(len(self.sources), 1))

    def add(self) -> None:
        """Put an entry in; sometimes many under one number."""
        with db.write() as session:
            for _ in range(self.random.choice([1, 1, 1, 5])):
                self.number += 1
                self.sources.append(f"fuzz:{self.number}")
                put(session, self.sources[-1], self._facts(), [self.key, "fuzz:other"])

    def change(self) -> None:
        """Write an entry anew, which may have left; then it comes back."""
        for source in self._pick():
            with db.write() as session:
                put(session, source, self._facts(), [self.key])

    def cancel(self) -> None:
        """Cancel an entry: it stays, as cancelled."""
        for source in self._pick():
            with db.write() as session:
                entries.cancel(session, session.query(Entry).filter_by(source=source).one())

    def leave(self) -> None:
        """Let an entry leave the calendar, and stay in another."""
        for source in self._pick():
            with db.write() as session:
                put(session, source, self._facts(), ["fuzz:other"])

    def together(self) -> None:
        """Let all entries change under one number."""
        with db.write() as session:
            for membership in session.query(Membership).join(Entry).filter(Entry.source.startswith("fuzz:")):
                membership.change = Membership.PENDING
            entries.touched()

    def sync(self) -> None:
        """Let a program ask for what is new."""
        replica = self.random.choice(self.replicas)
        self._apply(replica, self.program.sync(self.path, replica.token))
        self._compare(replica)
        self.old.append((replica.token, dict(replica.tags)))

    def sync_in_pieces(self) -> None:
        """Let a program ask for a few changes at a time; sometimes it is interrupted, and goes on later."""
        replica, most = self.random.choice(self.replicas), self.random.randrange(1, 7)
        if self.random.random() < 0.1:
            replica.token, replica.tags, replica.texts = "", {}, {}
        while True:
            told = self.program.sync(self.path, replica.token, most=most)
            assert len(told.responses) <= most + 1
            self._apply(replica, told)
            if told.statuses.get(self.path) != 507:
                break
            if self.random.random() < 0.2:
                return
        self._compare(replica)

    def sync_from_long_ago(self) -> None:
        """Let a program ask that was off for long."""
        if not self.old:
            return
        token, tags = self.random.choice(self.old)
        replica = Replica(token, dict(tags), dict.fromkeys(tags, ""))
        self._apply(replica, self.program.sync(self.path, token))
        self._compare(replica)

    def spoil(self) -> None:
        """Ask with a token that is none of this calendar's: 403, and nothing else."""
        good = self.program.sync(self.path).token
        bad = self.random.choice([good + "7", good.replace("-", "-9", 1), good[:-20], "data:,x", good.upper()])
        answer = self.program.ask("REPORT", self.path, sync_body(bad))
        assert (answer.status_code, b"valid-sync-token" in answer.data) == (403, True), bad

    def _apply(self, replica: Replica, told: Told) -> None:
        """Do as a program does: forget what is gone, fetch what is new."""
        new = {}
        for path, status in told.statuses.items():
            if status == 404:
                replica.tags.pop(path, None)
                replica.texts.pop(path, None)
            elif status == 200:
                new[path] = told.text(path, "D:getetag")
        replica.tags |= new
        replica.token = told.token
        for path, text in self._fetch(new):
            replica.texts[path] = text

    def _fetch(self, paths: dict[str, str]) -> Iterator[tuple[str, str]]:
        if not paths:
            return
        hrefs = "".join(f"<D:href>{path}</D:href>" for path in paths)
        told = self.program.told("REPORT", self.path, xml("C:calendar-multiget", prop("C:calendar-data") + hrefs))
        for path in told.paths:
            yield path, told.text(path, "C:calendar-data")

    def _compare(self, replica: Replica) -> None:
        """Hold a replica against the database, which is asked in another way than the server asks it."""
        chosen = (
            select(Entry.uid, Entry.data, Membership.change)
            .join(Membership, Membership.entry_id == Entry.id)
            .join(Collection, Collection.id == Membership.collection_id)
            .where(Collection.key == self.key, Membership.deleted.is_(False))
        )
        db.db.session.rollback()
        rows = db.db.session.execute(chosen).all()
        assert replica.tags.keys() == {f"{self.path}{uid}.ics" for uid, _data, _change in rows}
        for uid, data, change in rows:
            path = f"{self.path}{uid}.ics"
            assert replica.tags[path].startswith(f'"{change}-')
            assert not replica.texts[path] or data.decode() in replica.texts[path]
        self.compared += 1


def live(shop: Shop, app: Flask, *, steps: int, seed: int) -> World:
    """Let a calendar live for some steps."""
    number = shop.base.id
    world = World(Program(app), f"/caldav/calendars/base-{number}/", f"base:{number}", seed)
    for done in range(steps):
        try:
            world.step()
        except AssertionError as error:
            error.add_note(f"seed {seed}, step {done}")
            raise
    return world


def test_replicas_are_what_the_server_has(shop: Shop, shop_app: Flask) -> None:
    assert live(shop, shop_app, steps=60, seed=4791).compared > 10


@pytest.mark.slow
@pytest.mark.parametrize("seed", [6578, random.SystemRandom().randrange(10**6)], ids=["the same each time", "any"])
def test_replicas_are_what_the_server_has_after_a_thousand_steps(shop: Shop, shop_app: Flask, seed: int) -> None:
    assert live(shop, shop_app, steps=1000, seed=seed).compared > 200
