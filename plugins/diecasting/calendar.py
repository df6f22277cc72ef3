"""What calendars say besides of the cells: that they are heated before and cool down after."""

from core.plugin_api import ZONE, CalendarEntry, CalendarText
from core.plugin_api import gettext as _

from .kinds import COOLING, PREHEAT
from .resources import CELLS

SLUGS = frozenset(cell.slug for cell in CELLS)


def words(entry: CalendarEntry) -> CalendarText | None:
    """Return what is added to the entry of a booking that takes a cell; None for any other.

    In public only that heating and cooling are part of the time; those who come also read when the furnace is on.
    """
    if entry.source != "booking" or SLUGS.isdisjoint(entry.resources):
        return None
    if entry.audience == "public":
        return CalendarText(description=_("Preheating and cooling are included."))
    begins, ends = (moment.astimezone(ZONE) for moment in (entry.start - PREHEAT, entry.end + COOLING))
    return CalendarText(
        description=_(
            "The cell is preheated from %(begins)s on and cools down until %(ends)s. "
            "Everybody needs a safety training valid on the day.",
            begins=f"{begins:%H:%M}",
            ends=f"{ends:%H:%M}",
        ),
        category=_("Safety training needed"),
    )
