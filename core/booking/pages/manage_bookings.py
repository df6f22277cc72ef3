"""A manager's bookings: those in a state, and the decisions on one."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from core.accounts import roles
from core.bases.queries import any_base
from core.booking import approvals
from core.booking.pages import desk, details
from core.booking.pages.views_booking import carry_out
from core.booking.states import STATES
from core.db import db
from core.errors import NotFound

DONE = {
    "approve": _l("The booking is confirmed."),
    "confirm": _l("The booking is confirmed."),
    "return": _l("The booking is returned for change."),
    "reject": _l("The booking is refused."),
    "cancel": _l("The booking is cancelled."),
    "check_in": _l("They are checked in."),
    "complete": _l("The booking is completed."),
    "miss": _l("It is noted that nobody came."),
}
"""What a manager may do with a booking, and what is said when it is done."""


def waiting(base: str) -> str:
    """List the base's bookings, what waits first; `?state=` chooses another state."""
    row = any_base(base)
    roles.require(current_user, "booking.decide", base_id=row.id)
    page = desk.bookings(row, state=request.args.get("state", "submitted"), cursor=request.args.get("cursor"))
    return render_template("manage/bookings.html", base=row, page=page, states=STATES)


def decide(base: str, ref: str, action: str) -> ResponseReturnValue:
    """Carry out a manager's decision on a booking of the base."""
    row = any_base(base)
    if not approvals.stands_in(db.session(), current_user, row.id):
        roles.require(current_user, "booking.decide", base_id=row.id)
    detail = details.see(current_user, ref)
    if detail.booking.base_id != row.id or action not in DONE:
        raise NotFound
    return carry_out(action, detail, str(DONE[action]))
