"""The demo's supply-and-demand board: example notices, one at least of each kind."""

from core.plugin_api import DemoContent

NOTICES = (
    ("software", "demand", "示例：工单系统二次开发", "示例服务外包公司", "项目部", "1个系统，3个月", None, ""),
    ("reengineering", "supply", "示例：客服流程梳理服务", "示例咨询公司", "业务部", "每次2周", "30000", "次"),
    ("outsourcing", "demand", "示例：外呼回访业务外包", "示例商贸公司", "客户服务部", "每月2万通", "1.20", "通"),
    ("technology", "supply", "示例：语音质检技术合作", "示例软件公司", "技术部", "", None, ""),
    ("prices", "supply", "示例：坐席租用价格", "示例服务外包公司", "运营部", "20个坐席起", "900", "坐席·月"),
    ("talent", "demand", "示例：招聘客户信息服务人员", "示例服务外包公司", "人力资源部", "15人", "3000", "人·月"),
)
"""Kind, side, title, organisation, contact, quantity, price in yuan, for what."""

CONTENT = tuple(
    DemoContent(
        type="board",
        slug=f"example-{kind}",
        title=title,
        fields={
            "side": side,
            "kind": kind,
            "organisation": organisation,
            "contact": contact,
            "quantity": quantity,
            "price": price,
            "price_unit": unit,
        },
        body="本信息为示例，不是真实的供求。",
        days_ago=number,
    )
    for number, (kind, side, title, organisation, contact, quantity, price, unit) in enumerate(NOTICES, start=1)
)
