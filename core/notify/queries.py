"""Messages and mails as the pages show them, read only."""

from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from sqlalchemy import select

from core import outbox
from core.accounts.models import User
from core.db import db
from core.errors import NotFound
from core.jobs import Job
from core.notify.models import Message
from core.paging import Sheet, sheet

PAGE = 30


@dataclass(frozen=True)
class Outgoing:
    """A mail of the outbox and how it fares; `mail` is None when no key opens it."""

    job: Job
    mail: outbox.Mail | None


def inbox(user: User, page: int) -> Sheet[Message]:
    """Return a page of a user's messages, the newest first."""
    own = select(Message).where(Message.user_id == user.id)
    return sheet(own.order_by(Message.created_at.desc(), Message.id.desc()), page, size=PAGE)


def outgoing(page: int, *, state: str | None = None) -> Sheet[Outgoing]:
    """Return a page of the outbox, the newest first; `state`: `todo`, `done`, `failed`, or None for all."""
    mails = select(Job).where(Job.kind == outbox.KIND)
    if state:
        mails = mails.where(Job.state == state)
    jobs = sheet(mails.order_by(Job.id.desc()), page, size=PAGE)
    return Sheet([_opened(job) for job in jobs.rows], jobs.number, jobs.last)


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
