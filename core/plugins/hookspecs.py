"""Every hook a plugin can implement. The first word of a name says its kind and with it its rule for failure.

`declare_*`: at start; a plugin that raises or returns rubbish is quarantined whole.
`decide_*`:  inside the transaction, in a savepoint; may narrow or veto; a failure refuses the booking.
`notify_*`:  after the commit, in a session of its own; a failure is logged and counted.
`render_*`:  while a page or a calendar entry is made; a failure leaves its piece empty and is logged.

The signatures below, with an example each, are in docs/plugins/hooks.md.
"""

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Blueprint
    from markupsafe import Markup
    from sqlalchemy.orm import DeclarativeBase

    from core.plugins.declarations import (
        BaseDeclaration,
        BookingChange,
        BookingKind,
        BookingRequest,
        CalendarEntry,
        CalendarText,
        ContentType,
        DemoData,
        Problem,
        ResourceDeclaration,
    )

hookspec = pluggy.HookspecMarker("jidi")
hookimpl = pluggy.HookimplMarker("jidi")


@hookspec
def declare_base() -> "BaseDeclaration":
    """Return the base this plugin brings. Called at start; a plugin of kind `feature` has none."""
    raise AssertionError


@hookspec
def declare_resources() -> "Sequence[ResourceDeclaration]":
    """Return the base's resources in the order shown. Called at start; synced into rows at upgrade."""
    raise AssertionError


@hookspec
def declare_kinds() -> "Sequence[BookingKind]":
    """Return what can be booked, in the order shown. Called at start; synced into rows at upgrade."""
    raise AssertionError


@hookspec
def declare_content() -> "Sequence[ContentType]":
    """Return the types of content the base publishes, in the order shown. Called at start; synced at upgrade."""
    raise AssertionError


@hookspec
def declare_models() -> "type[DeclarativeBase]":
    """Return the plugin's own declarative base, made over `plugin_api.metadata`. Table names start with the slug."""
    raise AssertionError


@hookspec
def declare_blueprints() -> "Sequence[Blueprint]":
    """Return blueprints, mounted under `/bases/<slug>/`; they answer 404 while the plugin is disabled."""
    raise AssertionError


@hookspec
def declare_demo() -> "DemoData":
    """Return the plugin's demo data. Called by `jidi demo` only."""
    raise AssertionError


@hookspec
def decide_booking(request: "BookingRequest") -> "Sequence[Problem]":
    """Return every reason against a booking, and warnings. Called when a place is taken or a form submitted again.

    Called inside the transaction, after the resources are locked and before anything is taken, so that what it reads
    holds until the commit.
    """
    raise AssertionError


@hookspec
def notify_booking(change: "BookingChange") -> None:
    """Hear of a booking's change of state once it is committed."""
    raise AssertionError


@hookspec
def render_region(region: str, base: str) -> "Markup | None":
    """Return a fragment for a named place in a page of the base, or None for nothing there.

    Regions: `base_aside` (beside the overview), `session_aside`, `booking_form` (above the form).
    """
    raise AssertionError


@hookspec
def render_calendar_entry(entry: "CalendarEntry") -> "CalendarText | None":
    """Return what is to be added to a calendar entry, or None. Called inside the transaction that writes the entry.

    The same entry must get the same words each time: they are written once, and compared when all is written anew.
    """
    raise AssertionError
