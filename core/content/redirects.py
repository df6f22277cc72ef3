"""Addresses that items had before they were moved or renamed."""

from sqlalchemy import ColumnElement, delete
from sqlalchemy.orm import Session

from core import clock
from core.content.models import Item, Redirect


def lead(session: Session, base_id: int | None, kind: str, path: str, *, to: int) -> None:
    """Let an address lead to an item from now on, in the current transaction.

    Args:
        session: the session of the open `db.write()`.
        base_id: the base whose address it is; None: the consortium's.
        kind: type of what was there.
        path: the address among its like.
        to: id of the item.
    """
    session.execute(delete(Redirect).where(*at(Redirect, base_id, kind, path)))
    session.add(Redirect(base_id=base_id, type=kind, path=path, item_id=to, created_at=clock.now()))
    session.flush()


def claim(session: Session, item: Item) -> None:
    """Take away the redirect that stands at an item's address: the item itself is public there from now on."""
    session.execute(delete(Redirect).where(*at(Redirect, item.base_id, item.type, item.path)))


def at(
    model: type[Item] | type[Redirect], base_id: int | None, kind: str, path: str
) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that something stands at an address."""
    owner = model.base_id.is_(None) if base_id is None else model.base_id == base_id
    return owner, model.type == kind, model.path == path
