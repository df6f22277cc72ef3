"""What is taken, counted as naively as can be: for every quarter of an hour, of every indivisible thing, who has it.

It knows nothing of how the engine locks, stores, or covers families; a room is nothing but the benches in it.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations, product
from typing import NamedTuple

TICK = 15 * 60
"""Seconds; everything in the walk begins and ends on a multiple."""


class Use(NamedTuple):
    """Units of a resource in `[start, end)`; None: all of it, however many there are."""

    resource: str
    start: datetime
    end: datetime
    units: int | None


@dataclass
class Naive:
    """Counts what is taken.

    Attributes:
        capacity: units of each indivisible resource.
        parts: the indivisible resources in each one that is made of others.
        uses: what is taken, by whom.
        until: when somebody's uses end by themselves; never if not in it.
    """

    capacity: dict[str, int]
    parts: dict[str, tuple[str, ...]]
    uses: dict[str, list[Use]] = field(default_factory=dict)
    until: dict[str, datetime] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def fits(self, wanted: Iterable[Use], *, but: Collection[str] = ()) -> bool:
        """Say whether there is room for all of it together, at every instant; those in `but` are not counted."""
        taken: dict[tuple[str, int], int] = {}
        whole: set[tuple[str, int]] = set()
        for owner, uses in self.uses.items():
            if owner in but or self._is_over(owner):
                continue
            for atom, tick, units in self._ticks(uses):
                if units is None:
                    whole.add((atom, tick))
                taken[atom, tick] = taken.get((atom, tick), 0) + (units or 1)
        for atom, tick, units in self._ticks(wanted):
            before = taken.get((atom, tick), 0)
            if (atom, tick) in whole or (before and units is None):
                return False
            if before + (units or 1) > self.capacity[atom]:
                return False
            taken[atom, tick] = before + (units or 1)
            if units is None:
                whole.add((atom, tick))
        return True

    def peak(self, resource: str) -> int:
        """Return the most units taken of something at one instant from now on."""
        taken: dict[int, int] = {}
        for owner, uses in self.uses.items():
            if self._is_over(owner):
                continue
            for atom, tick, units in self._ticks(uses):
                if atom == resource and (tick + 1) * TICK > self.now.timestamp():
                    taken[tick] = taken.get(tick, 0) + (self.capacity[atom] if units is None else units)
        return max(taken.values(), default=0)

    def whole_ahead(self, resource: str) -> bool:
        """Say whether something that is made of others is taken as such, now or later."""
        return any(
            use.resource == resource and use.end > self.now
            for owner, uses in self.uses.items()
            if not self._is_over(owner)
            for use in uses
        )

    def _is_over(self, owner: str) -> bool:
        return owner in self.until and self.until[owner] <= self.now

    def _ticks(self, uses: Iterable[Use]) -> Iterator[tuple[str, int, int | None]]:
        for use in uses:
            parts = self.parts.get(use.resource)
            for tick in range(int(use.start.timestamp()) // TICK, int(use.end.timestamp()) // TICK):
                for atom in parts or (use.resource,):
                    yield atom, tick, None if parts else use.units


def ways(legs: Iterable[tuple[tuple[str, ...], int, tuple[str, ...]]]) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Yield every way of serving legs, each with its candidates, how many it takes, and which must be among them."""
    every = (
        [chosen for chosen in combinations(candidates, count) if set(must) <= set(chosen)]
        for candidates, count, must in legs
    )
    for way in product(*every):
        chosen = [name for names in way for name in names]
        if len(set(chosen)) == len(chosen):
            yield way
