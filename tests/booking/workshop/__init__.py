"""A base for the tests of booking: machines, a cell with an instructor, a pool of seats in shifts, courses."""

from collections.abc import Sequence
from datetime import time, timedelta

from core.plugin_api import (
    BaseDeclaration,
    BookingKind,
    BookingRequest,
    Choice,
    Colours,
    Column,
    ContentType,
    Day,
    Figure,
    Hours,
    Leg,
    Palette,
    Period,
    Problem,
    ResourceDeclaration,
    Roster,
    Rows,
    Text,
    Whole,
    hookimpl,
)

COLOURS = Colours(accent="#1f4e79", tint="#eef4fa", line="#c5d7e8")
DARK = Colours(accent="#9cc4ea", tint="#14202c", line="#2c4258")
PURPOSE = Text(name="purpose", label="用途")


@hookimpl
def declare_base() -> BaseDeclaration:
    """Return a base that is open on every day."""
    return BaseDeclaration(
        name="示例车间",
        short_name="车间",
        summary="供测试用。",
        icon="gear",
        palette=Palette(light=COLOURS, dark=DARK),
        hours=(Hours(weekdays=(0, 1, 2, 3, 4, 5, 6), opens=time(8), closes=time(20)),),
        keeps_holidays=False,
    )


@hookimpl
def declare_resources() -> list[ResourceDeclaration]:
    """Return two machines, two cells, a pool of ten seats, and a room with three benches in it."""
    return [
        ResourceDeclaration(slug="lathe1", name="车床1", kind="machine"),
        ResourceDeclaration(slug="lathe2", name="车床2", kind="machine"),
        ResourceDeclaration(slug="cell1", name="单元1", kind="cell", attributes={"force": 100}),
        ResourceDeclaration(slug="cell2", name="单元2", kind="cell", attributes={"force": 500}),
        ResourceDeclaration(slug="hall", name="座席区", kind="seats", capacity=10),
        ResourceDeclaration(slug="room", name="钳工室", kind="room"),
        *(
            ResourceDeclaration(
                slug=f"bench{number}", name=f"钳台{number}", kind="bench", parent="room", setup=timedelta(minutes=15)
            )
            for number in (1, 2, 3)
        ),
    ]


@hookimpl
def declare_kinds() -> list[BookingKind]:
    """Return one kind of each sort."""
    return [
        BookingKind(
            slug="machine",
            title="上机",
            summary="一台机床。",
            mode="slot",
            fields=(PURPOSE,),
            approval=False,
            legs=(Leg(kind="machine"),),
            shortest=timedelta(hours=1),
            longest=timedelta(hours=4),
        ),
        BookingKind(
            slug="cell",
            title="单元",
            summary="单元和教练一起，前后有准备时间。",
            mode="slot",
            fields=(PURPOSE, Whole(name="force", label="锁模力", required=False)),
            legs=(
                Leg(kind="cell", before=timedelta(hours=1), after=timedelta(minutes=30)),
                Leg(kind="instructor", pick=False),
            ),
            notice=timedelta(days=1),
        ),
        BookingKind(
            slug="shift",
            title="班次座席",
            summary="按班次。",
            mode="slot",
            fields=(Whole(name="seats", label="座席数", least=1, most=50),),
            legs=(Leg(kind="seats", per_unit=True),),
            periods=(
                Period(slug="early", label="早班", starts=time(8), ends=time(14)),
                Period(slug="late", label="中班", starts=time(14), ends=time(20)),
            ),
            units_field="seats",
        ),
        BookingKind(
            slug="desk",
            title="座席",
            summary="按时间。",
            mode="slot",
            fields=(Whole(name="seats", label="座席数", least=1, most=50),),
            approval=False,
            legs=(Leg(kind="seats", per_unit=True),),
            units_field="seats",
        ),
        BookingKind(
            slug="benches",
            title="钳台",
            summary="任意两张钳台。",
            mode="slot",
            fields=(PURPOSE,),
            approval=False,
            legs=(Leg(kind="bench", label="钳台", count=2),),
        ),
        BookingKind(
            slug="room",
            title="钳工室",
            summary="整间钳工室。",
            mode="slot",
            fields=(PURPOSE,),
            approval=False,
            legs=(Leg(kind="room"),),
        ),
        BookingKind(
            slug="lesson",
            title="实训课",
            summary="一台机床，可每周重复。",
            mode="slot",
            fields=(PURPOSE,),
            approval=False,
            legs=(Leg(kind="machine", label="机床"),),
            cancel_before=timedelta(hours=24),
            series=True,
        ),
        BookingKind(
            slug="pair",
            title="单元课",
            summary="单元和教练一起，可每周重复，需审核。",
            mode="slot",
            fields=(PURPOSE,),
            legs=(
                Leg(kind="cell", before=timedelta(hours=1), after=timedelta(minutes=30)),
                Leg(kind="instructor", pick=False),
            ),
            series=True,
        ),
        BookingKind(
            slug="riap",
            title="教练和单元",
            summary="和单元课要的一样，次序相反。",
            mode="slot",
            fields=(PURPOSE,),
            approval=False,
            legs=(Leg(kind="instructor", pick=False), Leg(kind="cell")),
            series=True,
        ),
        BookingKind(
            slug="placement",
            title="顶岗实习",
            summary="按班次，可每周重复。",
            mode="slot",
            fields=(Whole(name="seats", label="座席数", least=1, most=50),),
            approval=False,
            legs=(Leg(kind="seats", per_unit=True),),
            periods=(
                Period(slug="early", label="早班", starts=time(8), ends=time(14)),
                Period(slug="late", label="中班", starts=time(14), ends=time(20)),
            ),
            units_field="seats",
            series=True,
        ),
        BookingKind(
            slug="course",
            title="课程",
            summary="按场次。",
            mode="session",
            fields=(Roster(name="people", label="学员", id_number=False, most=30), PURPOSE),
            units_field="people",
            most_units=20,
        ),
    ]


@hookimpl
def declare_content() -> list[ContentType]:
    """Return a board with a schema of every sort, and pages about machines that can do nothing but stand there."""
    return [
        ContentType(
            slug="board",
            title="供求信息",
            plural="供求板",
            summary="求什么，供什么。",
            behaviours=frozenset({"scheduled", "pinned", "attachable", "bookable"}),
            fields=(
                Choice(name="side", label="方向", options=(("demand", "求"), ("supply", "供"))),
                Text(name="contact", label="联系岗位", longest=20),
                Figure(name="price", label="价格", unit="元", required=False),
                Day(name="since", label="起始日", required=False),
                Rows(
                    name="parts",
                    label="明细",
                    columns=(Column(name="item", label="品名", required=True), Column(name="count", label="数量")),
                    most=3,
                    required=False,
                ),
            ),
            order="since",
            expires=timedelta(days=60),
        ),
        ContentType(
            slug="machines",
            title="机床介绍",
            plural="机床",
            summary="一台一页。",
            behaviours=frozenset(),
            fields=(Choice(name="machine", label="机床", options=(("lathe1", "车床1"), ("lathe2", "车床2"))),),
            resource="machine",
            reviewed=True,
            listed=False,
            order="title",
        ),
    ]


@hookimpl
def decide_booking(request: BookingRequest) -> Sequence[Problem]:
    """Refuse what asks for it, warn about what asks for that, and refuse a cell that is too weak."""
    if request.answers.get("purpose") == "禁止":
        return [Problem("forbidden", "这个用途不行。", field="purpose")]
    if request.answers.get("purpose") == "提醒":
        return [Problem("mind", "请带工作服。", warning=True)]
    wanted = request.answers.get("force") or 0
    forces = [attributes["force"] for attributes in request.resources.values() if "force" in attributes]
    if any(isinstance(force, int) and isinstance(wanted, int) and force < wanted for force in forces):
        return [Problem("weak", "锁模力不够。", field="force")]
    return []
