"""What can be booked at the die-casting base, each with its form."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from core.plugin_api import (
    ApprovalStep,
    BookingKind,
    Choice,
    Column,
    Consent,
    Field,
    Figure,
    File,
    Leg,
    LongText,
    Phone,
    Roster,
    Text,
    Whole,
)
from core.plugin_api import lazy_gettext as _l

PREHEAT = timedelta(minutes=30)
COOLING = timedelta(minutes=30)
"""How long a cell is taken before and after its use; examples."""

CELL = Leg(kind="cell", label=_l("Die-casting cell"), before=PREHEAT, after=COOLING)
INSTRUCTOR = Leg(kind="instructor", label=_l("Instructor"))

SAFETY_RULES = Consent(
    name="safety_rules",
    label=_l("We accept the safety rules"),
    terms=_l(
        "We have read the safety rules of the die-casting area (example) and explain them to everybody who comes."
    ),
    version="2026-1",
)

PART = _l("Part and alloy")
MOULD = _l("Mould")
ON_SITE = _l("On the day")


def _size(name: str, label: object, hint: object = "") -> Field:
    return Whole(name=name, label=label, hint=hint, least=50, most=2000, unit="mm", section=MOULD)


TEACHING = BookingKind(
    slug="teaching",
    title=_l("Teaching batch"),
    summary=_l("A class works at a die-casting cell with an instructor; both are booked together or not at all."),
    mode="slot",
    legs=(CELL, INSTRUCTOR),
    shortest=timedelta(hours=1),
    longest=timedelta(hours=4),
    notice=timedelta(days=1),
    agreement=True,
    charges="minutes",
    waiting="first_fit",
    series=True,
    fields=(
        Text(name="class_name", label=_l("Class or group"), longest=60),
        Choice(
            name="content",
            label=_l("What is taught"),
            options=(
                ("operation", _l("Operating the cell")),
                ("setting", _l("Setting the process")),
                ("mould_change", _l("Changing the mould")),
                ("quality", _l("Finding casting defects")),
            ),
        ),
        LongText(name="wishes", label=_l("What else the base should know"), required=False),
        Roster(
            name="trainees",
            label=_l("Trainees"),
            hint=_l("Each needs a safety training that is valid on the day: write until when, as 2027-05-31."),
            least=1,
            most=16,
            columns=(Column(name="safety_until", label=_l("Safety training valid until"), required=True),),
        ),
        SAFETY_RULES,
    ),
)

TRIAL = BookingKind(
    slug="trial",
    title=_l("Enterprise trial run"),
    summary=_l("An enterprise tries a mould: the cell must fit it, an instructor is there."),
    mode="slot",
    legs=(CELL, INSTRUCTOR),
    shortest=timedelta(hours=1),
    longest=timedelta(hours=8),
    chain=(ApprovalStep(title=_l("The base looks at the mould"), workdays=2, escalate="office"),),
    notice=timedelta(days=3),
    notice_workdays=1,
    agreement=True,
    charges="minutes",
    waiting="first_fit",
    fields=(
        Choice(
            name="alloy",
            label=_l("Alloy"),
            hint=_l("The base heats the furnace for it."),
            options=(
                ("aluminium", _l("Aluminium alloy")),
                ("zinc", _l("Zinc alloy")),
                ("magnesium", _l("Magnesium alloy")),
            ),
            section=PART,
        ),
        Text(name="part", label=_l("Part"), longest=80, section=PART),
        Figure(
            name="part_weight",
            label=_l("Weight of the part"),
            least=Decimal("0.001"),
            most=Decimal(50),
            places=3,
            unit="kg",
            section=PART,
        ),
        Figure(
            name="shot_weight",
            label=_l("Shot weight"),
            hint=_l("Metal of one shot, runners and overflows included."),
            least=Decimal("0.001"),
            most=Decimal(100),
            places=3,
            unit="kg",
            section=PART,
        ),
        _size("mould_length", _l("Length")),
        _size("mould_width", _l("Width")),
        _size("mould_thickness", _l("Thickness"), _l("Closed, between the platens.")),
        Whole(
            name="clamping_force",
            label=_l("Clamping force wanted"),
            least=100,
            most=50_000,
            unit="kN",
            section=MOULD,
        ),
        File(
            name="drawing",
            label=_l("Drawing"),
            hint=_l("Only the base reads it."),
            required=False,
            endings=("pdf", "step", "stp"),
            section=MOULD,
        ),
        Whole(name="people", label=_l("People who come along"), least=1, most=10, unit=_l("people"), section=ON_SITE),
        Text(name="contact", label=_l("Who is responsible on site"), longest=40, personal=True, section=ON_SITE),
        Phone(name="contact_phone", label=_l("Telephone on the day"), section=ON_SITE),
        LongText(name="help", label=_l("What the base shall help with"), required=False, section=ON_SITE),
        replace(SAFETY_RULES, section=ON_SITE),
    ),
)

SAFETY = BookingKind(
    slug="safety",
    title=_l("Safety training"),
    summary=_l("Needed before anybody enters the die-casting area. Places are confirmed at once."),
    mode="session",
    approval=False,
    waiting="strict",
    units_field="trainees",
    most_units=24,
    fields=(
        Choice(
            name="purpose",
            label=_l("Why you come"),
            options=(
                ("teaching", _l("Before a teaching batch")),
                ("induction", _l("New employees")),
                ("trial", _l("Before a trial run")),
            ),
        ),
        Roster(name="trainees", label=_l("Trainees"), least=1, most=24),
    ),
)
