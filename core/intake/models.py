"""Forms as they were when somebody filled them in, the answers, and the people on a roster."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Encrypted, JSONDict, Model, UTCDateTime


class FormVersion(Model):
    """The declared fields of a booking kind's form at one time, frozen with their labels in every language.

    A new row is made when the declaration's fingerprint changes, so that an old answer is still read by the questions
    that were asked. `owner` is “base slug/kind slug”.
    """

    __tablename__ = "intake_form"
    __table_args__ = (UniqueConstraint("owner", "version"), UniqueConstraint("owner", "fingerprint"))

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    fields: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Answer(Model):
    """What was filled in, bound to the form's version. Values of fields declared personal are kept encrypted."""

    __tablename__ = "intake_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("intake_form.id", ondelete="RESTRICT"), index=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSONDict, default=dict)
    personal: Mapped[dict[str, Any] | None] = mapped_column(Encrypted)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)

    form: Mapped[FormVersion] = relationship(lazy="joined")
    roster: Mapped[list["Trainee"]] = relationship(
        back_populates="answer", cascade="all, delete-orphan", order_by="Trainee.position"
    )


class Trainee(Model):
    """One person on the roster of an answer; personal data encrypted.

    `person_index` is an HMAC of the identity-card number, so that rules can recognise a person without reading it.
    """

    __tablename__ = "intake_trainee"
    __table_args__ = (Index(None, "person_index"), UniqueConstraint("answer_id", "field", "position"))

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("intake_answer.id", ondelete="CASCADE"))
    field: Mapped[str] = mapped_column(String(40))  # name of the roster field
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Encrypted)
    id_number: Mapped[str | None] = mapped_column(Encrypted)
    phone: Mapped[str | None] = mapped_column(Encrypted)
    details: Mapped[dict[str, Any]] = mapped_column(Encrypted, default=dict)  # further columns of the roster
    person_index: Mapped[str | None] = mapped_column(String(64))

    answer: Mapped[Answer] = relationship(back_populates="roster")


class Upload(Model):
    """A file given with an answer; its bytes lie in the site's storage under `key`."""

    __tablename__ = "intake_upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("intake_answer.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]  # bytes
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
