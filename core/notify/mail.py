"""Mails as they leave the house: built from the outbox, handed to the server of JIDI_MAIL_URL."""

import ipaddress
import re
import smtplib
import ssl
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from cryptography.fernet import InvalidToken
from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from core import clock, jobs, outbox
from core.config import Settings

PATIENCE = 30
"""Seconds to wait for the mail server's answer."""

STALE = timedelta(days=7)
"""A mail that waited longer (for a mail server to be set) says what is no longer so, and is not sent by itself."""

LONGEST_QUOTED = 40
"""Characters of a quoted name that surely fit on one line of a header."""

SPECIALS = re.compile(r'[()<>\[\]:;@\\,."]')
"""What has a meaning in a list of addresses (RFC 5322 3.2.3)."""


def configured() -> bool:
    """Say whether there is a mail server."""
    return _settings().mail_url is not None


@jobs.handler(outbox.KIND, ready=configured)
def send(task: jobs.Task) -> None:
    """Send one mail of the outbox. One sent twice carries the same Message-ID, so that readers see it once.

    Raises:
        jobs.GiveUp: it can never be sent.
        OSError: the server cannot be reached or refused for the moment.
    """
    if clock.now() - task.due > STALE:
        raise jobs.GiveUp("waited longer than 7 days")
    try:
        mail = outbox.opened(task.payload)
    except InvalidToken:
        raise jobs.GiveUp("cannot be decrypted with JIDI_DATA_KEYS") from None
    _deliver(built(mail, task.id))


def built(mail: outbox.Mail, number: int) -> EmailMessage:
    """Return a mail as plain text with an HTML alternative, an invitation as a third, and calendar data as a file.

    A program that knows calendars shows the third in place of the others (RFC 6047 2.4); one that does not, and people
    who keep their calendar elsewhere, have the file. What is published is a file alone: it says less than the words,
    which it would take the place of, and where one event is expected, several are refused.

    Args:
        mail: what to send.
        number: id of its job, for the Message-ID.
    """
    settings = _settings()
    message = EmailMessage(policy=SMTP)
    sender_name, sender = parseaddr(settings.mail_from)
    message["From"] = _person(mail.from_name or sender_name, sender)
    message["To"] = _person(mail.name, mail.to)
    if mail.reply_to:
        message["Reply-To"] = Address(addr_spec=mail.reply_to)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<jidi-{number}@{urlsplit(settings.base_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    url = address(mail)
    with force_locale(mail.language):
        hint = _hint(mail)
        message.set_content(render_template("notify/mail.txt", mail=mail, url=url, hint=hint))
        paragraphs = [paragraph.split("\n") for paragraph in mail.body.split("\n\n")]
        page = render_template("notify/mail.html", mail=mail, url=url, hint=hint, paragraphs=paragraphs)
        message.add_alternative(page, subtype="html")
    if mail.is_invitation:
        # Base64 keeps line breaks and folded characters as they are.
        message.add_alternative(mail.calendar, subtype="calendar", params={"method": mail.method}, cte="base64")
    if mail.calendar:
        data = mail.calendar.encode()
        message.add_attachment(data, maintype="application", subtype="ics", filename=mail.filename)
    return message


def address(mail: outbox.Mail) -> str:
    """Return the whole address of a mail's link, "" when it has none."""
    return _settings().base_url + mail.link if mail.link else ""


def _hint(mail: outbox.Mail) -> str:
    """Return what to do with the calendar file, "" where there is none."""
    if not mail.calendar:
        return ""
    dates = mail.calendar.count("\r\nBEGIN:VEVENT\r\n")
    if dates > 1:
        text = _(
            "For your calendar: the file %(name)s has %(dates)s dates of the series.", name=mail.filename, dates=dates
        )
    elif "\r\nSTATUS:CANCELLED\r\n" in mail.calendar:
        text = _("To take it off your calendar: open the file %(name)s that comes with this mail.", name=mail.filename)
    else:
        text = _("For your calendar: open the file %(name)s that comes with this mail.", name=mail.filename)
    return str(text)


def _deliver(message: EmailMessage) -> None:
    try:
        with _server(urlsplit(_settings().mail_url or "")) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        _refused(code, answer, error)
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        _refused(error.smtp_code, error.smtp_error, error)


def _refused(code: int, answer: bytes | str, error: OSError) -> None:
    """Give up what the server will never take (5xx, RFC 5321 4.2.1); the rest is tried again."""
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    if 500 <= code < 600:
        raise jobs.GiveUp(f"refused by the mail server: {code} {text}") from error
    raise error


def _server(url: SplitResult) -> smtplib.SMTP:
    """Connect to the mail server: encrypted where it can be, signed in where a user is given."""
    host = url.hostname or "localhost"
    trust = ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=PATIENCE, context=trust)
        encrypted = True
    else:
        server = smtplib.SMTP(host, url.port or (587 if url.username else 25), timeout=PATIENCE)
        server.ehlo()
        encrypted = server.has_extn("starttls")
        if encrypted:
            server.starttls(context=trust)
    if url.username:
        if not (encrypted or _is_here(host)):
            server.close()
            raise ConnectionError("the mail server offers no encryption: the password was not sent")
        server.login(unquote(url.username), unquote(url.password or ""))
    return server


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _person(name: str, address: str) -> Address:
    """Return a named address whose header says one address however it is folded.

    Where a quoted name has to be cut, Python's email package writes it without the quotes: “a@b.cn, …” would become an
    address of its own. What is not ASCII is encoded and safe.
    """
    name = _one_line(name)
    if name.isascii() and len(name) > LONGEST_QUOTED:
        name = _one_line(SPECIALS.sub(" ", name))
    return Address(name, addr_spec=address)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _settings() -> Settings:
    settings: Settings = current_app.extensions["jidi_settings"]
    return settings
