"""The CNC base: hours on a machine, for a class or for one person. The smallest plugin: all of it is declarations."""

from dataclasses import replace
from datetime import time, timedelta

from core.plugin_api import (
    BaseDeclaration,
    BookingKind,
    Choice,
    Colours,
    ContentType,
    DemoData,
    Hours,
    Leg,
    LongText,
    Palette,
    ResourceDeclaration,
    Roster,
    Text,
    Whole,
    hookimpl,
)
from core.plugin_api import lazy_gettext as _l

from .demo import DEMO

MACHINE = Leg(kind="machine", label=_l("Machine"))

CLASS = BookingKind(
    slug="class",
    title=_l("Class on a machine"),
    summary=_l("A teacher brings a class or a group of employees to one machine."),
    mode="slot",
    legs=(MACHINE,),
    shortest=timedelta(hours=1),
    longest=timedelta(hours=8),
    waiting="first_fit",
    series=True,
    fields=(
        Text(name="class_name", label=_l("Class or group"), longest=60),
        Choice(
            name="programme",
            label=_l("Programme"),
            options=(
                ("senior", _l("Senior technician, 4 years after junior middle school")),
                ("technician", _l("Technician-to-be, 4 years after high school")),
                ("part_time", _l("Part-time degree education")),
                ("staff", _l("Training of enterprise staff")),
            ),
        ),
        Whole(name="people", label=_l("Number of people"), least=1, most=40, unit=_l("people")),
        LongText(name="content", label=_l("What is practised"), hint=_l("For instance turning a stepped shaft.")),
    ),
)

LATHES = ("lathe1", "lathe2", "lathe3", "lathe4", "lathe5")

PAIR = replace(
    CLASS,
    slug="pair",
    title=_l("Class on two lathes"),
    summary=_l("A class that is too large for one machine works at any two of the lathes."),
    legs=(Leg(kind="machine", of=LATHES, count=2, label=_l("Lathes")),),
)

INDIVIDUAL = BookingKind(
    slug="individual",
    title=_l("One person on a machine"),
    summary=_l("One student or employee practises alone."),
    mode="slot",
    legs=(MACHINE,),
    longest=timedelta(hours=4),
    fields=(
        Roster(name="trainee", label=_l("Who practises"), least=1, most=1),
        Choice(
            name="level",
            label=_l("Works on the machine"),
            options=(("supervised", _l("With guidance")), ("alone", _l("Independently"))),
        ),
        LongText(name="content", label=_l("What is practised"), required=False),
    ),
)

MACHINES = (
    *((slug, _l("CNC lathe %(number)s (example)", number=number)) for number, slug in enumerate(LATHES, start=1)),
    ("centre1", _l("Machining centre 1 (example)")),
)

EQUIPMENT = ContentType(
    slug="equipment",
    title=_l("Equipment page"),
    plural=_l("Machines in pictures"),
    summary=_l("One page for each machine. Its figures come from the resource and need not be typed again."),
    icon="gear-wide-connected",
    behaviours=frozenset({"attachable", "illustrated"}),
    fields=(
        Choice(name="machine", label=_l("Machine"), options=MACHINES),
        LongText(name="used_for", label=_l("Used for")),
    ),
    resource="machine",
    order="title",
)


@hookimpl
def declare_base() -> BaseDeclaration:
    """Return the base with its colours and hours."""
    return BaseDeclaration(
        name="重庆市数控机床产业技能人才培养基地",
        short_name=_l("CNC"),
        summary=_l("Trains skilled people for the CNC machine-tool industry."),
        icon="gear-wide-connected",
        palette=Palette(
            light=Colours(accent="#4a630f", tint="#f2f6e5", line="#cfdca6"),
            dark=Colours(accent="#b6ce70", tint="#222a10", line="#4a5b20"),
        ),
        hours=(Hours(weekdays=(0, 1, 2, 3, 4, 5), opens=time(8, 30), closes=time(17, 30)),),
        facts=((_l("Member enterprise"), "重庆中捷数控机床有限公司"),),
    )


@hookimpl
def declare_resources() -> list[ResourceDeclaration]:
    """Return the machines; the report of 2014 names none, so they are examples and say so."""
    return [
        ResourceDeclaration(
            slug=slug,
            name=name,
            kind="machine",
            facts=((_l("Travel"), "X 200mm, Z 500mm" if slug in LATHES else "X 800mm, Y 500mm, Z 500mm"),),
        )
        for slug, name in MACHINES
    ]


@hookimpl
def declare_kinds() -> list[BookingKind]:
    """Return what can be booked."""
    return [CLASS, PAIR, INDIVIDUAL]


@hookimpl
def declare_content() -> list[ContentType]:
    """Return the equipment pages."""
    return [EQUIPMENT]


@hookimpl
def declare_demo() -> DemoData:
    """Return the demo's bookings and announcements."""
    return DEMO
