"""Bringing the pages that plugins ship as Markdown files into items; run at upgrade, with the portal's first sections.

`Item.declared` keeps what is shipped beside what is shown: `path` (its key, whatever address the page has been moved
to), `position`, `title`, `body`; also `changed`, when the file changed under an own text, and `withdrawn`, once it is
no longer shipped: whether that took it off the public pages.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.bases.models import Base
from core.content import claiming, files, markdown, references, sections, writing
from core.content.models import LONGEST_PATH, PAGE, Item
from core.content.snapshots import public
from core.localised import LANGUAGES

if TYPE_CHECKING:
    from core.plugins.facade import Facade

ROOM = 10
"""Characters of a path kept free for a number at its end."""


def sync(session: Session, facade: "Facade") -> None:
    """Write every shipped page into its item and archive what is no longer shipped; what somebody owns stays.

    A front page without sections gets the first ones.

    What editors have done stays done: a page that was moved, put in another order, archived or thrown away is not put
    back. The pages of a base whose plugin is not loaded are left as they are: the base itself is archived.

    Raises:
        files.PageFileError: a shipped file does not keep to the format.
    """
    sections.arrange_default(session)
    bases = {base.slug: base for base in session.scalars(select(Base).where(Base.archived_at.is_(None)))}
    claiming.hold(session, *(base.id for base in bases.values()))
    for slug in facade.bases():
        folder = facade.pages_folder(slug)
        _Shelf(session, bases[slug]).fill(files.read(folder) if folder else [])
    session.flush()


class _Shelf:
    """The pages of a base while its files are brought in."""

    def __init__(self, session: Session, base: Base) -> None:
        self.session, self.base = session, base
        pages = session.scalars(select(Item).where(Item.base_id == base.id, Item.type == PAGE)).all()
        self.shipped = {item.declared["path"]: item for item in pages if item.declared}
        self.at = {item.path: item for item in pages if item.trashed_at is None}
        self.written: list[Item] = []

    def fill(self, sources: list[files.ShippedPage]) -> None:
        for source in sources:
            self._put(source)
        for path in sorted(self.shipped.keys() - {source.path for source in sources}):
            self._withdraw(self.shipped[path])
        for item in self.written:  # now that all that they link to is there
            references.note(self.session, item, public(item), live=True)

    def _put(self, source: files.ShippedPage) -> None:
        body = {language: str(markdown.render(text)) for language, text in source.body.items()}
        declared = {"path": source.path, "position": source.position, "title": source.title, "body": body}
        item = self.shipped.get(source.path) or self._adopted(source.path) or self._new(source)
        self.shipped[source.path] = item
        before = item.declared or {}
        self._place_under_parent(item, source.path)
        if before == declared | _words(before, ("changed",)):
            return
        if item.position == before.get("position"):  # else an editor has chosen the order
            item.position = source.position
        if item.owned:
            unlike = before and _words(before, ("title", "body")) != _words(declared, ("title", "body"))
            changed = clock.now().isoformat() if unlike else before.get("changed")
            item.declared = declared | ({"changed": changed} if changed else {})
            return
        item.declared = declared
        if not before or before.get("withdrawn"):
            item.state = "published"
        item.title, item.body = source.title[LANGUAGES[0]], body[LANGUAGES[0]]
        item.changed_at = clock.now()
        writing.record(self.session, item, public(item), act="ship", actor_id=None)
        self.written.append(item)

    def _adopted(self, path: str) -> Item | None:
        """Return the page that an editor wrote at the address before it was shipped: an own text over the file's."""
        item = self.at.get(path)
        return item if item is not None and item.declared is None else None

    def _new(self, source: files.ShippedPage) -> Item:
        now = clock.now()
        parent = self._parent(source.path)
        path = self._free(f"{parent.path}/{source.path.rpartition('/')[2]}" if parent else source.path)
        item = Item(
            type=PAGE,
            base_id=self.base.id,
            parent_id=parent.id if parent else None,
            slug=path.rpartition("/")[2],
            path=path,
            position=source.position,
            owned=False,
            version=0,
            publish_at=now,
            created_at=now,
            attachments=[],
            fields={},
        )
        self.at[path] = item
        return item

    def _free(self, wanted: str) -> str:
        """Return the address of a new page: another shipped page may have been moved to the one it would have."""
        numbered = (f"{wanted}-{number}" for number in range(2, len(self.at) + 3))
        return next(path for path in (wanted, *numbered) if path not in self.at)

    def _parent(self, path: str) -> Item | None:
        above = path.rpartition("/")[0]
        found = self.shipped.get(above) or self.at.get(above)
        if found is None or found.trashed_at is not None or len(found.path) + len(path) > LONGEST_PATH - ROOM:
            return None
        return found

    def _place_under_parent(self, item: Item, path: str) -> None:
        """Put a page under its parent when that is shipped later; not one that an editor has moved."""
        parent = self._parent(path)
        if parent is not None and item.parent_id is None and item.path == f"{parent.path}/{item.slug}":
            item.parent_id = parent.id

    def _withdraw(self, item: Item) -> None:
        assert item.declared is not None  # the shelf holds nothing else
        if "withdrawn" in item.declared:
            return
        shown = item.state == "published" and not item.owned
        item.declared = item.declared | {"withdrawn": shown}
        if shown:
            item.state = "archived"
            item.pending, item.pending_review = None, False
            references.forget(self.session, item, live=False)
            writing.record(self.session, item, public(item), act="withdraw", actor_id=None)


def _words(declared: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: declared[name] for name in names if name in declared}
