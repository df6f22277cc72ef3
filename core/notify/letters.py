"""Mails about bookings: kept until the end of their transaction, when calendars say all that has changed in it."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import events, outbox
from core.accounts.models import User
from core.booking.models import Booking
from core.calendars import invitations

_JOB = "letters"


@dataclass
class _Post:
    """What the open transaction tells: the bookings of each topic, and the mails on it."""

    bookings: dict[str, list[int]] = field(default_factory=dict)
    letters: list[tuple[str, User, outbox.Mail]] = field(default_factory=list)

    def __call__(self, session: Session) -> None:
        """Queue every mail with the calendar data that its receiver needs; what each was sent is noted at the end."""
        found = _bookings(
            session, {number for topic, _user, _letter in self.letters for number in self.bookings[topic]}
        )
        wanted = [(user, [found[number] for number in self.bookings[topic]]) for topic, user, _letter in self.letters]
        sendings = invitations.prepare(session, wanted)
        for (_topic, _user, letter), sending in zip(self.letters, sendings, strict=True):
            outbox.put(session, _complete(letter, sending))
        invitations.note(session, filter(None, sendings))


def concern(topic: str, booking: Booking) -> bool:
    """Say that the open transaction's mails on a topic tell of a booking too, and whether they told of one before."""
    told = _post().bookings.setdefault(topic, [])
    if booking.id not in told:
        told.append(booking.id)
    return told[0] != booking.id


def put(topic: str, user: User, letter: outbox.Mail, booking: Booking) -> None:
    """Queue a mail at the end of the open transaction, in the name of the booking's base.

    Args:
        topic: names what it tells; `concern` says of which bookings.
        user: the receiver.
        letter: the mail, without calendar data.
        booking: one of those it tells of.
    """
    concern(topic, booking)
    base = booking.base
    _post().letters.append((topic, user, replace(letter, from_name=base.name, reply_to=_address(base.contact))))


def _post() -> _Post:
    post = events.pending(_JOB)
    if not isinstance(post, _Post):
        post = _Post()
        events.just_before_commit(_JOB, post)
    return post


def _complete(letter: outbox.Mail, sending: invitations.Sending | None) -> outbox.Mail:
    return letter if sending is None else replace(letter, calendar=sending.calendar, method=sending.method)


def _bookings(session: Session, ids: Collection[int]) -> dict[int, Booking]:
    return {booking.id: booking for booking in session.scalars(select(Booking).where(Booking.id.in_(ids)))}


def _address(contact: str) -> str:
    """Return how to reach a base if that is an e-mail address and nothing else, or ""."""
    try:
        return validate_email(contact.strip(), check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        return ""
