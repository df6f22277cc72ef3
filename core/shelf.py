"""Ready answers kept by this process, bounded in bytes: what was asked for longest ago goes first."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

Place = tuple[str, ...]
"""What an answer depends on beside its versions: scheme, host, path, arguments, language."""


@dataclass(frozen=True)
class Kept:
    """A ready answer, and while what holds.

    Attributes:
        headers: all headers that went with it.
        body: its bytes.
        tag: its ETag, without quotes.
        versions: the topics it shows, each with the number at which it was made (0: never changed).
        since: from when on it holds (seconds since 1970),
        until: and before when.
        args: names of the query arguments that its view knows.
    """

    headers: tuple[tuple[str, str], ...]
    body: bytes
    tag: str
    versions: Mapping[str, int]
    since: float
    until: float
    args: tuple[str, ...] = ()

    def holds(self, versions: Mapping[str, int], now: float) -> bool:
        """Say whether it is still what would be made now."""
        if not self.since <= now < self.until:
            return False
        return all(versions.get(topic, 0) == version for topic, version in self.versions.items())


OVERHEAD = 2048
"""Bytes that an answer takes beside its body: headers, place, the dictionary's entry."""


class Shelf:
    """The answers of one process. Used by many threads at once."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._used = 0
        self._lock = Lock()
        self._kept: OrderedDict[Place, Kept] = OrderedDict()

    def get(self, place: Place) -> Kept | None:
        """Return what is kept for a place, still good or not."""
        with self._lock:
            kept = self._kept.get(place)
            if kept is not None:
                self._kept.move_to_end(place)
            return kept

    def put(self, place: Place, kept: Kept) -> None:
        """Keep an answer in place of the one before, and throw away what no longer fits."""
        if _size(kept) > self._size // 8:
            return
        with self._lock:
            if old := self._kept.pop(place, None):
                self._used -= _size(old)
            self._kept[place] = kept
            self._used += _size(kept)
            while self._used > self._size:
                _place, old = self._kept.popitem(last=False)
                self._used -= _size(old)

    def clear(self) -> None:
        """Throw everything away."""
        with self._lock:
            self._kept.clear()
            self._used = 0

    @property
    def used(self) -> int:
        """Bytes in use."""
        return self._used


def _size(kept: Kept) -> int:
    return len(kept.body) + OVERHEAD
