"""Bringing the rows of bases in line with what the plugins declare; run at upgrade."""

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.bases.models import Base, OpeningHours
from core.localised import freeze
from core.plugins.declarations import BaseDeclaration, Palette

if TYPE_CHECKING:
    from core.plugins.facade import Facade


def sync(session: Session, facade: "Facade") -> None:
    """Write every declared base into its row, replace its declared hours, archive what is no longer declared.

    What a manager has set stays. Rows are only touched where something differs, so that a second run changes nothing.

    Args:
        session: the session of the open `db.write()`.
        facade: the loaded plugins.
    """
    rows = {base.slug: base for base in session.scalars(select(Base))}
    declared = facade.bases()
    for position, (slug, declaration) in enumerate(declared.items(), start=1):
        base = rows.get(slug) or Base(slug=slug)
        session.add(base)
        base.position = position
        base.archived_at = None
        texts = _frozen(declaration)
        if base.declared != texts:
            base.declared = texts
        _replace_hours(base, declaration)
    for slug, base in rows.items():
        if slug not in declared and base.archived_at is None:
            base.archived_at = clock.now()
    session.flush()


def _frozen(declaration: BaseDeclaration) -> dict[str, object]:
    return {
        "name": freeze(declaration.name),
        "short_name": freeze(declaration.short_name),
        "summary": freeze(declaration.summary),
        "icon": declaration.icon,
        "palette": _colours(declaration.palette),
        "facts": [[freeze(label), freeze(value)] for label, value in declaration.facts],
        "keeps_holidays": declaration.keeps_holidays,
    }


def _colours(palette: Palette) -> dict[str, dict[str, str]]:
    return {
        theme: {"accent": colours.accent, "tint": colours.tint, "line": colours.line}
        for theme, colours in (("light", palette.light), ("dark", palette.dark))
    }


def _replace_hours(base: Base, declaration: BaseDeclaration) -> None:
    wanted = {(weekday, hours.opens): hours.closes for hours in declaration.hours for weekday in hours.weekdays}
    kept = {(span.weekday, span.opens): span for span in base.hours if span.declared}
    for key in kept.keys() - wanted.keys():
        base.hours.remove(kept[key])
    for (weekday, opens), closes in sorted(wanted.items()):
        # A span that opens as before is changed in place: a new row would come before the old one is gone.
        if span := kept.get((weekday, opens)):
            span.closes = closes
        else:
            base.hours.append(OpeningHours(weekday=weekday, opens=opens, closes=closes, declared=True))
