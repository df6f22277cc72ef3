"""Feeds ready to be sent, kept by this process, bounded in bytes; each is made by one thread while the others wait."""

import tempfile
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from threading import Lock
from typing import IO

from sqlalchemy import Engine

from core.calendars.assembly import LEVEL, PIECE, TAIL, Assembly, Read, read

SIZE = 64 * 1024 * 1024
"""Bytes of feeds that a process keeps."""

BLOCK = 256 * 1024
"""Bytes that are read at a time from a file that is sent."""

_GZIP = 16 + zlib.MAX_WBITS  # zlib's word for a gzip file, with no time in its head


@dataclass(frozen=True)
class Body:
    """A feed to be sent: the change number that it shows, its bytes in parts, and how many they are."""

    change: int
    parts: Iterable[bytes]
    size: int

    def close(self) -> None:
        """Give up what the parts come from, when they are not to be read."""
        if close := getattr(self.parts, "close", None):
            close()


@dataclass(frozen=True)
class _Ready:
    """Finished answers; None: nobody has asked for it yet."""

    change: int
    head: bytes
    plain: bytes | None = None
    gzip: bytes | None = None

    def body(self, *, packed: bool) -> Body | None:
        data = self.gzip if packed else self.plain
        return None if data is None else Body(self.change, [data], len(data))

    @property
    def size(self) -> int:
        return len(self.plain or b"") + len(self.gzip or b"")


@dataclass(eq=False)
class _Item:
    """What is kept of a collection. Only who holds the collection's lock changes it."""

    assembly: Assembly
    ready: _Ready
    counted: int = 0
    """Bytes that the whole reckons for it."""


@dataclass(eq=False)
class Kept:
    """The feeds of one process. Used by many threads at once.

    Attributes:
        engine: the database's, to read entries with.
        site: the site's address.
        limit: bytes kept in all; a feed that takes half of them is made anew each time, through a file.
    """

    engine: Engine
    site: str
    limit: int = SIZE
    rebuilt: int = 0
    """How many times anything was read from the database: what measurements and tests look at."""
    _items: OrderedDict[str, _Item] = field(default_factory=OrderedDict)
    _used: int = 0
    _lock: Lock = field(default_factory=Lock)
    _locks: dict[str, Lock] = field(default_factory=dict)

    def body(self, key: str, head: bytes, change: int, *, packed: bool) -> Body:
        """Return a collection's feed at a change number, or at a later one if there is one by now.

        Args:
            key: the collection's.
            head: what the feed begins with.
            change: the collection's number, as just read.
            packed: whether as a gzip file.

        Raises:
            SQLAlchemyError: the database does not answer.
        """
        found = self._find(key, head, change, packed=packed)
        if found is None:
            with self._lock:
                lock = self._locks.setdefault(key, Lock())
            with lock:
                # Who waited here finds what the one before has made.
                found = self._find(key, head, change, packed=packed) or self._make(key, head, change, packed=packed)
        return found

    def clear(self) -> None:
        """Throw everything away."""
        with self._lock:
            self._items.clear()
            self._used = 0

    @property
    def used(self) -> int:
        """Bytes in use."""
        return self._used

    def _find(self, key: str, head: bytes, change: int, *, packed: bool) -> Body | None:
        with self._lock:
            item = self._items.get(key)
            if item is None:
                return None
            self._items.move_to_end(key)
            ready = item.ready
        return ready.body(packed=packed) if (ready.change, ready.head) == (change, head) else None

    def _make(self, key: str, head: bytes, change: int, *, packed: bool) -> Body:
        with self._lock:
            item = self._items.get(key)
        if item is None or item.assembly.change != change:
            self.rebuilt += 1
            item = self._brought_up(key, item) if item is not None else None
            if item is None:
                made = self._read(key, head, packed=packed)
                if isinstance(made, Body):
                    return made
                item = made
        body = _finish(item, head, packed=packed)
        self._keep(key, item)
        return body

    def _brought_up(self, key: str, item: _Item) -> _Item | None:
        """Return an item brought up to date, or None when the collection is not what it came from."""
        known = item.assembly.change
        with self.engine.connect() as connection:
            changes = list(read(connection, key, known, self.site))
        if not changes or changes[0].change < known:  # an older state was put back
            return None
        item.assembly.apply(changes)
        return item if item.assembly.size <= self.limit // 2 else None

    def _read(self, key: str, head: bytes, *, packed: bool) -> _Item | Body:
        """Return a collection as the database has it, or its whole feed when it is too large to be kept."""
        assembly = Assembly()
        with self.engine.connect() as connection:
            rows = read(connection, key, 0, self.site)
            while lines := list(islice(rows, PIECE)):
                assembly.change = lines[0].change
                assembly.add([row.line for row in lines if not row.deleted])
                if assembly.size > self.limit // 2:
                    with self._lock:
                        self._forget(key)
                    return _through_file(head, assembly, rows, packed=packed)
        return _Item(assembly, _Ready(-1, b""))

    def _keep(self, key: str, item: _Item) -> None:
        """Keep an item, and throw away what was asked for longest ago and no longer fits."""
        with self._lock:
            self._forget(key)
            item.counted = item.assembly.size + item.ready.size
            self._items[key] = item
            self._used += item.counted
            while self._used > self.limit:
                self._forget(next(iter(self._items)))

    def _forget(self, key: str) -> None:
        if item := self._items.pop(key, None):
            self._used -= item.counted


def _finish(item: _Item, head: bytes, *, packed: bool) -> Body:
    """Make the answer that is asked for, and keep those that are still good beside it."""
    assembly, ready = item.assembly, item.ready
    if (ready.change, ready.head) != (assembly.change, head):
        ready = _Ready(assembly.change, head)
    ready = replace(ready, gzip=assembly.gzip(head)) if packed else replace(ready, plain=assembly.plain(head))
    item.ready = ready
    body = ready.body(packed=packed)
    assert body is not None
    return body


def _through_file(head: bytes, assembly: Assembly, rows: Iterator[Read], *, packed: bool) -> Body:
    """Return a feed of any size, written to a file without a name while it is read, so that memory stays bounded."""
    begun = chain([head], (piece.plain for piece in assembly.pieces))
    parts = chain(begun, (row.line.data for row in rows), [TAIL])
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP) if packed else None
        for part in parts:
            file.write(packer.compress(part) if packer else part)
        file.write(packer.flush() if packer else b"")
        size = file.tell()
        file.seek(0)
        stack.pop_all()
    return Body(assembly.change, _Blocks(file), size)


class _Blocks:
    """The bytes of a file in parts; closed when all are read, or when nobody wants them."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        while block := self._file.read(BLOCK):
            yield block
        self.close()

    def close(self) -> None:
        self._file.close()
