"""Moments at which public pages change by themselves: something appears, expires, is no longer pinned, lapses.

Features name the columns that hold such moments, by topic; between two moments a page stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

from sqlalchemy import Select, func, select

from core import clock
from core.db import db

Columns = Mapping[str, Sequence[Select[Any]]]
"""By topic: selections of one column of moments each. An index should make its least and greatest value cheap."""


@dataclass(frozen=True)
class Window:
    """The time between the last moment that has passed and the next, in seconds since 1970."""

    since: float
    until: float


class Moments:
    """What one process knows of the moments: asked once per version of a topic and moment passed."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._known: dict[str, tuple[int, Window]] = {}

    def around(self, topic: str, version: int) -> Window:
        """Return the window in which a topic is now.

        Args:
            topic: the topic.
            version: its number as read before; what was found at another number is found anew.
        """
        if topic not in self._columns:
            return Window(0, inf)
        now = clock.now()
        known = self._known.get(topic)
        if known and known[0] == version and known[1].since <= now.timestamp() < known[1].until:
            return known[1]
        window = self._ask(topic, now)
        self._known[topic] = (version, window)
        return window

    def forget(self) -> None:
        """Ask anew for everything."""
        self._known.clear()

    def _ask(self, topic: str, now: datetime) -> Window:
        asked = []
        for chosen in self._columns[topic]:
            column = chosen.selected_columns[0]
            asked.append(chosen.where(column <= now).with_only_columns(func.max(column)).scalar_subquery())
            asked.append(chosen.where(column > now).with_only_columns(func.min(column)).scalar_subquery())
        found = db.session.execute(select(*asked)).one()
        passed = [moment.timestamp() for moment in found[0::2] if moment is not None]
        ahead = [moment.timestamp() for moment in found[1::2] if moment is not None]
        return Window(max(passed, default=0), min(ahead, default=inf))
