"""The sanitiser against a public collection of attacks (brs-kb), in Chromium: none of them ever runs.

The content policy is switched off for it, so that it is the sanitiser that holds; once more with the policy on, which
then has nothing to refuse.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import brs_kb
import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Request

from core.content.richtext import ATTRIBUTES, TAGS, clean
from tests.booking.shop import Shop
from tests.content.conftest import Announce
from tests.support.clocks import Hands, serving_at

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore:unclosed file .*static:ResourceWarning")]

VECTORS = sorted(
    {known["payload"] for known in brs_kb.get_all_payloads().values() if "<" in known["payload"]}
)  # those that attack by HTML
SOME = VECTORS[:: len(VECTORS) // 300]

NOTE = """
window.ran = []
for (const name of ["alert", "prompt", "confirm", "print", "open"]) window[name] = () => { window.ran.push(name) }
addEventListener("securitypolicyviolation", (event) => window.ran.push(`${event.violatedDirective} is refused`))
"""
"""Whatever an attack wants to show or do is noted instead; and what the content policy refuses."""

FOREIGN = """([tags, attributes]) => [...document.querySelectorAll(".j-prose *")].filter((element) =>
  element.namespaceURI !== "http://www.w3.org/1999/xhtml"
  || !tags.includes(element.localName)
  || [...element.attributes].some(({name}) => name !== "tabindex" && !attributes[element.localName]?.includes(name))
  || (element.localName === "a" && !["http:", "https:", "mailto:", "tel:"].includes(element.protocol))
).map((element) => element.outerHTML)"""
"""What stands in the text and is not allowed there, in the browser's eyes; the page lets wide tables be scrolled."""


@dataclass
class Watched:
    """A browser's window in which everything that runs or is asked for is noted."""

    page: Page
    address: str
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(20_000)
        self.page.add_init_script(NOTE)
        self.page.on("request", self._note)
        self.page.on("dialog", lambda dialog: self.asked.append(f"dialog {dialog.message}"))

    def read(self, path: str) -> None:
        """Read a page, and fail if anything ran on it that is not its own."""
        self.page.goto(self.address + path, wait_until="load")
        self.check()
        assert (
            self.page.evaluate(FOREIGN, [sorted(TAGS), {tag: sorted(known) for tag, known in ATTRIBUTES.items()}]) == []
        )

    def check(self) -> None:
        """Fail if anything has run or was asked for."""
        assert self.page.evaluate("window.ran") == []
        assert self.asked == []

    def _note(self, request: Request) -> None:
        parts = urlsplit(request.url)
        own = parts.path.startswith(("/static/", "/bases.css", "/favicon", "/manage/", "/bases/"))
        if request.url.split("/", 3)[:3] != self.address.split("/", 3)[:3] or not own:
            self.asked.append(request.url)


@dataclass
class Tried:
    """The workshop's site, and windows on it."""

    browser: Browser
    address: str
    app: Flask
    shop: Shop
    contexts: list[BrowserContext] = field(default_factory=list)

    def window(self, *, policy: bool = False, name: str = "") -> Watched:
        """Open a window, with the content policy switched off unless it is asked for."""
        context = self.browser.new_context(locale="zh-CN", bypass_csp=not policy)
        self.contexts.append(context)
        if name:
            client = self.app.test_client()
            with client.session_transaction() as cookie:
                cookie["_user_id"], cookie["_fresh"] = self.shop.user(name).get_id(), True
            held = client.get_cookie("jidi")
            assert held is not None
            context.add_cookies([{"name": "jidi", "value": held.value, "url": self.address}])
        return Watched(context.new_page(), self.address)


@pytest.fixture
def tried(browser: Browser, shop_app: Flask, writers: Shop) -> Iterator[Tried]:
    with serving_at(shop_app, Hands()) as address:
        made = Tried(browser, address, shop_app, writers)
        yield made
        for context in made.contexts:
            context.close()


def written(announce: Announce, bodies: Sequence[str]) -> list[str]:
    """Return the addresses of published announcements with these texts."""
    return [f"/bases/workshop/announcements/{announce('试', body, publish=True).path}" for body in bodies]


def test_there_are_more_than_enough() -> None:
    assert len(VECTORS) > 2000
    assert len(SOME) >= 200


@pytest.mark.parametrize("policy", [False, True])
def test_nothing_of_all_of_them_runs_where_visitors_read(tried: Tried, announce: Announce, policy: bool) -> None:
    bodies = ["".join(map(clean, few)) for few in _batches(VECTORS, 100)]
    window = tried.window(policy=policy)
    for path in written(announce, bodies):
        window.read(path)


@pytest.mark.slow
def test_nothing_runs_of_what_is_posted_alone(tried: Tried, announce: Announce) -> None:
    window = tried.window()
    for path in written(announce, SOME):
        window.read(path)


@pytest.mark.slow
def test_nothing_runs_of_what_is_pasted_neither_for_the_writer_nor_for_readers(tried: Tried) -> None:
    writer, reader = tried.window(name="manager"), tried.window()
    for few in _batches(SOME, 50):
        writer.page.goto(f"{tried.address}/manage/workshop/announcements/new")
        writer.page.fill("[name=title]", "试")
        for vector in few:
            _paste(writer.page, vector)
        writer.check()
        writer.page.click("button[value=publish]")
        writer.page.wait_for_url(lambda url: "/manage/" not in url)
        writer.check()
        reader.read(urlsplit(writer.page.url).path)


def _batches(vectors: Sequence[str], size: int) -> list[Sequence[str]]:
    return [vectors[start : start + size] for start in range(0, len(vectors), size)]


def _paste(page: Page, html: str) -> None:
    page.locator("#body-area").evaluate(
        """(area, html) => {
          area.focus()
          const clipboardData = new DataTransfer()
          clipboardData.setData("text/html", html)
          clipboardData.setData("text/plain", html)
          area.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}))
        }""",
        html,
    )
