"""Bringing together what two writers made of the same item at once.

What only one of them changed is not in dispute; where both changed something, the writer chooses.
"""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select

from core.content.models import Item, Revision
from core.content.snapshots import Texts, texts_of
from core.db import db

NAMES = frozenset(Texts.__dataclass_fields__) - {"fields"}
SCHEMA = "fields."
"""What the name of a value of a type's schema begins with here."""


def opened(item: Item, version: int) -> Texts | None:
    """Return the texts that a writer had before them who opened a version; None when there is none of this number."""
    chosen = select(Revision).where(Revision.item_id == item.id, Revision.number == version)
    revision = db.session.scalar(chosen)
    return texts_of(revision) if revision is not None else None


def merged(before: Texts | None, mine: Texts, theirs: Texts) -> Texts:
    """Return `mine` with what only the other writer changed since `before`, the texts that both opened."""
    if before is None:
        return mine
    names = [name for name in NAMES if getattr(mine, name) == getattr(before, name)]
    values = {*mine.fields, *theirs.fields}
    untouched = [SCHEMA + name for name in values if mine.fields.get(name) == before.fields.get(name)]
    return taking(mine, theirs, [*names, *untouched])


def taking(mine: Texts, theirs: Texts, names: Iterable[str]) -> Texts:
    """Return `mine` with the values of `theirs` under some names; those that mean nothing are passed over."""
    wanted = set(names)
    fields = dict(mine.fields)
    for name in {*mine.fields, *theirs.fields}:
        if SCHEMA + name in wanted:
            fields[name] = theirs.fields.get(name)
    return replace(mine, fields=fields, **{name: getattr(theirs, name) for name in wanted & NAMES})


def differing(one: Texts, other: Texts) -> set[str]:
    """Return the names of the values that differ."""
    values = {*one.fields, *other.fields}
    names = {name for name in NAMES if getattr(one, name) != getattr(other, name)}
    return names | {SCHEMA + name for name in values if one.fields.get(name) != other.fields.get(name)}
