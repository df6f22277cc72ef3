"""Bases as rows: what the plugin declares, and beside it what a manager sets instead (NULL: as declared)."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, UTCDateTime
from core.localised import pick


class Base(Model):
    """A training base. Its slug is its plugin's; a base whose plugin is gone is archived, never deleted.

    `declared` holds the frozen texts of the plugin's `BaseDeclaration`: name, short_name, summary (each by language),
    facts (pairs of label and value by language), icon and palette.
    """

    __tablename__ = "base"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(30), unique=True)
    position: Mapped[int] = mapped_column(default=100)
    declared: Mapped[dict[str, Any]] = mapped_column(JSON)
    summary_set: Mapped[str | None] = mapped_column(Text)
    contact: Mapped[str] = mapped_column(String(200), default="")  # public: how to reach the base
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    hours: Mapped[list["OpeningHours"]] = relationship(
        back_populates="base",
        cascade="all, delete-orphan",
        order_by="(OpeningHours.weekday, OpeningHours.opens)",
    )

    @property
    def name(self) -> str:
        """The official name."""
        return pick(self.declared["name"])

    @property
    def short_name(self) -> str:
        """The name for badges and narrow places."""
        return pick(self.declared["short_name"])

    @property
    def summary(self) -> str:
        """What happens at the base, in a sentence or two."""
        return self.summary_set or pick(self.declared["summary"])

    @property
    def icon(self) -> str:
        """Name of a Bootstrap Icon, without `bi-`."""
        return str(self.declared["icon"])

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Pairs of label and value for the overview."""
        return [(pick(label), pick(value)) for label, value in self.declared["facts"]]


class OpeningHours(Model):
    """One span of a weekday in which the base is open, wall-clock time in Asia/Shanghai, end not included.

    Rows with `declared` come from the plugin and are replaced at upgrade; a manager's own stand beside them and are in
    force instead of all of them. A span that closes at 23:59 runs to midnight.
    """

    __tablename__ = "base_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),  # Monday is 0
        CheckConstraint("opens < closes", name="order"),
        UniqueConstraint("base_id", "declared", "weekday", "opens"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[int] = mapped_column(ForeignKey("base.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)
    declared: Mapped[bool] = mapped_column(default=True)

    base: Mapped[Base] = relationship(back_populates="hours")
