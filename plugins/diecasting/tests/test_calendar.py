"""Calendars say that a cell is heated before and cools down after; in public no more than that."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from core.plugin_api import CalendarEntry
from core.testing.site import Site, site
from plugins.diecasting import calendar


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site("diecasting", tmp_path_factory.mktemp("calendar")) as made:
        yield made


def entry(**changed: Any) -> CalendarEntry:
    """Return an entry of a teaching batch from nine to eleven at the base."""
    values: dict[str, Any] = {"source": "booking", "audience": "full", "kind": "teaching", "resources": ("cell1",)}
    start, end = (datetime(2026, 12, 8, hour, tzinfo=UTC) for hour in (1, 3))
    return CalendarEntry(**values | {"base": "diecasting", "title": "压铸教学", "start": start, "end": end} | changed)


def test_whom_it_concerns_reads_when_the_cell_is_hot(base: Site) -> None:
    with base.app.test_request_context():
        words = calendar.words(entry())
    assert words is not None
    assert "08:30" in str(words.description)
    assert "11:30" in str(words.description)
    assert "安全培训" in str(words.category)


def test_the_public_reads_no_times_of_it(base: Site) -> None:
    with base.app.test_request_context():
        words = calendar.words(entry(audience="public"))
    assert words is not None
    assert (words.description, words.category) == ("含预热和冷却时间。", "")


@pytest.mark.parametrize("other", [{"resources": ("classroom",)}, {"source": "session"}, {"source": "closure"}])
def test_what_heats_no_cell_says_nothing_of_it(base: Site, other: dict[str, Any]) -> None:
    with base.app.test_request_context():
        assert calendar.words(entry(**other)) is None
