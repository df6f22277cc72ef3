"""What can be booked at a base, and by whom: kinds, sessions with their seats, organisations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from core import clock
from core.accounts.models import User
from core.accounts.roles import allows
from core.bases.models import Base
from core.booking import kinds, legs, resource_queries, session_queries
from core.booking.availability import Seats, seats_left
from core.booking.models import Kind, Resource, TrainingSession
from core.booking.pages import lines
from core.booking.pages.words import listed
from core.booking.rules import rules_of
from core.booking.times import book_until
from core.db import db
from core.errors import Forbidden, NotFound
from core.organisations.models import Organisation
from core.organisations.queries import organisations
from core.plugins.declarations import BookingKind
from core.plugins.facade import plugins

SHOWN_SESSIONS = 50


@dataclass(frozen=True)
class SessionOffer:
    """A session as somebody sees it who may want to book.

    Attributes:
        session: the session.
        left, total: seats.
        unit: what one seat is called.
        place: the rooms and machines it uses.
        closes_at: until when it can be booked.
        status: `open`, `full`, `late` (too late to book), `over`, or `cancelled`.
        waiting: the policy of its waiting list; "" where there is none.
    """

    session: TrainingSession
    left: int
    total: int
    unit: str
    place: str
    closes_at: datetime
    status: str
    waiting: str = ""

    @property
    def policy(self) -> str:
        """In which order places are offered to those who wait."""
        return lines.policy(self.waiting)

    @property
    def waiters(self) -> int:
        """How many wait."""
        return lines.count(self.session.id)

    @property
    def needs_approval(self) -> bool:
        """Whether somebody decides before a booking is confirmed."""
        return rules_of(self.session.kind).needs_approval

    @property
    def word(self) -> str:
        """The status in a word or two."""
        words: dict[str, str] = {
            "open": _("Can be booked"),
            "full": _("Full"),
            "late": _("Booking has closed"),
            "over": _("Over"),
            "cancelled": _("Cancelled"),
        }
        return words[self.status]

    @property
    def explained(self) -> str:
        """Why it cannot be booked, and the way on."""
        reasons: dict[str, str] = {
            "open": "",
            "full": _("All seats are taken. A seat may become free again; otherwise choose another session."),
            "late": _("It can no longer be booked here. Please call the base, or choose another session."),
            "over": _("This session is over."),
            "cancelled": _("This session was cancelled. Please choose another one."),
        }
        return reasons[self.status]


@dataclass(frozen=True)
class KindOffer:
    """A kind of booking, with its next sessions if it has any."""

    kind: Kind
    sessions: list[SessionOffer]


def session_offer(base: Base, session_id: int) -> SessionOffer:
    """Return a session that the public may see.

    Raises:
        NotFound: there is none, or it is a draft.
    """
    session = session_queries.find_session(base.id, session_id)
    if session.state == "draft":
        raise NotFound
    # Who teaches is not public: only what belongs to the base is named.
    used = [resource.name for resource in session_queries.resources_used(session) if resource.base_id is not None]
    return _offer(base, session, seats_left([session])[session.id], used)


def sessions_on_offer(base: Base, kind_slug: str | None = None) -> list[SessionOffer]:
    """Return the next sessions of a base, of one kind or of all, with their seats, in two queries."""
    found = session_queries.upcoming_sessions([base.id], limit=SHOWN_SESSIONS)
    wanted = [session for session in found if kind_slug in (None, session.kind.slug)]
    left = seats_left(wanted)
    return [_offer(base, session, left[session.id], []) for session in wanted]


def kinds_on_offer(base: Base) -> list[KindOffer]:
    """Return what can be booked at a base, with the next sessions of each kind."""
    sessions = sessions_on_offer(base)
    return [
        KindOffer(kind, [offer for offer in sessions if offer.session.kind_id == kind.id])
        for kind in resource_queries.kinds_of(base.id)
    ]


def find_kind(base: Base, slug: str) -> BookingKind:
    """Return a kind as it can be booked.

    Raises:
        NotFound: the base offers no such kind.
    """
    return kinds.offered(base, slug).kind


def may_book_for(actor: User, base: Base) -> list[Organisation]:
    """Return the organisations an actor may book for at a base: one's own, or for the base's manager all.

    Raises:
        Forbidden: none.
    """
    every = organisations()
    if not allows(actor, "booking.on_behalf", base_id=base.id):
        every = [entry for entry in every if allows(actor, "booking.make", organisation_id=entry.id)]
    if not every:
        raise Forbidden(
            _("Only the contacts of an organisation can book. Please ask for an account, or call the base.")
        )
    return every


def serving(base: Base, kind: BookingKind) -> dict[int, Sequence[Resource]]:
    """Return the resources that can serve each leg of a kind, by position."""
    there = legs.serving(db.session(), base)
    return {
        position: [resource for resource in there if legs.fits(resource, leg)] for position, leg in enumerate(kind.legs)
    }


def _offer(base: Base, session: TrainingSession, seats: Seats, used: list[str]) -> SessionOffer:
    kind = plugins().kind(base.slug, session.kind.slug)
    closes_at = book_until(rules_of(session.kind), session.start_at)
    return SessionOffer(
        session=session,
        left=seats.left,
        total=seats.total,
        unit=str(kind.units_label) if kind else "",
        place=listed(used),
        closes_at=closes_at,
        status=_status(session, seats, closes_at),
        waiting=rules_of(session.kind).waiting,
    )


def _status(session: TrainingSession, seats: Seats, closes_at: datetime) -> str:
    if session.state == "cancelled":
        return "cancelled"
    if session.end_at <= clock.now():
        return "over"
    if closes_at <= clock.now():
        return "late"
    return "open" if seats.left else "full"
