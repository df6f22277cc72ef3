"""Resources, booking kinds, sessions, bookings, closures, and the allocations that tie them to time.

The capacity of a resource at each instant is guarded by triggers (`guards.py`), not only by code.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.models import User
from core.bases.models import Base
from core.booking.states import STATES, TAKING
from core.db import Instant, Model, UTCDateTime
from core.intake.models import Answer
from core.localised import pick
from core.organisations.models import Organisation

SEATS_SLUG = "session_"
"""How the slug of the seats that a session owns begins; a declared slug has no underscore."""


class Resource(Model):
    """What can be taken for a time: a machine, cell, workstation, room, seat pool, or an instructor.

    `capacity` is the number of units that can be taken at one instant; 1 makes it exclusive. A resource declared by a
    plugin is keyed (base, slug). Instructors belong to the consortium (no base). A session owns one of kind `seats`.
    """

    __tablename__ = "resource"
    __table_args__ = (
        CheckConstraint("capacity >= 0", name="capacity"),
        Index("uq_resource_address", text("coalesce(base_id, 0)"), "slug", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("base.id", ondelete="RESTRICT"), index=True)
    slug: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(30))
    declared: Mapped[dict[str, Any]] = mapped_column(JSON)  # name and facts, by language
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # figures that rules read
    name_set: Mapped[str | None] = mapped_column(String(120))
    capacity: Mapped[int]
    position: Mapped[int] = mapped_column(default=100)
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    base: Mapped[Base | None] = relationship()

    @property
    def name(self) -> str:
        """The name people use."""
        return self.name_set or pick(self.declared["name"])

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Pairs of label and value for the equipment table."""
        return [(pick(label), pick(value)) for label, value in self.declared.get("facts", [])]


class Kind(Model):
    """A booking kind as a row: the frozen declaration of its plugin, and what a manager sets instead."""

    __tablename__ = "booking_kind"
    __table_args__ = (UniqueConstraint("base_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[int] = mapped_column(ForeignKey("base.id", ondelete="RESTRICT"))
    slug: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(default=100)
    declared: Mapped[dict[str, Any]] = mapped_column(JSON)  # title, summary (by language), mode, approval
    approval_set: Mapped[bool | None]
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    base: Mapped[Base] = relationship()

    @property
    def title(self) -> str:
        """What is booked, in a few words."""
        return pick(self.declared["title"])

    @property
    def summary(self) -> str:
        """For whom and what for, in a sentence."""
        return pick(self.declared["summary"])

    @property
    def mode(self) -> str:
        """`session`: seats of a dated session; `slot`: resources for a time of one's own choice."""
        return str(self.declared["mode"])

    @property
    def needs_approval(self) -> bool:
        """Whether a manager decides before the booking is confirmed."""
        return bool(self.declared["approval"]) if self.approval_set is None else self.approval_set


class TrainingSession(Model):
    """场次: a dated training with seats. A draft takes nothing yet; publishing takes its resources."""

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("start_at < end_at", name="order"),
        CheckConstraint("state IN ('draft', 'published', 'cancelled')", name="state"),
        CheckConstraint("seats > 0", name="seats"),
        Index("ix_session_shown", "base_id", "state", "start_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[int] = mapped_column(ForeignKey("base.id", ondelete="RESTRICT"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("booking_kind.id", ondelete="RESTRICT"))
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text, default="")
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    seats: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="draft")
    seats_resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id", ondelete="RESTRICT"), unique=True)
    uses: Mapped[list[int]] = mapped_column(JSON, default=list)  # ids of the rooms, machines, instructors it takes
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was cancelled
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)

    base: Mapped[Base] = relationship()
    kind: Mapped[Kind] = relationship()
    seats_resource: Mapped[Resource | None] = relationship()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Booking(Model):
    """预约: what an organisation has asked for. Its state is changed by `workflow.py` only."""

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("start_at < end_at", name="order"),
        CheckConstraint("units > 0", name="units"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("state <> 'returned' OR lapses_at IS NOT NULL", name="deadline"),
        Index("ix_booking_of_organisation", "organisation_id", "start_at"),
        Index("ix_booking_at_base", "base_id", "state", "start_at"),
        Index("ix_booking_lapsing", "state", "lapses_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(12), unique=True)  # "JD-7K3M"
    base_id: Mapped[int] = mapped_column(ForeignKey("base.id", ondelete="RESTRICT"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("booking_kind.id", ondelete="RESTRICT"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="RESTRICT"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    units: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    lapses_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when `returned` expires
    answer_id: Mapped[int] = mapped_column(ForeignKey("intake_answer.id", ondelete="RESTRICT"), unique=True)
    rules: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # the kind's rules when it was made
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)

    base: Mapped[Base] = relationship()
    kind: Mapped[Kind] = relationship()
    session: Mapped[TrainingSession | None] = relationship()
    organisation: Mapped[Organisation] = relationship()
    contact: Mapped[User | None] = relationship(foreign_keys=[contact_id])
    made_by: Mapped[User | None] = relationship(foreign_keys=[made_by_id])
    answer: Mapped[Answer] = relationship()
    allocations: Mapped[list["Allocation"]] = relationship(back_populates="booking", order_by="Allocation.id")
    history: Mapped[list["Step"]] = relationship(back_populates="booking", order_by="Step.id")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    @property
    def takes_place(self) -> bool:
        """Whether its allocations count against the capacity."""
        return self.state in TAKING


class Step(Model):
    """One change of state in a booking's history."""

    __tablename__ = "booking_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str | None] = mapped_column(String(12))
    to_state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text, default="")

    booking: Mapped[Booking] = relationship(back_populates="history")
    actor: Mapped[User | None] = relationship()


class Closure(Model):
    """停用: a resource out of use for a time (maintenance). It takes the whole capacity; the reason is public."""

    __tablename__ = "closure"
    __table_args__ = (CheckConstraint("start_at < end_at", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="RESTRICT"), index=True)
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(200))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    resource: Mapped[Resource] = relationship()


class Allocation(Model):
    """占用: what one booking, session or closure takes of one resource for `[start_at, end_at)`, set-up included."""

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint("start_at < end_at", name="order"),
        CheckConstraint("units > 0", name="units"),
        CheckConstraint(
            "(booking_id IS NOT NULL) + (session_id IS NOT NULL) + (closure_id IS NOT NULL) = 1", name="one_owner"
        ).ddl_if(dialect="sqlite"),
        CheckConstraint("num_nonnulls(booking_id, session_id, closure_id) = 1", name="one_owner").ddl_if(
            dialect="postgresql"
        ),
        Index(
            "ix_allocation_taken",
            "resource_id",
            "end_at",
            "start_at",
            sqlite_where=text("active"),
            postgresql_where=text("active"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="RESTRICT"))
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)
    units: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id", ondelete="RESTRICT"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="RESTRICT"), index=True)
    closure_id: Mapped[int | None] = mapped_column(ForeignKey("closure.id", ondelete="RESTRICT"), index=True)

    resource: Mapped[Resource] = relationship()
    booking: Mapped[Booking | None] = relationship(back_populates="allocations")
    session: Mapped[TrainingSession | None] = relationship()
    closure: Mapped[Closure | None] = relationship()


class Retry(Model):
    """A request already answered: the same Idempotency-Key with the same body gets the same answer again, for 24 h."""

    __tablename__ = "booking_retry"
    __table_args__ = (UniqueConstraint("actor_id", "route", "key"),)

    KEPT = timedelta(hours=24)
    LONGEST_KEY = 80

    id: Mapped[int] = mapped_column(primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    route: Mapped[str] = mapped_column(String(120))
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    fingerprint: Mapped[str] = mapped_column(String(64))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
