"""All that a plugin may import. What is here stays; everything else in `core` may move."""

from flask_babel import gettext, lazy_gettext

from core.clock import ZONE, now
from core.db import UTCDateTime, db, write
from core.plugins.declarations import (
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
)
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

metadata = db.metadata
"""The metadata that a plugin's own `DeclarativeBase` is made over."""

__all__ = [
    "ZONE",
    "BaseDeclaration",
    "BookingChange",
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
    "Leg",
    "LongText",
    "Palette",
    "Period",
    "Person",
    "Phone",
    "Problem",
    "ResourceDeclaration",
    "Roster",
    "Text",
    "UTCDateTime",
    "Whole",
    "db",
    "gettext",
    "hookimpl",
    "lazy_gettext",
    "metadata",
    "now",
    "write",
]
