"""Feeds kept in pieces: whatever has changed in whatever order, what is sent is what the whole would be."""

import gzip

from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendars.assembly import PIECE, TAIL, Assembly, Line, Read

HEAD = b"BEGIN:VCALENDAR\r\n"

NUMBERS = st.integers(1, 40)
CHANGES = st.lists(st.tuples(NUMBERS, st.integers(-3, 3), st.booleans(), st.binary(max_size=20)), max_size=60)


def line(start: int, number: int, data: bytes = b"x") -> Line:
    return Line(start, number, data)


def whole(stands: dict[int, Line]) -> bytes:
    """Return the feed of some entries, put together in the plainest way."""
    return HEAD + b"".join(entry.data for entry in sorted(stands.values())) + TAIL


@given(CHANGES, st.integers(0, 400), st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_any_changes_lead_to_the_feed_of_what_stands_there(
    changes: list[tuple[int, int, bool, bytes]], many: int, at_once: int
) -> None:
    stands = {number: line(number // 7, number, b"%d;" % number) for number in range(100, 100 + many)}
    made = Assembly(change=1)
    for begin in range(0, many, PIECE):
        made.add(list(stands.values())[begin : begin + PIECE])
    made.gzip(HEAD)
    for begin in range(0, len(changes), at_once):
        last = {each[0]: each for each in changes[begin : begin + at_once]}
        read = [Read(begin + 2, gone, line(start, number, data)) for number, start, gone, data in last.values()]
        made.apply(read)
        for _change, deleted, entry in read:
            stands.pop(entry.id, None) if deleted else stands.update({entry.id: entry})
        assert made.plain(HEAD) == whole(stands)
        assert gzip.decompress(made.gzip(HEAD)) == whole(stands)


def test_many_changes_at_once_are_cut_into_pieces() -> None:
    made = Assembly()
    lines = [line(number % 50, number) for number in range(1, 5 * PIECE)]
    made.apply([Read(1, deleted=False, line=entry) for entry in lines])
    assert max(len(piece.places) for piece in made.pieces) <= 2 * PIECE
    assert made.plain(HEAD) == whole({entry.id: entry for entry in lines})
    made.apply([Read(2, deleted=True, line=entry) for entry in lines])
    assert (made.pieces, made.size) == ([], 0)


def test_only_the_piece_with_the_change_is_packed_anew() -> None:
    made = Assembly()
    for begin in range(0, 10 * PIECE, PIECE):
        made.add([line(number, number) for number in range(begin + 1, begin + PIECE + 1)])
    made.gzip(HEAD)
    before = {id(piece) for piece in made.pieces}
    made.apply([Read(1, deleted=False, line=line(3 * PIECE, 3 * PIECE, b"other"))])
    assert len([piece for piece in made.pieces if not piece.packed]) == 1
    assert len([piece for piece in made.pieces if id(piece) not in before]) == 1


def test_a_packed_feed_says_no_time_and_is_the_same_bytes_when_packed_again() -> None:
    feeds = []
    for _ in range(2):
        made = Assembly()
        made.add([line(1, 1, b"BEGIN:VEVENT\r\nEND:VEVENT\r\n")])
        feeds.append(made.gzip(HEAD))
    assert feeds[0] == feeds[1]
    assert feeds[0][4:8] == bytes(4)
