"""The mechatronics competition base: practice on workstations, training camps, competition entries, the draw."""

from collections.abc import Sequence
from datetime import time

from flask import Blueprint
from markupsafe import Markup
from sqlalchemy.orm import DeclarativeBase

from core.plugin_api import (
    BaseDeclaration,
    BookingChange,
    BookingKind,
    BookingRequest,
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

from . import drawing, rules
from .content import DOCUMENTS, RESULTS
from .demo import DEMO
from .kinds import CAMP, ENTRY, PRACTICE
from .models import Model
from .views import bp
from .workstations import WORKSTATIONS, workstation_name


@hookimpl
def declare_base() -> BaseDeclaration:
    """Return the base with its colours and hours."""
    return BaseDeclaration(
        name="中国·重庆职业技能大赛机电一体化项目集训与竞赛基地",
        short_name=_l("Mechatronics"),
        summary=_l("Training camps and competitions in mechatronics."),
        icon="trophy",
        palette=Palette(
            light=Colours(accent="#3d4bb0", tint="#eef0fb", line="#c3c9ee"),
            dark=Colours(accent="#b1baff", tint="#1f2340", line="#3c437a"),
        ),
        hours=(Hours(weekdays=(0, 1, 2, 3, 4, 5, 6), opens=time(8), closes=time(21)),),
        facts=((_l("Groups"), _l("Students, employees, teachers")),),
    )


@hookimpl
def declare_resources() -> list[ResourceDeclaration]:
    """Return the hall and the numbered workstations in it; their number is an example."""
    return [
        ResourceDeclaration(slug="hall", name=_l("Competition hall (example)"), kind="room"),
        *(
            ResourceDeclaration(
                slug=f"ws{number:02}",
                name=workstation_name(number),
                kind="workstation",
                parent="hall",
                facts=((_l("Note"), _l("Example")),),
            )
            for number in range(1, WORKSTATIONS + 1)
        ),
    ]


@hookimpl
def declare_kinds() -> list[BookingKind]:
    """Return what can be booked."""
    return [PRACTICE, CAMP, ENTRY]


@hookimpl
def declare_content() -> list[ContentType]:
    """Return the result lists and technical documents."""
    return [RESULTS, DOCUMENTS]


@hookimpl
def declare_models() -> type[DeclarativeBase]:
    """Return the declarative base of the draw's tables."""
    return Model


@hookimpl
def declare_blueprints() -> list[Blueprint]:
    """Return the pages of the workstation draw."""
    return [bp]


@hookimpl
def declare_demo() -> DemoData:
    """Return the demo's sessions, bookings and announcements."""
    return DEMO


@hookimpl
def decide_booking(request: BookingRequest) -> Sequence[Problem]:
    """Keep the entry window, and each contestant in one team."""
    return rules.problems(request)


@hookimpl
def notify_booking(change: BookingChange) -> None:
    """Mark a team's place as withdrawn when its booking is cancelled."""
    if change.action == "cancel":
        drawing.withdraw(change.booking_id)


@hookimpl
def render_region(region: str, base: str) -> Markup | None:
    """Show the way to the draw beside the base's overview."""
    if region != "base_aside":
        return None
    return fragment("competition/draw_note.html")
