"""Organisations of the consortium, their agreements and quotas, and the requests of those who want an account."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.models import User
from core.db import Encrypted, Model, UTCDateTime

if TYPE_CHECKING:
    from core.bases.models import Base

KINDS = ("lead", "school", "branch", "enterprise", "other")


class Organisation(Model):
    """A school, branch or enterprise that books; the lead school has the consortium's office."""

    __tablename__ = "organisation"
    __public__ = "site"
    __table_args__ = (CheckConstraint(f"kind IN {KINDS}", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    short_name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="SET NULL"))
    member: Mapped[bool] = mapped_column(default=True)  # of the consortium
    note: Mapped[str] = mapped_column(Text, default="")
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    parent: Mapped["Organisation | None"] = relationship(remote_side="Organisation.id")


class AccountRequest(Model):
    """A contact of an organisation without an account asks for one; the office accepts or declines."""

    __tablename__ = "organisation_request"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'accepted', 'declined')", name="state"),
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    contact_name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(Encrypted)
    message: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default="waiting", index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(Text, default="")

    decided_by: Mapped[User | None] = relationship()


UNITS = ("minutes", "person_times")


class Agreement(Model):
    """An agreement between an organisation and the consortium: what it may book, and from when to when.

    `scope` lists slugs of bases (“smithy”) and of their kinds (“smithy/forge”); empty: everything.
    """

    __tablename__ = "agreement"
    __table_args__ = (CheckConstraint("valid_from <= valid_until", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(60), default="")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)  # included
    scope: Mapped[list[str]] = mapped_column(JSON, default=list)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # ended before its time
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    organisation: Mapped[Organisation] = relationship()
    quotas: Mapped[list["Quota"]] = relationship(back_populates="agreement", order_by="Quota.valid_from, Quota.id")


class Quota(Model):
    """What an organisation may use in a span of days (a term), all its contacts together.

    `granted` and `used` count minutes of booked time or person-times. `base_id` None: at all bases together. `used` is
    changed by the booking engine only, in the transaction that takes or gives back.
    """

    __tablename__ = "quota"
    __table_args__ = (
        CheckConstraint(f"unit IN {UNITS}", name="unit"),
        CheckConstraint("granted >= 0", name="granted"),
        CheckConstraint("used >= 0 AND used <= granted", name="used"),
        CheckConstraint("valid_from <= valid_until", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id", ondelete="RESTRICT"), index=True)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("base.id", ondelete="RESTRICT"), index=True)
    label: Mapped[str] = mapped_column(String(80), default="")  # name of the term
    unit: Mapped[str] = mapped_column(String(12))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)  # included
    granted: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)

    agreement: Mapped[Agreement] = relationship(back_populates="quotas")
    base: Mapped["Base | None"] = relationship()
