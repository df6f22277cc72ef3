"""Tests of `core/shelf.py`."""

from math import inf

from core.shelf import OVERHEAD, Kept, Shelf


def kept(body: bytes = b"", *, number: int = 1, since: float = 0, until: float = inf) -> Kept:
    """Return an answer made at a number of the topic `site`."""
    return Kept((), body, "tag", {"site": number}, since, until)


def test_an_answer_holds_while_its_numbers_and_its_time_do() -> None:
    answer = kept(number=3, since=100, until=200)
    assert answer.holds({"site": 3, "other": 9}, 100)
    assert not answer.holds({"site": 4}, 150)
    assert not answer.holds({}, 150)
    assert not answer.holds({"site": 3}, 99.9)
    assert not answer.holds({"site": 3}, 200)


def test_what_never_changed_counts_as_zero() -> None:
    assert kept(number=0).holds({}, 1)


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    size = 1000 + OVERHEAD
    shelf = Shelf(10 * size)
    for number in range(10):
        shelf.put((str(number),), kept(bytes(1000)))
    shelf.get(("0",))
    shelf.put(("new",), kept(bytes(1000)))
    assert shelf.used == 10 * size
    assert shelf.get(("1",)) is None
    assert shelf.get(("0",)) is not None


def test_an_answer_in_place_of_another_takes_no_second_room() -> None:
    shelf = Shelf(100_000)
    shelf.put(("page",), kept(bytes(5000)))
    shelf.put(("page",), kept(bytes(10)))
    assert shelf.used == 10 + OVERHEAD


def test_one_great_answer_does_not_push_all_others_out() -> None:
    shelf = Shelf(100_000)
    shelf.put(("small",), kept(b"small"))
    shelf.put(("great",), kept(bytes(90_000)))
    assert shelf.get(("great",)) is None
    assert shelf.get(("small",)) is not None


def test_a_cleared_shelf_is_empty() -> None:
    shelf = Shelf(100_000)
    shelf.put(("page",), kept(b"text"))
    shelf.clear()
    assert (shelf.used, shelf.get(("page",))) == (0, None)
