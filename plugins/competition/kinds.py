"""What can be booked at the competition base, each with its form."""

from datetime import timedelta

from core.plugin_api import (
    ApprovalStep,
    BookingKind,
    Choice,
    Choices,
    Column,
    Field,
    Leg,
    LongText,
    Phone,
    Roster,
    Text,
    Whole,
)
from core.plugin_api import lazy_gettext as _l

CONTESTANTS = 2
"""Contestants in a team, neither more nor less; an example until the event's own rules are in force."""

TEAM = _l("Team")
NAMES = _l("Names")


def team() -> tuple[Field, ...]:
    """Return the fields that tell who a team is."""
    return (
        Text(
            name="school", label=_l("School or enterprise"), hint=_l("As it shall stand on certificates."), section=TEAM
        ),
        Choice(
            name="group",
            label=_l("Group"),
            options=(("students", _l("Students")), ("employees", _l("Employees")), ("teachers", _l("Teachers"))),
            section=TEAM,
        ),
        Text(name="coach", label=_l("Coach"), longest=40, section=TEAM),
        Phone(name="coach_phone", label=_l("Coach's telephone"), section=TEAM),
    )


def contestants(hint: object) -> Roster:
    """Return the roster of exactly one team."""
    return Roster(
        name="contestants",
        label=_l("Contestants"),
        hint=hint,
        least=CONTESTANTS,
        most=CONTESTANTS,
        columns=(Column(name="number", label=_l("Student or staff number")),),
        section=NAMES,
    )


PRACTICE = BookingKind(
    slug="practice",
    title=_l("Practice slot"),
    summary=_l("One numbered workstation for the hours you choose."),
    mode="slot",
    legs=(Leg(kind="workstation", label=_l("Workstation")),),
    shortest=timedelta(hours=1),
    longest=timedelta(hours=4),
    waiting="first_fit",
    series=True,
    fields=(
        Text(name="team_name", label=_l("Team or class"), longest=60),
        Choices(
            name="topics",
            label=_l("Topics practised"),
            options=(
                ("assembly", _l("Mechanical assembly and adjustment")),
                ("wiring", _l("Electrical wiring")),
                ("programming", _l("Programming")),
                ("commissioning", _l("Commissioning")),
                ("faults", _l("Fault finding")),
            ),
        ),
        Whole(name="people", label=_l("Number of people"), least=1, most=4, unit=_l("people")),
        Text(name="coach", label=_l("Coach"), longest=40),
        Phone(name="coach_phone", label=_l("Coach's telephone")),
    ),
)

CAMP = BookingKind(
    slug="camp",
    title=_l("Training camp"),
    summary=_l("Several days of training, booked by the team; each team has its workstation."),
    mode="session",
    units_label=_l("teams"),
    waiting="first_fit",
    fields=(
        *team(),
        contestants(_l("Exactly %(count)s. Each contestant can be in one team of this camp.", count=CONTESTANTS)),
        LongText(name="wishes", label=_l("What your team wants to train most"), required=False),
    ),
)

ENTRY = BookingKind(
    slug="entry",
    title=_l("Competition entry"),
    summary=_l("Enter one team for a competition: group, contestants and coach."),
    mode="session",
    units_label=_l("teams"),
    chain=(
        ApprovalStep(title=_l("The base looks at the entry"), workdays=2, escalate="office"),
        ApprovalStep(title=_l("The consortium's office admits the team"), roles=("office",)),
    ),
    waiting="strict",
    cancel_before=timedelta(days=2),
    fields=(
        *team(),
        contestants(_l("Exactly %(count)s. Each contestant can be in one team of this event.", count=CONTESTANTS)),
    ),
)
