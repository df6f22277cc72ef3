"""Moving a booking: the form with what is free, what will change, and carrying it out."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from wtforms import HiddenField, IntegerField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from core import clock, dates
from core.accounts.models import User
from core.accounts.roles import allows
from core.booking import changing, kinds
from core.booking.changing import Aim
from core.booking.errors import ResourceTaken
from core.booking.models import Booking, Resource
from core.booking.pages import asking, choosing, details, offers
from core.booking.pages.forms import refuse
from core.booking.pages.slot import Slot
from core.booking.pages.words import listed
from core.booking.times import period_span
from core.errors import DomainError
from core.forms import Form, option, read_day
from core.plugins.declarations import BookingKind

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

SESSION, REASON, VERSION = "to-session", "move-reason", "seen-version"
"""Names of the fields beside those that say when and with what."""


@dataclass(frozen=True)
class Change:
    """One line of what a move changes: what it is about, how it is now, and how it will be."""

    label: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Whether anything changes."""
        return self.before != self.after


@dataclass(kw_only=True)
class Moving(Slot):
    """A booking that is being moved.

    Attributes:
        booking: as it is.
        manages: whether a manager of the base moves it.
        sessions: (session kinds) those it can move to.
        only_adjusted: whether a button only changed what is chosen.
    """

    booking: Booking
    manages: bool
    sessions: Sequence[offers.SessionOffer]
    only_adjusted: bool

    @classmethod
    def open(cls, actor: User, ref: str, *, given: Mapping[str, str], sent: "MultiDict[str, Any] | None") -> "Moving":
        """Open the form for an actor.

        Args:
            given: the address's query (`date` shows another day first).
            sent: what was sent; None for a fresh form.

        Raises:
            NotFound: there is no such booking, the actor may not know of it, or it is not offered at present.
            StateChanged, Forbidden, TooLate: it cannot be moved, or not by this actor, or not any more.
        """
        booking = details.readable(actor, ref)
        changing.check_movable(actor, booking)
        offered = kinds.offered(booking.base, booking.kind.slug)
        kind = offered.kind
        resources = offers.serving(booking.base, kind) if kind.mode == "slot" else {}
        only_adjusted = sent is not None and choosing.adjusted(kind, sent)
        sessions = _sessions(booking) if kind.mode == "session" else []
        day = read_day(sent.get(asking.DAY) if sent else given.get("date")) or clock.local(booking.start_at).date()
        own = allows(actor, "booking.make", organisation_id=booking.organisation_id)
        return cls(
            base=booking.base,
            kind=kind,
            rules=offered.rules(booking.organisation),
            form=_form(booking, kind, day, resources=resources, sessions=sessions, sent=sent, reason_owed=not own),
            resources=resources,
            booking=booking,
            manages=allows(actor, "booking.decide", base_id=booking.base_id),
            sessions=sessions,
            only_adjusted=only_adjusted,
        )

    def carry_out(self, actor: User) -> Booking:
        """Move the booking by a form that has been validated; raises as `changing.reschedule`."""
        form = self.form
        reason, version = form[REASON].data or "", form[VERSION].data
        swapped = self._swapped() if self.manages else None
        if swapped is not None:
            old, new = swapped
            return changing.relocate(
                actor=actor, ref=self.booking.ref, from_resource=old, to_resource=new, reason=reason, version=version
            )
        return changing.reschedule(
            actor=actor,
            ref=self.booking.ref,
            aim=self._aim(),
            reason=reason,
            version=version,
            retry_key=form[asking.RETRY].data,
        )

    def refused(self, error: DomainError) -> None:
        """Show at the fields why it was not moved."""
        if isinstance(error, ResourceTaken) and self.kind.mode == "session":
            refuse(self.form, {SESSION: error.message})
        else:
            super().refused(error)

    @property
    def changes(self) -> list[Change]:
        """What the move changes, as far as it is chosen."""
        booking = self.booking
        if self.kind.mode == "session":
            chosen = next(
                (one.session for one in self.sessions if str(one.session.id) == self.form[SESSION].data), None
            )
            before = booking.session.title if booking.session else ""
            return [
                Change(_("Session"), before, chosen.title if chosen else "…"),
                Change(_("Time"), _span(booking), dates.span(chosen.start_at, chosen.end_at) if chosen else "…"),
            ]
        wish = self.wish
        after = dates.span(wish.start, wish.end) if wish and wish.start and wish.end and wish.end > wish.start else "…"
        taken = _taken(booking)
        names = [
            Change(
                str(leg.label) or _("Resource"),
                listed(resource.name for resource in there if resource.id in taken.get(position, ())),
                self.chosen[position],
            )
            for position, (leg, there) in enumerate(zip(self.kind.legs, self.resources.values(), strict=True))
            if leg.pick
        ]
        return [Change(_("Time"), _span(booking), after), *names]

    @property
    def afterwards(self) -> str:
        """What happens after it is sent."""
        if self.booking.state in {"submitted", "in_review"}:
            return str(_("The new place is kept at once; those who decide are asked anew."))
        return str(_("The new place is taken at once, or the old one is kept."))

    def _aim(self) -> Aim:
        if self.kind.mode == "session":
            return Aim(training_id=int(self.form[SESSION].data))
        wish = self.wish
        return Aim(wish.start if wish else None, wish.end if wish else None, picks=self.picks)

    def _swapped(self) -> tuple[int, int] | None:
        """Return the machine that is changed for another, where nothing else changes."""
        wish, taken = self.wish, _taken(self.booking)
        if wish is None or (wish.start, wish.end) != (self.booking.start_at, self.booking.end_at):
            return None
        before = {number for position, ids in taken.items() if self.kind.legs[position].pick for number in ids}
        after = {number for ids in self.picks.values() for number in ids}
        old, new = before - after, after - before
        return (old.pop(), new.pop()) if len(old) == len(new) == 1 else None


def _form(
    booking: Booking,
    kind: BookingKind,
    day: date,
    *,
    resources: Mapping[int, Sequence[Resource]],
    sessions: Sequence[offers.SessionOffer],
    sent: "MultiDict[str, Any] | None",
    reason_owed: bool,
) -> Form:
    needed = DataRequired(_("Please give the reason: the organisation will read it.")) if reason_owed else Optional()
    fields: dict[str, Any] = {
        REASON: TextAreaField(_("Reason"), [needed, Length(max=1000)], render_kw={"rows": 2}),
        VERSION: IntegerField(validators=[Optional()], widget=HiddenInput(), default=booking.version),
        asking.RETRY: HiddenField(default=lambda: secrets.token_urlsafe(16)),
    }
    filled: dict[str, Any] = {}
    if kind.mode == "session":
        options = [option(str(one.session.id), f"{one.session.title} {_offer_span(one)}") for one in sessions]
        fields[SESSION] = RadioField(_("New session"), [InputRequired(_("Please choose a session."))], choices=options)
    else:
        fields |= asking.slot_fields(kind, booking.base, day, resources)
        filled = {asking.DAY: day} | _present(booking, kind)
    whole = type("MovingForm", (Form,), fields)
    form: Form = whole(formdata=sent, data=filled)
    return form


def _present(booking: Booking, kind: BookingKind) -> dict[str, Any]:
    """Return the present time and resources as the data of the form."""
    start, end = clock.local(booking.start_at), clock.local(booking.end_at)
    span = (booking.start_at, booking.end_at)
    over = end.date() > start.date()
    data: dict[str, Any] = {
        asking.START: f"{start:%H:%M}",
        asking.END: "24:00" if over and f"{end:%H:%M}" == "00:00" else f"{end:%H:%M}",
        asking.PERIOD: next((one.slug for one in kind.periods if period_span(one, start.date()) == span), None),
    }
    for position, ids in _taken(booking).items():
        leg = kind.legs[position]
        if leg.pick:
            data[asking.pick_name(position)] = list(ids) if leg.count > 1 else ids[0]
    return data


def _taken(booking: Booking) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for entry in booking.allocations:
        if entry.active and not entry.covering and entry.leg is not None:
            found[entry.leg] = (*found.get(entry.leg, ()), entry.resource_id)
    return found


def _sessions(booking: Booking) -> list[offers.SessionOffer]:
    """Return the sessions of the same kind that a booking could move to."""
    every = offers.sessions_on_offer(booking.base, booking.kind.slug)
    return [one for one in every if one.session.id != booking.session_id and one.left >= booking.units]


def _offer_span(one: offers.SessionOffer) -> str:
    left = _("%(left)s seats left", left=one.left)
    return f"{dates.span(one.session.start_at, one.session.end_at)} · {left}"


def _span(booking: Booking) -> str:
    start: datetime = booking.start_at
    return dates.span(start, booking.end_at)
