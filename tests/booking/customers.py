"""Customers of a served site who do everything that can be done to bookings, all at once, and remember each answer."""

import random
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.booking.program import Answer, Lost, Program, machine, seats
from tests.booking.shop import Shop

DONE = frozenset({200, 201})

REFUSED = frozenset({403, 404, 409, 422})
"""Statuses of refusals that are in order when many act at once."""


@dataclass
class Sent:
    """A request, and the answer if one came."""

    who: int
    path: str
    body: dict[str, Any]
    key: str
    answer: Answer | None = None


@dataclass
class Customers:
    """Threads that send requests until they are told to stop, or their server dies.

    Attributes:
        addresses: the servers; each customer uses one.
        tokens: of contacts and, the last, of a manager.
        sessions: ids of sessions whose seats are asked for.
        sent: everything that was sent, in no order.
    """

    shop: Shop
    addresses: Sequence[str]
    tokens: Sequence[str]
    sessions: Sequence[int]
    seed: int
    sent: list[Sent] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, count: int, *, each: int = 100_000) -> None:
        """Let so many customers begin, who send so many requests each."""
        self._threads = [threading.Thread(target=self._customer, args=(number, each)) for number in range(count)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let all end what they are doing."""
        self.stopped.set()
        self.wait()

    def wait(self) -> None:
        """Wait until all have come to an end."""
        for thread in self._threads:
            thread.join()

    def again(self, address: str) -> None:
        """Send everything that was not answered once more, with the same keys."""
        for sent in self.sent:
            if sent.answer is None:
                sent.answer = Program(address, self.tokens[sent.who]).post(sent.path, sent.body, sent.key)

    def statuses(self) -> Counter[int]:
        """Return how often each status was answered; 0 for no answer."""
        return Counter(sent.answer.status if sent.answer else 0 for sent in self.sent)

    def strange(self) -> list[Sent]:
        """Return what was answered neither with success nor with an ordinary refusal."""
        return [sent for sent in self.sent if sent.answer and sent.answer.status not in DONE | REFUSED]

    def acknowledged(self, *paths: str) -> list[str]:
        """Return the references that were told by successful requests to some paths."""
        return [
            sent.answer.body["ref"]
            for sent in self.sent
            if sent.answer and sent.answer.status in DONE and sent.path.rpartition("/")[2] in paths
        ]

    def _customer(self, number: int, most: int) -> None:
        dice = random.Random(f"{self.seed} {number}")
        who = number % (len(self.tokens) - 1)
        mine: list[str] = []
        for turn in range(most):
            if self.stopped.is_set():
                return
            path, body = self._wish(dice, mine)
            as_manager = path.endswith(("/approve", "/return", "/reject"))
            sent = Sent(len(self.tokens) - 1 if as_manager else who, path, body, f"{self.seed}-{number}-{turn}")
            self.sent.append(sent)
            program = Program(self.addresses[number % len(self.addresses)], self.tokens[sent.who])
            try:
                sent.answer = program.post(path, body, sent.key)
            except Lost:
                return
            if sent.answer.status == 201 and path in {"bookings", "holds"}:
                mine.append(sent.answer.body["ref"])

    def _wish(self, dice: random.Random, mine: list[str]) -> tuple[str, dict[str, Any]]:
        """Return what is asked for next."""
        day, hour = dice.randint(5, 40), dice.randint(9, 17)
        if mine and dice.random() < 0.45:
            ref = dice.choice(mine)
            deed = dice.choice(
                ("cancel", "reschedule", "reschedule", "approve", "approve", "return", "submit", "accept")
            )
            span = machine(self.shop, hour, day)
            bodies: dict[str, dict[str, Any]] = {
                "reschedule": {"start": span["start"], "end": span["end"], "reason": "改期"},
                "submit": {"answers": {"purpose": "练习"}},
            }
            return f"bookings/{ref}/{deed}", bodies.get(deed, {"reason": "理由"})
        asked = machine(self.shop, hour, day, hours=dice.choice((1, 2, 3)))
        match dice.randrange(8):
            case 0:
                return "holds", {name: asked[name] for name in ("base", "kind", "start", "end")}
            case 1 | 2:
                return "bookings", {**asked, "kind": dice.choice(("cell", "riap"))}
            case 3:
                return "bookings", {**asked, "kind": dice.choice(("room", "benches"))}
            case 4:
                span = machine(self.shop, dice.choice((8, 14)), day, hours=6)
                return "bookings", {**span, "kind": "shift", "answers": {"seats": dice.randint(1, 5)}}
            case 5:
                wish = seats(dice.choice(self.sessions), dice.randint(1, 3))
                return "bookings", {**wish, "waitlist": True}
        return "bookings", asked
