"""docs/plugins/content.md: its example is a plugin that works."""

from collections.abc import Sequence
from pathlib import Path

from core.plugins import values
from core.plugins.declarations import ContentType
from core.plugins.validation import check_content
from tests.plugins import documented
from tests.plugins.conftest import Instance, facade

DOCUMENT = (Path(__file__).parents[2] / "docs/plugins/content.md").read_text("utf-8")


def test_the_example_is_listed_at_its_base(instance: Instance) -> None:
    (code,) = documented.PYTHON.findall(DOCUMENT)
    files = documented.files()
    instance.drop("forge", kind="base", files=files | {"__init__.py": f"{files['__init__.py']}\n\n{code}"})
    app = instance.start(JIDI_STRICT="1")
    (kind,) = facade(app).content_types("forge")
    assert values.expect("declare_content", [kind], Sequence[ContentType]) == [kind]
    check_content([kind], (), None)
    page = app.test_client().get("/bases/forge/content/dies/")
    assert page.status_code == 200
    assert "?only=shape:open" in page.text
