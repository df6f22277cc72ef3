"""What anybody may see before booking: a session, and what can be booked at a base."""

from flask import render_template
from flask_login import current_user

from core.accounts import roles
from core.bases.queries import find_base
from core.booking.pages import offers


def session(base: str, id: int) -> str:  # noqa: A002
    """Show one session: what, when, where, seats left, and the way to book it."""
    row = find_base(base)
    return render_template("booking/session.html", base=row, offer=offers.session_offer(row, id))


def choose(base: str) -> str:
    """Show what can be booked at a base, with the next sessions of each kind."""
    row = find_base(base)
    on_behalf = roles.allows(current_user, "booking.on_behalf", base_id=row.id)
    return render_template("booking/choose.html", base=row, offers=offers.kinds_on_offer(row), on_behalf=on_behalf)
