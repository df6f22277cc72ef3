"""Calendar mail: what a person is sent of bookings beside the words of a mail (iMIP, RFC 6047; iTIP, RFC 5546).

Who is told of a booking is invited to it: REQUEST, with the SEQUENCE of each change, and CANCEL in the end. A date of a
series is PUBLISHed instead, since one mail holds one method and one invitation, and a series has many dates. What
everybody was last sent stands in `Invitation`, so that nothing is taken back that was never sent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import parseaddr

from flask import current_app
from flask_babel import force_locale
from icalendar import vCalAddress
from icalendar.parser import Contentline
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import clock
from core.accounts.models import User
from core.bases.models import Base
from core.booking.models import Booking
from core.calendars.components import END, PRODUCT, TIMEZONE, with_url
from core.calendars.entries import FULL
from core.calendars.models import Entry, Invitation
from core.localised import LANGUAGES

REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"

BINDING = frozenset({"confirmed", "checked_in"})
"""States of a booking to which people are invited; before them nothing is certain, after them nothing is to come."""


@dataclass(frozen=True)
class Sending:
    """Calendar data for one receiver of one mail.

    Attributes:
        method: `REQUEST`, `CANCEL` or `PUBLISH`.
        calendar: the iCalendar text.
        user: the receiver.
        entries: what it tells of.
    """

    method: str
    calendar: str
    user: User
    entries: tuple[Entry, ...]


def prepare(session: Session, user: User, bookings: Sequence[Booking]) -> Sending | None:
    """Return what a mail to somebody is to carry about bookings, None where their calendar has nothing to learn.

    A mail on several dates of a series carries the whole series: all that is certain, and all that they were told of
    before, cancelled or not. Called once everything is written of which the transaction's mails tell.

    Args:
        session: the session of the open `db.write()`.
        user: the receiver.
        bookings: those of which the mail tells; several only if they are dates of one series.
    """
    if len(bookings) > 1:
        bookings = session.scalars(select(Booking).where(Booking.series_id == bookings[0].series_id)).all()
    by_source = {f"booking:{booking.id}": booking for booking in bookings}
    chosen = select(Entry, Invitation).outerjoin(
        Invitation, (Invitation.entry_id == Entry.id) & (Invitation.user_id == user.id)
    )
    chosen = chosen.where(Entry.source.in_(by_source), Entry.audience == FULL).order_by(Entry.start_at, Entry.id)
    told: list[Entry] = []
    news = False
    method = PUBLISH
    for entry, last in session.execute(chosen):
        booking = by_source[entry.source]
        if last is None and (entry.cancelled or booking.state not in BINDING):
            continue
        told.append(entry)
        method = _method(booking, entry, last)
        news = news or (_is_news(entry, last) and (entry.cancelled or booking.state in BINDING))
    if not news:
        return None
    return Sending(method, _calendar(method, told, bookings[0].base, user), user, tuple(told))


def note(session: Session, sent: Iterable[Sending]) -> None:
    """Remember what people are sent in the current transaction."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    for sending in sent:
        for entry in sending.entries:
            # A revision may be dated a second ahead, where several fell into one.
            sent_at = max(clock.now(), entry.modified_at)
            said = {"method": sending.method, "sequence": entry.sequence, "sent_at": sent_at}
            statement = insert(Invitation).values(entry_id=entry.id, user_id=sending.user.id, **said)
            key = [Invitation.entry_id, Invitation.user_id]
            # A change of a session and one of a booking of it may tell the same person at the same moment.
            session.execute(statement.on_conflict_do_update(index_elements=key, set_=said))


def _method(booking: Booking, entry: Entry, last: Invitation | None) -> str:
    """Return how to tell of an entry: dates of a series are never invited to, so that all of them go together."""
    invited = booking.series_id is None if last is None else last.method != PUBLISH
    if not invited:
        return PUBLISH
    return CANCEL if entry.cancelled else REQUEST


def _is_news(entry: Entry, last: Invitation | None) -> bool:
    """Say whether an entry was changed since somebody was sent it."""
    return last is None or entry.sequence != last.sequence or entry.modified_at > last.sent_at


def _calendar(method: str, entries: Sequence[Entry], base: Base, user: User) -> str:
    settings = current_app.extensions["jidi_settings"]
    lines = [_line("ORGANIZER", parseaddr(settings.mail_from)[1], name=_name(base))]
    if method != PUBLISH:
        # They asked for it themselves, and nobody reads a reply: nothing is left to be answered (RFC 5546 2.1.1).
        lines.append(_line("ATTENDEE", user.email, name=user.name, PARTSTAT="ACCEPTED", RSVP="FALSE"))
    site = settings.base_url.rstrip("/")
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\nCALSCALE:GREGORIAN\r\nMETHOD:{method}\r\n".encode()
    events = [with_url(entry.data, site + entry.path) if entry.path else entry.data for entry in entries]
    parts = [event.removesuffix(END) + b"".join(lines) + END for event in events]
    return b"".join([head, TIMEZONE, *parts, b"END:VCALENDAR\r\n"]).decode()


def _name(base: Base) -> str:
    with force_locale(LANGUAGES[0]):
        return base.name


def _line(kind: str, address: str, *, name: str, **parameters: str) -> bytes:
    """Return a calendar address as a folded line; quotes and breaks in a name are written as RFC 6868 has it."""
    person = vCalAddress(f"mailto:{address}")
    common_name = " ".join(name.split())
    person.params.update({"CN": common_name, **parameters})
    return bytes(Contentline.from_parts(kind, person.params, person).to_ical()) + b"\r\n"
