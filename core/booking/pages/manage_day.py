"""A manager's day: what waits, what is on today, and the day sheet of each resource."""

from flask import render_template, request
from flask_login import current_user

from core import clock
from core.accounts import roles
from core.bases.queries import any_base
from core.booking.pages import desk
from core.forms import read_day


def today(base: str) -> str:
    """Show what waits for the manager and what is on today."""
    row = any_base(base)
    roles.require(current_user, "booking.decide", base_id=row.id)
    return render_template("manage/today.html", base=row, day=desk.today(row, current_user))


def schedule(base: str) -> str:
    """Show a day of the base, resource by resource, fit to be printed; `?date=` chooses the day."""
    row = any_base(base)
    roles.require(current_user, "base.see_schedule", base_id=row.id)
    return render_template(
        "manage/schedule.html", base=row, sheet=desk.day_sheet(row, read_day(request.args.get("date")) or clock.today())
    )
