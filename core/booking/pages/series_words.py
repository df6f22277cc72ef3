"""What the dates of a series say to people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from core import dates
from core.booking.pages.words import listed
from core.booking.series import Occurrence
from core.booking.series_changes import Line


@dataclass(frozen=True)
class OccurrenceRow:
    """A date of a preview: its number, a word with its mood and icon, remarks, and what else would be free."""

    number: int
    occurrence: Occurrence
    word: str
    mood: str
    icon: str
    remarks: Sequence[str]
    instead: Sequence[str]


@dataclass(frozen=True)
class LineRow:
    """A date of a difference: a word with its mood and icon, how it is, how it will be, and a remark."""

    line: Line
    word: str
    mood: str
    icon: str
    before: str
    after: str
    remark: str

    @property
    def overwritable(self) -> bool:
        """Whether it is an exception that can be ticked to follow."""
        return self.line.what == "keep"


def occurrence_rows(occurrences: Iterable[Occurrence]) -> list[OccurrenceRow]:
    """Return the dates of a preview as people read them."""
    return [_occurrence(number, entry) for number, entry in enumerate(occurrences, start=1)]


def line_rows(lines: Iterable[Line]) -> list[LineRow]:
    """Return the dates of a difference as people read them; what stays the same is left out."""
    return [_line(line) for line in lines if line.what != "same"]


def _occurrence(number: int, entry: Occurrence) -> OccurrenceRow:
    words = {
        "": (_("Fits"), "good", "check-circle"),
        "holiday": (_("Left out"), "info", "moon"),
        "resource_taken": (_("Taken"), "bad", "x-circle"),
        "closed": (_("Out of use"), "bad", "tools"),
        "outside_hours": (_("Base closed"), "bad", "moon"),
        "too_late": (_("Too late"), "wait", "clock-history"),
        "too_early": (_("Not yet"), "wait", "hourglass"),
        "quota_exceeded": (_("Quota used up"), "wait", "speedometer2"),
        "agreement_missing": (_("No agreement"), "wait", "file-earmark-x"),
    }
    word, mood, icon = words.get(entry.code, (_("Against a rule"), "wait", "exclamation-triangle"))
    remarks = [entry.message] if entry.message else []
    if entry.follows is not None:
        remarks.append(_("Make-up day with the timetable of %(day)s", day=dates.WEEKDAYS_LONG[entry.follows]))
    if not entry.published:
        remarks.append(_("Holidays of this year are not published yet"))
    same_time = [other for other in entry.alternatives if other.start == entry.start]
    instead = [listed(other.resources) for other in same_time] or [
        dates.span(other.start, other.end) for other in entry.alternatives
    ]
    return OccurrenceRow(number, entry, word, mood, icon, remarks, instead[:3])


def _line(line: Line) -> LineRow:
    words = {
        "change": (_("Changes"), "info", "arrow-right-circle"),
        "add": (_("Is added"), "good", "plus-circle"),
        "drop": (_("Is cancelled"), "wait", "dash-circle"),
        "keep": (_("Stays: an exception"), "", "pin-angle"),
        "stay": (_("Stays as it is"), "", "lock"),
        "clash": (_("Cannot be"), "bad", "x-circle"),
    }
    word, mood, icon = words[line.what]
    booking, after = line.booking, line.after
    standing = booking is not None and booking.state not in {"cancelled", "rejected", "expired"}
    before = dates.span(booking.start_at, booking.end_at) if booking is not None and standing else ""
    return LineRow(
        line,
        word,
        mood,
        icon,
        before,
        dates.span(after.start, after.end) if after is not None else "",
        (after.message if after is not None else "") or line.why,
    )
