"""What programs are told that begin with a calendar: all that stands in it, brought up to date by what has changed.

Ten thousand entries are read and written out once in a process; after a change only what has a greater number is, and
the rest is joined anew.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from flask import current_app

from core.calendars.caldav import rows

SIZE = 24 * 1024 * 1024
"""Bytes that a process keeps, in all calendars."""

OVERHEAD = 150
"""Bytes that an entry takes in memory beside its own."""

_BEGINNINGS = "jidi_caldav_beginnings"


@dataclass
class _Beginning:
    """DAV:response of every entry by its row, in the order of changes, as of a change number."""

    change: int = 0
    told: dict[int, bytes] = field(default_factory=dict)
    size: int = 0

    def bring_up(self, key: str, write: Callable[[Any], str]) -> None:
        """Take in what has changed since; all anew when the calendar is not what it came from."""
        change, found = rows.changes(key, self.change, None, rows.ALL) if self.change else rows.everything(key)
        if change < self.change:  # an older state was put back
            self.told.clear()
            self.size = 0
            change, found = rows.everything(key)
        for row in found:
            old = self.told.pop(row.entry_id, None)
            self.size -= OVERHEAD + len(old) if old is not None else 0
            if not row.deleted:
                self.told[row.entry_id] = written = write(row).encode()
                self.size += OVERHEAD + len(written)
        self.change = change


class Beginnings:
    """The beginnings of one process. Used by many threads at once; one at a time brings one up to date."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[object, ...], _Beginning] = OrderedDict()

    def told(self, key: str, what: tuple[object, ...], write: Callable[[Any], str]) -> tuple[int, list[bytes]]:
        """Return a collection's change number, and DAV:response of all entries in it."""
        with self._lock:
            beginning = self._kept.pop((key, *what), None) or _Beginning()
            beginning.bring_up(key, write)  # one that fails is not put back: the next begins anew
            self._kept[key, *what] = beginning
            told = list(beginning.told.values())
            while sum(one.size for one in self._kept.values()) > SIZE:
                self._kept.popitem(last=False)
            return beginning.change, told


def beginnings() -> Beginnings:
    """Return those of this process."""
    found: Beginnings = current_app.extensions.setdefault(_BEGINNINGS, Beginnings())
    return found
