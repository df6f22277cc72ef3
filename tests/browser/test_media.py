"""The media library on the phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.content.media import samples

pytestmark = pytest.mark.browser

PHOTO: FilePayload = {"name": "入口.jpg", "mimeType": "image/jpeg", "buffer": samples.photo()}
PAPER: FilePayload = {"name": "规程.pdf", "mimeType": "application/pdf", "buffer": samples.pdf()}
SCRIPT: FilePayload = {"name": "脚本.jpg", "mimeType": "image/jpeg", "buffer": b"alert(1)"}


def test_several_files_go_up_from_the_phone_and_what_is_refused_says_why(window: Callable[..., Page]) -> None:
    page = window("publisher", width=390)
    page.goto("/manage/competition/media/")
    page.set_input_files("#file", [PHOTO, SCRIPT])
    page.get_by_role("button", name="上传", exact=True).click()
    rows = page.locator("[data-progress] li")
    expect(rows.nth(0)).to_contain_text("已存入")
    expect(rows.nth(1)).to_contain_text("素材库不收这种文件")

    page.set_input_files("#file", [PAPER])
    page.fill("#upload-folder", "资料")
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator(".j-media__name").first).to_have_text("规程.pdf")
    for picture in page.locator(".j-media img").all()[:2]:
        expect(picture).to_have_js_property("complete", True)
        expect(picture).not_to_have_js_property("naturalWidth", 0)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
