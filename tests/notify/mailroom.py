"""Mails on bookings as they arrive, and what a calendar program finds in them."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from flask import Flask
from icalendar import Calendar

from core import clock, jobs
from tests.support.mail import Mailbox

SENDER = "jidi@example.com"


@dataclass
class Mailroom:
    """A site whose mails arrive."""

    box: Mailbox
    read: int = 0

    def arrived(self, to: str = "north") -> list[EmailMessage]:
        """Deliver what waits, and return what has arrived for somebody since they were asked last."""
        jobs.run_due()
        new = self.box.mails[self.read :]
        self.read = len(self.box.mails)
        return [mail for mail in new if mail["To"].addresses[0].addr_spec == f"{to}@example.com"]

    def one(self, to: str = "north") -> EmailMessage:
        """Deliver what waits, and return the only mail for somebody."""
        (mail,) = self.arrived(to)
        return mail

    def invitation(self, to: str = "north") -> Any:
        """Deliver what waits, and return the one event of the only mail for somebody."""
        (event,) = events(self.one(to))
        return event


@contextmanager
def mailroom(app: Flask, box: Mailbox) -> Iterator[Mailroom]:
    """Let an application send its mails to a mail server."""
    known = app.extensions["jidi_settings"]
    sending = {"mail_url": box.url, "mail_from": f"平台 <{SENDER}>", "base_url": "https://jidi.example"}
    app.extensions["jidi_settings"] = dataclasses.replace(known, **sending)
    try:
        yield Mailroom(box)
    finally:
        app.extensions["jidi_settings"] = known


def words(mail: EmailMessage) -> str:
    """Return a mail as plain text."""
    plain = mail.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content())


def calendar_text(mail: EmailMessage) -> bytes:
    """Return the calendar of a mail: a file, and an invitation is built as RFC 6047 wants it as well."""
    assert mail.get_content_type() == "multipart/mixed"
    body, file = mail.iter_parts()
    assert body.get_content_type() == "multipart/alternative"
    assert file.get_content_type() == "application/ics"
    assert file.get_content_disposition() == "attachment"
    data = file.get_payload(decode=True)
    assert isinstance(data, bytes)
    asked = str(Calendar.from_ical(data)["METHOD"])
    invitations = [part for part in body.iter_parts() if part.get_content_type() == "text/calendar"]
    assert [part.get_content_type() for part in body.iter_parts()][:2] == ["text/plain", "text/html"]
    assert len(invitations) == (asked != "PUBLISH"), "what is published takes the place of no words"
    for part in invitations:
        assert part.get_payload(decode=True) == data
        assert part["Content-Type"].params["charset"] == "utf-8"
        assert part["Content-Transfer-Encoding"] == "base64", "nothing on the way breaks a line"
        assert part["Content-Type"].params["method"] == asked
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    return data


def calendar(mail: EmailMessage) -> Calendar:
    """Return the calendar of a mail."""
    found = Calendar.from_ical(calendar_text(mail))
    assert isinstance(found, Calendar)
    assert len(found.walk("VTIMEZONE")) == 1
    assert not found.walk("VALARM")
    return found


def events(mail: EmailMessage) -> list[Any]:
    """Return the events of a mail."""
    return list(calendar(mail).walk("VEVENT"))


def method(mail: EmailMessage) -> str:
    """Return what a mail's calendar asks for; "" when it has none."""
    return str(calendar(mail)["METHOD"]) if mail.get_content_type() == "multipart/mixed" else ""


def said(event: Any) -> tuple[Any, ...]:
    """Return what distinguishes one revision of an event from another."""
    return (
        int(event["SEQUENCE"]),
        str(event["STATUS"]),
        f"{clock.local(event['DTSTART'].dt):%H:%M}",
        str(event["SUMMARY"]),
    )
