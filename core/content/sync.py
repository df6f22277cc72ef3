"""Bringing the rows of pages in line with the Markdown files that plugins ship; run at upgrade."""

from sqlalchemy.orm import Session

from core.plugins.facade import Facade


def sync(session: Session, facade: Facade) -> None:
    """Write every shipped page into its row and archive what is no longer shipped; what a manager has set stays."""
