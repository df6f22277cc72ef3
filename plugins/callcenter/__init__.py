"""The call-centre base: seats by shift, internships, staff training, certification, outsourcing enquiries."""

from collections.abc import Sequence

from core.plugin_api import (
    BaseDeclaration,
    BookingKind,
    BookingRequest,
    Colours,
    ContentType,
    DemoData,
    Palette,
    Problem,
    ResourceDeclaration,
    hookimpl,
)
from core.plugin_api import lazy_gettext as _l

from . import rules
from .content import BOARD
from .demo import DEMO
from .kinds import CERTIFICATION, ENQUIRY, INTERNSHIP, SEATS, STAFF


@hookimpl
def declare_base() -> BaseDeclaration:
    """Return the base with its colours; shifts run day and night, so it has no opening hours."""
    return BaseDeclaration(
        name="重庆金融与服务外包公共实训基地",
        short_name=_l("Call centre"),
        summary=_l(
            "Yongchuan's public platform for call-centre and financial-data services: "
            "teaching, training, R&D, consulting and certification."
        ),
        icon="headset",
        palette=Palette(
            light=Colours(accent="#81387e", tint="#f9eff8", line="#e4c5e1"),
            dark=Colours(accent="#e2a6de", tint="#301b2f", line="#633a60"),
        ),
        facts=(
            (_l("Also called"), "永川呼叫和金融数据处理公共服务平台"),
            (_l("Built together by"), _l("The consortium and the Yunri group of Chongqing, 2012")),
        ),
    )


@hookimpl
def declare_resources() -> list[ResourceDeclaration]:
    """Return the seat pool and the rooms; their numbers are examples, the report of 2014 gives none."""
    return [
        ResourceDeclaration(
            slug="seats",
            name=_l("Call-centre seats (example)"),
            kind="pool",
            capacity=60,
            facts=((_l("Seats"), "60"),),
        ),
        ResourceDeclaration(slug="training-room", name=_l("Training room (example)"), kind="room"),
        ResourceDeclaration(slug="exam-room", name=_l("Certification room (example)"), kind="room"),
        ResourceDeclaration(slug="consulting", name=_l("Consulting desk (example)"), kind="consulting"),
    ]


@hookimpl
def declare_kinds() -> list[BookingKind]:
    """Return what can be booked."""
    return [SEATS, INTERNSHIP, STAFF, CERTIFICATION, ENQUIRY]


@hookimpl
def declare_content() -> list[ContentType]:
    """Return the supply-and-demand board."""
    return [BOARD]


@hookimpl
def declare_demo() -> DemoData:
    """Return the demo's sessions, bookings and announcements."""
    return DEMO


@hookimpl
def decide_booking(request: BookingRequest) -> Sequence[Problem]:
    """Keep under-18s out of the night shift."""
    return rules.problems(request)
