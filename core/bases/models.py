"""Bases as rows: what the plugin declares, and beside it what a manager sets instead (NULL: as declared)."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, String, Text, Time, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, UTCDateTime
from core.localised import pick


class Base(Model):
    """A training base. Its slug is its plugin's; a base whose plugin is gone is archived, never deleted.

    `declared` holds the frozen texts of the plugin's `BaseDeclaration`: name, short_name, summary (each by language),
    facts (pairs of label and value by language), icon and palette.
    """

    __tablename__ = "base"
    __public__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(30), unique=True)
    position: Mapped[int] = mapped_column(default=100)
    declared: Mapped[dict[str, Any]] = mapped_column(JSON)
    summary_set: Mapped[str | None] = mapped_column(Text)
    contact: Mapped[str] = mapped_column(String(200), default="")  # public: how to reach the base
    keeps_holidays_set: Mapped[bool | None]
    reviews_content: Mapped[bool] = mapped_column(default=True, server_default=true())  # what publishers write
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    hours: Mapped[list["OpeningHours"]] = relationship(
        back_populates="base",
        cascade="all, delete-orphan",
        order_by="(OpeningHours.weekday, OpeningHours.opens)",
    )
    special_days: Mapped[list["SpecialDay"]] = relationship(
        back_populates="base", cascade="all, delete-orphan", order_by="SpecialDay.day"
    )
    periods: Mapped[list["BasePeriod"]] = relationship(
        back_populates="base", cascade="all, delete-orphan", order_by="(BasePeriod.position, BasePeriod.id)"
    )

    @property
    def keeps_holidays(self) -> bool:
        """Whether the base is closed on statutory holidays and open on make-up working days."""
        return self.declared.get("keeps_holidays", True) if self.keeps_holidays_set is None else self.keeps_holidays_set

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
    __public__ = "site"
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


class SpecialDay(Model):
    """A day on which a base's hours differ from the week's and from the holidays'.

    `spans` are pairs of wall-clock times (“08:30”, “12:00”; “24:00” ends the day), in order; none: closed.
    """

    __tablename__ = "base_special_day"
    __public__ = "site"
    __table_args__ = (UniqueConstraint("base_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[int] = mapped_column(ForeignKey("base.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)
    spans: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(String(120), default="")  # public

    base: Mapped[Base] = relationship(back_populates="special_days")


class BasePeriod(Model):
    """A named span of the day that can be booked at a base: a lesson (节次) or a shift (班次).

    Declared by a plugin (`declared`: label by language, starts, ends) or added by a manager (`declared` empty, `kinds`
    the slugs of the booking kinds that offer it). What a manager sets stands instead; one that is `off` is not offered.
    One that ends at or before its start ends on the next day.
    """

    __tablename__ = "base_period"
    __public__ = "site"
    __table_args__ = (UniqueConstraint("base_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[int] = mapped_column(ForeignKey("base.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(40))
    declared: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    label_set: Mapped[str | None] = mapped_column(String(60))
    starts_set: Mapped[time | None] = mapped_column(Time)
    ends_set: Mapped[time | None] = mapped_column(Time)
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)
    off: Mapped[bool] = mapped_column(default=False, server_default=false())
    position: Mapped[int] = mapped_column(default=100)
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # no longer declared

    base: Mapped[Base] = relationship(back_populates="periods")

    @property
    def label(self) -> str:
        """The name people use."""
        return self.label_set or pick(self.declared["label"])

    @property
    def starts(self) -> time:
        """When it begins."""
        return self.starts_set or time.fromisoformat(self.declared["starts"])

    @property
    def ends(self) -> time:
        """When it is over."""
        return self.ends_set or time.fromisoformat(self.declared["ends"])


class WorkingYear(Model):
    """A year whose holidays the State Council has announced; `source` cites the notice."""

    __tablename__ = "working_year"
    __public__ = "site"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(Text, default="")

    days: Mapped[list["WorkingDay"]] = relationship(
        back_populates="of_year", cascade="all, delete-orphan", order_by="WorkingDay.day"
    )


class WorkingDay(Model):
    """A day that is no plain weekday or weekend: a statutory holiday (`works` false), or a weekend day worked for one.

    `follows` is the weekday (Monday is 0) whose hours and timetable a make-up day follows; None until somebody says.
    `edited` rows are the office's: an upgrade leaves them. One without a name marks a day that the notice changes and
    the office does not: it is a plain day.
    """

    __tablename__ = "working_day"
    __public__ = "site"
    __table_args__ = (CheckConstraint("follows BETWEEN 0 AND 6", name="follows"),)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("working_year.year", ondelete="CASCADE"), index=True)
    works: Mapped[bool]
    name: Mapped[str] = mapped_column(String(60))  # “春节”
    follows: Mapped[int | None]
    edited: Mapped[bool] = mapped_column(default=False)

    of_year: Mapped[WorkingYear] = relationship(back_populates="days")


class Term(Model):
    """A term of the schools: teaching week 1 begins on `first_day`, a Monday."""

    __tablename__ = "term"
    __public__ = "site"
    __table_args__ = (CheckConstraint("weeks BETWEEN 1 AND 60", name="weeks"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    first_day: Mapped[date] = mapped_column(Date)
    weeks: Mapped[int]

    @property
    def end(self) -> date:
        """The Monday after its last week."""
        return self.first_day + timedelta(weeks=self.weeks)

    @property
    def last_day(self) -> date:
        """The Sunday of its last week."""
        return self.end - timedelta(days=1)
