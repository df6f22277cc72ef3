"""The demo: example sessions and bookings, and announcements that state what the report of 2014 says."""

from datetime import time

from core.plugin_api import (
    DemoAnnouncement,
    DemoBooking,
    DemoClosure,
    DemoData,
    DemoDay,
    DemoSession,
    example_people,
)

from .demo_content import CONTENT

VALID = "2099-12-31"

SAFETY = (
    (-5, "压铸区安全培训（示例）", 24),
    (8, "压铸区安全培训（示例）", 24),
    (15, "企业新进员工安全培训（示例）", 24),
    (2, "企业新进员工安全培训（示例）", 24),
    (4, "压铸区安全培训（示例）", 24),
    (10, "试模前安全培训（示例）", 16),
    (17, "试模前安全培训（示例）", 10),
)
"""Day, title, seats of the safety trainings."""

FULL, GIVEN_BACK = 5, 6

TEACHING = (
    (-3, "lijin-branch", "operation", "cell1"),
    (0, "lead", "setting", "cell1"),
    (1, "lijin-branch", "operation", "cell2"),
    (2, "qingshan-branch", "quality", "cell1"),
    (3, "lead", "mould_change", "cell3"),
    (4, "lijin-branch", "setting", "cell2"),
    (7, "qingshan-branch", "operation", "cell2"),
)
"""Day, organisation, content, cell: every working day of this week has a class at a cell."""


def trial(**figures: object) -> dict[str, object]:
    """Return the answers of an example trial run."""
    return {
        "alloy": "aluminium",
        "part": "示例壳体",
        "part_weight": "0.86",
        "shot_weight": "1.4",
        "mould_length": 540,
        "mould_width": 480,
        "mould_thickness": 420,
        "clamping_force": 2200,
        "people": 3,
        "contact": "示例联系人",
        "contact_phone": "13000000000",
        "safety_rules": True,
        **figures,
    }


def teaching(class_name: str, content: str, first: int) -> dict[str, object]:
    """Return the answers of an example class of eight."""
    return {
        "class_name": class_name,
        "content": content,
        "trainees": example_people(first, 8, safety_until=VALID),
        "safety_rules": True,
    }


DEMO = DemoData(
    sessions=tuple(
        DemoSession(
            kind="safety",
            title=title,
            day=day,
            starts=time(9),
            ends=time(11, 30),
            seats=seats,
            uses=("classroom",),
            text="进入压铸区之前必修。请带学员名单。",
        )
        for day, title, seats in SAFETY
    ),
    closures=(DemoClosure(resource="cell3", day=11, starts=time(8), ends=time(18), reason="更换液压油（示例）"),),
    special_days=(DemoDay(day=26, note="设备年检，全天不开放（示例）"),),
    bookings=(
        DemoBooking(
            kind="safety",
            organisation="qingshan-branch",
            answers={"purpose": "teaching", "trainees": example_people(1, 12)},
            session=0,
            then=("complete",),
        ),
        DemoBooking(
            kind="safety",
            organisation="lijin-branch",
            answers={"purpose": "teaching", "trainees": example_people(31, 18)},
            session=1,
        ),
        DemoBooking(
            kind="safety",
            organisation="weichai",
            answers={"purpose": "induction", "trainees": example_people(51, 6)},
            session=2,
        ),
        DemoBooking(
            kind="safety",
            organisation="yimin",
            answers={"purpose": "induction", "trainees": example_people(151, 14)},
            session=3,
            then=("complete",),
        ),
        DemoBooking(
            kind="safety",
            organisation="lead",
            answers={"purpose": "teaching", "trainees": example_people(171, 9)},
            session=4,
            then=("complete",),
        ),
        *(
            DemoBooking(
                kind="safety",
                organisation=organisation,
                answers={"purpose": purpose, "trainees": example_people(first, number)},
                session=session,
                wait=wait,
                then=then,
                reason="改为在企业内部培训（示例）。",
            )
            for organisation, purpose, first, number, session, wait, then in (
                ("yimin", "trial", 401, 16, FULL, False, ()),
                ("weichai", "trial", 421, 6, FULL, True, ()),
                ("qingshan-branch", "teaching", 431, 8, FULL, True, ()),
                ("lijin", "trial", 441, 10, GIVEN_BACK, False, ("cancel",)),
                ("lead", "teaching", 451, 8, GIVEN_BACK, True, ()),
            )
        ),
        *(
            DemoBooking(
                kind="teaching",
                organisation=organisation,
                answers=teaching(f"示例压铸{number}班", content, 200 + 10 * number),
                day=day,
                starts=time(13, 30),
                ends=time(16, 30),
                picks={0: cell},
                then=("confirm", "check_in", "complete"),
            )
            for number, (day, organisation, content, cell) in enumerate(TEACHING, start=1)
        ),
        DemoBooking(
            kind="teaching",
            organisation="lijin-branch",
            answers=teaching("示例压铸班", "operation", 31),
            day=9,
            starts=time(13, 30),
            ends=time(16, 30),
            picks={0: "cell1"},
            then=("confirm",),
        ),
        DemoBooking(
            kind="teaching",
            organisation="lead",
            answers=teaching("示例模具班", "mould_change", 71),
            day=10,
            starts=time(9),
            ends=time(11, 30),
            picks={0: "cell3"},
        ),
        DemoBooking(
            kind="trial",
            organisation="qingshan",
            answers=trial(),
            day=11,
            starts=time(9),
            ends=time(11, 30),
            picks={0: "cell1"},
        ),
        DemoBooking(
            kind="trial",
            organisation="weichai",
            answers=trial(part="示例支架", mould_thickness=640, clamping_force=3500),
            day=12,
            starts=time(13, 30),
            ends=time(16),
            picks={0: "cell2"},
            then=("reject",),
            reason="当天没有熟悉这类模具的教师。请改约下一周（示例）。",
        ),
    ),
    announcements=(
        DemoAnnouncement(
            slug="approved",
            title="重庆压铸技术公共实训基地获批共建",
            body="2013年4月，重庆市经济信息委批复同意联合体与力劲科技集团合作共建压铸技术公共实训基地，"
            "校企双方共建共管共享。\n\n摘自联合体2014年10月的报告。",
            days_ago=13,
        ),
        DemoAnnouncement(
            slug="branch",
            title="力劲压铸分院筹建情况",
            body="力劲科技集团重庆力劲机械有限公司加入联合体，筹建“重庆工业技师学院力劲压铸分院”。\n\n"
            "联合体2014年10月的报告写明：力劲公司投资1亿元，在永川区凤凰湖工业园建立"
            "融研发与培训、教学与生产于一体的“重庆工业技师学院力劲压铸分院”，即将落成。",
            days_ago=7,
        ),
        DemoAnnouncement(
            slug="example-maintenance",
            title="示例：压铸单元检修期间怎样改约",
            body="本公告为示例。\n\n单元检修的时间会写进[基地日历](/bases/diecasting/calendar)，期间不能预约，"
            "其他单元照常开放。已约的单位可以取消后改约别的单元或别的日子。",
            days_ago=2,
            category="closure",
            reference="压铸基地（示例）1号",
        ),
    ),
    content=CONTENT,
)
