"""Media files as rows; their bytes lie in the site's storage (`core/files.py`)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.models import User
from core.bases.models import Base
from core.db import Model, UTCDateTime


class MediaFile(Model):
    """A picture or file of a base's library, or of the consortium's (no base).

    Its address names the row, never the bytes: a replaced file keeps it. Visitors may fetch it only while something
    public uses it (`media/access.py`).
    """

    __tablename__ = "media_file"
    __public__ = "content"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size"),
        CheckConstraint("(width IS NULL) = (height IS NULL)", name="picture"),
        Index("ix_media_file_library", "base_id", "folder", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("base.id", ondelete="CASCADE"))
    folder: Mapped[str] = mapped_column(String(80), default="")
    name: Mapped[str] = mapped_column(String(120))  # of the file, with its ending; shown and sent
    alt: Mapped[str] = mapped_column(String(300), default="")  # what a picture shows, for who does not see it
    type: Mapped[str] = mapped_column(String(100))  # media type, found in the bytes
    size: Mapped[int]  # bytes
    width: Mapped[int | None]  # pixels
    height: Mapped[int | None]
    key: Mapped[str] = mapped_column(String(40))  # of the bytes in storage
    text: Mapped[str] = mapped_column(Text, default="")  # the words of a PDF or DOCX, for the search
    version: Mapped[int] = mapped_column(default=1)  # raised when the file is replaced
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    trashed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    base: Mapped[Base | None] = relationship()
    uploaded_by: Mapped[User | None] = relationship()

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture that a page can show."""
        return self.width is not None
