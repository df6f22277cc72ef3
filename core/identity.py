"""Who this site is: a name it keeps for ever, whatever its address; made with its database."""

from uuid import UUID, uuid5

from flask import current_app
from sqlalchemy import CheckConstraint, String, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model, db


class SiteIdentity(Model):
    """The one row that names the site; written by the migration that makes the table."""

    __tablename__ = "site_identity"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36))


def site() -> UUID:
    """Return the site's own name; read once in a process."""
    known = current_app.extensions.get("jidi_identity")
    if known is None:
        known = UUID(db.session.scalars(select(SiteIdentity.uuid)).one())
        current_app.extensions["jidi_identity"] = known
    return known


def name_of(thing: str) -> UUID:
    """Return a name for something of this site that is the same for ever and at no other site (RFC 9562, 5.5).

    Args:
        thing: what is named, “series:7”.
    """
    return uuid5(site(), thing)
