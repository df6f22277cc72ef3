"""Calendar mail: what a person is sent of bookings beside the words of a mail (iMIP, RFC 6047; iTIP, RFC 5546).

Who is told of a booking is invited to it: REQUEST, with the SEQUENCE of each change, and CANCEL in the end. A date of a
series is PUBLISHed instead, since one mail holds one method and one invitation, and a series has many dates. What
everybody was last sent stands in `Invitation`, so that nothing is taken back that was never sent.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr

from flask import current_app
from flask_babel import force_locale
from icalendar import vCalAddress
from icalendar.parser import Contentline
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.accounts.models import User
from core.bases.models import Base
from core.booking.models import Booking
from core.calendars.components import END, PRODUCT, TIMEZONE, clean, with_url
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


def prepare(session: Session, wanted: Sequence[tuple[User, Sequence[Booking]]]) -> list[Sending | None]:
    """Return what each mail is to carry, None where its receiver's calendar has nothing to learn.

    A mail on several dates of a series carries the whole series: all that is certain, and all that they were told of
    before, cancelled or not. Called once everything is written of which the transaction's mails tell.

    Args:
        session: the session of the open `db.write()`.
        wanted: for each mail its receiver, and the bookings of which it tells; several only if they are dates of one
            series.
    """
    whole = _whole_series(session, {found[0].series_id for _user, found in wanted if len(found) > 1})
    told = [(user, whole[found[0].series_id] if len(found) > 1 else found) for user, found in wanted]
    entries = _entries(session, {booking.id for _user, found in told for booking in found})
    known = _known(session, {user.id for user, _found in told}, [entry.id for entry in entries.values()])
    return [_sending(user, found, entries, known) for user, found in told]


def note(session: Session, sent: Iterable[Sending]) -> None:
    """Remember what people are sent in the current transaction."""
    rows: dict[tuple[int, int], dict[str, object]] = {}
    for sending in sent:
        for entry in sending.entries:
            key = {"entry_id": entry.id, "user_id": sending.user.id}
            said = {"method": sending.method, "sequence": entry.sequence, "modified_at": entry.modified_at}
            # A change of a session and one of a booking of it may tell the same person at the same moment.
            rows[entry.id, sending.user.id] = key | said
    if not rows:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(Invitation)
    statement = statement.on_conflict_do_update(
        index_elements=[Invitation.entry_id, Invitation.user_id],
        set_={name: statement.excluded[name] for name in ("method", "sequence", "modified_at")},
    )
    # In one order: no two transactions that tell of the same series wait for each other in a circle.
    session.execute(statement, [rows[key] for key in sorted(rows)])


def _whole_series(session: Session, ids: Collection[int | None]) -> dict[int | None, list[Booking]]:
    found: dict[int | None, list[Booking]] = {number: [] for number in ids}
    if ids:
        for booking in session.scalars(select(Booking).where(Booking.series_id.in_(ids)).order_by(Booking.id)):
            found[booking.series_id].append(booking)
    return found


def _entries(session: Session, booking_ids: Collection[int]) -> dict[str, Entry]:
    """Return the entries of bookings in the full form by their sources."""
    sources = [f"booking:{number}" for number in booking_ids]
    chosen = select(Entry).where(Entry.source.in_(sources), Entry.audience == FULL)
    return {entry.source: entry for entry in session.scalars(chosen)}


def _known(
    session: Session, user_ids: Collection[int], entry_ids: Collection[int]
) -> dict[tuple[int, int], Invitation]:
    """Return what people were sent before, by entry and user."""
    chosen = select(Invitation).where(Invitation.user_id.in_(user_ids), Invitation.entry_id.in_(entry_ids))
    return {(found.entry_id, found.user_id): found for found in session.scalars(chosen)}


def _sending(
    user: User,
    bookings: Sequence[Booking],
    entries: Mapping[str, Entry],
    known: Mapping[tuple[int, int], Invitation],
) -> Sending | None:
    """Return what one mail carries; dates of a series are never invited to, so that all of them go together."""
    states = {f"booking:{booking.id}": booking.state for booking in bookings}
    told: list[Entry] = []
    news = False
    there = [entries[source] for source in states if source in entries]
    for entry in sorted(there, key=lambda entry: (entry.start_at, entry.id)):
        last = known.get((entry.id, user.id))
        certain = entry.cancelled or states[entry.source] in BINDING
        if last is None and states[entry.source] not in BINDING:
            continue
        told.append(entry)
        news = news or (certain and _is_news(entry, last))
    if not news:
        return None
    method = PUBLISH if bookings[0].series_id is not None else CANCEL if told[0].cancelled else REQUEST
    return Sending(method, _calendar(method, told, bookings[0].base, user), user, tuple(told))


def _is_news(entry: Entry, last: Invitation | None) -> bool:
    """Say whether an entry was changed since somebody was sent it."""
    return last is None or (entry.sequence, entry.modified_at) != (last.sequence, last.modified_at)


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
    """Return a calendar address as a folded line; quotes in a name are written as RFC 6868 has it."""
    person = vCalAddress(f"mailto:{address}")
    person.params.update({"CN": " ".join(clean(name).split()), **parameters})
    return bytes(Contentline.from_parts(kind, person.params, person).to_ical()) + b"\r\n"
