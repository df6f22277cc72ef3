"""Messages and mails as the pages show them, read only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from cryptography.fernet import InvalidToken
from sqlalchemy import Select, func, select

from core import outbox
from core.accounts.models import User
from core.db import db
from core.errors import NotFound
from core.jobs import Job
from core.notify.models import Message

PAGE = 30

T = TypeVar("T")


@dataclass(frozen=True)
class Sheet(Generic[T]):
    """One page of a list: its rows, its number from 1, and the number of the last one."""

    rows: Sequence[T]
    number: int
    last: int


@dataclass(frozen=True)
class Outgoing:
    """A mail of the outbox and how it fares; `mail` is None when no key opens it."""

    job: Job
    mail: outbox.Mail | None


def inbox(user: User, page: int) -> Sheet[Message]:
    """Return a page of a user's messages, the newest first."""
    own = select(Message).where(Message.user_id == user.id)
    number, last = _place(own, page)
    newest = own.order_by(Message.created_at.desc(), Message.id.desc()).offset((number - 1) * PAGE).limit(PAGE)
    return Sheet(db.session.scalars(newest).all(), number, last)


def outgoing(page: int, *, state: str | None = None) -> Sheet[Outgoing]:
    """Return a page of the outbox, the newest first; `state`: `todo`, `done`, `failed`, or None for all."""
    mails = select(Job).where(Job.kind == outbox.KIND)
    if state:
        mails = mails.where(Job.state == state)
    number, last = _place(mails, page)
    newest = mails.order_by(Job.id.desc()).offset((number - 1) * PAGE).limit(PAGE)
    return Sheet([_opened(job) for job in db.session.scalars(newest)], number, last)


def mail(job_id: int) -> Outgoing:
    """Return one mail of the outbox.

    Raises:
        NotFound: there is none.
    """
    job = db.session.get(Job, job_id)
    if job is None or job.kind != outbox.KIND:
        raise NotFound
    return _opened(job)


def _opened(job: Job) -> Outgoing:
    try:
        return Outgoing(job, outbox.opened(job.payload))
    except InvalidToken:
        return Outgoing(job, None)


def _place(rows: Select[Job] | Select[Message], page: int) -> tuple[int, int]:
    """Return the number of the page that is shown, and of the last one."""
    count = db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    last = max(1, -(-count // PAGE))
    return min(max(1, page), last), last
