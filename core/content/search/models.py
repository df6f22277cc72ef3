"""What the search knows: one document for each item, file, session and resource, and the table of synonyms."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.booking.models import Resource, TrainingSession
from core.content.media.models import MediaFile
from core.content.models import Item
from core.db import Instant, Model

FILE, SESSION, RESOURCE = "file", "session", "resource"


class Document(Model):
    """The words of one thing that can be found. Who may find it is asked of the thing itself, at each search.

    The engine's index lies over `title_words` and `text_words` (`index.py`) and follows them by itself.
    """

    __tablename__ = "search_document"
    __table_args__ = (
        CheckConstraint(
            "CASE WHEN item_id IS NULL THEN 0 ELSE 1 END + CASE WHEN media_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN session_id IS NULL THEN 0 ELSE 1 END + CASE WHEN resource_id IS NULL THEN 0 ELSE 1 END = 1",
            name="one_thing",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("content_item.id", ondelete="CASCADE"), unique=True)
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media_file.id", ondelete="CASCADE"), unique=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), unique=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), unique=True)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("base.id", ondelete="CASCADE"), index=True)
    type: Mapped[str] = mapped_column(String(60))  # an item's type, or `file`, `session`, `resource`
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    title_words: Mapped[str] = mapped_column(Text)  # cut into words joined by blanks, as the index takes them
    text_words: Mapped[str] = mapped_column(Text)
    dated_at: Mapped[datetime | None] = mapped_column(Instant)  # newer ones are found above older ones; None: ageless

    item: Mapped[Item | None] = relationship()
    media: Mapped[MediaFile | None] = relationship()
    session: Mapped[TrainingSession | None] = relationship()
    resource: Mapped[Resource | None] = relationship()


class Synonym(Model):
    """Words that mean the same to those who search; editable by the office."""

    __tablename__ = "search_synonym"
    __public__ = "content"

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(String(200))  # joined by commas
