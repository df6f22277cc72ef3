"""Messages: written in the transaction of what they tell, shown in the site, sent by mail from the outbox."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import clock, dates, outbox
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.booking import approvals, changing
from core.booking.events import BookingChanged, BookingOverdue, DelegationChanged, SessionChanged
from core.booking.models import Booking
from core.booking.states import OPEN, WAITING
from core.db import db, write
from core.errors import NotFound
from core.localised import LANGUAGES
from core.notify import letters
from core.notify.models import Message
from core.organisations.events import AccountRequested

SILENT = frozenset({"held", "checked_in"})
"""States that nobody is told of."""

SUBJECTS = {
    "submitted": _l("Submitted: %(what)s"),
    "in_review": _l("Approved in the first place: %(what)s"),
    "waitlisted": _l("On the waiting list: %(what)s"),
    "offered": _l("A place is free for you: %(what)s"),
    "returned": _l("To be changed: %(what)s"),
    "confirmed": _l("Confirmed: %(what)s"),
    "completed": _l("Completed: %(what)s"),
    "no_show": _l("Not attended: %(what)s"),
    "rejected": _l("Refused: %(what)s"),
    "cancelled": _l("Cancelled: %(what)s"),
    "expired": _l("Expired: %(what)s"),
}
"""Subject of a message by the state a booking is in now."""

MOVED = _l("Moved: %(what)s")
MOVES_IT = frozenset({"reschedule", "relocate"})
"""What gives a booking another time or place in the state it is in."""

NEXT = {
    "submitted": _l("Your place is kept. The base's managers decide, and you will be told the result."),
    "in_review": _l("Your place is kept. Others decide after this step, and you will be told the result."),
    "waitlisted": _l("As soon as a place is free for you, you get a message. Nothing is taken until then."),
    "offered": _l("Please accept it by %(by)s: until then it is kept for you, afterwards the next in line is asked."),
    "returned": _l("Please change the booking and submit it again by %(by)s; after that it expires by itself."),
    "confirmed": _l("Your place is booked. If you cannot come, please cancel as early as you can."),
    "completed": _l("This booking is finished; nothing remains to be done."),
    "no_show": _l("It was noted that nobody came. If this is a mistake, please contact the base."),
    "rejected": _l("The place has been given back. You can book another time."),
    "cancelled": _l("The place has been given back. You can book another time."),
    "expired": _l("It was not changed in time, and the place has been given back. You can book again."),
}
"""What happens next, and by when, by the state a booking is in now."""


def send(
    session: Session,
    *,
    user: User,
    subject: object,
    body: object,
    link: str = "",
    mail: bool = True,
    dedupe: str | None = None,
    about: Booking | None = None,
    topic: str = "",
) -> None:
    """Tell a user something, in the site and by mail, in their language, in the current transaction.

    Args:
        session: the session of the open `db.write()`.
        user: the receiver.
        subject: text or lazy text; what happened.
        body: text or lazy text; paragraphs are parted by an empty line.
        link: path within the site.
        mail: whether a mail goes out too.
        dedupe: names what is told: a mail of this name is sent to the user only once.
        about: the booking of the user's own organisation that it tells of; the mail carries what calendars need.
        topic: (about a booking) names what is told; `letters.concern` says of which other bookings too.
    """
    with in_language_of(user) as language:
        title, text = str(subject)[:200], str(body)
        action = _("Open in Jidi")
    session.add(Message(user_id=user.id, subject=title, body=text, link=link, created_at=clock.now()))
    if mail:
        letter = outbox.Mail(
            to=user.email, name=user.name, language=language, subject=title, body=text, link=link, action=action
        )
        if about is not None:
            with in_language_of(user):
                letters.put(topic, user, letter, about)
            return
        outbox.put(session, letter, dedupe=f"{dedupe}:{user.id}" if dedupe else None)


def booking_changed(session: Session, event: BookingChanged) -> None:
    """Tell the organisation's contacts of a booking's new state, and those who decide next of what waits for them."""
    booking = event.booking
    topic = _topic(event)
    if _is_silent(event) or letters.concern(topic, booking):
        return
    link = outbox.path_to("booking.show", ref=booking.ref)
    contacts = holders(session, Role.CONTACT, organisation_id=booking.organisation_id)
    for user in contacts:
        with in_language_of(user):
            subject = (MOVED if event.action in MOVES_IT else SUBJECTS[booking.state]) % {"what": _what(booking)}
            body = paragraphs(
                _facts(booking),
                _moved(session, booking, event),
                reason_line(event.reason),
                _next(booking),
                _of_series(booking),
            )
        send(session, user=user, subject=subject, body=body, link=link, about=booking, topic=topic)
    if booking.state in WAITING and not approvals.is_begun(session, booking):
        _tell_deciders(session, booking, link)
    elif event.action in {"cancel", "reschedule"} and event.actor_id in {user.id for user in contacts}:
        _tell_managers(session, booking, link, event)


def _topic(event: BookingChanged) -> str:
    """Return what is told: the same of several dates of a series in one transaction is told once."""
    booking = event.booking
    of = f"series {booking.series_id}" if booking.series_id is not None else f"booking {booking.id}"
    return f"{of} {event.action} {booking.state}"


def _of_series(booking: Booking) -> str:
    return (
        str(_("It belongs to a series; what happened to its other dates stands on the page of the series."))
        if booking.series_id
        else ""
    )


def _is_silent(event: BookingChanged) -> bool:
    """Say whether a change tells people nothing: a form that was begun, and one that was left without being sent."""
    before = event.booking.history[-1].from_state if event.booking.history else None
    return event.booking.state in SILENT or (before == "held" and event.action == "expire")


def session_changed(session: Session, event: SessionChanged) -> None:
    """Tell the contacts of those booked that a published session has changed; not of a title or a text alone.

    When a session is cancelled its bookings are too, and each of these tells its contacts.
    """
    if event.action != "edit" or not event.changed:
        return
    booked = (
        select(Booking)
        .where(Booking.session_id == event.session.id, Booking.state.in_(OPEN - {"held"}))
        .order_by(Booking.id)
    )
    for booking in session.scalars(booked.execution_options(populate_existing=True)):  # they have moved with it
        link = outbox.path_to("booking.show", ref=booking.ref)
        for user in holders(session, Role.CONTACT, organisation_id=booking.organisation_id):
            with in_language_of(user):
                subject = _("Session changed: %(what)s", what=_what(booking))
                hint = _("Please look whether it still suits you. If you cannot come, please cancel the booking.")
                body = paragraphs(_facts(booking), hint)
            send(
                session, user=user, subject=subject, body=body, link=link, about=booking, topic=f"session {booking.id}"
            )


def decision_overdue(session: Session, event: BookingOverdue) -> None:
    """Remind those who decide that the deadline has passed, and tell those who may decide from now on as well."""
    booking = event.booking
    link = outbox.path_to("booking.show", ref=booking.ref)
    people = approvals.deciders(session, booking)
    for user in people or holders(session, Role.OFFICE):
        with in_language_of(user):
            subject = _("Overdue decision: %(organisation)s, %(what)s", **_named(booking))
            body = paragraphs(_facts(booking), _step(booking), _to_do() if people else _nobody(), _of_series(booking))
        send(session, user=user, subject=subject, body=body, link=link)


def delegation_changed(session: Session, event: DelegationChanged) -> None:
    """Tell an account that it decides in somebody's place, and both sides when the other has ended it."""
    delegation = event.delegation
    link = outbox.path_to("booking.delegations")
    for user in {delegation.giver, delegation.taker}:
        if user.id == event.actor_id:
            continue
        with in_language_of(user):
            names = {"giver": delegation.giver.name, "taker": delegation.taker.name}
            subject = (
                _("You decide on bookings in place of %(giver)s", **names)
                if event.action == "give"
                else _("Ended: %(taker)s decides in place of %(giver)s", **names)
            )
            days = _(
                "From %(first)s to %(last)s",
                first=dates.day(delegation.first_day),
                last=dates.day(delegation.last_day),
            )
            where = delegation.base.name if delegation.base else _("Wherever the giver decides")
            body = paragraphs(f"{where}\n{days}")
        send(session, user=user, subject=subject, body=body, link=link)


def account_requested(session: Session, event: AccountRequested) -> None:
    """Tell the office that somebody asks for an account."""
    link = outbox.path_to("organisations.requests")
    for user in holders(session, Role.OFFICE):
        with in_language_of(user):
            subject = _("Account request: %(organisation)s", organisation=event.request.organisation_name)
            body = _("A contact of this organisation asks for an account. Please accept or decline the request.")
        send(session, user=user, subject=subject, body=body, link=link)


def unread_count(user: User) -> int:
    """Return how many messages a user has not read."""
    unread = select(func.count()).where(Message.user_id == user.id, Message.read_at.is_(None))
    return db.session.scalar(unread) or 0


def read(*, actor: User, message_id: int) -> str:
    """Mark a message of the actor's own as read and return where it leads to, "" when nowhere.

    Raises:
        NotFound: the actor has no such message.
    """
    with write() as session:
        message = session.get(Message, message_id)
        if message is None or message.user_id != actor.id:
            raise NotFound
        message.read_at = message.read_at or clock.now()
        return message.link


def read_all(*, actor: User) -> None:
    """Mark every message of the actor's own as read."""
    unread = (Message.user_id == actor.id, Message.read_at.is_(None))
    with write() as session:
        session.execute(update(Message).where(*unread).values(read_at=clock.now()))


@contextmanager
def in_language_of(user: User) -> Iterator[str]:
    """Write in a user's language; gives its name."""
    language = user.language or LANGUAGES[0]
    with force_locale(language):
        yield language


def holders(
    session: Session, role: Role, *, base_id: int | None = None, organisation_id: int | None = None
) -> Sequence[User]:
    """Return the active users who hold a role, at the base or for the organisation where it is bound to one."""
    held = select(User).join(Grant).where(User.active, Grant.role == role)
    held = held.where(Grant.base_id == base_id, Grant.organisation_id == organisation_id)
    return session.scalars(held.order_by(User.id)).all()


def _tell_deciders(session: Session, booking: Booking, link: str) -> None:
    people = approvals.deciders(session, booking)
    for user in people or holders(session, Role.OFFICE):
        with in_language_of(user):
            subject = _("To be decided: %(organisation)s, %(what)s", **_named(booking))
            body = paragraphs(_facts(booking), _step(booking), _to_do() if people else _nobody(), _of_series(booking))
        send(session, user=user, subject=subject, body=body, link=link)


def _tell_managers(session: Session, booking: Booking, link: str, event: BookingChanged) -> None:
    """Tell the managers what an organisation has done by itself."""
    for user in holders(session, Role.MANAGER, base_id=booking.base_id):
        with in_language_of(user):
            if event.action == "cancel":
                subject = _("Cancelled by the organisation: %(organisation)s, %(what)s", **_named(booking))
                body = paragraphs(_facts(booking), _("The place is free again."))
            else:
                subject = _("Moved by the organisation: %(organisation)s, %(what)s", **_named(booking))
                body = paragraphs(_facts(booking), _moved(session, booking, event), reason_line(event.reason))
        send(session, user=user, subject=subject, body=body, link=link, mail=False)


def _named(booking: Booking) -> dict[str, str]:
    return {"what": _what(booking), "organisation": booking.organisation.short_name}


def _to_do() -> str:
    return str(_("Please approve it, return it for change, or refuse it."))


def _nobody() -> str:
    return str(_("Nobody else can decide on it at present. Please give somebody the role for it."))


def _step(booking: Booking) -> str:
    """Return what is decided and by when; nothing where one step without a deadline is all."""
    step = approvals.present(booking)
    if step is None or (booking.decide_by is None and len(approvals.chain_of(booking)) == 1):
        return ""
    last_day = approvals.last_day(booking)
    if last_day is None:
        return str(_("Step: %(step)s", step=step.name))
    return str(_("Step: %(step)s, by the end of %(day)s", step=step.name, day=dates.day(last_day)))


def _what(booking: Booking) -> str:
    return booking.session.title if booking.session else booking.kind.title


def _facts(booking: Booking) -> str:
    when = dates.span(booking.start_at, booking.end_at)
    return "\n".join((_what(booking), booking.base.name, when, _("Reference %(ref)s", ref=booking.ref)))


def _moved(session: Session, booking: Booking, event: BookingChanged) -> str:
    """Return where a booking that was moved had its place before, and where it has it now."""
    was = booking.history[-1].was if event.action in MOVES_IT else None
    if was is None:
        return ""
    now = changing.place_now(session, booking)
    return "\n".join(
        (_("Before: %(place)s", place=changing.place_text(was)), _("Now: %(place)s", place=changing.place_text(now)))
    )


def reason_line(reason: str) -> str:
    """Return the line that gives a reason, "" for none."""
    return _("Reason: %(reason)s", reason=reason) if reason else ""


def _next(booking: Booking) -> str:
    by = dates.moment(booking.lapses_at) if booking.lapses_at else ""
    if booking.state == "expired" and booking.waiting_since is not None:
        return str(
            _("No place was accepted in time, so it is no longer on the waiting list. You can book another time.")
        )
    return str(NEXT[booking.state]) % {"by": by}


def paragraphs(*texts: str) -> str:
    """Return the paragraphs of a message, those that are empty left out."""
    return "\n\n".join(text for text in texts if text)
