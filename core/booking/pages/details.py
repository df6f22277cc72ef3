"""One booking as its page shows it: who may see it, what was filled in, what comes next."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from core import audit, clock, files
from core.accounts.models import User
from core.accounts.roles import allows, require
from core.booking import approvals, changing, queries, quotas, workflow
from core.booking.models import Allocation, Booking
from core.booking.pages import words
from core.booking.pages.agreement_words import StandingLine, standing_line
from core.booking.pages.case import Case, case
from core.booking.pages.forms import MoveForm
from core.booking.times import day_bounds
from core.booking.workflow import TIME_TO_MEND, cancel_until
from core.db import db, write
from core.errors import NotFound
from core.intake import answers
from core.intake.models import Upload
from core.localised import pick


@dataclass(frozen=True)
class Takes:
    """What a booking takes: a resource, or seats; `wider` when set-up or clean-up is included."""

    what: str
    start: datetime
    end: datetime
    wider: bool


@dataclass(frozen=True)
class Detail:
    """A booking with what its reader may see and do.

    Attributes:
        booking: the booking.
        title: the session's title, or what was booked.
        sections: what was filled in, personal values masked unless `whole`.
        whole: whether personal data is shown whole.
        own: whether the reader is a contact of the organisation.
        manages: whether the reader decides bookings of the base.
        stands_in: whether the reader decides in somebody's place only.
        case: what a decision is made by, for who decides.
        quotas: what it uses of the organisation's quotas, for its contacts.
        reads_personal: whether the reader may see personal data whole.
        actions: what the reader may do now, of the moves of the state machine.
        cancel_until: until when the organisation may cancel by itself.
        next: what comes next, for this reader.
        steps: what happened, the first first.
        ahead: what is still to come.
        taken: what it takes.
        movable: whether the reader may move it now to another time or resource.
        warnings: what the base's rules told when it was made.
    """

    booking: Booking
    title: str
    sections: list[answers.Section]
    whole: bool
    own: bool
    manages: bool
    stands_in: bool
    case: Case | None
    quotas: list[StandingLine]
    reads_personal: bool
    actions: frozenset[str]
    cancel_until: datetime
    next: words.Next
    steps: list[words.Happened]
    ahead: list[tuple[str, str, str]]
    taken: list[Takes]
    movable: bool
    warnings: list[str]

    @property
    def decisions(self) -> frozenset[str]:
        """What whoever decides may do now."""
        return self.actions - {"submit"} if self.case else frozenset()


def readable(actor: User, ref: str) -> Booking:
    """Return a booking that the actor may read: a contact of its organisation, or who decides on it.

    Raises:
        NotFound: there is none, or the actor may not know of it.
    """
    booking = queries.find_booking(ref)
    if not (_own(actor, booking) or approvals.may_read(db.session(), actor, booking)):
        raise NotFound
    return booking


def see(actor: User, ref: str) -> Detail:
    """Return a booking with personal data masked; raises as `readable`."""
    return _detail(actor, readable(actor, ref), whole=False)


def see_whole(actor: User, ref: str) -> Detail:
    """Return a booking with personal data whole, and record that it was seen.

    Raises:
        NotFound: as for `readable`.
        Forbidden: the actor may read the booking, but not its personal data.
    """
    booking_id = readable(actor, ref).id
    with write() as session:
        booking = session.get_one(Booking, booking_id)
        require(actor, "booking.read_personal", base_id=booking.base_id)
        audit.record(session, actor_id=actor.id, action="booking.read_personal", subject=f"booking:{booking_id}")
    return _detail(actor, readable(actor, ref), whole=True)


def uploaded(actor: User, ref: str, upload_id: int) -> tuple[Upload, BytesIO]:
    """Return a file given with a booking, and its bytes.

    Raises:
        NotFound: as for `readable`, or the booking has no such file, or its bytes are gone.
    """
    booking = readable(actor, ref)
    upload = db.session.scalar(select(Upload).where(Upload.id == upload_id, Upload.answer_id == booking.answer_id))
    if upload is None:
        raise NotFound
    try:
        return upload, BytesIO(files.read(upload.key))
    except FileNotFoundError:
        raise NotFound from None


def overtaken(actor: User, ref: str) -> str:
    """Return who was faster with a decision: what became of the booking, by whom and when."""
    last = words.history(readable(actor, ref).history)[-1]
    return str(
        _(
            "Somebody was faster: “%(what)s” by %(who)s at %(hour)s. You changed nothing.",
            what=last.what,
            who=last.who,
            hour=f"{clock.local(last.at):%H:%M}",
        )
    )


def mend_by(booking: Booking) -> date:
    """Return the day that is proposed for mending a returned booking, at the latest the one it begins on."""
    return clock.local(min(clock.now() + TIME_TO_MEND, booking.start_at)).date()


def reason(form: MoveForm) -> str:
    """Return the reason that a move's form gives, or ""."""
    return (form["reason"].data or "") if "reason" in form else ""


def told(form: MoveForm, booking: Booking) -> dict[str, Any]:
    """Return what a move's form says beside the version, as arguments of `workflow.move`.

    A deadline is the last minute of its day (people take 00:00 for the day before), on the booking's own day its start.
    """
    told: dict[str, Any] = {"reason": reason(form)}
    if "keep_charges" in form:
        told["keep_charges"] = bool(form["keep_charges"].data)
    if "deadline" in form:
        day = form["deadline"].data
        starts_on = clock.local(booking.start_at).date()
        told["deadline"] = booking.start_at if day == starts_on else day_bounds(day)[1] - timedelta(minutes=1)
    return told


def _own(actor: User, booking: Booking) -> bool:
    return allows(actor, "booking.read_own", organisation_id=booking.organisation_id)


def _detail(actor: User, booking: Booking, *, whole: bool) -> Detail:
    own = _own(actor, booking)
    manages = allows(actor, "booking.decide", base_id=booking.base_id)
    stands_in = not manages and approvals.may_read(db.session(), actor, booking)
    return Detail(
        booking=booking,
        title=booking.session.title if booking.session else booking.kind.title,
        sections=answers.shown(booking.answer, whole=whole) if booking.answer else [],
        whole=whole,
        own=own,
        manages=manages,
        stands_in=stands_in,
        case=case(actor, booking) if manages or stands_in else None,
        quotas=[standing_line(entry) for entry in quotas.standing(booking)] if own else [],
        reads_personal=allows(actor, "booking.read_personal", base_id=booking.base_id),
        actions=_actions(actor, booking, own=own),
        cancel_until=cancel_until(booking),
        next=words.what_next(booking, manages=(manages and not own) or stands_in),
        steps=words.history(booking.history),
        ahead=words.ahead(booking),
        taken=[_takes(booking, allocation) for allocation in booking.allocations if allocation.active],
        movable=changing.is_movable(actor, booking),
        warnings=[pick(warning) for warning in booking.rules.get("warnings", [])],
    )


def _takes(booking: Booking, allocation: Allocation) -> Takes:
    seats = allocation.resource_id == (booking.session.seats_resource_id if booking.session else None)
    name = _("Seats: %(count)s", count=allocation.units) if seats else allocation.resource.name
    if not seats and allocation.resource.capacity > 1:
        name = f"{name} × {allocation.units}"
    wider = allocation.start_at < booking.start_at or allocation.end_at > booking.end_at
    return Takes(name, allocation.start_at, allocation.end_at, wider)


def _actions(actor: User, booking: Booking, *, own: bool) -> frozenset[str]:
    """Return the moves open to the reader: what the workflow would accept, so that no button leads to a refusal."""
    mending = {"submit"} if own and booking.state == "returned" else frozenset()
    return workflow.open_to(db.session(), actor, booking) | mending
