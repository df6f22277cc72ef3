"""What axe-core finds on a page."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]


def violations(page: Page) -> list[str]:
    """Return the findings of axe-core, each with the first place it was found."""
    page.evaluate(_axe())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{rule['id']}: {rule['help']} ({rule['nodes'][0]['target']})" for rule in found["violations"]]


@cache
def _axe() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
