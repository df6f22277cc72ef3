"""The die-casting base: a cell and an instructor together, trial runs for enterprises, safety training."""

from collections.abc import Sequence
from datetime import time

from markupsafe import Markup

from core.plugin_api import (
    BaseDeclaration,
    BookingKind,
    BookingRequest,
    CalendarEntry,
    CalendarText,
    Colours,
    ContentType,
    DemoData,
    Hours,
    Palette,
    Problem,
    ResourceDeclaration,
    fragment,
    hookimpl,
)
from core.plugin_api import lazy_gettext as _l

from . import calendar, rules
from .content import EQUIPMENT
from .demo import DEMO
from .kinds import SAFETY, TEACHING, TRIAL
from .resources import RESOURCES


@hookimpl
def declare_base() -> BaseDeclaration:
    """Return the base with its colours and hours."""
    return BaseDeclaration(
        name="重庆压铸技术公共实训基地",
        short_name=_l("Die casting"),
        summary=_l(
            "Built, managed and shared by school and enterprise: "
            "research and training, teaching and production in one place."
        ),
        icon="fire",
        palette=Palette(
            light=Colours(accent="#9f420b", tint="#fcf1e8", line="#efccb2"),
            dark=Colours(accent="#f4ab7c", tint="#321f11", line="#6a4022"),
        ),
        hours=(Hours(weekdays=(0, 1, 2, 3, 4, 5), opens=time(8), closes=time(18)),),
        facts=(
            (_l("Built together by"), _l("The consortium and the L.K. technology group")),
            (_l("Approved"), _l("April 2013, by the city's economy and information-technology commission")),
        ),
    )


@hookimpl
def declare_resources() -> Sequence[ResourceDeclaration]:
    """Return the cells and the classroom."""
    return RESOURCES


@hookimpl
def declare_kinds() -> list[BookingKind]:
    """Return what can be booked."""
    return [TEACHING, TRIAL, SAFETY]


@hookimpl
def declare_content() -> list[ContentType]:
    """Return the equipment pages."""
    return [EQUIPMENT]


@hookimpl
def declare_demo() -> DemoData:
    """Return the demo's sessions, bookings and announcements."""
    return DEMO


@hookimpl
def decide_booking(request: BookingRequest) -> Sequence[Problem]:
    """Refuse a mould that no chosen cell takes, and trainees without a safety training valid on the day."""
    return rules.problems(request)


@hookimpl
def render_region(region: str, base: str) -> Markup | None:
    """Remind of the safety training beside the overview and above the form."""
    if region not in {"base_aside", "booking_form"}:
        return None
    return fragment("diecasting/safety_note.html")


@hookimpl
def render_calendar_entry(entry: CalendarEntry) -> CalendarText | None:
    """Tell of preheating and cooling in the entries of bookings that take a cell."""
    return calendar.words(entry)
