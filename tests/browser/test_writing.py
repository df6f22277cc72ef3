"""Writing on the phone: an announcement from the first word to the moment it leaves, and nothing lost on the way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect
from sqlalchemy import select

from core import clock
from core.accounts.models import User
from core.content.models import Item
from core.content.richtext import clean
from core.db import db, write
from tests.browser.axe import violations
from tests.browser.people import Window
from tests.conftest import Demo
from tests.support.clocks import Hands, serving_at

# A static file that the browser has already (304) is opened and not read: Werkzeug leaves closing it to the collector.
pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore:unclosed file .*static:ResourceWarning")]

MONDAY = date(2026, 11, 30)
FRIDAY = MONDAY + timedelta(days=4)
BEFORE = clock.at(MONDAY - timedelta(days=3), time(15, 30))
MANAGE = "/manage/diecasting/announcements"
PUBLIC = "/bases/diecasting/announcements/"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj"

WORD = Path(__file__).with_name("word.html").read_text("utf-8")
"""What Word puts on the clipboard for a heading, a table with a joined cell, and a list."""


@dataclass
class Desk:
    """The demo site at a moment that the test sets, and windows of people on their phones."""

    browser: Browser
    app: Flask
    address: str
    hands: Hands
    demo: Demo
    contexts: list[BrowserContext]

    def phone(self, role: str = "", at: str = "") -> Page:
        """Open a window of 390 px, signed in."""
        context = self.browser.new_context(
            base_url=self.address,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": 390, "height": 844},
            has_touch=True,
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        if role:
            context.add_cookies([{"name": "jidi", "value": self._session(role, at), "url": self.address}])
        return page

    def _session(self, role: str, at: str) -> str:
        """Return the cookie of somebody who has signed in."""
        account = next(known for known in self.demo.accounts if known["role"] == role and at in ("", known["at"]))
        with self.app.app_context():
            user = db.session.scalars(select(User).where(User.email == account["email"])).one()
            identity = user.get_id()
        client = self.app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = identity, True
        held = client.get_cookie("jidi")
        assert held is not None
        return held.value


@pytest.fixture
def desk(browser: Browser, demo_app: Flask, demo: Demo) -> Iterator[Desk]:
    demo_app.config["WTF_CSRF_ENABLED"] = True
    hands = Hands(BEFORE)
    with serving_at(demo_app, hands) as address:
        made = Desk(browser, demo_app, address, hands, demo, [])
        yield made
        for context in made.contexts:
            context.close()


def test_a_plain_announcement_takes_two_page_loads_and_can_be_taken_back(desk: Desk) -> None:
    page = desk.phone("manager", "diecasting")
    loads: list[str] = []
    page.on("response", lambda answer: loads.append(answer.url) if _is_page(answer) else None)
    page.goto(f"{MANAGE}/new")
    page.fill("[name=title]", "明天停水通知")
    page.locator("#body-area").fill("明天上午停水，请自带饮水。")
    page.click("button[value=publish]")
    expect(page.locator("h1")).to_have_text("明天停水通知")
    expect(page.locator(".j-prose")).to_contain_text("请自带饮水")
    assert len(loads) == 2, loads
    public = page.url

    page.get_by_role("button", name="撤销").click()
    page.wait_for_load_state()
    assert desk.phone().request.get(public).status in {404, 410}


def test_an_announcement_from_word_comes_on_monday_and_leaves_on_friday(desk: Desk) -> None:
    manager, visitor = desk.phone("manager", "diecasting"), desk.phone()
    manager.goto(f"{MANAGE}/new")
    manager.fill("[name=title]", "压铸工四级考试")
    _paste(manager, WORD)
    area = manager.locator("#body-area")
    expect(area.locator("td[colspan='2'], th[colspan='2']")).to_have_text("日期和时间")
    expect(area.locator("ul > li")).to_have_text(["带身份证", "带工作服"])
    expect(area.locator("strong")).to_have_text("考试时间")
    manager.set_input_files(
        "[data-files-input]", {"name": "考试通知.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    expect(manager.locator("[data-files-list]")).to_contain_text("考试通知.pdf")
    _choose(manager, "when", "later")
    manager.fill("[name=publish_at]", f"{MONDAY}T08:00")
    _choose(manager, "until", "on")
    manager.fill("[name=expire_at]", f"{FRIDAY}T17:00")
    manager.click("button[value=publish]")
    expect(manager.locator(".j-notice").first).to_contain_text("11月30日（周一）08:00公开")

    seen = visitor.locator("main", has_text="压铸工四级考试")
    desk.hands.moment = clock.at(MONDAY, time(7, 59, 59))
    visitor.goto(PUBLIC)
    expect(seen).to_have_count(0)
    desk.hands.moment = clock.at(MONDAY, time(8))
    visitor.goto(PUBLIC)
    visitor.get_by_role("link", name="压铸工四级考试").click()
    expect(visitor.locator("main table")).to_contain_text("一号车间")
    assert "mso" not in visitor.content()
    file = visitor.locator("main a", has_text="考试通知.pdf")
    assert visitor.request.get(file.get_attribute("href") or "").body() == PDF
    address = visitor.url

    desk.hands.moment = clock.at(FRIDAY, time(16, 59, 59))
    assert visitor.request.get(address).status == 200
    desk.hands.moment = clock.at(FRIDAY, time(17))
    assert visitor.request.get(address).status == 410
    visitor.goto(PUBLIC)
    expect(seen).to_have_count(0)


def test_two_who_write_at_once_lose_nothing(desk: Desk) -> None:
    one, two = desk.phone("manager", "diecasting"), desk.phone("office")
    address = _draft(one, "检修安排", "原来的一段。")
    two.goto(address)
    _type_at_end(one, "第一个人补充的。")
    _type_at_end(two, "第二个人补充的。")
    one.click("button[value=save]")
    expect(one.locator(".j-notice").first).to_contain_text("草稿已保存")
    two.click("button[value=save]")

    expect(two.locator(".j-compare")).to_contain_text("第一个人补充的")
    expect(two.locator(".j-compare")).to_contain_text("第二个人补充的")
    expect(two.locator("main ins")).to_contain_text("第二")
    two.click("button[value=both]")
    expect(two.locator("#body-area")).to_contain_text("第一个人补充的")
    expect(two.locator("#body-area")).to_contain_text("第二个人补充的")
    two.click("button[value=save]")
    expect(two.locator(".j-notice").first).to_contain_text("草稿已保存")
    one.goto(address)
    expect(one.locator("#body-area")).to_contain_text("第一个人补充的")
    expect(one.locator("#body-area")).to_contain_text("第二个人补充的")


def test_what_was_typed_comes_back_after_the_tab_is_closed(desk: Desk) -> None:
    page = desk.phone("manager", "diecasting")
    page.goto(f"{MANAGE}/new")
    with page.expect_response("**/autosave.json"):
        page.fill("[name=title]", "写到一半的公告")
        page.locator("#body-area").fill("还没有写完。")
    expect(page.locator("[data-kept]")).to_have_text("已自动保存15:30")
    context = page.context
    page.close()

    again = context.new_page()
    again.goto(f"{MANAGE}/new")
    expect(again.locator(".j-notice")).to_contain_text("您有一份未保存的稿子")
    again.get_by_role("link", name="接着写").click()
    expect(again.locator("[name=title]")).to_have_value("写到一半的公告")
    expect(again.locator("#body-area")).to_have_text("还没有写完。")
    again.click("button[value=save]")
    expect(again.locator(".j-notice").first).to_contain_text("草稿已保存")
    again.goto(f"{MANAGE}/new")
    expect(again.locator("main")).not_to_contain_text("您有一份未保存的稿子")


def test_a_session_that_has_ended_costs_no_word(desk: Desk) -> None:
    page = desk.phone("manager", "diecasting")
    page.goto(f"{MANAGE}/new")
    page.fill("[name=title]", "登录过期之前写的")
    page.locator("#body-area").fill("很长的一段。")
    page.context.clear_cookies()
    page.click("button[value=publish]")
    expect(page.locator("[data-kept]")).to_contain_text("您已退出登录")
    expect(page.locator("#body-area")).to_have_text("很长的一段。")

    with page.context.expect_page() as opened:
        page.locator("[data-kept] a").click()
    opened.value.wait_for_load_state()
    Window(opened.value).sign_in(desk.demo.accounts, "manager", "diecasting")
    page.click("button[value=publish]")
    expect(page.locator("h1")).to_have_text("登录过期之前写的")


def test_what_a_text_may_hold_is_the_same_after_it_was_opened_and_saved(desk: Desk) -> None:
    page = desk.phone("manager", "diecasting")
    address = _draft(page, "各种样式", "正文")
    text = """
        <h2>标题</h2>
        <figure><p>图</p><figcaption>图的<strong>说明</strong></figcaption></figure>
        <pre>一\n  二</pre>
        <figure><table><thead><tr><th scope="col" rowspan="2">甲</th><th scope="col" colspan="2">乙</th></tr>
        <tr><th scope="col">一</th><th scope="col">二</th></tr></thead>
        <tbody><tr><th scope="row">行</th><td>1</td><td>2</td></tr></tbody></table>
        <figcaption>表的题</figcaption></figure><ol start="3"><li>三</li></ol><p>完</p>"""
    text = re.sub(r">\s+<", "><", text.strip())
    with desk.app.app_context():
        item_id = int(address.rpartition("/")[2])
        with write() as session:
            item = session.get(Item, item_id)
            assert item is not None
            item.body = clean(
                text.replace("<figure><table>", "<table><caption>表的题</caption>", 1).replace(
                    "</table><figcaption>表的题</figcaption></figure>", "</table>"
                )
            )
            assert "<caption>" in item.body
    page.goto(address)
    page.fill("[name=title]", "各种样式，改过")
    page.locator("#body-area > p").last.click()
    page.keyboard.press("End")
    page.keyboard.insert_text("了")
    page.click("button[value=save]")
    expect(page.locator(".j-notice").first).to_contain_text("草稿已保存")
    with desk.app.app_context():
        saved = db.session.get_one(Item, item_id)
        bare = re.sub(r"(<(?:li|td|th)\b[^>]*>)<p>([^<]*)</p>(?=</(?:li|td|th)>)", r"\1\2", saved.body)
        assert bare == text.replace("完", "完了")


def test_pictures_dropped_together_all_come_into_the_text(desk: Desk) -> None:
    page = desk.phone("manager", "diecasting")
    page.goto(f"{MANAGE}/new")
    page.locator("#body-area").evaluate(
        """(area, bytes) => {
          const dataTransfer = new DataTransfer()
          for (const name of ["1.png", "2.png"]) {
            dataTransfer.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}))
          }
          const { x: clientX, y: clientY } = area.getBoundingClientRect()
          area.dispatchEvent(new DragEvent("drop", {dataTransfer, clientX, clientY, bubbles: true, cancelable: true}))
        }""",
        list(_picture()),
    )
    for words in ("机床", "模具"):
        page.get_by_label("图片上是什么？").fill(words)
        page.get_by_role("button", name="插入图片").click()
        expect(page.locator(f"#body-area img[alt='{words}']")).to_be_visible()
    expect(page.locator("#body-area img")).to_have_count(2)


def test_a_picture_copied_alone_is_taken_and_one_left_behind_is_told_of(desk: Desk) -> None:
    page = desk.phone("manager", "diecasting")
    page.goto(f"{MANAGE}/new")
    _paste(
        page,
        "<h1>通知</h1><p>看图：<img src='file:///C:/1.png'><span style='text-decoration:underline'>今天</span></p>",
    )
    expect(page.locator("[data-note]")).to_have_text("图片没有跟着粘贴过来。请用“图片”按钮添加。")
    expect(page.locator("#body-area h2")).to_have_text("通知")
    expect(page.locator("#body-area u")).to_have_text("今天")
    page.locator("#body-area").evaluate(
        """(area, bytes) => {
          const clipboardData = new DataTransfer()
          clipboardData.setData("text/html", "<meta charset=utf-8><img src='https://example.org/a.png'>")
          clipboardData.items.add(new File([new Uint8Array(bytes)], "image.png", {type: "image/png"}))
          area.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}))
        }""",
        list(_picture()),
    )
    expect(page.get_by_label("图片上是什么？")).to_be_visible()


def test_a_picture_from_the_camera_is_asked_what_it_shows(desk: Desk) -> None:
    page = desk.phone("manager", "diecasting")
    page.goto(f"{MANAGE}/new")
    page.fill("[name=title]", "新压铸机到位")
    page.get_by_role("button", name="图片").click()
    page.set_input_files("[capture]", {"name": "机床.png", "mimeType": "image/png", "buffer": _picture()})
    page.get_by_role("button", name="插入图片").click()
    expect(page.locator("[data-picture-problem]")).to_have_text("请说明图片上是什么。")
    page.get_by_label("图片上是什么？").fill("车间里的新压铸机")
    page.get_by_role("button", name="插入图片").click()
    expect(page.locator("#body-area img")).to_have_attribute("alt", "车间里的新压铸机")
    page.click("button[value=publish]")
    shown = page.locator("main .j-prose img")
    expect(shown).to_have_attribute("alt", "车间里的新压铸机")
    assert desk.phone().request.get(shown.get_attribute("src") or "").status == 200


def test_a_page_is_found_and_linked_to_with_the_keyboard_alone(desk: Desk) -> None:
    page = desk.phone("manager", "diecasting")
    page.goto(f"{MANAGE}/new")
    page.fill("[name=title]", "请先读安全须知")
    page.locator("#body-h2, [data-do=h2]").first.focus()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    found = page.locator("[data-link-found] button").first
    expect(found).to_be_visible()
    title = (found.inner_text()).split(" · ")[0]
    found.press("Enter")
    link = page.locator("#body-area a")
    expect(link).to_have_text(title)
    expect(link).to_have_attribute("href", re.compile("^/"))


def test_the_editor_shuts_nobody_out(desk: Desk) -> None:
    page = desk.phone("manager", "diecasting")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in (f"{MANAGE}/new?outline=exam", "/manage/diecasting/pages/new"):
        page.goto(address)
        expect(page.locator("#body-area")).to_be_visible()
        page.evaluate("document.querySelectorAll('main form aside details').forEach((fold) => { fold.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert violations(page) == []
    page.get_by_role("button", name="图片").click()
    assert violations(page) == []
    assert said == []


def _is_page(answer: Response) -> bool:
    return answer.request.is_navigation_request() and answer.status == 200


def _choose(page: Page, name: str, value: str) -> None:
    page.locator(f"label:has([name={name}][value={value}])").click()


def _paste(page: Page, html: str) -> None:
    """Paste HTML into the text as a browser does: through an event that carries it."""
    page.locator("#body-area").focus()
    page.locator("#body-area").evaluate(
        """(area, html) => {
          const clipboardData = new DataTransfer()
          clipboardData.setData("text/html", html)
          clipboardData.setData("text/plain", "x")
          area.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}))
        }""",
        html,
    )


def _draft(page: Page, title: str, text: str) -> str:
    """Save a draft and return its address."""
    page.goto(f"{MANAGE}/new")
    page.fill("[name=title]", title)
    page.locator("#body-area").fill(text)
    page.click("button[value=save]")
    page.wait_for_url(re.compile(rf"{MANAGE}/\d+$"))
    return page.url


def _type_at_end(page: Page, text: str) -> None:
    page.locator("#body-area").focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(text)


def _picture() -> bytes:
    held = BytesIO()
    Image.new("RGB", (320, 200), "teal").save(held, "PNG")
    return held.getvalue()
