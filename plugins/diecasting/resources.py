"""The die-casting cells and what they take. The report of 2014 gives no figures: all here are examples and say so."""

from dataclasses import asdict, dataclass
from decimal import Decimal

from core.plugin_api import ResourceDeclaration
from core.plugin_api import lazy_gettext as _l


@dataclass(frozen=True)
class Cell:
    """A die-casting cell.

    Attributes:
        clamping: greatest clamping force, kN.
        thinnest, thickest: mould thickness between the platens, mm.
        platen: free width and height between the tie bars, mm.
        shot: greatest shot weight of aluminium, kg.
    """

    slug: str
    name: object
    clamping: int
    thinnest: int
    thickest: int
    platen: tuple[int, int]
    shot: Decimal


CELLS = (
    Cell("cell1", _l("Die-casting cell 1"), 2800, 250, 600, (560, 560), Decimal("3.2")),
    Cell("cell2", _l("Die-casting cell 2"), 4000, 300, 700, (670, 670), Decimal("5.5")),
    Cell("cell3", _l("Die-casting cell 3"), 1600, 200, 500, (460, 460), Decimal("1.6")),
)


def _resource(cell: Cell) -> ResourceDeclaration:
    figures = asdict(cell) | {"platen": list(cell.platen), "shot": str(cell.shot)}
    return ResourceDeclaration(
        slug=cell.slug,
        name=cell.name,
        kind="cell",
        attributes={name: figures[name] for name in ("clamping", "thinnest", "thickest", "platen", "shot")},
        facts=(
            (_l("Clamping force"), f"{cell.clamping}kN"),
            (_l("Mould thickness"), f"{cell.thinnest}–{cell.thickest}mm"),
            (_l("Between tie bars"), f"{cell.platen[0]} × {cell.platen[1]}mm"),
            (_l("Greatest shot weight"), f"{cell.shot}kg"),
            (_l("Note"), _l("The figures are examples")),
        ),
    )


RESOURCES = (
    *(_resource(cell) for cell in CELLS),
    ResourceDeclaration(slug="classroom", name=_l("Safety classroom (example)"), kind="room"),
)
