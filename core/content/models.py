"""Content: pages, announcements, and what plugins declare, all as items; beside them their revisions and addresses.

An item's own columns hold what is public, or what would be: a draft's text, or one that waits for its moment. What is
being changed on a public item stands in a revision of its own (`pending`) until it is published over it. So nothing
that reads items for visitors can come across an unfinished text.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.accounts.models import User
from core.bases.models import Base
from core.booking.models import TrainingSession
from core.content.media.models import MediaFile
from core.db import Instant, Model, UTCDateTime
from core.localised import pick

PAGE = "page"
ANNOUNCEMENT = "announcement"
STATES = ("draft", "in_review", "published", "archived")

LONGEST_TITLE = 120
LONGEST_PATH = 250


class Item(Model):
    """A page, an announcement, or an item of a type that a plugin declares; of a base, or of the consortium (no base).

    `type` is `page`, `announcement`, or plugin slug and type joined by a dot. `path` is its address among its like: a
    page's is made of its parents' slugs and its own. `body` is clean HTML (`richtext.py`).

    Whether it is public is not a state alone but a matter of the clock: `queries.is_public()`. It is `published` from
    its publication on, also while `publish_at` lies ahead, and stays so when `expire_at` has passed.

    `declared` holds the texts by language of a page that a plugin ships; they are shown until somebody owns the page,
    that is, has written an own text.
    """

    __tablename__ = "content_item"
    __public__ = "content"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'in_review', 'published', 'archived')", name="state"),
        CheckConstraint("state IN ('draft', 'in_review') OR publish_at IS NOT NULL", name="published"),
        CheckConstraint("expire_at > publish_at", name="order"),
        CheckConstraint("pending_id IS NULL OR state = 'published'", name="pending"),
        CheckConstraint("NOT pending_review OR pending_id IS NOT NULL", name="review"),
        CheckConstraint("(event_start IS NULL) = (event_end IS NULL)", name="event"),
        CheckConstraint("event_start < event_end", name="event_order"),
        Index(
            "uq_content_item_address",
            text("coalesce(base_id, 0)"),
            "type",
            "path",
            unique=True,
            sqlite_where=text("trashed_at IS NULL"),
            postgresql_where=text("trashed_at IS NULL"),
        ),
        # What visitors read is found by one of these, however much lies behind it (`listing.py`).
        Index("ix_content_item_shown", "type", "state", "publish_at", "id"),
        Index("ix_content_item_of_base", "base_id", "type", "state", "publish_at", "id"),
        Index("ix_content_item_of_category", "type", "category", "state", "publish_at", "id"),
        Index(
            "ix_content_item_pinned",
            "type",
            "state",
            "pinned_until",
            sqlite_where=text("pinned_until IS NOT NULL"),
            postgresql_where=text("pinned_until IS NOT NULL"),
        ),
        Index(
            "ix_content_item_navigation",
            "base_id",
            "type",
            "state",
            "parent_id",
            "in_navigation",
            "position",
            "path",
        ),
        Index("ix_content_item_path", "path", "type"),
        Index(
            "ix_content_item_event",
            "event_end",
            sqlite_where=text("event_end IS NOT NULL"),
            postgresql_where=text("event_end IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(60))
    base_id: Mapped[int | None] = mapped_column(ForeignKey("base.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("content_item.id", ondelete="SET NULL"), index=True)
    position: Mapped[int] = mapped_column(default=100)
    in_navigation: Mapped[bool] = mapped_column(default=True, server_default=true())  # of its parent's, or its base's
    slug: Mapped[str] = mapped_column(String(80))
    path: Mapped[str] = mapped_column(String(LONGEST_PATH))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    body: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(40), default="")
    reference: Mapped[str] = mapped_column(String(60), default="")  # number of the official document
    location: Mapped[str] = mapped_column(String(200), default="")
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="SET NULL"))  # to register for
    event_start: Mapped[datetime | None] = mapped_column(Instant)  # of what it announces: it stands in the calendars
    event_end: Mapped[datetime | None] = mapped_column(Instant)
    event_all_day: Mapped[bool] = mapped_column(default=False, server_default=false())  # from midnight to midnight
    attachments: Mapped[list[int]] = mapped_column(JSON, default=list)  # ids of media files, in order
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # values of a plugin type's schema
    declared: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    owned: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    publish_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    expire_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    pinned_until: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(default=1)  # number of its last revision
    pending_id: Mapped[int | None] = mapped_column(
        ForeignKey("content_revision.id", ondelete="SET NULL", use_alter=True, name="fk_content_item_pending_id")
    )
    pending_review: Mapped[bool] = mapped_column(default=False, server_default=false())
    preview_key: Mapped[int] = mapped_column(default=1, server_default="1")  # raised: older preview links are dead
    trashed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)  # of its last revision, public or not
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)  # of what is public, or will be

    base: Mapped[Base | None] = relationship()
    parent: Mapped["Item | None"] = relationship(remote_side="Item.id")
    author: Mapped[User | None] = relationship()
    session: Mapped[TrainingSession | None] = relationship()
    pending: Mapped["Revision | None"] = relationship(foreign_keys=[pending_id])
    places: Mapped[list["Place"]] = relationship(back_populates="item", cascade="all, delete-orphan", lazy="selectin")

    @property
    def shown_title(self) -> str:
        """The heading, in the reader's language where a plugin ships it."""
        return pick(self.declared["title"]) if self.declared and not self.owned else self.title

    @property
    def shown_body(self) -> str:
        """The text as clean HTML, in the reader's language where a plugin ships it."""
        return pick(self.declared["body"]) if self.declared and not self.owned else self.body

    @property
    def is_public(self) -> bool:
        """Whether visitors may read it now, its base apart; the rule of `queries.is_public()`."""
        now = clock.now()
        return (
            self.state == "published"
            and self.trashed_at is None
            and self.publish_at is not None
            and self.publish_at <= now
            and (self.expire_at is None or self.expire_at > now)
        )

    @property
    def public_since(self) -> datetime:
        """When what visitors read became what it is: an unpublished change does not count."""
        return max(self.changed_at, self.publish_at or self.changed_at)

    @property
    def was_public(self) -> bool:
        """Whether visitors could read it at some time before, and no longer can: archived, expired or thrown away."""
        if self.state not in {"published", "archived"} or self.publish_at is None:
            return False
        ended = self.state == "archived" or self.trashed_at is not None or not self.is_public
        return ended and self.publish_at <= (self.trashed_at or clock.now())

    @property
    def is_pinned(self) -> bool:
        """Whether it stands on top of the lists now."""
        return self.pinned_until is not None and self.pinned_until > clock.now()

    @property
    def standing(self) -> str:
        """How it stands, for those who write: its state, or `scheduled`, `expired`, `trashed`."""
        if self.trashed_at is not None:
            return "trashed"
        if self.state != "published" or self.is_public:
            return self.state
        return "scheduled" if self.publish_at is not None and self.publish_at > clock.now() else "expired"


class Place(Model):
    """A base at which an item is shown beside its own: one text, no copies."""

    __tablename__ = "content_place"
    __public__ = "content"

    item_id: Mapped[int] = mapped_column(ForeignKey("content_item.id", ondelete="CASCADE"), primary_key=True)
    base_id: Mapped[int] = mapped_column(ForeignKey("base.id", ondelete="CASCADE"), primary_key=True, index=True)

    item: Mapped[Item] = relationship(back_populates="places")
    base: Mapped[Base] = relationship()


class Revision(Model):
    """A version of an item, kept for ever: who saved what, when and why. `snapshot` is written by `snapshots.py`."""

    __tablename__ = "content_revision"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("content_item.id", ondelete="CASCADE"))
    number: Mapped[int]
    act: Mapped[str] = mapped_column(String(20))  # what was done: create, save, submit, return, publish, archive, …
    reason: Mapped[str] = mapped_column(String(200), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)

    item: Mapped[Item] = relationship(foreign_keys=[item_id])
    author: Mapped[User | None] = relationship()


class Autosave(Model):
    """What somebody is typing, kept as they type, until they save it or it is a month old; nobody else sees it."""

    __tablename__ = "content_autosave"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)  # made by the page on which it is typed
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("content_item.id", ondelete="CASCADE"))
    type: Mapped[str] = mapped_column(String(60))
    base_id: Mapped[int | None] = mapped_column(ForeignKey("base.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(default=0)  # of the item, when it was opened
    values: Mapped[dict[str, Any]] = mapped_column(JSON)  # the form's fields as sent
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Redirect(Model):
    """An address that an item had before it was moved or renamed."""

    __tablename__ = "content_redirect"
    __public__ = "content"
    __table_args__ = (Index("uq_content_redirect_address", text("coalesce(base_id, 0)"), "type", "path", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("base.id", ondelete="CASCADE"))
    type: Mapped[str] = mapped_column(String(60))
    path: Mapped[str] = mapped_column(String(LONGEST_PATH))
    item_id: Mapped[int] = mapped_column(ForeignKey("content_item.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    item: Mapped[Item] = relationship()


class Reference(Model):
    """That an item's text, or a section of the portal, points at another item or uses a media file.

    `live` references stand in what is (or will be) public, the others in a change that is still pending.
    """

    __tablename__ = "content_reference"
    __public__ = "content"
    __table_args__ = (
        CheckConstraint("(source_id IS NULL) <> (section_id IS NULL)", name="source"),
        CheckConstraint("(item_id IS NULL) <> (media_id IS NULL)", name="target"),
        CheckConstraint("role IN ('link', 'image', 'attachment')", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("content_item.id", ondelete="CASCADE"), index=True)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("portal_section.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("content_item.id", ondelete="CASCADE"), index=True)
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media_file.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(10))
    live: Mapped[bool]

    source: Mapped[Item | None] = relationship(foreign_keys=[source_id])
    item: Mapped[Item | None] = relationship(foreign_keys=[item_id])
    media: Mapped[MediaFile | None] = relationship()


class Section(Model):
    """A section of the portal's front page, arranged by the office; `settings` belong to its kind."""

    __tablename__ = "portal_section"
    __public__ = "content"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('fortnight', 'bases', 'announcements', 'sessions', 'figures', 'partners', 'text')", name="kind"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE), default="")  # "": the kind's own
    body: Mapped[str] = mapped_column(Text, default="")
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    position: Mapped[int] = mapped_column(default=100)
    shown: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class Frame(Model):
    """What stands around every public page, set by the office: one row.

    `icp` is the site's record number, which sites served from mainland China must show in their footer.
    """

    __tablename__ = "portal_frame"
    __public__ = "content"

    id: Mapped[int] = mapped_column(primary_key=True)
    banner: Mapped[str] = mapped_column(String(200), default="")
    banner_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    icp: Mapped[str] = mapped_column(String(60), default="")
    footer: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
