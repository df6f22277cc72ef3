"""What can be booked at the call-centre base, each with its form."""

from datetime import time, timedelta
from decimal import Decimal

from core.plugin_api import (
    BookingKind,
    Choice,
    Consent,
    Day,
    Figure,
    Leg,
    LongText,
    Period,
    Phone,
    Roster,
    Terms,
    Text,
    Whole,
)
from core.plugin_api import lazy_gettext as _l

NIGHT_STARTS = time(20)

SHIFTS = (
    Period(slug="early", label=_l("Early shift"), starts=time(8), ends=time(14)),
    Period(slug="middle", label=_l("Middle shift"), starts=time(14), ends=NIGHT_STARTS),
    Period(slug="night", label=_l("Night shift"), starts=NIGHT_STARTS, ends=time(2)),
)
"""The shifts; their times are examples."""

CONSULTING_HOURS = tuple(
    Period(slug=f"h{hour}", label=_l("One hour"), starts=time(hour), ends=time(hour + 1)) for hour in (9, 10, 14, 15)
)
"""When enquiries are talked over; examples."""

POOL = Leg(kind="pool", label=_l("Seats of the pool"), pick=False, per_unit=True)

CONFIDENTIALITY = Consent(
    name="confidentiality",
    label=_l("We accept the confidentiality terms"),
    terms=_l("Whoever works at the seats tells, copies and takes along nothing of customers' data (example)."),
    version="2026-1",
)

SEATS = BookingKind(
    slug="seats",
    title=_l("Seats by shift"),
    summary=_l("Seats of the pool for one shift, for teaching or work-study."),
    mode="slot",
    legs=(POOL,),
    periods=SHIFTS,
    units_field="seats",
    units_label=_l("seats"),
    most_units=60,
    notice=timedelta(days=1),
    guests=Terms(notice=timedelta(days=3), notice_workdays=2, window=timedelta(days=30)),
    waiting="first_fit",
    series=True,
    fields=(
        Text(name="group", label=_l("Class or team"), longest=60),
        Choice(
            name="purpose",
            label=_l("Use of the seats"),
            options=(
                ("teaching", _l("Teaching")),
                ("practice", _l("Practice on real calls")),
                ("data", _l("Financial-data processing")),
                ("work_study", _l("Work-study")),
            ),
        ),
        Whole(name="seats", label=_l("Number of seats"), least=1, most=60, unit=_l("seats")),
        Choice(
            name="youngest",
            label=_l("Age of the youngest"),
            hint=_l("Under-18s do not work the night shift."),
            options=(("adult", _l("All are 18 or older")), ("minor", _l("Some are younger than 18"))),
        ),
        Text(name="teacher", label=_l("Teacher in charge"), longest=40),
        Phone(name="teacher_phone", label=_l("Teacher's telephone")),
        CONFIDENTIALITY,
    ),
)

INTERNSHIP = BookingKind(
    slug="internship",
    title=_l("Internship batch"),
    summary=_l("Students of the consortium and of other colleges work a shift; one seat for each name on the list."),
    mode="slot",
    legs=(POOL,),
    periods=SHIFTS,
    units_field="interns",
    units_label=_l("seats"),
    most_units=60,
    notice=timedelta(days=3),
    charges="person_times",
    waiting="first_fit",
    series=True,
    fields=(
        Text(name="college", label=_l("School or college"), longest=80),
        Text(name="major", label=_l("Programme of study"), longest=60),
        Choice(
            name="field",
            label=_l("Field of work"),
            options=(
                ("calls", _l("Third-party calls")),
                ("data", _l("Financial-data processing")),
                ("service", _l("Customer information service")),
            ),
        ),
        Text(name="teacher", label=_l("Teacher in charge"), longest=40),
        Phone(name="teacher_phone", label=_l("Teacher's telephone")),
        Roster(
            name="interns",
            label=_l("Interns"),
            hint=_l("Under-18s do not work the night shift."),
            least=1,
            most=60,
        ),
        CONFIDENTIALITY,
    ),
)

STAFF = BookingKind(
    slug="staff",
    title=_l("Staff training"),
    summary=_l("Enterprises train their staff in call-centre and data work."),
    mode="session",
    units_field="staff",
    most_units=40,
    waiting="strict",
    fields=(
        Text(name="department", label=_l("Department"), longest=60),
        Choice(
            name="experience",
            label=_l("Experience"),
            options=(("new", _l("New employees")), ("working", _l("In the job already")), ("lead", _l("Team leaders"))),
        ),
        LongText(name="goals", label=_l("What the training shall reach"), required=False),
        Roster(name="staff", label=_l("Staff"), least=1, most=40, id_number=False),
        CONFIDENTIALITY,
    ),
)

CERTIFICATION = BookingKind(
    slug="certification",
    title=_l("Certification sitting"),
    summary=_l("One place for each candidate in a dated sitting."),
    mode="session",
    units_field="candidates",
    most_units=30,
    waiting="strict",
    cancel_before=timedelta(days=3),
    fields=(
        Choice(
            name="subject",
            label=_l("Subject"),
            options=(("calls", _l("Call-centre service")), ("data", _l("Financial-data processing"))),
        ),
        Choice(
            name="attempt",
            label=_l("Attempt"),
            options=(("first", _l("First attempt")), ("again", _l("Repeated attempt"))),
        ),
        Roster(
            name="candidates",
            label=_l("Candidates"),
            hint=_l("Names and numbers as on the identity card."),
            least=1,
            most=30,
        ),
    ),
)

ENQUIRY = BookingKind(
    slug="enquiry",
    title=_l("Outsourcing enquiry"),
    summary=_l("An enterprise with work to give away talks it over with the platform."),
    mode="slot",
    legs=(Leg(kind="consulting", label=_l("Consulting desk"), pick=False),),
    periods=CONSULTING_HOURS,
    notice=timedelta(days=1),
    fields=(
        Choice(
            name="work",
            label=_l("Kind of work"),
            options=(
                ("calls", _l("Third-party calls")),
                ("data", _l("Financial-data processing")),
                ("software", _l("Software development")),
                ("process", _l("Business-process re-engineering")),
            ),
            section=_l("The work"),
        ),
        Whole(
            name="volume",
            label=_l("Volume a month"),
            hint=_l("Calls or records."),
            least=1,
            most=10_000_000,
            unit=_l("items"),
            section=_l("The work"),
        ),
        Choice(
            name="service_level",
            label=_l("Service level"),
            options=(
                ("hours8", _l("5 days, 8 hours")),
                ("hours12", _l("7 days, 12 hours")),
                ("hours24", _l("7 days, 24 hours")),
            ),
            section=_l("The work"),
        ),
        Choice(
            name="sensitivity",
            label=_l("Sensitivity of the data"),
            options=(
                ("public", _l("Public")),
                ("internal", _l("Internal")),
                ("personal", _l("Data on persons")),
                ("financial", _l("Financial data")),
            ),
            section=_l("The work"),
        ),
        Figure(
            name="price",
            label=_l("Wanted price per item"),
            least=Decimal("0.01"),
            most=Decimal(100_000),
            unit=_l("yuan"),
            section=_l("Terms"),
        ),
        Day(name="begins", label=_l("Wanted start"), required=False, section=_l("Terms")),
        Text(name="contact", label=_l("Who comes"), longest=40, personal=True, section=_l("Terms")),
        Phone(name="contact_phone", label=_l("Telephone"), section=_l("Terms")),
        LongText(name="details", label=_l("What else matters"), required=False, section=_l("Terms")),
        CONFIDENTIALITY,
    ),
)
