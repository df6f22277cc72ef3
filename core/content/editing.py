"""Editing pages: a manager's own text over the shipped one, and the way back to it."""

from sqlalchemy.orm import Session

from core import audit, clock, errors
from core.accounts import roles
from core.accounts.models import User
from core.content.errors import EditedMeanwhile
from core.content.models import Page
from core.db import write
from core.localised import LANGUAGES


def edit(*, actor: User, page_id: int, version: int, title: str, body: str) -> Page:
    """Set a page's own title and text. What equals the shipped Chinese text counts as not set.

    Args:
        version: number of the version that the writer opened.

    Raises:
        EditedMeanwhile: another version has been saved since.
        errors.Forbidden, errors.NotFound: the actor may not publish there, or there is no such page.
    """
    with write() as session:
        page = _load(session, actor, page_id, version)
        shipped = page.declared or {}
        page.title_set = title if title != shipped.get("title", {}).get(LANGUAGES[0]) else None
        page.body_set = body if body.strip() != shipped.get("body", {}).get(LANGUAGES[0], "").strip() else None
        _saved(session, actor, page, "edit")
    return page


def restore(*, actor: User, page_id: int, version: int) -> Page:
    """Show the shipped text of a page again; a manager's own is thrown away.

    Raises:
        EditedMeanwhile, errors.Forbidden, errors.NotFound: as for `edit`.
    """
    with write() as session:
        page = _load(session, actor, page_id, version)
        page.title_set = page.body_set = None
        _saved(session, actor, page, "restore")
    return page


def _load(session: Session, actor: User, page_id: int, version: int) -> Page:
    page = session.get(Page, page_id, with_for_update=True)
    if page is None:
        raise errors.NotFound
    # A page is public: there is no draft of it, so whoever changes it publishes.
    roles.require(actor, "content.publish", base_id=page.base_id)
    if page.version != version:
        raise EditedMeanwhile(page)
    return page


def _saved(session: Session, actor: User, page: Page, verb: str) -> None:
    page.updated_at = clock.now()
    audit.record(session, actor_id=actor.id, action=f"page.{verb}", subject=f"page:{page.id}", path=page.path)
