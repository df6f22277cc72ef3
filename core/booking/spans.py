"""What is taken of a resource over time: pure calculations on half-open spans with units."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple


class Span(NamedTuple):
    """Units taken in `[start, end)`."""

    start: datetime
    end: datetime
    units: int


def peak(spans: Iterable[Span], start: datetime, end: datetime) -> int:
    """Return the most units taken at one instant of `[start, end)`."""
    return max((units for _, _, units in profile(spans, start, end)), default=0)


def crowded(spans: Iterable[Span], start: datetime, end: datetime, *, over: int) -> list[tuple[datetime, datetime]]:
    """Return the parts of `[start, end)` in which more than `over` units are taken, neighbours joined."""
    parts: list[tuple[datetime, datetime]] = []
    for begins, ends, units in profile(spans, start, end):
        if units <= over:
            continue
        if parts and parts[-1][1] == begins:
            parts[-1] = (parts[-1][0], ends)
        else:
            parts.append((begins, ends))
    return parts


def profile(spans: Iterable[Span], start: datetime, end: datetime) -> Sequence[Span]:
    """Return `[start, end)` cut at every change, each piece with the units taken in it."""
    near = [span for span in spans if span.start < end and span.end > start]
    changes: dict[datetime, int] = {start: 0, end: 0}
    for span in near:
        begins, ends = max(span.start, start), min(span.end, end)
        changes[begins] = changes.get(begins, 0) + span.units
        changes[ends] = changes.get(ends, 0) - span.units
    moments = sorted(changes)
    pieces = []
    units = 0
    for begins, ends in pairwise(moments):
        units += changes[begins]
        pieces.append(Span(begins, ends, units))
    return pieces
