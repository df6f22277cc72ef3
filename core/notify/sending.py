"""What the administrator does with the outbox."""

from core import audit, jobs
from core.accounts.models import User
from core.accounts.roles import require
from core.db import write
from core.errors import Forbidden, NotFound, StateChanged
from core.notify.mail import configured
from core.notify.queries import mail

PERMISSION = "outbox.read"


def send_again(*, actor: User, job_id: int) -> None:
    """Queue a mail again that failed.

    Raises:
        StateChanged: it did not fail, or is queued already.
    """
    with write() as session:
        require(actor, PERMISSION)
        if not jobs.requeue(session, job_id):
            raise StateChanged
        audit.record(session, actor_id=actor.id, action="outbox.send_again", subject=f"job:{job_id}")


def may_reveal() -> bool:
    """Say whether secret links may be looked at: only where no mail server delivers them, so that people must."""
    return not configured()


def reveal(*, actor: User, job_id: int) -> None:
    """Note that the administrator looks at the secret link of a mail, to hand it over.

    Raises:
        Forbidden: a mail server delivers it.
        NotFound: there is no such mail.
    """
    with write() as session:
        require(actor, PERMISSION)
        if not may_reveal():
            raise Forbidden
        found = mail(job_id).mail
        if found is None or not found.secret:
            raise NotFound
        audit.record(session, actor_id=actor.id, action="outbox.reveal", subject=f"job:{job_id}")
