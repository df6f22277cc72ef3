"""The part of an announcement's form that says when what it announces takes place."""

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from core import clock
from core.content.controls import MomentField
from core.content.snapshots import Happening
from core.forms import DayField, NeededOnceChosen, option

NONE, TIMES, DAYS = "none", "times", "days"
FIELDS = ("event", "event_start", "event_end", "event_first", "event_last")


class EventFields:
    """Fields for an event from one time to another, or of whole days; none unless it is chosen."""

    event = RadioField(
        _l("When it takes place"),
        choices=[option(NONE, _l("None")), option(TIMES, _l("From a time to a time")), option(DAYS, _l("Whole days"))],
        default=NONE,
    )
    event_start = MomentField(_l("Begins at"), [NeededOnceChosen()])
    event_end = MomentField(_l("Ends at"), [NeededOnceChosen()])
    event_first = DayField(_l("First day"), [NeededOnceChosen()])
    event_last = DayField(_l("Last day"), description=_l("Leave empty if it is one day only."))

    def check_event(self) -> None:
        """Ask for what is missing of the event's time, and for an end that comes after its beginning."""
        needed = {TIMES: (self.event_start, self.event_end), DAYS: (self.event_first,)}.get(self.event.data, ())
        for field in needed:
            if field.data is None and not field.errors:
                field.errors = [_("Please say when the event takes place, or choose “None”.")]
        event = self.happening()
        if event is not None and event.end <= event.start:
            ends = self.event_end if self.event.data == TIMES else self.event_last
            ends.errors = [_("The event would end before it begins. Please choose a later end.")]

    def happening(self) -> Happening | None:
        """Return when the event takes place; None where there is none, or it is not said in full."""
        start, end = self.event_start.data, self.event_end.data
        first = self.event_first.data
        if self.event.data == TIMES and start is not None and end is not None:
            return Happening(start=start, end=end)
        if self.event.data == DAYS and first is not None:
            last = self.event_last.data or first
            return Happening(start=clock.bounds(first)[0], end=clock.bounds(last)[1], all_day=True)
        return None


def filled(event: Happening | None) -> dict[str, object]:
    """Return the time of an event as values of the fields."""
    nothing: dict[str, object] = dict.fromkeys(FIELDS) | {"event": NONE}
    if event is None:
        return nothing
    if not event.all_day:
        return nothing | {"event": TIMES, "event_start": event.start, "event_end": event.end}
    first, last = clock.local(event.start).date(), clock.local(event.end - timedelta(seconds=1)).date()
    return nothing | {"event": DAYS, "event_first": first, "event_last": last if last > first else None}
