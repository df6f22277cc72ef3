"""A collection's feed as this process keeps it: pieces of entries in order of time, each with its ready gzip.

When one entry changes, only the piece in which it stands is made anew: the change is read with what has a greater
change number than is known. Each piece's deflate ends with a full flush (RFC 1951; zlib's Z_FULL_FLUSH), so that
pieces joined are one valid stream, whoever stands beside them; the file's checksum goes over all.
"""

import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection, text

from core.calendars.components import with_url

PIECE = 128
"""Entries in a piece when it is made; twice as many are cut in two."""

OVERHEAD = 250
"""Bytes that an entry takes in memory beside its own."""

LEVEL = 6
"""Of compression: above it a feed hardly gets smaller."""

TAIL = b"END:VCALENDAR\r\n"

_GZIP_HEAD = (
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no name, no time: the same bytes for ever (RFC 1952)
)

_READ = """
SELECT c.change, m.deleted, e.id, e.start_at, e.path, e.data
FROM calendar_collection c
LEFT JOIN calendar_membership m ON m.collection_id = c.id AND m.change > :known AND (:deleted OR NOT m.deleted)
LEFT JOIN calendar_entry e ON e.id = m.entry_id
WHERE c.key = :key ORDER BY e.start_at, e.id
"""  # one statement, so that it sees one state on both engines


class Line(NamedTuple):
    """An entry in a feed: when it begins (seconds), its id, and its bytes with its page's address."""

    start: int
    id: int
    data: bytes


class Read(NamedTuple):
    """An entry as read: the collection's change number, whether the entry has left, and what it says."""

    change: int
    deleted: bool
    line: Line


def read(connection: Connection, key: str, known: int, site: str) -> Iterator[Read]:
    """Yield what changed in a collection after a change number; with 0 all that stands in it, in order.

    Args:
        connection: one on which nothing has been read yet; rows come as they are asked for.
        key: the collection's.
        known: a change number.
        site: the site's address, for the entries' pages.
    """
    wanted = {"key": key, "known": known, "deleted": known > 0}
    rows = connection.execution_options(yield_per=PIECE).execute(text(_READ), wanted)
    for change, deleted, number, start, path, data in rows:
        if number is None:
            yield Read(change, True, Line(0, 0, b""))  # nothing but the number
        else:
            event = with_url(bytes(data), site + path) if path else bytes(data)
            yield Read(change, bool(deleted), Line(start, number, event))


def pack(data: bytes, *, last: bool = False) -> bytes:
    """Return a stretch of a deflate stream that can stand after any other."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)


def _gzip_end(checksum: int, size: int) -> bytes:
    """Return what a gzip file ends with, after the stretch that is its `last`."""
    return checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")


@dataclass(eq=False)
class Piece:
    """Some entries that follow one another: their places and lengths, their bytes, the deflate of these once made."""

    places: list[tuple[int, int, int]]  # start, id, length
    plain: bytes
    packed: bytes = b""
    before: int = -1
    """Checksum of the feed up to here when `after` was made; -1: not made."""
    after: int = 0

    @classmethod
    def of(cls, lines: list[Line]) -> "Piece":
        """Return a piece of entries, in order."""
        places = [(line.start, line.id, len(line.data)) for line in lines]
        return cls(places, b"".join([line.data for line in lines]))

    def lines(self) -> list[Line]:
        """Return its entries."""
        lines, begin = [], 0
        for start, number, length in self.places:
            lines.append(Line(start, number, self.plain[begin : begin + length]))
            begin += length
        return lines

    def checked(self, before: int) -> int:
        """Return the checksum of the feed up to and with this piece, given that of what stands before it."""
        if self.before != before:
            self.before, self.after = before, zlib.crc32(self.plain, before)
        return self.after


@dataclass(eq=False)
class Assembly:
    """A collection at a change number. Changed by one thread at a time.

    Attributes:
        change: the number up to which it is known.
        pieces: its entries.
        size: bytes that it takes in memory, ready answers left out.
    """

    change: int = 0
    pieces: list[Piece] = field(default_factory=list)
    size: int = 0
    _starts: dict[int, int] = field(default_factory=dict)  # by id

    def add(self, lines: list[Line]) -> None:
        """Add entries that follow all others."""
        if not lines:
            return
        self._insert(len(self.pieces), Piece.of(lines))
        self._starts.update((line.id, line.start) for line in lines)

    def apply(self, changes: Iterable[Read]) -> None:
        """Bring it up to date with what changed since its number."""
        touched: dict[Piece, dict[int, Line]] = {}
        for change, deleted, line in changes:
            self.change = change
            old = self._starts.pop(line.id, None)
            if old is not None:
                piece = self._piece(old, line.id)
                _lines(piece, touched).pop(line.id)
            if not deleted:
                self._starts[line.id] = line.start
                piece = self._piece(line.start, line.id)
                _lines(piece, touched)[line.id] = line
        for piece, lines in touched.items():
            self._replace(piece, sorted(lines.values()))

    def _piece(self, start: int, number: int) -> Piece:
        """Return the piece in which an entry of this place stands or belongs."""
        if not self.pieces:
            self._insert(0, Piece([(start, number, 0)], b""))
        at = bisect_right(self.pieces, (start, number), key=lambda piece: piece.places[0][:2])
        return self.pieces[max(at - 1, 0)]

    def _replace(self, piece: Piece, lines: list[Line]) -> None:
        """Put entries in the place of a piece: none, one piece, or several when there are many."""
        at = self.pieces.index(piece)
        del self.pieces[at]
        self.size -= _size(piece)
        step = PIECE if len(lines) > 2 * PIECE else 2 * PIECE
        for begin in range(0, len(lines), step):
            self._insert(at, Piece.of(lines[begin : begin + step]))
            at += 1

    def _insert(self, at: int, piece: Piece) -> None:
        self.pieces.insert(at, piece)
        self.size += _size(piece)

    def plain(self, head: bytes) -> bytes:
        """Return the feed."""
        return b"".join([head, *(piece.plain for piece in self.pieces), TAIL])

    def gzip(self, head: bytes) -> bytes:
        """Return the feed as a gzip file; packs only what was not packed before."""
        parts = [_GZIP_HEAD, pack(head)]
        checksum, size = zlib.crc32(head), len(head) + len(TAIL)
        for piece in self.pieces:
            piece.packed = piece.packed or pack(piece.plain)
            parts.append(piece.packed)
            checksum = piece.checked(checksum)
            size += len(piece.plain)
        return b"".join([*parts, pack(TAIL, last=True), _gzip_end(zlib.crc32(TAIL, checksum), size)])


def _lines(piece: Piece, touched: dict[Piece, dict[int, Line]]) -> dict[int, Line]:
    """Return what a piece is to hold, by id; it begins with what it holds."""
    if piece not in touched:
        touched[piece] = {line.id: line for line in piece.lines()}
    return touched[piece]


def _size(piece: Piece) -> int:
    """Return what a piece takes in memory, its deflate reckoned at a fifth."""
    return len(piece.plain) * 6 // 5 + OVERHEAD * len(piece.places)
