"""The demo's result list and technical documents: all of them examples, and they say so."""

from core.plugin_api import DemoContent

RANKING = (
    ("1", "示例一队", "示例学校甲", "92.5"),
    ("2", "示例二队", "示例学校乙", "90.0"),
    ("2", "示例三队", "示例企业甲", "90.0"),
    ("4", "示例四队", "示例学校丙", "86.5"),
    ("5", "示例五队", "示例企业乙", "81.0"),
)

CONTENT = (
    DemoContent(
        type="results",
        slug="example-selection",
        title="机电一体化项目选拔赛成绩（示例）",
        fields={
            "event": "机电一体化项目选拔赛（示例）",
            "day": "2014-10-18",
            "group": "students",
            "ranking": [
                {"rank": rank, "team": team, "school": school, "score": score} for rank, team, school, score in RANKING
            ],
        },
        body="本页为示例，参赛队和得分均为虚构。同分并列，下一名次顺延。",
        days_ago=3,
    ),
    DemoContent(
        type="documents",
        slug="example-tasks",
        title="机电一体化项目任务书（示例）",
        fields={"event": "机电一体化项目选拔赛（示例）", "part": "tasks", "edition": "示例第1版"},
        body="本页为示例。任务分三段：\n\n1. 机械装配与调整\n2. 电气接线与编程\n3. 联机运行与故障排除",
        days_ago=20,
    ),
    DemoContent(
        type="documents",
        slug="example-scoring",
        title="机电一体化项目评分标准（示例）",
        fields={"event": "机电一体化项目选拔赛（示例）", "part": "scoring", "edition": "示例第1版"},
        body="本页为示例。\n\n| 评分项 | 分值 |\n|---|---|\n| 装配 | 30 |\n| 接线 | 30 |\n| 运行 | 40 |",
        days_ago=18,
    ),
)
