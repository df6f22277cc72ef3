"""All that a plugin may import. What is here stays; everything else in `core` may move."""

from flask_babel import gettext, lazy_gettext

from core.booking.for_plugins import (
    BookingInfo,
    SessionInfo,
    bookings_of_session,
    people_booked,
    session_info,
    sessions_of,
)
from core.clock import ZONE, now
from core.dates import day, moment, span
from core.db import UTCDateTime, db, write
from core.errors import Invalid, NotFound
from core.plugins.declarations import (
    ApprovalStep,
    BaseDeclaration,
    BookingChange,
    BookingKind,
    BookingRequest,
    Colours,
    DemoAnnouncement,
    DemoBooking,
    DemoData,
    DemoSession,
    Hours,
    Leg,
    Palette,
    Period,
    Person,
    Problem,
    ResourceDeclaration,
    Terms,
)
from core.plugins.examples import example_people, example_person
from core.plugins.fields import (
    Choice,
    Choices,
    Column,
    Consent,
    Day,
    Field,
    Figure,
    File,
    LongText,
    Phone,
    Roster,
    Text,
    Whole,
)
from core.plugins.hookspecs import hookimpl
from core.web.for_plugins import fragment, may, render_page, require

metadata = db.metadata
"""The metadata that a plugin's own `DeclarativeBase` is made over."""

__all__ = [
    "ZONE",
    "ApprovalStep",
    "BaseDeclaration",
    "BookingChange",
    "BookingInfo",
    "BookingKind",
    "BookingRequest",
    "Choice",
    "Choices",
    "Colours",
    "Column",
    "Consent",
    "Day",
    "DemoAnnouncement",
    "DemoBooking",
    "DemoData",
    "DemoSession",
    "Field",
    "Figure",
    "File",
    "Hours",
    "Invalid",
    "Leg",
    "LongText",
    "NotFound",
    "Palette",
    "Period",
    "Person",
    "Phone",
    "Problem",
    "ResourceDeclaration",
    "Roster",
    "SessionInfo",
    "Terms",
    "Text",
    "UTCDateTime",
    "Whole",
    "bookings_of_session",
    "day",
    "db",
    "example_people",
    "example_person",
    "fragment",
    "gettext",
    "hookimpl",
    "lazy_gettext",
    "may",
    "metadata",
    "moment",
    "now",
    "people_booked",
    "render_page",
    "require",
    "session_info",
    "sessions_of",
    "span",
    "write",
]
