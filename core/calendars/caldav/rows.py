"""What CalDAV reads of the calendars: entries of a collection, straight from the driver.

Clients ask again and again for what has changed, mostly to hear: nothing. One statement answers that, and it costs a
tenth of what it would through a session; each statement is a view of the database of its own, so an answer is never
made of two states.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from core.calendars import reading

_ENTRIES = "FROM calendar_membership m JOIN calendar_entry e ON e.id = m.entry_id WHERE m.collection_id = ?"
_STANDING = "AND m.deleted = false"

AT_ONCE = 500
"""Names in one statement."""


class Item(NamedTuple):
    """An entry as it stands in a collection: its name, its number there, its page's path, and its VEVENT."""

    uid: str
    change: int
    path: str
    data: bytes


class Change(NamedTuple):
    """What happened to an entry: its number, row and name, and whether it left the collection."""

    change: int
    entry_id: int
    uid: str
    deleted: bool


class Standing(NamedTuple):
    """A collection as it stands: its row and its change number; both 0 while nothing was ever put in it."""

    id: int
    change: int


def standing(key: str) -> Standing:
    """Return how a collection stands."""
    found = reading.rows("SELECT id, change FROM calendar_collection WHERE key = ?", key)
    return Standing(*found[0]) if found else Standing(0, 0)


_NUMBERS = "SELECT key, change FROM calendar_collection WHERE key IN ({})"


def numbers(keys: Sequence[str]) -> dict[str, int]:
    """Return the change numbers of collections by their keys; one in which nothing was ever put is missing."""
    found: dict[str, int] = {}
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        places = ", ".join("?" * len(some))
        found.update(reading.rows(_NUMBERS.format(places), *some))
    return found


_CHANGES = """
SELECT c.change, m.change, m.entry_id, e.uid, m.deleted FROM calendar_collection c
LEFT JOIN calendar_membership m ON m.collection_id = c.id AND m.change > ?
LEFT JOIN calendar_entry e ON e.id = m.entry_id
WHERE c.key = ? ORDER BY m.change, m.entry_id LIMIT ?
"""

_REST = _CHANGES.replace("m.change > ?", "m.change >= ? AND (m.change > ? OR m.entry_id > ?)")

_EVERYTHING = """
SELECT c.change, m.change, m.entry_id, e.uid, m.deleted FROM calendar_collection c
LEFT JOIN calendar_membership m ON m.collection_id = c.id AND m.deleted = false
LEFT JOIN calendar_entry e ON e.id = m.entry_id
WHERE c.key = ? ORDER BY m.change, m.entry_id LIMIT ?
"""

ALL = 2**31 - 1
"""More changes than there are."""


def changes(key: str, change: int, entry_id: int | None, most: int) -> tuple[int, list[Change]]:
    """Return a collection's change number, and what has changed after a place in the order of changes.

    Args:
        key: of the collection.
        change: the last number that is known already,
        entry_id: and the last entry of it that is; None: all of them. Many entries can change under one number, all of
            them when calendars are written anew: then asking for what is greater alone is what the index answers.
        most: how many to read at most.
    """
    if entry_id is None:
        return _read(reading.rows(_CHANGES, change, key, most))
    return _read(reading.rows(_REST, change, change, entry_id, key, most))


def everything(key: str, most: int = ALL) -> tuple[int, list[Change]]:
    """Return a collection's change number, and the entries that stand in it, by the order of their changes."""
    return _read(reading.rows(_EVERYTHING, key, most))


def _read(found: list[tuple[Any, ...]]) -> tuple[int, list[Change]]:
    if not found:
        return 0, []
    if found[0][1] is None:  # the collection alone: nothing in it is wanted
        return found[0][0], []
    return found[0][0], [Change(*row[1:]) for row in found]


def items(key: str, start: datetime | None = None, end: datetime | None = None) -> Iterator[Item]:
    """Yield the entries that stand in a collection, in order of time; those only that overlap `[start, end)` if told.

    Overlap is what RFC 4791 9.9 says of a VEVENT with an end: it ends after the start, and starts before the end.
    """
    wanted, values = "", list[Any]()
    if start is not None:
        wanted += " AND e.end_at > ?"
        values.append(int(start.timestamp()))
    if end is not None:
        wanted += " AND e.start_at < ?"
        values.append(int(end.timestamp()))
    found = reading.rows(
        f"SELECT e.uid, m.change, e.path, e.data {_ENTRIES} {_STANDING}{wanted} ORDER BY e.start_at, e.id",
        standing(key).id,
        *values,
    )
    return map(Item._make, found)


def named(key: str, uids: Sequence[str]) -> dict[str, Item]:
    """Return those of some entries that stand in a collection, by their names."""
    found: dict[str, Item] = {}
    collection_id = standing(key).id
    for start in range(0, len(uids), AT_ONCE):
        some = uids[start : start + AT_ONCE]
        places = ", ".join("?" * len(some))
        rows = reading.rows(
            f"SELECT e.uid, m.change, e.path, e.data {_ENTRIES} {_STANDING} AND e.uid IN ({places})",
            collection_id,
            *some,
        )
        found.update((row[0], Item._make(row)) for row in rows)
    return found


def item(key: str, uid: str) -> Item | None:
    """Return an entry if it stands in a collection."""
    return named(key, [uid]).get(uid)


def busy(key: str, start: datetime, end: datetime) -> list[tuple[int, int, bool]]:
    """Return when entries take time in `[start, end)`: their seconds, and whether that is only tentative."""
    found = reading.rows(
        f"SELECT e.start_at, e.end_at, e.data {_ENTRIES} {_STANDING} AND e.transparent = false"
        " AND e.cancelled = false AND e.end_at > ? AND e.start_at < ? ORDER BY e.start_at, e.end_at",
        *(standing(key).id, int(start.timestamp()), int(end.timestamp())),
    )
    return [(starts, ends, b"\r\nSTATUS:TENTATIVE\r\n" in data) for starts, ends, data in found]
