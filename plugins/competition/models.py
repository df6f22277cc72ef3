"""The draw of workstations as it was made."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from core.plugin_api import UTCDateTime, metadata


class Model(DeclarativeBase):
    """Base class of this plugin's models."""

    metadata = metadata


class Draw(Model):
    """The one draw of an event. With `seed` and the references anybody can compute the same order again."""

    __tablename__ = "competition_draw"
    __table_args__ = (UniqueConstraint("session_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    seed: Mapped[str] = mapped_column(String(80))
    drawn_at: Mapped[datetime] = mapped_column(UTCDateTime)

    places: Mapped[list["Place"]] = relationship(
        back_populates="draw", order_by="Place.position", cascade="all, delete-orphan", lazy="selectin"
    )


class Place(Model):
    """One team's place in the order; `ref` is the booking's public reference."""

    __tablename__ = "competition_place"
    __table_args__ = (UniqueConstraint("draw_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("competition_draw.id", ondelete="CASCADE"))
    position: Mapped[int]  # from 1
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    ref: Mapped[str] = mapped_column(String(12))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    draw: Mapped[Draw] = relationship(back_populates="places")
