"""Pages and announcements. Their text is Markdown, rendered and sanitised when shown."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.accounts.models import User
from core.bases.models import Base
from core.db import Model, UTCDateTime
from core.localised import pick


class Page(Model):
    """A page of a base. Its plugin ships the text (`declared`: title, body by language); a manager may set another."""

    __tablename__ = "page"
    __table_args__ = (UniqueConstraint("base_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[int] = mapped_column(ForeignKey("base.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(default=100)
    declared: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    title_set: Mapped[str | None] = mapped_column(String(120))
    body_set: Mapped[str | None] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)

    base: Mapped[Base] = relationship()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    @property
    def title(self) -> str:
        """The heading, in the reader's language where it is declared."""
        return self.title_set or pick((self.declared or {}).get("title", {}))

    @property
    def body(self) -> str:
        """The text as Markdown."""
        return self.body_set or pick((self.declared or {}).get("body", {}))

    @property
    def is_set(self) -> bool:
        """Whether a manager's own text stands over the shipped one."""
        return self.title_set is not None or self.body_set is not None


class Announcement(Model):
    """News of a base, or of the consortium (no base): written as a draft, then published, then archived.

    Only what is published is ever shown outside the pages of those who write it.
    """

    __tablename__ = "announcement"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published', 'archived')", name="state"),
        CheckConstraint("state = 'draft' OR published_at IS NOT NULL", name="published"),
        Index("uq_announcement_address", text("coalesce(base_id, 0)"), "slug", unique=True),
        Index("ix_announcement_shown", "state", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("base.id", ondelete="CASCADE"), index=True)
    slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    pinned_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)

    base: Mapped[Base | None] = relationship()
    author: Mapped[User | None] = relationship()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    @property
    def is_pinned(self) -> bool:
        """Whether it stands on top of the lists now."""
        return self.pinned_until is not None and self.pinned_until > clock.now()
