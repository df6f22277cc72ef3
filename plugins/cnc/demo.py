"""The demo: example bookings, and announcements that state what the report of 2014 says."""

from datetime import time

from core.plugin_api import DemoAnnouncement, DemoBooking, DemoData, example_people

DEMO = DemoData(
    bookings=(
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
)
