"""Calendar collections and their entries, kept as ready iCalendar bytes (DESIGN §4)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
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
    __table_args__ = (UniqueConstraint("source", "audience"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(80))  # "session:4", "booking:7/resource:2"
    audience: Mapped[str] = mapped_column(String(20), default="public")
    uid: Mapped[str] = mapped_column(String(120), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[bool] = mapped_column(default=False)
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    modified_at: Mapped[datetime] = mapped_column(UTCDateTime)
    data: Mapped[bytes] = mapped_column(LargeBinary)  # one folded VEVENT


class Membership(Model):
    """An entry in a collection, with the change number at which it last changed there."""

    __tablename__ = "calendar_membership"
    __table_args__ = (Index("ix_calendar_membership_change", "collection_id", "change"),)

    collection_id: Mapped[int] = mapped_column(ForeignKey("calendar_collection.id", ondelete="CASCADE"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("calendar_entry.id", ondelete="CASCADE"), primary_key=True, index=True)
    change: Mapped[int]
    deleted: Mapped[bool] = mapped_column(default=False)
