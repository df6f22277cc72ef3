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

HALF_DAYS = (0, 4, 7, 11)
CAMP, EVENT, DRAFT, HALF_DAY = range(4)
FULL, GIVEN_BACK = HALF_DAY + len(HALF_DAYS), HALF_DAY + len(HALF_DAYS) + 1
PRACTICE = (
    (-4, "lead", "wiring", "ws02"),
    (0, "qingshan-branch", "assembly", "ws01"),
    (1, "lead", "programming", "ws02"),
    (1, "weichai", "wiring", "ws04"),
    (2, "lijin-branch", "faults", "ws01"),
    (3, "qingshan-branch", "commissioning", "ws03"),
    (4, "lead", "programming", "ws04"),
    (7, "weichai", "assembly", "ws02"),
    (9, "qingshan-branch", "wiring", "ws01"),
    (11, "lead", "faults", "ws02"),
)
"""Day, organisation, topic, workstation: every working day of this week has somebody at a workstation."""


def team(group: str, first: int) -> dict[str, object]:
    """Return the answers of an example team with two contestants, numbered from `first`."""
    return {
        "school": "示例代表队",
        "group": group,
        "coach": "示例教练",
        "coach_phone": "13000000000",
        "contestants": example_people(first, 2),
    }


def practice(day: int, organisation: str, topic: str, workstation: str) -> DemoBooking:
    """Return an afternoon of practice, carried out where it lies behind."""
    return DemoBooking(
        kind="practice",
        organisation=organisation,
        answers={
            "team_name": "示例练习队",
            "topics": [topic],
            "people": 3,
            "coach": "示例教练",
            "coach_phone": "13000000000",
        },
        day=day,
        starts=time(13, 30),
        ends=time(16, 30),
        picks={0: workstation},
        then=("confirm", "check_in", "complete"),
    )


DEMO = DemoData(
    sessions=(
        DemoSession(
            kind="camp",
            title="机电一体化项目集训（示例）",
            day=14,
            starts=time(8, 30),
            ends=time(17),
            seats=12,
            uses=("hall",),
            text="按队参加，每队固定一个编号工位。",
        ),
        DemoSession(
            kind="entry",
            title="机电一体化项目选拔赛（示例）",
            day=26,
            starts=time(8, 30),
            ends=time(17),
            seats=12,
            uses=("hall",),
            text="学生组、职工组、教师组分别报名。",
        ),
        DemoSession(
            kind="camp",
            title="教师组集训（示例）",
            day=33,
            starts=time(8, 30),
            ends=time(17),
            seats=6,
            published=False,
        ),
        *(
            DemoSession(
                kind="camp",
                title="机电一体化项目半天集训（示例）",
                day=day,
                starts=time(8, 30),
                ends=time(11, 30),
                seats=8,
                uses=tuple(f"ws{number:02}" for number in range(5, 13)),
                text="按队参加，每队一个工位，工位当天抽签。",
            )
            for day in HALF_DAYS
        ),
        *(
            DemoSession(
                kind="camp",
                title=title,
                day=day,
                starts=time(13, 30),
                ends=time(16, 30),
                seats=2,
                uses=("ws11", "ws12"),
                text="只有两个工位，约满后可以候补。",
            )
            for day, title in ((16, "电气装配专项集训（示例）"), (17, "故障排除专项集训（示例）"))
        ),
    ),
    closures=(
        DemoClosure(resource="ws10", day=9, starts=time(8, 30), ends=time(17, 30), reason="气动元件检修（示例）"),
    ),
    special_days=(DemoDay(day=13, opens=time(8), closes=time(12), note="下午场地维护（示例）"),),
    bookings=(
        DemoBooking(kind="camp", organisation="lead", answers=team("students", 1), session=CAMP, then=("confirm",)),
        DemoBooking(
            kind="camp",
            organisation="lead",
            answers=team("students", 11),
            session=HALF_DAY,
            then=("confirm", "complete"),
        ),
        DemoBooking(
            kind="camp",
            organisation="qingshan",
            answers=team("employees", 13),
            session=HALF_DAY + 1,
            then=("confirm", "complete"),
        ),
        DemoBooking(
            kind="camp",
            organisation="weichai",
            answers=team("employees", 15),
            session=HALF_DAY + 1,
            then=("confirm", "complete"),
        ),
        *(practice(*entry) for entry in PRACTICE),
        DemoBooking(kind="entry", organisation="lead", answers=team("students", 1), session=EVENT, then=("confirm",)),
        DemoBooking(
            kind="entry",
            organisation="qingshan-branch",
            answers=team("students", 5),
            session=EVENT,
            then=("confirm",),
        ),
        DemoBooking(
            kind="entry", organisation="weichai", answers=team("employees", 7), session=EVENT, then=("confirm",)
        ),
        DemoBooking(kind="entry", organisation="qingshan", answers=team("employees", 3), session=EVENT),
        DemoBooking(
            kind="entry", organisation="yimin", answers=team("employees", 17), session=EVENT, then=("approve",)
        ),
        *(
            DemoBooking(
                kind="camp", organisation=organisation, answers=team(group, first), session=FULL, then=("confirm",)
            )
            for organisation, group, first in (("lead", "students", 21), ("yimin", "employees", 23))
        ),
        *(
            DemoBooking(kind="camp", organisation=organisation, answers=team(group, first), session=FULL, wait=True)
            for organisation, group, first in (("weichai", "employees", 25), ("qingshan-branch", "students", 27))
        ),
        DemoBooking(
            kind="camp", organisation="lijin", answers=team("employees", 31), session=GIVEN_BACK, then=("confirm",)
        ),
        DemoBooking(
            kind="camp",
            organisation="weichai",
            answers=team("employees", 33),
            session=GIVEN_BACK,
            then=("confirm", "cancel"),
            reason="参赛选手当天有生产任务（示例）。",
        ),
        DemoBooking(kind="camp", organisation="lead", answers=team("students", 35), session=GIVEN_BACK, wait=True),
        DemoBooking(
            kind="practice",
            organisation="qingshan-branch",
            answers={
                "team_name": "示例练习队",
                "topics": ["wiring", "programming"],
                "people": 3,
                "coach": "示例教练",
                "coach_phone": "13000000000",
            },
            day=8,
            starts=time(13, 30),
            ends=time(16, 30),
            picks={0: "ws03"},
            then=("confirm",),
        ),
        DemoBooking(
            kind="practice",
            organisation="weichai",
            answers={
                "team_name": "示例练习队",
                "topics": ["faults"],
                "people": 2,
                "coach": "示例教练",
                "coach_phone": "13000000000",
            },
            day=10,
            starts=time(9),
            ends=time(11),
            picks={0: "ws01"},
            then=("return",),
            reason="请写清楚练习哪些故障，并补充教练到场时间（示例）。",
        ),
    ),
    announcements=(
        DemoAnnouncement(
            slug="ready",
            title="机电一体化项目集训与竞赛基地建成",
            body="联合体2014年10月的报告写明：联合体经过2年的努力，"
            "已经建成中国·重庆职业技能大赛机电一体化项目集训与竞赛基地等四个基地。\n\n"
            "联合体于2011年6月成立，总部和联合体工作办公室设在牵头学校重庆市工业技师学院。",
            days_ago=14,
        ),
        DemoAnnouncement(
            slug="shared-programmes",
            title="高级工和预备技师实行分段教学",
            body="联合体分院的高级工和预备技师层次实行分段教学合作：\n\n"
            "- 初中毕业起点4年制高级工：前2年在分院学习，后2年在牵头学校学习。\n"
            "- 高中毕业起点4年制预备技师：前1年在分院学习，后3年在牵头学校学习。\n\n"
            "以上摘自联合体2014年10月的报告。",
            days_ago=6,
        ),
        DemoAnnouncement(
            slug="example-selection",
            title="示例：机电一体化项目选拔赛开始报名",
            body="本公告为示例。\n\n请各单位在截止前提交参赛队。报名办法见[报名须知](/bases/competition/pages/entering)，"
            "工位由[公开抽签](/bases/competition/pages/draw)决定。",
            days_ago=1,
            pinned_days=14,
            category="event",
            reference="竞赛基地（示例）1号",
            session=EVENT,
            document="选拔赛须知（示例）",
            picture="竞赛厅工位示意图（示例）：六个工位分列通道两侧",
        ),
        DemoAnnouncement(
            slug="example-exchange",
            title="示例：机电一体化与数控基地交流日",
            body="本公告为示例，在两个基地的公告里同时出现，只写一份；写明了活动时间，也显示在两个基地的日历中。",
            days_ago=3,
            category="event",
            location="竞赛厅（示例）",
            event_day=10,
            event_starts=time(9),
            event_ends=time(16, 30),
            places=("cnc",),
        ),
        DemoAnnouncement(
            slug="example-rules",
            title="示例：工位练习规则调整（待审）",
            body="本公告为示例，由基地编辑写好，正等基地管理员审核，访客还看不到。",
            days_ago=0,
            category="notice",
            state="in_review",
        ),
    ),
    content=CONTENT,
)
