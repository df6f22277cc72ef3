"""5,000 pages and announcements as a base's site has them after some years, to judge the search by; made up.

Those that are looked for stand in `wanted.toml`, what people type in `queries.toml`. The others are put together here,
the same each time. Nearly all of them contain words of the queries: spread over the text, and as parts of longer words
("压铸件", "报名表"); some, mostly old ones, in the title as well.
"""

import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIZE = 5000
HERE = Path(__file__).parent

SUBJECTS = (
    *("机械加工", "模具制造", "热加工与成型", "电气安装", "焊接", "钳工", "铣工", "磨工", "汽车维修", "电子技术"),
    *("旅游服务", "物流管理", "计算机应用", "呼叫服务", "金融数据处理", "质量检验", "设备维护", "工业机器人"),
    *("三维造型", "液压与气动", "电工基础", "公差与测量", "金属材料", "安全生产", "班组管理", "企业文化"),
)
THINGS = (
    *("铣床", "磨床", "钻床", "线切割机", "电火花机", "三坐标测量机", "焊机", "机器人", "叉车", "空压机", "行车"),
    *("电脑", "投影仪", "耳机", "服务器", "示波器", "万用表", "工具箱", "量具", "夹具", "刀具", "冷却液", "工作台"),
)
GROUPS = ("2012级", "2013级", "2014级", "2024级", "2025级", "新进员工", "在岗职工", "教师组", "学生组", "职工组")
PLACES = ("一号车间", "二号车间", "三号车间", "实训楼301", "实训楼405", "报告厅", "图书馆", "机房", "会议室", "操场")
DEEDS = ("检查", "维护", "验收", "交流", "参观", "培训", "考核", "座谈", "观摩", "整改", "清点", "采购", "评比", "总结")
PARTS = (  # longer words that contain a word of a query
    *("压铸件", "压铸模", "数控车床组", "报名表", "报名费", "停电保护器", "候补委员", "齿轮箱", "齿轮油", "食堂卡"),
    *("CNC系统", "PLC控制柜", "请假条", "公示栏", "预热器", "夜班车", "抽签箱", "乘车卡", "模板库", "供求关系"),
)
TITLES = (
    "关于{place}{deed}的通知",
    "{group}{subject}班{deed}安排",
    "{subject}课程{deed}简报第{number}期",
    "{thing}{deed}记录（{year}年{month}月）",
    "{subject}教研组第{number}周工作小结",
    "{group}学员{subject}{deed}情况",
    "{place}{thing}使用说明",
    "{year}年第{number}次{subject}{deed}会议纪要",
    "{subject}教材征订",
    "{thing}操作卡片{number}",
)
OLD_TITLES = (
    "{part}{deed}记录（{year}年{month}月）",
    "{part}领用登记第{number}期",
    "{group}班{part}发放说明",
)
SENTENCES = (
    "{group}{subject}班在{place}进行{deed}，由带班教师负责。",
    "{month}月{day}日，{place}的{thing}完成{deed}，结果正常。",
    "请各单位联系人于{month}月{day}日前核对学员名单，{word}事项另行告知。",
    "本次{deed}共{number}人参加，其中{group}占多数。",
    "{thing}每周{deed}一次，发现问题及时报设备管理员。",
    "参加{subject}{deed}的学员须佩戴胸卡，迟到的不得进入{place}。",
    "会上讨论了{word}、{word}和{subject}的有关问题，形成了意见。",
    "{part}放在{place}门口，用完请归位。",
    "因场地紧张，{subject}课改在{place}上，时间不变。",
    "上午介绍{thing}的结构，下午分组练习，{word}部分留待下次。",
    "经{deed}，{thing}的{number}项指标符合要求，{part}需要更换。",
    "学校与企业就{subject}人才培养和{word}工作交换了看法。",
    "教师应当讲清{word}的要求，学员不清楚的可以在{place}咨询。",
    "{year}年计划开展{number}次{deed}，涉及{word}和{thing}。",
    "材料请交{place}，编号写作JD-{year}-{number}，联系人见公告栏。",
)
WORDS = (  # of the queries themselves
    *("压铸", "车床", "报名", "停电", "候补", "预热", "时间", "CNC", "PLC", "FANUC", "竞赛", "规程", "护目镜", "成绩"),
    *("公示", "夜班", "未成年", "取消", "预约", "齿轮", "请假", "食堂", "乘车", "路线", "集训", "数控", "开放时段"),
    *("名单", "模板", "高级工", "招生", "试模", "申请", "供求", "信息", "工位", "抽签", "停机", "证书", "补办", "考试"),
    *("话务员", "座位", "机电一体化", "DCC-280", "6204-2RS", "0i", "2026"),
)


@dataclass(frozen=True)
class Page:
    """One page: `key` is the name in `wanted.toml`, or a number; `days` since it was published."""

    key: str
    type: str
    title: str
    body: str
    days: int


def queries() -> list[tuple[str, str]]:
    """Return what people type, each with the key of the page they look for."""
    return [(row["text"], row["wanted"]) for row in _read("queries.toml")["query"]]


def pages(size: int = SIZE) -> list[Page]:
    """Return the wanted pages among others, `size` together, in a fixed order."""
    chance = random.Random(2014)
    wanted = [Page(**row) for row in _read("wanted.toml")["page"]]
    everything = [*wanted, *_others(chance, size - len(wanted))]
    chance.shuffle(everything)
    return everything


def _others(chance: random.Random, count: int) -> Iterator[Page]:
    for number in range(count):
        old = number % 25 == 0
        title = _filled(chance, OLD_TITLES if old else TITLES)
        sentences = (_filled(chance, SENTENCES) for _ in range(chance.randint(3, 14)))
        kind = chance.choice(("page", "announcement", "announcement"))
        yield Page(str(number), kind, title, "".join(sentences), chance.randint(700 if old else 1, 1500))


def _filled(chance: random.Random, forms: Sequence[str]) -> str:
    form = chance.choice(forms)
    values = {
        "subject": SUBJECTS,
        "thing": THINGS,
        "group": GROUPS,
        "place": PLACES,
        "deed": DEEDS,
        "part": PARTS,
        "year": range(2012, 2027),
        "month": range(1, 13),
        "day": range(1, 29),
        "number": range(1, 60),
    }
    while "{word}" in form:
        form = form.replace("{word}", chance.choice(WORDS), 1)
    return form.format(**{name: chance.choice(choices) for name, choices in values.items()})


def _read(name: str) -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))
