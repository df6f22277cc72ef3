"""The format of pages that a plugin ships (docs/plugins/pages.md)."""

from pathlib import Path

import pytest

from core.content.files import PageFileError, read


def put(folder: Path, name: str, text: str | bytes) -> None:
    """Write a file of the plugin's folder."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())


def test_a_page_has_title_place_and_text_in_each_language(tmp_path: Path) -> None:
    put(tmp_path, "safety.zh.md", "---\ntitle: 安全须知\nposition: 10\n---\n戴护目镜。\n")
    put(tmp_path, "safety.en.md", "---\r\ntitle: Safety: goggles\r\n---\r\nWear goggles.\r\n")
    (page,) = read(tmp_path)
    assert (page.path, page.position) == ("safety", 10)
    assert page.title == {"zh": "安全须知", "en": "Safety: goggles"}
    assert page.body == {"zh": "戴护目镜。\n", "en": "Wear goggles.\n"}


def test_english_and_position_may_be_left_out_and_folders_make_the_path(tmp_path: Path) -> None:
    put(tmp_path, "equipment/lathes.zh.md", "\ufeff---\ntitle: 车床\n---\n正文\n\n---\n\n线下\n")
    (page,) = read(tmp_path)
    assert (page.path, page.position, page.title) == ("equipment/lathes", 100, {"zh": "车床"})
    assert "---" in page.body["zh"], "a rule in the text is not the front matter's end"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.zh.md", "# 没有开头", "front matter"),
        ("a.zh.md", "---\nposition: 1\n---\n", "title"),
        ("a.zh.md", f"---\ntitle: {'长' * 121}\n---\n", "title"),
        ("a.zh.md", "---\ntitle: 题\nposition: first\n---\n", "whole number"),
        ("a.zh.md", "---\ntitle: 题\ncolour: red\n---\n", "colour"),
        ("a.zh.md", "---\ntitle\n---\n", "name: value"),
        ("a.zh.md", "题".encode("gb18030"), "UTF-8"),
        ("a.en.md", "---\ntitle: Only English\n---\n", "Chinese"),
        ("a.md", "---\ntitle: 题\n---\n", ".zh.md"),
        ("A_b.zh.md", "---\ntitle: 题\n---\n", "a-z"),
    ],
)
def test_what_does_not_keep_to_it_is_refused_with_file_and_reason(
    tmp_path: Path, name: str, text: str | bytes, reason: str
) -> None:
    put(tmp_path, name, text)
    with pytest.raises(PageFileError, match=reason) as refused:
        read(tmp_path)
    assert "pages.md" in str(refused.value)
