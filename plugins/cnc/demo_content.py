"""The demo's equipment pages: what the machines are for, as an example."""

from core.plugin_api import DemoContent

CONTENT = (
    DemoContent(
        type="equipment",
        slug="lathe1",
        title="数控车床1介绍（示例）",
        fields={"machine": "lathe1", "used_for": "阶梯轴、螺纹的车削练习，可供班级使用。"},
        body="本页为示例。",
        days_ago=15,
    ),
    DemoContent(
        type="equipment",
        slug="centre1",
        title="加工中心1介绍（示例）",
        fields={"machine": "centre1", "used_for": "平面、型腔的铣削练习。"},
        body="本页为示例。",
        days_ago=15,
    ),
)
