"""The plugin that docs/plugins/hooks.md builds, cut out of the document as it stands there."""

import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType

from core.plugins import hookspecs

PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
DOCUMENT = Path(__file__).parents[2] / "docs/plugins/hooks.md"
HOOKS = {
    name: function
    for name, function in vars(hookspecs).items()
    if isinstance(function, FunctionType) and hasattr(function, "jidi_spec")
}


@dataclass(frozen=True)
class Section:
    """What the document says of one hook: its heading, its text, its pieces of Python."""

    heading: str
    text: str
    code: list[str]


def sections() -> dict[str, Section]:
    """Return the sections of the document by the hook's name."""
    parts = re.split(r"^## (.*)$", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {
        heading.partition("(")[0]: Section(heading, text, PYTHON.findall(text))
        for heading, text in zip(parts[::2], parts[1::2], strict=True)
    }


def signature(name: str) -> str:
    """Return a hook's signature as a heading writes it."""
    return name + str(inspect.signature(HOOKS[name])).replace("'", "")


def files() -> dict[str, str]:
    """Return the plugin's package: the first piece of Python of each section, and the migration."""
    found = sections()
    return {
        "__init__.py": '"""The forge."""\n\n' + "\n\n".join(section.code[0] for section in found.values()),
        "migrations/forge_0001.py": found["declare_models"].code[1],
    }
