"""Equipment pages: what a cell is for and what it takes, with the way to book it."""

from core.plugin_api import Choice, ContentType, LongText
from core.plugin_api import lazy_gettext as _l

from .resources import CELLS

EQUIPMENT = ContentType(
    slug="equipment",
    title=_l("Equipment page"),
    plural=_l("Equipment in pictures"),
    summary=_l("One page for each cell. Its figures come from the resource and need not be typed again."),
    icon="fire",
    behaviours=frozenset({"attachable", "illustrated"}),
    fields=(
        Choice(name="cell", label=_l("Cell"), options=tuple((cell.slug, cell.name) for cell in CELLS)),
        LongText(name="used_for", label=_l("Used for")),
        LongText(name="needs", label=_l("What you need before"), required=False),
    ),
    resource="cell",
    order="title",
)
