"""Bringing together what two writers made of the same item at once.

What only one of them changed is not in dispute; where both changed something, the writer chooses.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup
from sqlalchemy import select

from core.content import history
from core.content.errors import EditedMeanwhile
from core.content.models import Item, Revision
from core.content.snapshots import Texts, texts_of
from core.db import db

NAMES = frozenset(Texts.__dataclass_fields__) - {"fields"}
SCHEMA = "fields."
"""What the name of a value of a type's schema begins with here."""


@dataclass(frozen=True)
class Conflict:
    """Two writers' texts of an item.

    Attributes:
        other: what is saved now.
        merged: the second writer's texts with what only the other had changed.
        disputed: what differs between the two, what is saved being the older one.
        taken: what stands beside the text and was taken over from the other.
    """

    other: EditedMeanwhile
    merged: Texts
    disputed: history.Comparison
    taken: Sequence[history.Change]

    @property
    def mine(self) -> Markup:
        """The text of the second writer."""
        return Markup(self.merged.body)  # noqa: S704 - clean, as `conflict` asks


def conflict(item: Item, version: int, mine: Texts, other: EditedMeanwhile) -> Conflict:
    """Return how two texts of an item stand to one another.

    Args:
        item: as it is saved now.
        version: number of the version that both had opened.
        mine: clean texts of the second writer.
        other: says what is saved now.
    """
    both = merged(opened(item, version), mine, other.texts)
    taken = history.compare(mine, both, item.type).lines
    return Conflict(other, both, history.compare(other.texts, both, item.type), taken)


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
