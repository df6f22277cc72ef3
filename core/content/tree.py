"""The tree of pages: for those who write, all of it; for visitors, the way to a page and what stands under it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session, defer, lazyload

from core import audit, errors
from core.accounts.models import User
from core.bases.models import Base
from core.content import claiming, shipping, writing
from core.content.models import PAGE, Item
from core.content.permissions import may_publish
from core.content.queries import is_public, owner
from core.db import db, write

STEP = 10


@dataclass(frozen=True)
class Branch:
    """A page in the tree of those who write.

    Attributes:
        page: the item.
        news: how it stands to the file that is shipped for it (`shipping.news`).
        first, last: whether it is so among those under the same page.
        below: the pages under it.
        size: number of pages in the branch, itself included.
    """

    page: Item
    news: str
    first: bool
    last: bool
    below: Sequence["Branch"]
    size: int

    def holds(self, page_id: int) -> bool:
        """Say whether a page is the branch's own or stands somewhere below."""
        return self.page.id == page_id or any(branch.holds(page_id) for branch in self.below)


def tree(base: Base | None) -> list[Branch]:
    """Return the pages of a base (None: of the portal) in every state but the bin, in one query."""
    pages = db.session.scalars(
        select(Item)
        .where(owner(base), Item.type == PAGE, Item.trashed_at.is_(None))
        .options(lazyload(Item.places), defer(Item.body))
        .order_by(Item.position, Item.path)
    ).all()
    known = {page.id for page in pages}
    under: dict[int | None, list[Item]] = {}
    for page in pages:  # what stands under a page in the bin is shown at the top
        under.setdefault(page.parent_id if page.parent_id in known else None, []).append(page)
    return _branches(under, None)


def _branches(under: Mapping[int | None, Sequence[Item]], parent: int | None) -> list[Branch]:
    pages = under.get(parent, ())
    made = []
    for page in pages:
        below = _branches(under, page.id)
        size = 1 + sum(branch.size for branch in below)
        made.append(Branch(page, shipping.news(page), page is pages[0], page is pages[-1], below, size))
    return made


def flat(branches: Sequence[Branch], depth: int = 0) -> Iterator[tuple[Item, int]]:
    """Yield every page of some branches with how deep it stands, in the order of the tree."""
    for branch in branches:
        yield branch.page, depth
        yield from flat(branch.below, depth + 1)


def trail(page: Item) -> Sequence[Item]:
    """Return the public pages above a page, from the top; in one query however deep it stands."""
    parts = page.path.split("/")
    above = ["/".join(parts[:number]) for number in range(1, len(parts))]
    if not above:
        return ()
    return sorted(_public(page, Item.path.in_(above)), key=lambda item: len(item.path))


def below(page: Item) -> Sequence[Item]:
    """Return the public pages right under a page that are in the navigation, in their order."""
    return _public(page, Item.parent_id == page.id, Item.in_navigation.is_(True))


def _public(page: Item, *conditions: ColumnElement[bool]) -> Sequence[Item]:
    here = Item.base_id.is_(None) if page.base_id is None else Item.base_id == page.base_id
    chosen = select(Item).where(here, Item.type == PAGE, is_public(), *conditions).options(lazyload(Item.places))
    return db.session.scalars(chosen.order_by(Item.position, Item.path)).all()


def step(*, actor: User, base: Base | None, page_id: int, down: bool) -> None:
    """Put a page one place up or down among those under the same page; at the end it stays.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not publish there, or there is no such page.
    """
    with write() as session:
        page = _locked(session, actor, base, page_id)
        beside = Item.parent_id.is_(None) if page.parent_id is None else Item.parent_id == page.parent_id
        ids = list(
            session.scalars(
                select(Item.id)
                .where(owner(base), Item.type == PAGE, Item.trashed_at.is_(None), beside)
                .order_by(Item.position, Item.path)
            )
        )
        place = ids.index(page_id)
        ids.insert(max(0, place + (1 if down else -1)), ids.pop(place))
        for number, item_id in enumerate(ids, start=1):
            session.execute(update(Item).where(Item.id == item_id).values(position=number * STEP))
        _note(session, actor, page, "order")


def set_navigation(*, actor: User, base: Base | None, page_id: int, shown: bool) -> None:
    """Show a page in the navigation, or leave it out: it can still be read at its address; errors as for `step`."""
    with write() as session:
        page = _locked(session, actor, base, page_id)
        page.in_navigation = shown
        _note(session, actor, page, "navigation")


def _locked(session: Session, actor: User, base: Base | None, page_id: int) -> Item:
    base_id = base.id if base else None
    if not may_publish(actor, base_id):
        raise errors.Forbidden
    claiming.hold(session, base_id)
    page = writing.locked(session, page_id)
    if (page.type, page.base_id) != (PAGE, base_id):
        raise errors.NotFound
    return page


def _note(session: Session, actor: User, page: Item, act: str) -> None:
    audit.record(session, actor_id=actor.id, action=f"content.{act}", subject=f"content:{page.id}", type=PAGE)
