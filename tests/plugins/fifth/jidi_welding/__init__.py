"""A base of a third party: welding booths for practice, and courses that end with a certificate."""

from collections.abc import Sequence
from datetime import time, timedelta
from decimal import Decimal

from core.plugin_api import (
    BaseDeclaration,
    BookingKind,
    BookingRequest,
    Choice,
    Colours,
    Figure,
    Hours,
    Leg,
    Palette,
    Problem,
    ResourceDeclaration,
    Roster,
    hookimpl,
)
from core.plugin_api import lazy_gettext as _l

THICKEST = {"tig": Decimal(6), "mag": Decimal(20)}


@hookimpl
def declare_base() -> BaseDeclaration:
    """Return the base."""
    return BaseDeclaration(
        name="焊接实训基地（示例）",
        short_name=_l("Welding"),
        summary=_l("Booths for welding practice and courses with a certificate."),
        icon="fire",
        palette=Palette(
            light=Colours(accent="#9a3412", tint="#fdf0e8", line="#ecc9b4"),
            dark=Colours(accent="#f5b48a", tint="#33190b", line="#6d4022"),
        ),
        hours=(Hours(weekdays=(0, 1, 2, 3, 4), opens=time(8), closes=time(18)),),
    )


@hookimpl
def declare_resources() -> list[ResourceDeclaration]:
    """Return the booths and the classroom."""
    booths = [
        ResourceDeclaration(slug=f"booth{number}", name=_l("Booth %(number)s", number=number), kind="booth")
        for number in (1, 2, 3)
    ]
    return [*booths, ResourceDeclaration(slug="room", name=_l("Classroom"), kind="room")]


@hookimpl
def declare_kinds() -> list[BookingKind]:
    """Return practice and courses."""
    return [
        BookingKind(
            slug="practice",
            title=_l("Practice in a booth"),
            summary=_l("For those who can weld already."),
            mode="slot",
            legs=(Leg(kind="booth", after=timedelta(minutes=30)),),
            fields=(
                Choice(name="method", label=_l("Process"), options=(("tig", "TIG"), ("mag", "MAG"))),
                Figure(
                    name="thickness", label=_l("Thickness of the sheet"), least=Decimal(1), most=Decimal(50), unit="mm"
                ),
            ),
        ),
        BookingKind(
            slug="course",
            title=_l("Course with a certificate"),
            summary=_l("Five days, with an examination."),
            mode="session",
            units_field="people",
            most_units=12,
            fields=(Roster(name="people", label=_l("Who takes part"), most=12),),
        ),
    ]


@hookimpl
def decide_booking(request: BookingRequest) -> Sequence[Problem]:
    """Refuse sheets that the chosen process cannot weld."""
    if request.kind != "practice":
        return []
    thickest = THICKEST[str(request.answers["method"])]
    if Decimal(str(request.answers["thickness"])) <= thickest:
        return []
    message = _l("This process welds sheets of at most %(most)s mm. Please choose the other one.", most=thickest)
    return [Problem("too_thick", message, field="thickness")]
