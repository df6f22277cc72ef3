"""The audit log: who did what to what, when. Written in the transaction of the deed itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.db import Model, UTCDateTime


class AuditEntry(Model):
    """One deed: `action` (“booking.confirm”) on `subject` (“booking:17”), with what is needed to understand it."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "subject"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


def record(session: Session, *, actor_id: int | None, action: str, subject: str, **details: Any) -> None:
    """Add an entry to the log. Details must be JSON values and hold no personal data.

    Args:
        session: the session of the open `db.write()`.
        actor_id: the user who acts, or None for the system itself.
        action: feature and verb, joined by a dot.
        subject: table and id, joined by a colon.
    """
    session.add(AuditEntry(at=clock.now(), actor_id=actor_id, action=action, subject=subject, details=details))
