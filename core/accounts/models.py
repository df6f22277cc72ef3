"""Users, the roles they hold, and the one-time tokens sent to them by mail."""

from datetime import datetime
from typing import TYPE_CHECKING

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.accounts.roles import Role
from core.db import Encrypted, Model, UTCDateTime

if TYPE_CHECKING:
    from core.bases.models import Base
    from core.organisations.models import Organisation


class User(UserMixin, Model):
    """Somebody who can sign in. `name` is shown to others and may be a role (“基地管理员”)."""

    __tablename__ = "user_account"
    __public__ = "access"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str | None] = mapped_column(Encrypted)
    password_hash: Mapped[str | None] = mapped_column(String(200))  # None: invited, no password yet
    active: Mapped[bool] = mapped_column(default=True)
    demo: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None] = mapped_column(String(5))
    session_version: Mapped[int] = mapped_column(default=1)  # raised to end all sessions of this user
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    grants: Mapped[list["Grant"]] = relationship(back_populates="user", cascade="all, delete-orphan", lazy="selectin")

    @property
    def is_active(self) -> bool:
        """Tell Flask-Login whether this user may be signed in."""
        return self.active

    def get_id(self) -> str:
        """Return the identity kept in the session cookie; it dies with `session_version`."""
        return f"{self.id}.{self.session_version}"

    def holds(self, role: Role, *, base_id: int | None = None, organisation_id: int | None = None) -> bool:
        """Say whether this user holds the role, at the given base or organisation where the role is bound to one."""
        return any(
            grant.role == role and grant.base_id == base_id and grant.organisation_id == organisation_id
            for grant in self.grants
        )

    def base_ids(self, *roles: Role) -> set[int]:
        """Return the ids of the bases at which this user holds one of the roles."""
        return {grant.base_id for grant in self.grants if grant.role in roles and grant.base_id is not None}

    def organisation_ids(self) -> set[int]:
        """Return the ids of the organisations this user is a contact of."""
        return {grant.organisation_id for grant in self.grants if grant.organisation_id is not None}


class Grant(Model):
    """A role held by a user: at one base, for one organisation, or (office, administrator) for the consortium."""

    __tablename__ = "user_grant"
    __public__ = "access"
    __table_args__ = (
        CheckConstraint(
            "(role IN ('manager', 'publisher', 'instructor') AND base_id IS NOT NULL AND organisation_id IS NULL)"
            " OR (role = 'contact' AND organisation_id IS NOT NULL AND base_id IS NULL)"
            " OR (role IN ('office', 'administrator') AND base_id IS NULL AND organisation_id IS NULL)",
            name="scope",
        ),
        Index(
            "uq_user_grant_held",
            "user_id",
            "role",
            text("coalesce(base_id, 0)"),
            text("coalesce(organisation_id, 0)"),
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(20))
    base_id: Mapped[int | None] = mapped_column(ForeignKey("base.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)

    user: Mapped[User] = relationship(back_populates="grants")
    base: Mapped["Base | None"] = relationship()
    organisation: Mapped["Organisation | None"] = relationship()


class ApiToken(Model):
    """A token with which a program acts as its user; only its hash is kept, the token is shown once.

    One for the purpose `api` is a bearer token of the REST API. One for `calendar` opens calendars only: the one whose
    key is its `scope`, or every calendar of its user when that is empty (an app password for CalDAV).
    """

    __tablename__ = "user_api_token"
    __public__ = "access"
    __table_args__ = (
        CheckConstraint("purpose IN ('api', 'calendar')", name="purpose"),
        CheckConstraint("purpose = 'calendar' OR scope = ''", name="scope"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(80), default="")
    purpose: Mapped[str] = mapped_column(String(10), default="api", server_default="api")
    scope: Mapped[str] = mapped_column(String(80), default="", server_default="")  # key of a calendar, "organisation:3"
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the token, hexadecimal
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # last; noted after the answer, once in a while
    used_by: Mapped[str] = mapped_column(String(120), default="", server_default="")  # the program, as it calls itself
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    user: Mapped[User] = relationship()


class MailedToken(Model):
    """A one-time link sent by mail (invitation or password reset); only its hash is kept."""

    __tablename__ = "user_token"
    __table_args__ = (CheckConstraint("purpose IN ('invitation', 'reset')", name="purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the token, hexadecimal
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    user: Mapped[User] = relationship()
