"""The colours of the bases as a stylesheet, made of what their plugins declare."""

from hashlib import sha256

from core.plugins.declarations import BaseDeclaration, Colours
from core.plugins.facade import plugins


def stylesheet() -> str:
    """Return the rules that set accent, tint and hairline for whatever stands inside `data-base="<slug>"`."""
    rules = []
    for slug, base in plugins().bases().items():
        rules += _rules(slug, base)
    return "\n".join(rules) + "\n"


def version() -> str:
    """Return a short mark that changes when the stylesheet does."""
    return sha256(stylesheet().encode()).hexdigest()[:10]


def _rules(slug: str, base: BaseDeclaration) -> list[str]:
    light = f'[data-base="{slug}"] {{ {_properties(base.palette.light)} }}'
    dark = f'[data-bs-theme="dark"] [data-base="{slug}"] {{ {_properties(base.palette.dark)} }}'
    return [light, f"@media screen {{ {dark} }}"]  # paper is light


def _properties(colours: Colours) -> str:
    named = (("accent", colours.accent), ("accent-soft", colours.tint), ("accent-line", colours.line))
    return " ".join(f"--j-{name}: {value};" for name, value in named)
