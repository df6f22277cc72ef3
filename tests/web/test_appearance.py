"""A base's colours come from its plugin."""

from flask import Flask
from flask.testing import FlaskClient

from core import paths
from core.plugins.facade import plugins


def test_each_base_has_its_colours_in_both_themes_and_is_light_on_paper(app: Flask, client: FlaskClient) -> None:
    sheet = client.get("/bases.css")
    assert sheet.mimetype == "text/css"
    with app.app_context():
        bases = plugins().bases()
    assert bases
    for slug, base in bases.items():
        assert f'[data-base="{slug}"] {{ --j-accent: {base.palette.light.accent};' in sheet.text
        dark = f'[data-bs-theme="dark"] [data-base="{slug}"] {{ --j-accent: {base.palette.dark.accent};'
        assert f"@media screen {{ {dark}" in sheet.text


def test_the_pages_name_the_sheet_by_its_content(client: FlaskClient) -> None:
    assert 'href="/bases.css?v=' in client.get("/").text


def test_the_cores_own_style_and_scripts_know_no_base(app: Flask) -> None:
    with app.app_context():
        slugs = list(plugins().bases())
    sources = [file.read_text() for file in (paths.STATIC / "src").rglob("*") if file.is_file()]
    assert len(sources) > 20
    assert not [slug for slug in slugs for source in sources if slug in source]
