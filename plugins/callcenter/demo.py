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

STAFF, CERTIFICATION, LEADERS, INDUCTION, _SECOND, FULL, GIVEN_BACK = range(7)

SHIFTS = (
    (-4, "early", 36),
    (0, "early", 24),
    (1, "middle", 36),
    (2, "early", 32),
    (3, "middle", 24),
    (4, "early", 40),
    (7, "early", 24),
    (11, "middle", 32),
)
"""Day, shift, seats: every working day of this week somebody sits at the seats."""


def seats(group: str, purpose: str, number: int, youngest: str) -> dict[str, object]:
    """Return the answers of an example booking of seats."""
    return {
        "group": group,
        "purpose": purpose,
        "seats": number,
        "youngest": youngest,
        "teacher": "示例带队教师",
        "teacher_phone": "13000000000",
        "confidentiality": True,
    }


DEMO = DemoData(
    sessions=(
        DemoSession(
            kind="staff",
            title="客户信息服务岗前培训（示例）",
            day=9,
            starts=time(9),
            ends=time(16, 30),
            seats=40,
            uses=("training-room",),
            text="面向企业新进员工。",
        ),
        DemoSession(
            kind="certification",
            title="呼叫服务认证考试（示例）",
            day=18,
            starts=time(9),
            ends=time(11, 30),
            seats=30,
            uses=("exam-room",),
            text="请带身份证。",
        ),
        DemoSession(
            kind="staff",
            title="班组长服务质量培训（示例）",
            day=3,
            starts=time(9),
            ends=time(11, 30),
            seats=20,
            uses=("training-room",),
            text="面向在岗班组长。",
        ),
        DemoSession(
            kind="staff",
            title="客户信息服务岗前培训（示例）",
            day=1,
            starts=time(13, 30),
            ends=time(16, 30),
            seats=40,
            uses=("training-room",),
            text="面向企业新进员工。",
        ),
        DemoSession(
            kind="certification",
            title="呼叫服务认证考试（示例）",
            day=10,
            starts=time(14),
            ends=time(16, 30),
            seats=30,
            uses=("exam-room",),
            text="请带身份证。",
        ),
        DemoSession(
            kind="staff",
            title="服务质量检查培训（示例）",
            day=14,
            starts=time(13, 30),
            ends=time(16, 30),
            seats=20,
            uses=("training-room",),
            text="面向质检岗位。",
        ),
        DemoSession(
            kind="staff",
            title="班组长服务质量培训（示例）",
            day=16,
            starts=time(9),
            ends=time(11, 30),
            seats=10,
            uses=("training-room",),
            text="面向在岗班组长。",
        ),
    ),
    closures=(DemoClosure(resource="exam-room", day=9, starts=time(14), ends=time(17), reason="考试系统升级（示例）"),),
    special_days=(DemoDay(day=13, opens=time(8), closes=time(14), note="机房检修，只开早班（示例）"),),
    bookings=(
        DemoBooking(
            kind="staff",
            organisation="yunri",
            answers={
                "department": "示例客服部",
                "experience": "new",
                "staff": [{"name": f"员工{number:02}"} for number in range(1, 13)],
                "confidentiality": True,
            },
            session=STAFF,
            then=("confirm",),
        ),
        *(
            DemoBooking(
                kind="staff",
                organisation=organisation,
                answers={
                    "department": "示例部门",
                    "experience": experience,
                    "staff": [{"name": f"员工{number:02}"} for number in range(first, first + count)],
                    "confidentiality": True,
                },
                session=session,
                then=("confirm", "complete"),
            )
            for organisation, session, experience, first, count in (
                ("yunri", LEADERS, "lead", 21, 8),
                ("qingshan", INDUCTION, "new", 41, 15),
                ("weichai", INDUCTION, "new", 61, 10),
            )
        ),
        *(
            DemoBooking(
                kind="staff",
                organisation=organisation,
                answers={
                    "department": "示例部门",
                    "experience": experience,
                    "staff": [{"name": f"员工{number}"} for number in range(first, first + count)],
                    "confidentiality": True,
                },
                session=session,
                wait=wait,
                then=then,
                reason="当天客服高峰，不能离岗（示例）。",
            )
            for organisation, session, experience, first, count, wait, then in (
                ("lead", FULL, "working", 201, 20, False, ("confirm",)),
                ("qingshan", FULL, "working", 231, 12, True, ()),
                ("weichai", FULL, "new", 251, 8, True, ()),
                ("yunri", GIVEN_BACK, "lead", 261, 10, False, ("confirm", "cancel")),
                ("qingshan-branch", GIVEN_BACK, "lead", 271, 6, True, ()),
            )
        ),
        *(
            DemoBooking(
                kind="seats",
                organisation="lead",
                answers=seats("示例呼叫班", "practice", number, "minor"),
                day=day,
                period=shift,
                then=("confirm", "check_in", "complete"),
            )
            for day, shift, number in SHIFTS
        ),
        DemoBooking(
            kind="certification",
            organisation="huawei-branch",
            answers={"subject": "calls", "attempt": "first", "candidates": example_people(101, 9)},
            session=CERTIFICATION,
        ),
        DemoBooking(
            kind="seats",
            organisation="lead",
            answers=seats("示例呼叫班", "practice", 32, "minor"),
            day=8,
            period="early",
            then=("confirm",),
        ),
        DemoBooking(
            kind="seats",
            organisation="lead",
            answers=seats("示例数据班", "data", 20, "adult"),
            day=8,
            period="night",
        ),
        DemoBooking(
            kind="internship",
            organisation="huawei-branch",
            answers={
                "college": "示例院校",
                "major": "客户信息技术服务",
                "field": "calls",
                "teacher": "示例带队教师",
                "teacher_phone": "13000000000",
                "interns": example_people(121, 15),
                "confidentiality": True,
            },
            day=9,
            period="middle",
            then=("confirm",),
        ),
        DemoBooking(
            kind="internship",
            organisation="qingshan-branch",
            answers={
                "college": "示例院校",
                "major": "电子商务",
                "field": "service",
                "teacher": "示例带队教师",
                "teacher_phone": "13000000000",
                "interns": example_people(141, 12),
                "confidentiality": True,
            },
            day=8,
            period="middle",
            weeks=6,
            then=("confirm",),
        ),
        DemoBooking(
            kind="enquiry",
            organisation="qingshan",
            answers={
                "work": "calls",
                "volume": 20000,
                "service_level": "hours12",
                "sensitivity": "internal",
                "price": "1.20",
                "contact": "示例联系人",
                "contact_phone": "13000000000",
                "confidentiality": True,
            },
            day=10,
            period="h14",
        ),
    ),
    announcements=(
        DemoAnnouncement(
            slug="platform",
            title="永川呼叫和金融数据处理公共服务平台",
            body="2012年，联合体与重庆云日集团合作共建永川呼叫和金融数据处理公共服务平台。"
            "平台得到国家发改委立项和资金支持，集教学、培训、研发、咨询、认证于一体，"
            "同时提供第三方呼叫和金融数据处理服务。\n\n摘自联合体2014年10月的报告。",
            days_ago=11,
        ),
        DemoAnnouncement(
            slug="internships",
            title="平台面向职教基地院校实习和企业员工培训",
            body="平台不仅面向联合体成员学校学生实习，而且面向职教基地职业院校相关专业学生实习和企业员工培训。"
            "学生不仅能进行生产性实训，同时开展对外业务、勤工俭学。\n\n摘自联合体2014年10月的报告。",
            days_ago=4,
        ),
    ),
    content=CONTENT,
)
