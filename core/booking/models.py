"""Resources, booking kinds, sessions, bookings, closures, and the allocations that tie them to time.

The capacity of a resource at each instant is guarded by triggers (`guards.py`), not only by code.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, Text, Time, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.models import User
from core.bases.models import Base
from core.booking.states import LAPSING, STATES, TAKING
from core.db import Instant, Model, UTCDateTime
from core.intake.models import Answer
from core.localised import pick
from core.organisations.models import Organisation, Quota

SEATS_SLUG = "session_"
"""How the slug of the seats that a session owns begins; a declared slug has no underscore."""


class Resource(Model):
    """What can be taken for a time: a machine, cell, workstation, room, seat pool, or an instructor.

    `capacity` is the number of units that can be taken at one instant; 1 makes it exclusive. A resource declared by a
    plugin is keyed (base, slug); one that a manager has added is `own`. Instructors belong to the consortium (no base).
    A session owns one of kind `seats`.

    A resource with children (a workshop with its machines) has as many units as they have together: whoever takes it
    takes all of it and of them; whoever takes a child takes as many units of its ancestors.
    """

    __tablename__ = "resource"
    __public__ = "booking"
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
    setup_set: Mapped[int | None]  # seconds
    cleanup_set: Mapped[int | None]
    own: Mapped[bool] = mapped_column(default=False, server_default=false())
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id", ondelete="RESTRICT"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    position: Mapped[int] = mapped_column(default=100)
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    base: Mapped[Base | None] = relationship()
    parent: Mapped["Resource | None"] = relationship(remote_side="Resource.id")
    user: Mapped[User | None] = relationship()  # whose calendar it is: an instructor's account
    hours: Mapped[list["ResourceHours"]] = relationship(
        back_populates="resource",
        cascade="all, delete-orphan",
        order_by="(ResourceHours.weekday, ResourceHours.opens)",
    )
    special_days: Mapped[list["ResourceDay"]] = relationship(
        back_populates="resource", cascade="all, delete-orphan", order_by="ResourceDay.day"
    )

    @property
    def setup(self) -> timedelta:
        """How long it is taken before each booked time."""
        return timedelta(seconds=self.declared.get("setup", 0) if self.setup_set is None else self.setup_set)

    @property
    def cleanup(self) -> timedelta:
        """How long it is taken after each booked time."""
        return timedelta(seconds=self.declared.get("cleanup", 0) if self.cleanup_set is None else self.cleanup_set)

    @property
    def name(self) -> str:
        """The name people use."""
        return self.name_set or pick(self.declared["name"])

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Pairs of label and value for the equipment table."""
        return [(pick(label), pick(value)) for label, value in self.declared.get("facts", [])]


class ResourceHours(Model):
    """One span of a weekday in which a resource can be used, beside the base's hours; as `bases.OpeningHours`.

    A resource without any follows its base; an instructor without any is there whenever a base is open.
    """

    __tablename__ = "resource_hours"
    __public__ = "booking"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),  # Monday is 0
        CheckConstraint("opens < closes", name="order"),
        UniqueConstraint("resource_id", "declared", "weekday", "opens"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)
    declared: Mapped[bool] = mapped_column(default=True)

    resource: Mapped[Resource] = relationship(back_populates="hours")


class ResourceDay(Model):
    """A day on which a resource's hours differ; as `bases.SpecialDay`."""

    __tablename__ = "resource_special_day"
    __public__ = "booking"
    __table_args__ = (UniqueConstraint("resource_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)
    spans: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(String(120), default="")

    resource: Mapped[Resource] = relationship(back_populates="special_days")


class Kind(Model):
    """A booking kind as a row: the frozen declaration of its plugin, and what a manager sets instead.

    `declared["rules"]` and `rules_set` are read through `rules.rules_of` only; a rule missing in `rules_set` is as
    declared.
    """

    __tablename__ = "booking_kind"
    __public__ = "booking"
    __table_args__ = (UniqueConstraint("base_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[int] = mapped_column(ForeignKey("base.id", ondelete="RESTRICT"))
    slug: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(default=100)
    declared: Mapped[dict[str, Any]] = mapped_column(JSON)  # title, summary (by language), mode, rules
    rules_set: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
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


class TrainingSession(Model):
    """场次: a dated training with seats. A draft takes nothing yet; publishing takes its resources."""

    __tablename__ = "session"
    __public__ = "booking"
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
    __public__ = "booking"
    __table_args__ = (
        CheckConstraint("start_at < end_at", name="order"),
        CheckConstraint("units > 0", name="units"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint(f"(state IN {tuple(sorted(LAPSING))}) = (lapses_at IS NOT NULL)", name="deadline"),
        CheckConstraint(
            "answer_id IS NOT NULL OR state = 'held' OR state = 'expired' OR state = 'cancelled'", name="answer"
        ),
        CheckConstraint("(state = 'waitlisted') <= (waiting_since IS NOT NULL)", name="waiting"),
        Index(  # what was ended keeps its day; another booking may take its place
            "uq_booking_occurrence",
            "series_id",
            "occurrence_on",
            unique=True,
            sqlite_where=text("state NOT IN ('rejected', 'cancelled', 'expired')"),
            postgresql_where=text("state NOT IN ('rejected', 'cancelled', 'expired')"),
        ),
        Index("ix_booking_series", "series_id"),
        Index("ix_booking_of_organisation", "organisation_id", "start_at"),
        Index("ix_booking_at_base", "base_id", "state", "start_at"),
        Index("ix_booking_lapsing", "state", "lapses_at"),
        Index("ix_booking_due", "state", "decide_by"),
        Index("ix_booking_queue", "kind_id", "state", "waiting_since"),
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
    lapses_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when what is held, returned or offered ends
    answer_id: Mapped[int | None] = mapped_column(  # None while held; the bookings of a series share one
        ForeignKey("intake_answer.id", ondelete="RESTRICT"), index=True
    )
    wish: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # leg position → ids that may serve (`legs.Picks`)
    rules: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # the kind's rules when it was made
    round: Mapped[int] = mapped_column(default=1)  # of approval: grows when it has to be decided anew
    step: Mapped[int] = mapped_column(default=0)  # position in the chain of approval that has to decide next
    decide_by: Mapped[datetime | None] = mapped_column(UTCDateTime)  # then the step escalates
    escalated: Mapped[bool] = mapped_column(default=False)
    waiting_since: Mapped[datetime | None] = mapped_column(UTCDateTime)  # its place in the waiting list
    offers: Mapped[int] = mapped_column(default=0)  # made to it from the waiting list
    series_id: Mapped[int | None] = mapped_column(ForeignKey("booking_series.id", ondelete="RESTRICT"))
    occurrence_on: Mapped[date | None] = mapped_column(Date)  # the day its series names it by, for ever
    detached: Mapped[bool] = mapped_column(default=False)  # changed by itself: an exception of its series
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)

    base: Mapped[Base] = relationship()
    kind: Mapped[Kind] = relationship()
    session: Mapped[TrainingSession | None] = relationship()
    organisation: Mapped[Organisation] = relationship()
    contact: Mapped[User | None] = relationship(foreign_keys=[contact_id])
    made_by: Mapped[User | None] = relationship(foreign_keys=[made_by_id])
    answer: Mapped[Answer | None] = relationship()
    series: Mapped["Series | None"] = relationship(back_populates="bookings")
    allocations: Mapped[list["Allocation"]] = relationship(back_populates="booking", order_by="Allocation.id")
    approvals: Mapped[list["Approval"]] = relationship(back_populates="booking", order_by="Approval.id")
    charges: Mapped[list["Charge"]] = relationship(back_populates="booking", order_by="Charge.id")
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
    was: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # (moved) its place before: `changing.place`

    booking: Mapped[Booking] = relationship(back_populates="history")
    actor: Mapped[User | None] = relationship()


class Approval(Model):
    """One person's consent to a booking, for one step of its chain.

    Nobody counts twice in a round, whatever roles they hold: two steps are two pairs of eyes.
    """

    __tablename__ = "booking_approval"
    __table_args__ = (UniqueConstraint("booking_id", "round", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    round: Mapped[int]
    step: Mapped[int]
    role: Mapped[str] = mapped_column(String(20))  # in which role
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")

    booking: Mapped[Booking] = relationship(back_populates="approvals")
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    instead_of: Mapped[User | None] = relationship(foreign_keys=[instead_of_id])


class Delegation(Model):
    """Somebody who decides on bookings lets another account do it for some days, at one base or (no base) wherever."""

    __tablename__ = "booking_delegation"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="order"),
        CheckConstraint("from_id <> to_id", name="other"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("base.id", ondelete="CASCADE"))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)  # included
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    giver: Mapped[User] = relationship(foreign_keys=[from_id])
    taker: Mapped[User] = relationship(foreign_keys=[to_id])
    base: Mapped[Base | None] = relationship()


class Charge(Model):
    """What a booking uses of a quota, in the quota's unit; `given_back_at` once it no longer counts."""

    __tablename__ = "booking_charge"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index(
            "uq_booking_charge_counting",
            "booking_id",
            "quota_id",
            unique=True,
            sqlite_where=text("given_back_at IS NULL"),
            postgresql_where=text("given_back_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    quota_id: Mapped[int] = mapped_column(ForeignKey("quota.id", ondelete="RESTRICT"), index=True)
    amount: Mapped[int]
    given_back_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    booking: Mapped[Booking] = relationship(back_populates="charges")
    quota: Mapped[Quota] = relationship()


class Series(Model):
    """A booking that repeats. Its bookings are rows of their own; this is the rule by which they were made.

    `rule` holds an RRULE or the weekday and weeks of a term (`recurrence.py`); `skipped` the days of the rule on which
    there is no booking, each with the reason, so that one can be added again.
    """

    __tablename__ = "booking_series"
    __table_args__ = (CheckConstraint("units > 0", name="units"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    base_id: Mapped[int] = mapped_column(ForeignKey("base.id", ondelete="RESTRICT"), index=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("booking_kind.id", ondelete="RESTRICT"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    starts: Mapped[time] = mapped_column(Time)
    ends: Mapped[time] = mapped_column(Time)  # on the next day when it is not after `starts`
    units: Mapped[int]
    wish: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    skipped: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # ISO day → reason
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)

    base: Mapped[Base] = relationship()
    kind: Mapped[Kind] = relationship()
    organisation: Mapped[Organisation] = relationship()
    made_by: Mapped[User | None] = relationship()
    bookings: Mapped[list[Booking]] = relationship(back_populates="series", order_by="Booking.start_at")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Closure(Model):
    """停用: a resource out of use for a time (maintenance). It takes the whole capacity; the reason is public."""

    __tablename__ = "closure"
    __public__ = "booking"
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
    """占用: what one booking, session or closure takes of one resource for `[start_at, end_at)`, set-up included.

    `leg` is the position of the leg that it serves. One that is `covering` was not asked for: it keeps the parents and
    children of what was from being taken.
    """

    __tablename__ = "allocation"
    __public__ = "booking"
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
    leg: Mapped[int | None]
    covering: Mapped[bool] = mapped_column(default=False, server_default=false())
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
    answer: Mapped[Any] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
