"""Mails to be sent, put into the outbox in the transaction of what they tell; `core/notify/mail.py` sends them."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from core import jobs
from core.db import cipher

KIND = "notify.mail"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail in the receiver's language.

    Attributes:
        to, name: address and name of the receiver.
        language: one of `localised.LANGUAGES`.
        subject, body: plain text; paragraphs are parted by an empty line.
        link: path within the site, or "".
        action: what the link does, in a few words.
        secret: whether the link lets whoever has it act for the receiver.
        calendar, method: an iCalendar text and its METHOD (RFC 5546), or "".
        from_name: in whose name it is sent; "" for the site's.
        reply_to: address that answers go to, or "".
    """

    to: str
    name: str
    language: str
    subject: str
    body: str
    link: str = ""
    action: str = ""
    secret: bool = False
    calendar: str = ""
    method: str = ""
    from_name: str = ""
    reply_to: str = ""

    @property
    def is_invitation(self) -> bool:
        """Whether calendar programs are to act on it: a series is published, and invites to nothing."""
        return bool(self.calendar) and self.method != "PUBLISH"

    @property
    def filename(self) -> str:
        """Name of the calendar file that comes with it, "" for none."""
        if not self.calendar:
            return ""
        return {"REQUEST": "invite.ics", "CANCEL": "cancel.ics"}.get(self.method, "calendar.ics")


def put(session: Session, mail: Mail, *, dedupe: str | None = None) -> int | None:
    """Queue a mail in the current transaction; returns the id of its job, None when `dedupe` is known already."""
    # Addresses and links are nobody's business who reads the database.
    sealed = cipher().encrypt(json.dumps(asdict(mail), ensure_ascii=False).encode()).decode()
    return jobs.enqueue(session, KIND, {"sealed": sealed}, dedupe=dedupe)


def opened(payload: dict[str, Any]) -> Mail:
    """Return the mail in the payload of its job."""
    return Mail(**json.loads(cipher().decrypt(payload["sealed"])))


def path_to(endpoint: str, **values: object) -> str:
    """Return the path of a page within the site; unlike `url_for` it works where there is no request."""
    return current_app.url_map.bind("localhost").build(endpoint, values)
