"""Bringing the rows of pages in line with the Markdown files that plugins ship; run at upgrade."""

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.bases.models import Base
from core.content import files
from core.content.models import Page

if TYPE_CHECKING:
    from core.plugins.facade import Facade


def sync(session: Session, facade: "Facade") -> None:
    """Write every shipped page into its row and archive what is no longer shipped; what a manager has set stays.

    The pages of a base whose plugin is not loaded are left as they are: the base itself is archived.

    Raises:
        files.PageFileError: a shipped file does not keep to the format.
    """
    bases = {base.slug: base for base in session.scalars(select(Base).where(Base.archived_at.is_(None)))}
    for slug in facade.bases():
        folder = facade.pages_folder(slug)
        shipped = files.read(folder) if folder else []
        _sync_base(session, bases[slug], shipped)
    session.flush()


def _sync_base(session: Session, base: Base, shipped: list[files.ShippedPage]) -> None:
    rows = {page.path: page for page in session.scalars(select(Page).where(Page.base_id == base.id))}
    for source in shipped:
        page = rows.pop(source.path, None) or Page(base_id=base.id, path=source.path)
        session.add(page)
        page.position = source.position
        page.archived_at = None
        declared = {"title": source.title, "body": source.body}
        if page.declared != declared:
            page.declared = declared
            page.updated_at = clock.now()
    for page in rows.values():
        if page.archived_at is None:
            page.archived_at = clock.now()
