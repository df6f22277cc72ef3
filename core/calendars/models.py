"""Calendar collections and their entries, kept as ready iCalendar bytes (DESIGN §4)."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.models import User
from core.bases.models import Base
from core.booking.models import TrainingSession
from core.db import Instant, Model, UTCDateTime


class Collection(Model):
    """One calendar that can be followed; `key` says whose (`collections.py`). `change` grows with every change in it.

    It is the microsecond of the change where that is greater than the number before, so that a database that was put
    back to an older state never counts up to a number that meant something else.
    """

    __tablename__ = "calendar_collection"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80))  # "base:3", "resource:17"
    change: Mapped[int] = mapped_column(BigInteger, default=0)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Entry(Model):
    """One source (session, booking, closure, announcement, event) in one form, serialised once when it changed."""

    __tablename__ = "calendar_entry"
    __table_args__ = (
        UniqueConstraint("source", "audience"),
        CheckConstraint("audience IN ('public', 'full')", name="audience"),
        Index("ix_calendar_entry_end", "end_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(80))  # "session:4", "booking:7/resource:2"
    audience: Mapped[str] = mapped_column(String(20), default="public")
    uid: Mapped[str] = mapped_column(String(120), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[bool] = mapped_column(default=False)
    transparent: Mapped[bool] = mapped_column(default=False, server_default=false())  # takes nobody's time
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
    change: Mapped[int] = mapped_column(BigInteger)
    deleted: Mapped[bool] = mapped_column(default=False)


class Event(Model):
    """What a plugin puts into its base's calendar beside sessions and bookings; public. `name` is the plugin's own.

    With `session_id` it belongs to a session, and takes place only while that is published.
    """

    __tablename__ = "calendar_event"
    __public__ = "booking"
    __table_args__ = (UniqueConstraint("base_id", "name"), CheckConstraint("start_at < end_at", name="order"))

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[int] = mapped_column(ForeignKey("base.id", ondelete="CASCADE"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, default="")
    location: Mapped[str] = mapped_column(String(200), default="")
    path: Mapped[str] = mapped_column(String(200), default="")  # of its page below the site's address
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    all_day: Mapped[bool] = mapped_column(default=False)
    cancelled: Mapped[bool] = mapped_column(default=False)

    base: Mapped[Base] = relationship()
    session: Mapped[TrainingSession | None] = relationship()


class Invitation(Model):
    """What a person was last sent by mail about an entry, so that a later mail continues it (RFC 5546).

    `method` is REQUEST, CANCEL, or PUBLISH (an occurrence of a series, which nobody was invited to by itself);
    `sequence` and `modified_at` are those of the entry as it was sent.
    """

    __tablename__ = "calendar_invitation"
    __table_args__ = (
        CheckConstraint("method IN ('REQUEST', 'CANCEL', 'PUBLISH')", name="method"),
        Index("ix_calendar_invitation_user", "user_id"),
    )

    entry_id: Mapped[int] = mapped_column(ForeignKey("calendar_entry.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    method: Mapped[str] = mapped_column(String(10))
    sequence: Mapped[int]
    modified_at: Mapped[datetime] = mapped_column(UTCDateTime)

    entry: Mapped[Entry] = relationship()
    user: Mapped[User] = relationship()
