"""The demo's equipment pages: what each cell is for, as an example."""

from core.plugin_api import DemoContent

USES = (
    ("cell1", "压铸单元1介绍（示例）", "中型铝合金壳体的教学和试模。"),
    ("cell2", "压铸单元2介绍（示例）", "较大模具的试模，换模与调机训练。"),
    ("cell3", "压铸单元3介绍（示例）", "小件生产性实训，适合初学班级。"),
)

CONTENT = tuple(
    DemoContent(
        type="equipment",
        slug=cell,
        title=title,
        fields={
            "cell": cell,
            "used_for": used_for,
            "needs": "每位学员持当天有效的安全培训记录。\n模具尺寸和锁模力在单元允许的范围内。",
        },
        body="本页为示例，参数见下。开机前要预热，用后要冷却，这些时间一并占用。",
        days_ago=15,
    )
    for cell, title, used_for in USES
)
