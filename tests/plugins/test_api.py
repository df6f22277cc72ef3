"""docs/plugins/api.md describes all that a plugin may import, and nothing else."""

import dataclasses
import inspect
import re
from pathlib import Path

import pytest

from core import plugin_api
from core.plugin_api import Field

DOCUMENT = (Path(__file__).parents[2] / "docs/plugins/api.md").read_text("utf-8")
ENTRIES = {
    re.split(r"\W", entry, maxsplit=1)[0]: " ".join(f"`{entry}".split())
    for entry in re.split(r"^- `", re.sub(r"^## .*", "", DOCUMENT, flags=re.MULTILINE), flags=re.MULTILINE)[1:]
}
TRANSLATING = {"gettext", "lazy_gettext"}  # their signatures say nothing: (*args, **kwargs)
FUNCTIONS = [name for name in plugin_api.__all__ if inspect.isfunction(getattr(plugin_api, name))]
DECLARATIONS = [name for name in plugin_api.__all__ if dataclasses.is_dataclass(getattr(plugin_api, name))]


def test_everything_exported_is_described_and_nothing_else_is() -> None:
    assert sorted(ENTRIES) == sorted(plugin_api.__all__)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in TRANSLATING])
def test_a_function_stands_there_with_its_signature(name: str) -> None:
    signature = re.sub(r"\b(?:\w+\.)+(\w)", r"\1", str(inspect.signature(getattr(plugin_api, name))))
    assert ENTRIES[name].startswith(f"`{name}{signature}`:")


@pytest.mark.parametrize("name", DECLARATIONS)
def test_a_declaration_stands_there_with_all_it_holds(name: str) -> None:
    declared = getattr(plugin_api, name)
    shared = set() if declared is Field else {field.name for field in dataclasses.fields(Field)}
    own = {field.name for field in dataclasses.fields(declared)}
    wanted = own - shared if issubclass(declared, Field) else own
    assert [field for field in sorted(wanted) if f"`{field}`" not in ENTRIES[name]] == []
