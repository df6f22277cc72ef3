"""The versions of an item: who did what, when and why, what differs between two of them, and going back to one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core import dates, errors
from core.accounts.models import User
from core.bases.models import Base
from core.booking.models import TrainingSession
from core.content import categories, differences, types, writing
from core.content.media.models import MediaFile
from core.content.models import PAGE, Item, Revision
from core.content.permissions import may_publish_item
from core.content.snapshots import Happening, Texts, texts_of, working
from core.db import db

ACTS = {
    "create": _l("Written"),
    "import": _l("Taken over"),
    "save": _l("Saved"),
    "submit": _l("Handed in for review"),
    "return": _l("Sent back"),
    "publish": _l("Published"),
    "discard": _l("Change dropped"),
    "archive": _l("Archived"),
    "reopen": _l("Reopened as a draft"),
    "trash": _l("Thrown away"),
    "recover": _l("Recovered"),
    "undo": _l("Undone"),
    "move": _l("Moved"),
    "ship": _l("Brought by the base's plugin"),
    "withdraw": _l("No longer brought by the base's plugin"),
    "restore_shipped": _l("Given back to the base's plugin"),
}
"""What was done, by the act of a revision."""

NAMES = {
    "category": _l("Category"),
    "reference": _l("Reference number"),
    "location": _l("Place"),
    "session_id": _l("Registration"),
    "event": _l("Time of the event"),
    "attachments": _l("Files"),
    "publish_at": _l("Public from"),
    "expire_at": _l("Public until"),
    "pinned_until": _l("On top until"),
    "places": _l("Also shown at"),
}
"""What an item holds beside its title and text, as it is called."""


@dataclass(frozen=True)
class Change:
    """A line beside the text that differs: its key, what it is called, and how it read before and after."""

    key: str
    name: object
    old: str
    new: str


@dataclass(frozen=True)
class Comparison:
    """What differs between two versions; `is_empty` when nothing does."""

    title: Sequence[differences.Piece]
    body: Sequence[differences.Block | differences.Skipped]
    lines: Sequence[Change]

    @property
    def is_empty(self) -> bool:
        """Whether both say the same."""
        shown = [block for block in self.body if isinstance(block, differences.Block)]
        return not shown and not self.lines and all(piece.kind == differences.SAME for piece in self.title)


def act_name(act: str) -> object:
    """Return what was done, in words; that of a later release as it is."""
    return ACTS.get(act, act)


def revisions(item: Item) -> Sequence[Revision]:
    """Return all versions of an item, the newest first."""
    chosen = select(Revision).where(Revision.item_id == item.id).options(joinedload(Revision.author))
    return db.session.scalars(chosen.order_by(Revision.number.desc())).all()


def find(item: Item, number: int) -> Revision:
    """Return a version of an item.

    Raises:
        errors.NotFound: there is none of this number.
    """
    chosen = select(Revision).where(Revision.item_id == item.id, Revision.number == number)
    revision = db.session.scalar(chosen.options(joinedload(Revision.author)))
    if revision is None:
        raise errors.NotFound
    return revision


def restore(*, actor: User, item_id: int, version: int, number: int) -> Item:
    """Write a version's words anew as the newest version; times and places stay as they are.

    Over what is public they are put at once by whoever publishes; from others they are a pending change. Files, a
    session or a base that are gone since are left out.

    Args:
        actor: who restores.
        item_id: the item.
        version: number of the newest version that was seen.
        number: of the version to go back to.

    Raises:
        EditedMeanwhile: another version has been saved since.
        errors.StateChanged: the item is archived.
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such item or version.
    """
    item = db.session.get(Item, item_id)
    if item is None:
        raise errors.NotFound
    now, then = working(item), texts_of(find(item, number))
    texts = replace(
        _still_there(then),
        publish_at=now.publish_at,
        expire_at=now.expire_at,
        pinned_until=now.pinned_until,
        places=now.places,
    )
    public = item.state == "published" and may_publish_item(actor, item)
    return writing.save(
        actor=actor,
        item_id=item_id,
        version=version,
        texts=texts,
        act=writing.PUBLISH if public else writing.SAVE,
        reason=_("Version %(number)s again", number=number),
    )


def compare(old: Texts, new: Texts, kind: str = PAGE) -> Comparison:
    """Return what differs between two versions of an item of a type, in title, text and all beside them."""
    return Comparison(
        title=differences.words(old.title, new.title),
        body=differences.blocks(old.body, new.body),
        lines=[*_beside(old, new), *_fields(kind, old.fields, new.fields)],
    )


def _beside(old: Texts, new: Texts) -> list[Change]:
    names = [name for name in NAMES if getattr(old, name) != getattr(new, name)]
    return [
        Change(name, NAMES[name], _shown(getattr(old, name), name), _shown(getattr(new, name), name)) for name in names
    ]


def _fields(kind: str, old: Mapping[str, object], new: Mapping[str, object]) -> list[Change]:
    before, after = (types.values(types.known(kind), fields) for fields in (old, new))
    changed = [name for name in after if old.get(name) != new.get(name)]
    return [Change(f"fields.{name}", after[name].label, before[name].text, after[name].text) for name in changed]


def _shown(value: object, name: str) -> str:
    if isinstance(value, datetime | Happening):
        return dates.moment(value) if isinstance(value, datetime) else dates.span(value.start, value.end)
    if name == "attachments" and isinstance(value, tuple):
        return _named(MediaFile, value, "name")
    if name == "places" and isinstance(value, frozenset):
        return _named(Base, sorted(value), "short_name")
    if name == "category":
        return categories.label(str(value))
    if name == "session_id" and value is not None:
        return _named(TrainingSession, [value], "title")
    return "" if value is None else str(value)


def _named(model: type[MediaFile | Base | TrainingSession], ids: Sequence[object], attribute: str) -> str:
    rows = [db.session.get(model, number) for number in ids]
    names = [str(getattr(row, attribute)) if row is not None else _("(deleted)") for row in rows]
    return "\n".join(names)


def _still_there(texts: Texts) -> Texts:
    files = select(MediaFile.id).where(MediaFile.id.in_(texts.attachments), MediaFile.trashed_at.is_(None))
    known = set(db.session.scalars(files))
    training = db.session.get(TrainingSession, texts.session_id) if texts.session_id is not None else None
    return replace(
        texts,
        attachments=tuple(number for number in texts.attachments if number in known),
        session_id=training.id if training is not None else None,
    )
