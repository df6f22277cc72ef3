"""Whatever text people typed, every reader gives back what stands in calendars of it (`components.clean`)."""

import re
from datetime import timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core import clock
from core.calendars.components import LINE, PRODUCT, TIMEZONE, Facts, clean, fold, serialise, text
from tests.calendars.judges import readers
from tests.calendars.judges.readers import Reader

NOW = clock.now().replace(microsecond=0)

HEAD = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\n".encode() + TIMEZONE
TAIL = b"END:VCALENDAR\r\n"

CONTROLS = "".join(map(chr, range(32))) + "\x7f\x80\x85\x9b\xa0\xad\u2028\u2029\ufeff\ufffe\uffff"
RARE = "𠮷𪚥𬺰𰻞㐂\U0001f3ed👩🏽‍🏭🇨🇳e\u0301\u1100\u1161\u200d\u202e\u200fאבعر\U000e0001\U0010fffd\ud842\udfb7"
MEANT = "\\;,:\"\n\r\n=^'%|<&>]]> \t"
WORDS = ("\\n", "\\N", "\\\\n", "END:VEVENT\r\n", "\r\nBEGIN:VALARM", "；，", "X-A;B=C:d", "&amp;", "压铸区", "　")

characters = st.characters() | st.sampled_from(CONTROLS + RARE + MEANT)
pieces = characters | st.sampled_from(WORDS)
texts = st.lists(pieces, max_size=60).map("".join)
long_texts = st.builds(lambda piece, end: (piece * 10_000)[:10_000] + end, pieces, texts)
any_text = st.one_of(texts, texts, texts, long_texts)

MISREAD = re.compile(r'\\|^".*"$', re.MULTILINE)
"""What node-ical 0.26 takes for something else: a backslash before it looks for pairs of them, and outer quotes."""

PYTHON: dict[str, Reader] = {"icalendar": readers.icalendar, "vobject": readers.vobjects}
PROCESSES = [
    pytest.param(readers.icaljs, id="ical.js"),
    pytest.param(readers.nodeical, id="node-ical"),
    pytest.param(readers.libical, id="libical", marks=pytest.mark.libical),
]


def entry(number: int, typed: str) -> bytes:
    """Return an entry that holds a text wherever it may hold one."""
    facts = Facts(
        summary=typed,
        description=typed,
        location=typed,
        category=typed,
        start=NOW,
        end=NOW + timedelta(hours=1),
    )
    return serialise(facts, uid=str(number), sequence=0, modified=NOW)


def assert_given_back(read: Reader, typed: list[str]) -> None:
    """Compare what a reader finds in a calendar with what was put into it."""
    if read is readers.nodeical:
        typed = ["" if MISREAD.search(clean(one)) else one for one in typed]
    found = read(b"".join([HEAD, *(entry(number, one) for number, one in enumerate(typed)), TAIL]))
    assert len(found) == len(typed)
    for event in found:
        promised = clean(typed[int(event.uid)])
        assert (event.summary, event.description, event.location) == (promised,) * 3
        if read is not readers.nodeical or not set(promised) & set(",;"):  # which it leaves escaped in categories
            assert event.category == " ".join(promised.split())


@given(any_text)
@settings(max_examples=200, deadline=None)
def test_no_line_is_too_long_and_no_character_cut(typed: str) -> None:
    for data in (entry(1, typed), fold(f"NAME:{text(typed)}")):
        lines = data.removesuffix(b"\r\n").split(b"\r\n")
        assert max(map(len, lines)) <= LINE
        for line in lines:
            line.decode()  # raises where a character was cut
            assert not {octet for octet in line if octet < 32} - {9}


@given(any_text)
@settings(max_examples=200, deadline=None)
def test_a_line_folded_and_unfolded_is_the_same(typed: str) -> None:
    line = f"NAME:{text(typed)}"
    assert fold(line).replace(b"\r\n ", b"").decode() == f"{line}\r\n"


@pytest.mark.parametrize("name", PYTHON)
@given(typed=any_text)
@settings(max_examples=40, deadline=None)
def test_a_reader_in_python_gives_every_text_back(name: str, typed: str) -> None:
    assert_given_back(PYTHON[name], [typed])


@pytest.mark.slow
@pytest.mark.parametrize("name", PYTHON)
@given(typed=any_text)
@settings(max_examples=1000, deadline=None)
def test_a_reader_in_python_gives_very_many_texts_back(name: str, typed: str) -> None:
    assert_given_back(PYTHON[name], [typed])


@pytest.mark.slow
@pytest.mark.parametrize("read", PROCESSES)
@given(typed=st.lists(any_text, min_size=40, max_size=80))
@settings(max_examples=12, deadline=None, phases=[Phase.generate])  # to shrink would take minutes
def test_a_reader_of_its_own_gives_every_text_back(read: Reader, typed: list[str]) -> None:
    assert_given_back(read, typed)
