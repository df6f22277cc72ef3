"""Users as the pages show them, read only."""

from sqlalchemy import inspect, or_, select
from sqlalchemy.orm import selectinload
from sqlalchemy.sql.base import ExecutableOption

from core.accounts.models import Grant, User
from core.db import db
from core.errors import NotFound
from core.paging import Sheet, sheet

PAGE = 50


def find_user(email: str) -> User | None:
    """Return the user with an e-mail address, in whatever letters it was typed."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def user(user_id: int) -> User:
    """Return a user with their roles and where these are held.

    Raises:
        NotFound: there is no such user.
    """
    found: User | None = db.session.scalar(select(User).where(User.id == user_id).options(*_with_scopes()))
    if found is None:
        raise NotFound
    return found


def users(*, text: str = "", page: int = 1) -> Sheet[User]:
    """Return a page of users by name, those who can sign in first.

    Args:
        text: part of the name or e-mail address; "" for all.
        page: from 1; beyond the end means the last one.
    """
    wanted = select(User)
    if text:
        named = (column.icontains(text, autoescape=True) for column in (User.name, User.email))
        wanted = wanted.where(or_(*named))
    wanted = wanted.order_by(User.active.desc(), User.name, User.id).options(*_with_scopes())
    return sheet(wanted, page, size=PAGE)


def scopes(kind: str) -> list[tuple[int, str]]:
    """Return id and name of everything a role can be held for; `kind` is "base" or "organisation"."""
    # Both features stand above this one: their models are reached through the relation, not by import.
    model = inspect(Grant).relationships[kind].entity.class_
    return [(row.id, row.name) for row in db.session.scalars(select(model).where(model.archived_at.is_(None)))]


def _with_scopes() -> tuple[ExecutableOption, ...]:
    # Made when asked for: at import, the models of the features above, which the relations name, are not known yet.
    return (
        selectinload(User.grants).joinedload(Grant.base),
        selectinload(User.grants).joinedload(Grant.organisation),
    )
