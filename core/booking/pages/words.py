"""What a booking's state and history say to people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core import clock, dates
from core.booking import approvals
from core.booking.changing import place_text
from core.booking.models import Booking, Step
from core.booking.states import WAITING
from core.errors import DomainError

STEPS: dict[str, tuple[object, str]] = {
    "hold": (_l("Place kept while the form is filled in"), "hourglass-split"),
    "submit": (_l("Submitted"), "send"),
    "approve": (_l("Approved"), "check-lg"),
    "confirm": (_l("Confirmed"), "check-lg"),
    "return": (_l("Returned for change"), "reply"),
    "reject": (_l("Refused"), "x-octagon"),
    "cancel": (_l("Cancelled"), "slash-circle"),
    "complete": (_l("Took place"), "check2-all"),
    "miss": (_l("Nobody came"), "person-x"),
    "expire": (_l("Expired"), "clock-history"),
    "wait": (_l("Put on the waiting list"), "people"),
    "offer": (_l("Place offered"), "bell"),
    "accept": (_l("Offer accepted"), "check-lg"),
    "lapse": (_l("Offer not answered in time"), "clock-history"),
    "check_in": (_l("Checked in"), "person-check"),
    "reschedule": (_l("Moved to another time"), "calendar2-week"),
    "relocate": (_l("Moved to other equipment"), "arrow-left-right"),
}
"""What happened, by action: the word and the icon."""


@dataclass(frozen=True)
class Next:
    """What comes next, for one reader: a heading, a sentence, and the mood of the notice.

    `title_new` is the heading right after the booking was made.
    """

    title: str
    text: str
    mood: str
    title_new: str = ""


@dataclass(frozen=True)
class Happened:
    """One entry of the history: what, by whom, when, why, and (moved) where it was before."""

    what: str
    who: str
    at: datetime
    icon: str
    reason: str
    was: str


def listed(names: Iterable[str]) -> str:
    """Return names one after another, as the reader's language separates them."""
    locale = get_locale()
    return ("、" if locale and locale.language == "zh" else ", ").join(names)


def history(steps: Sequence[Step]) -> list[Happened]:
    """Return the history of a booking as people read it."""
    return [_happened(step) for step in steps]


def _happened(step: Step) -> Happened:
    word, icon = STEPS[step.action]
    again = step.action == "submit" and step.from_state is not None
    who = step.actor.name if step.actor else _("automatically")
    what = _("Changed and submitted again") if again else str(word)
    return Happened(what, who, step.at, icon, step.reason, place_text(step.was) if step.was else "")


@dataclass(frozen=True)
class Reported:
    """What became of one of several bookings that were approved together."""

    ref: str
    text: str
    mood: str


def reported(entry: tuple[str, Booking | DomainError]) -> Reported:
    """Return what became of one booking in words."""
    ref, outcome = entry
    if isinstance(outcome, Booking):
        return Reported(ref, goes_on(outcome) or _("The booking is confirmed."), "good")
    return Reported(ref, str(outcome), "bad")


def goes_on(booking: Booking) -> str:
    """Return what is told of a booking that was approved and is not confirmed yet: who comes next; or ""."""
    step = approvals.present(booking)
    if booking.state != "in_review" or step is None:
        return ""
    return str(_("Your approval counts. Next: %(step)s.", step=step.name))


def ahead(booking: Booking) -> list[tuple[str, str, str]]:
    """Return what is still to come: what, a remark, the icon."""
    if booking.state not in {"submitted", "in_review", "returned", "confirmed"}:
        return []
    coming = []
    if booking.state == "returned":
        coming.append((_("Change and send again"), _("by %(moment)s", moment=_moment(booking.lapses_at)), "pencil"))
    if booking.state != "confirmed":
        coming += [(what, _("The organisation gets a message."), "eye") for what in _steps_ahead(booking)]
        coming.append((_("Confirmed"), _("The place is certain."), "calendar-check"))
    coming.append((_("Training"), dates.moment(booking.start_at), "easel"))
    return coming


def _steps_ahead(booking: Booking) -> list[str]:
    """Return who has still to decide: the titles of the steps, where there are several."""
    chain = approvals.chain_of(booking)
    if len(chain) < 2:
        return [_("The base's manager decides")]
    first = booking.step if booking.state in WAITING else 0
    return [step.name for step in chain[first:]]


def what_next(booking: Booking, *, manages: bool) -> Next:
    """Return what the reader is told to do, or to wait for."""
    if booking.state in {"completed", "no_show", "rejected", "cancelled", "expired"}:
        return _closed(booking)
    return _for_manager(booking) if manages else _for_contact(booking)


def _for_contact(booking: Booking) -> Next:
    if booking.state in {"held", "waitlisted", "offered", "checked_in"}:
        return _around_it(booking)
    if booking.state in WAITING:
        step = approvals.present(booking)
        several = step is not None and len(approvals.chain_of(booking)) > 1
        return Next(
            _("Next: %(step)s", step=step.name) if step and several else _("Next: the base's manager decides"),
            _(
                "You need do nothing now. The answer comes as a message, before it begins on %(moment)s."
                " Until then your place is kept.",
                moment=_moment(booking.start_at),
            ),
            "info",
            title_new=_("Submitted. It waits for the base's approval"),
        )
    if booking.state == "returned":
        return Next(
            _("Please change it and send it again"),
            _("Until %(moment)s your place is kept; afterwards it lapses.", moment=_moment(booking.lapses_at))
            + _reason(booking),
            "wait",
        )
    return Next(
        _("Your place is certain"),
        _("It begins on %(moment)s. Please give the booking number when you arrive.", moment=_moment(booking.start_at)),
        "good",
        title_new=_("Booked. It needs no approval"),
    )


def _around_it(booking: Booking) -> Next:
    by = _moment(booking.lapses_at)
    return {
        "held": Next(
            _("Please fill in the form"),
            _("Until %(moment)s your place is kept; afterwards it lapses.", moment=by),
            "wait",
        ),
        "waitlisted": Next(
            _("You are on the waiting list"),
            _("As soon as a place is free for you, you get a message. Nothing is taken until then."),
            "info",
            title_new=_("You are on the waiting list"),
        ),
        "offered": Next(
            _("A place is free for you: please accept it"),
            _("Until %(moment)s it is kept for you; afterwards the next in line is asked.", moment=by),
            "wait",
        ),
        "checked_in": Next(_("Checked in"), _("The training is going on."), "good"),
    }[booking.state]


def _for_manager(booking: Booking) -> Next:
    if booking.state in {"held", "waitlisted", "offered"}:
        return Next(
            {
                "held": _("The form is being filled in"),
                "waitlisted": _("On the waiting list"),
                "offered": _("A place is offered"),
            }[booking.state],
            _("Nothing is to be done by you."),
            "info",
            title_new=_("Put on the waiting list on behalf of the organisation"),
        )
    if booking.state == "checked_in":
        return Next(_("Checked in"), _("Please note afterwards that it took place."), "good")
    if booking.state in WAITING:
        step = approvals.present(booking)
        several = step is not None and len(approvals.chain_of(booking)) > 1
        return Next(
            _("It waits for a decision: %(step)s", step=step.name)
            if step and several
            else _("This booking waits for your decision"),
            _("Its place is kept until you decide. The organisation gets a message at once."),
            "wait",
            title_new=_("Submitted on behalf of the organisation"),
        )
    if booking.state == "returned":
        return Next(
            _("Next: the organisation changes it"),
            _("Its place is kept until %(moment)s; afterwards it lapses.", moment=_moment(booking.lapses_at)),
            "info",
        )
    if booking.start_at <= clock.now():
        return Next(_("Did they come?"), _("Please note whether it took place: the history keeps it."), "wait")
    return Next(
        _("Confirmed"),
        _("It begins on %(moment)s.", moment=_moment(booking.start_at)),
        "good",
        title_new=_("Booked on behalf of the organisation"),
    )


def _closed(booking: Booking) -> Next:
    titles = {
        "completed": (_("It took place"), "good"),
        "no_show": (_("Nobody came"), "wait"),
        "rejected": (_("The base refused this booking"), "bad"),
        "cancelled": (_("This booking is cancelled"), "plain"),
        "expired": (_("This booking has lapsed"), "plain"),
    }
    title, mood = titles[booking.state]
    if booking.state in {"completed", "no_show"}:
        return Next(title, _("The booking is closed."), mood)
    return Next(title, _("The place is free for others again.") + _reason(booking), mood)


def _reason(booking: Booking) -> str:
    last = booking.history[-1] if booking.history else None
    return _(" Reason: %(reason)s", reason=last.reason) if last and last.reason else ""


def _moment(moment: datetime | None) -> str:
    return dates.moment(moment) if moment else ""
