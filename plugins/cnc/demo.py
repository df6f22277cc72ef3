"""The demo: example bookings, and announcements that state what the report of 2014 says."""

from datetime import time

from core.plugin_api import DemoAnnouncement, DemoBooking, DemoClosure, DemoData, DemoDay, example_people

from .demo_content import CONTENT

CLASSES = (
    (-3, "lead", "senior", "lathe1", time(9), time(11, 30)),
    (0, "lead", "technician", "lathe1", time(9), time(11, 30)),
    (0, "yimin-branch", "senior", "centre1", time(13, 30), time(16, 30)),
    (1, "qingshan", "staff", "lathe2", time(9), time(11, 30)),
    (1, "lead", "technician", "centre1", time(13, 30), time(16, 30)),
    (2, "weichai", "staff", "lathe1", time(9), time(12)),
    (3, "qingshan-branch", "senior", "centre1", time(9), time(11, 30)),
    (4, "lead", "part_time", "lathe2", time(13, 30), time(17)),
    (7, "yimin-branch", "senior", "lathe1", time(9), time(11, 30)),
    (11, "lead", "technician", "centre1", time(9), time(11, 30)),
)
"""Day, organisation, programme, machine, start, end: every working day of this week a machine is used."""

QUEUES = (
    (9, "lead", "lathe2", False, ("confirm",)),
    (9, "weichai", "lathe2", True, ()),
    (9, "qingshan-branch", "lathe2", True, ()),
    (10, "yimin-branch", "lathe4", False, ("confirm", "cancel")),
    (10, "lead", "lathe4", True, ()),
)
"""Day, organisation, machine, whether it waits, and what follows: one machine is full, one was given back."""

DEMO = DemoData(
    closures=(
        DemoClosure(resource="lathe3", day=10, starts=time(8, 30), ends=time(17, 30), reason="导轨检修（示例）"),
    ),
    special_days=(DemoDay(day=12, opens=time(8, 30), closes=time(12), note="下午教师进修（示例）"),),
    bookings=(
        *(
            DemoBooking(
                kind="class",
                organisation=organisation,
                answers={
                    "class_name": "示例班组" if programme == "staff" else "示例班级",
                    "programme": programme,
                    "people": 10,
                    "content": "阶梯轴车削（示例）" if machine.startswith("lathe") else "平面铣削（示例）",
                },
                day=day,
                starts=starts,
                ends=ends,
                picks={0: machine},
                then=("confirm", "check_in", "complete"),
            )
            for day, organisation, programme, machine, starts, ends in CLASSES
        ),
        *(
            DemoBooking(
                kind="class",
                organisation=organisation,
                answers={
                    "class_name": "示例班级",
                    "programme": "staff" if organisation == "weichai" else "senior",
                    "people": 8,
                    "content": "螺纹车削（示例）",
                },
                day=day,
                starts=time(9),
                ends=time(11, 30),
                picks={0: machine},
                wait=wait,
                then=then,
                reason="班级当天参加技能鉴定（示例）。",
            )
            for day, organisation, machine, wait, then in QUEUES
        ),
        DemoBooking(
            kind="class",
            organisation="lead",
            answers={
                "class_name": "示例班级",
                "programme": "technician",
                "people": 12,
                "content": "阶梯轴车削（示例）",
            },
            day=8,
            starts=time(9),
            ends=time(11, 30),
            picks={0: "lathe1"},
            then=("confirm",),
        ),
        DemoBooking(
            kind="class",
            organisation="qingshan",
            answers={"class_name": "示例班组", "programme": "staff", "people": 6, "content": "平面铣削（示例）"},
            day=9,
            starts=time(13, 30),
            ends=time(16),
            picks={0: "centre1"},
        ),
        DemoBooking(
            kind="individual",
            organisation="qingshan-branch",
            answers={"trainee": example_people(41, 1), "level": "supervised"},
            day=10,
            starts=time(14),
            ends=time(16),
            then=("cancel",),
            reason="学员当天另有安排（示例）。",
        ),
    ),
    announcements=(
        DemoAnnouncement(
            slug="ready",
            title="数控机床产业技能人才培养基地建成",
            body="联合体2014年10月的报告写明：经过2年努力，已经建成重庆市数控机床产业技能人才培养基地等四个基地。\n\n"
            "联合体成员企业中有重庆中捷数控机床有限公司。",
            days_ago=12,
        ),
        DemoAnnouncement(
            slug="part-time-degree",
            title="企业员工可读非全日制学历教育",
            body="2012年，重庆市人社局出台《关于开展非全日制学历教育试点的通知》，"
            "允许高级技校和技师学院面向企业员工开展非全日制学历教育。\n\n"
            "牵头学校面向联合体成员企业开展非全日制学历教育和技能提升培训，每年招收非全日制学历教育学员500人以上。",
            days_ago=5,
        ),
    ),
    content=CONTENT,
)
