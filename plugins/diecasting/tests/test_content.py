"""Equipment pages, as visitors read them."""

from pathlib import Path

from core.testing.site import site
from core.testing.steps import publish


def test_an_equipment_page_shows_the_figures_of_its_resource_and_the_way_to_book_it(tmp_path: Path) -> None:
    with site("diecasting", tmp_path) as base:
        path = publish(base, "equipment", "设备（示例）", cell="cell2")
        page = base.visitor().get(path).text
        facts = next(known for known in base.plugin.resources if known.slug == "cell2").facts
        assert all(str(value) in page for _label, value in facts[:1])
        assert "/bases/diecasting/book/?resource=cell2" in page
