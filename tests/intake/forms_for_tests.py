"""A form with a field of every sort."""

from decimal import Decimal

from core.plugins.fields import (
    Choice,
    Choices,
    Column,
    Consent,
    Day,
    Field,
    Figure,
    File,
    LongText,
    Phone,
    Roster,
    Text,
    Whole,
)

ID_A = "11010119900101004X"
ID_B = "110101199001010015"
"""Made up; only their check characters are right."""

FIELDS: tuple[Field, ...] = (
    Text(name="group", label="班级", section="基本情况", longest=10),
    LongText(name="remarks", label="说明", section="基本情况", required=False, longest=50),
    Whole(name="number", label="人数", least=1, most=40, unit="人"),
    Figure(name="weight", label="压射重量", least=Decimal("0.5"), most=Decimal(20), places=2, unit="kg"),
    Choice(name="alloy", label="合金", options=(("al", "铝"), ("zn", "锌"))),
    Choices(name="wishes", label="需要", options=(("lunch", "午餐"), ("bus", "班车")), required=False),
    Day(name="since", label="培训日期"),
    Phone(name="phone", label="联系电话"),
    Consent(name="safety", label="安全须知", terms="进入车间须戴护目镜。", version="2026-1"),
    File(name="drawing", label="图纸", endings=("pdf", "dwg"), largest=2 * 1024 * 1024),
    Roster(
        name="people",
        label="学员名单",
        least=1,
        most=3,
        phone=True,
        columns=(Column(name="trade", label="工种", required=True),),
    ),
)

GOOD = {
    "group": "数控2班",
    "number": "１２",
    "weight": "3.25",
    "alloy": "al",
    "wishes": ["lunch", "bus"],
    "since": "2026-12-08",
    "phone": "138 0000 0000",
    "safety": True,
    "people": [{"name": "甲某", "id_number": ID_A.lower(), "phone": "023-49800000", "trade": "车工"}],
}
