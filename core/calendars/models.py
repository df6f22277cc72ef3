"""Calendar collections and their entries, kept as ready iCalendar bytes (DESIGN §4)."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Instant, Model, UTCDateTime


class Collection(Model):
    """One calendar that can be followed: a base's or a resource's. `change` grows with every change in it."""

    __tablename__ = "calendar_collection"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80))  # "base:3", "resource:17"
    change: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Entry(Model):
    """One source (session, booking, closure) in its public form, serialised once when it changed."""

    __tablename__ = "calendar_entry"
    __table_args__ = (UniqueConstraint("source", "audience"), Index("ix_calendar_entry_end", "end_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(80))  # "session:4", "booking:7/resource:2"
    audience: Mapped[str] = mapped_column(String(20), default="public")
    uid: Mapped[str] = mapped_column(String(120), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[bool] = mapped_column(default=False)
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    modified_at: Mapped[datetime] = mapped_column(UTCDateTime)
    path: Mapped[str] = mapped_column(String(200), default="")  # of its page below the site's address, "" for none
    data: Mapped[bytes] = mapped_column(LargeBinary)  # one folded VEVENT, without its URL: that depends on a setting


class Membership(Model):
    """An entry in a collection, with the change number at which it last changed there.

    While a transaction is open, `PENDING` marks what it has changed: the numbers are given just before the commit.
    """

    PENDING: ClassVar[int] = -1

    __tablename__ = "calendar_membership"
    __table_args__ = (
        Index("ix_calendar_membership_change", "collection_id", "change"),
        Index(
            "ix_calendar_membership_pending",
            "collection_id",
            sqlite_where=text("change < 0"),
            postgresql_where=text("change < 0"),
        ),
    )

    collection_id: Mapped[int] = mapped_column(
        ForeignKey("calendar_collection.id", ondelete="CASCADE"), primary_key=True
    )
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("calendar_entry.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    change: Mapped[int]
    deleted: Mapped[bool] = mapped_column(default=False)
