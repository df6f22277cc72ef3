"""The place kept while a booking form is filled in, and the buttons of the form that keep it.

What is sent by these buttons changes nothing that was typed: the form comes back as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from core import clock, dates
from core.accounts.models import User
from core.booking import holding
from core.booking.errors import OthersWait, SessionFull
from core.booking.models import Booking
from core.booking.pages.asking import read_number
from core.booking.pages.words import listed

KEEP, REF, UNITS = "hold", "hold-ref", "hold-units"
"""Names of the button (`keep`, `extend` or `release`), of the hold's reference, and of how many are expected."""

RELEASE = "release"


@dataclass(frozen=True)
class Kept:
    """A place that is kept: id, reference, what and when, seconds left, and whether the time can be extended."""

    id: int
    ref: str
    what: str
    seconds: int
    session_id: int | None
    can_extend: bool


def kept(actor: User, kind_id: int) -> Kept | None:
    """Return what somebody holds of a kind now, or None."""
    booking = holding.mine(actor, kind_id)
    return None if booking is None else _kept(booking)


def extend(actor: User, sent: Mapping[str, Any]) -> None:
    """Extend the hold that the form names; raises as `holding.extend`."""
    holding.extend(actor=actor, ref=str(sent.get(REF, "")))


def release(actor: User, sent: Mapping[str, Any]) -> None:
    """Give back the hold that the form names; raises as `holding.release`."""
    holding.release(actor=actor, ref=str(sent.get(REF, "")))


def expected(sent: Mapping[str, Any], counted: int) -> int:
    """Return for how many a place is kept: as many as the form counts already, or as are expected."""
    return max(counted, read_number(sent.get(UNITS)) or 1)


def why_not(error: Exception) -> str:
    """Return why a place could not be kept, short: what to do about it comes when the form is sent."""
    if isinstance(error, SessionFull | OthersWait):
        return str(error)
    return str(_("It cannot be kept for you: %(why)s", why=str(error)))


def _kept(booking: Booking) -> Kept:
    names = [entry.resource.name for entry in booking.allocations if entry.active and not entry.covering]
    when = dates.span(booking.start_at, booking.end_at)
    if booking.session is not None:
        what = _("%(what)s, %(count)s", what=booking.session.title, count=booking.units)
    else:
        what = _("%(what)s, %(when)s", what=listed(names), when=when)
    left = (booking.lapses_at or clock.now()) - clock.now()
    return Kept(
        booking.id,
        booking.ref,
        str(what),
        max(0, int(left.total_seconds())),
        booking.session_id,
        holding.can_extend(booking),
    )
