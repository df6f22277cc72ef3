"""What all reports on a calendar have in common: where they are asked, and which properties of entries they want."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from xml.etree.ElementTree import Element

from werkzeug import Request

from core.calendars.caldav import answers, files, marks, properties
from core.calendars.caldav.answers import Wanted
from core.calendars.caldav.places import Place
from core.calendars.caldav.xml import DAV
from core.calendars.collections import Calendar


@dataclass(frozen=True)
class Question:
    """A report that is asked of a calendar or an entry.

    Attributes:
        request: the request.
        place: of the calendar or the entry.
        calendar: the calendar.
        root: of the request's XML.
    """

    request: Request
    place: Place
    calendar: Calendar
    root: Element

    @cached_property
    def parts(self) -> dict[str, Element]:
        """The report's own elements by their names."""
        return {str(part.tag): part for part in self.root}

    @cached_property
    def wanted(self) -> Wanted:
        """The properties that are asked for.

        Raises:
            Refused: 400, it is not said which.
        """
        return answers.wanted(self.parts, self.request)

    def writer(self) -> Callable[[Any], str]:
        """Return what makes DAV:response of an entry.

        Raises:
            Refused: 403, entries are wanted in a form that is not here; 400, it is not said which properties.
        """
        if properties.CALENDAR_DATA not in self.wanted.names:
            return _writer(self.place.folder, self.place.home, marks.mark(), self.wanted)
        asked = self.root.find(f"{DAV}prop/{properties.CALENDAR_DATA}")
        parts = properties.of_items(self.place.home, files.form(asked))
        return answers.of_items(self.place.folder, parts, self.wanted)

    def text(self, name: str) -> str:
        """Return the text of one of the report's own elements, "" when it is not there."""
        found = self.parts.get(name)
        return "" if found is None else (found.text or "").strip()


@lru_cache(maxsize=200)
def _writer(folder: str, home: str, _mark: str, wanted: Wanted) -> Callable[[Any], str]:
    """Return what makes DAV:response of an entry; programs want the same again and again."""
    return answers.of_items(folder, properties.of_items(home, files.whole), wanted)
