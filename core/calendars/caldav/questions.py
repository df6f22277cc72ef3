"""What all reports on a calendar have in common: where they are asked, and which properties of entries they want."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree
from werkzeug import Request

from core.calendars.caldav import answers, files, properties
from core.calendars.caldav.answers import Wanted
from core.calendars.caldav.places import ROOT, Place
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
    root: etree._Element

    @cached_property
    def wanted(self) -> Wanted:
        """The properties that are asked for.

        Raises:
            Refused: 400, it is not said which.
        """
        return answers.wanted(self.root, self.request)

    def writer(self) -> Callable[[Any], str]:
        """Return what makes DAV:response of an entry.

        Raises:
            Refused: 403, entries are wanted in a form that is not here; 400, it is not said which properties.
        """
        form = files.form(self.root.find(f"{DAV}prop/{properties.CALENDAR_DATA}"))
        parts = properties.of_items(self.place.account, self.place.path.partition(ROOT)[0], form)
        return answers.of_items(self.place.folder, parts, self.wanted)

    def text(self, name: str) -> str:
        """Return the text of one of the report's own elements, "" when it is not there."""
        return (self.root.findtext(name) or "").strip()
